//! Sends requests through a real policy server.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use testkit::cases::Case;
use ureq::Agent;
use wasm_encoder::{CustomSection, Encode, Section};

use crate::candidate::{Candidate, Role, able};
use crate::timing::{Ratio, median, rounds};

const PROGRAM: &str = "policy-server";

/// The server's threads that run policies.
pub const WORKERS: usize = 1;
/// Clients that each send one request after the other, on their own connection.
pub const CLIENTS: usize = 2;
/// How often each candidate gets its turn, and for how long.
pub const ROUNDS: u32 = 15;
pub const TURN: Duration = Duration::from_secs(1);

/// How long a server may take to compile its policies.
const PATIENCE: Duration = Duration::from_secs(60);

/// What each candidate did in one case.
pub struct Served {
    pub case: String,
    turns: [Option<Vec<Turn>>; 3],
}

/// What one candidate did while it had its turn.
struct Turn {
    answers_a_second: f64,
    /// The median of the times from sending a request to having its answer.
    latency: Duration,
}

impl Served {
    /// Measures candidates with one case; `None` if there is no policy server on the `PATH`.
    pub fn measure(candidates: &[Candidate; 2], case: &Case) -> Result<Option<Self>> {
        if version().is_none() {
            return Ok(None);
        }
        eprintln!("{} through {PROGRAM}", case.name);
        let floor = candidates[0].floor(case)?;
        let able = able(&floor, candidates, case);
        let server = Server::start(&able, case)?;
        let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": case.request});
        let review = review.to_string();
        let turn = |i: usize| server.turn(&policy_name(able[i].role), &review);
        rounds(able.len(), 1, turn)?;
        let mut turns = [const { None }; 3];
        for (candidate, taken) in able.iter().zip(rounds(able.len(), ROUNDS, turn)?) {
            turns[candidate.role as usize] = Some(taken);
        }
        Ok(Some(Served {
            case: case.name.clone(),
            turns,
        }))
    }

    /// The median of all turns; nothing if the candidate does not do what the case asks for.
    pub fn answers_a_second(&self, role: Role) -> Option<f64> {
        let turns = self.turns[role as usize].as_ref()?;
        Some(median(turns.iter().map(|turn| turn.answers_a_second)))
    }

    /// The median of all turns.
    pub fn latency(&self, role: Role) -> Option<Duration> {
        let turns = self.turns[role as usize].as_ref()?;
        Some(median(turns.iter().map(|turn| turn.latency)))
    }

    /// The answers a second, as a share of those of the ready-made answer.
    pub fn ratio(&self, role: Role) -> Option<Ratio> {
        let [Some(floor), ..] = &self.turns else {
            return None;
        };
        let turns = self.turns[role as usize].as_ref()?;
        let pairs = turns.iter().zip(floor);
        Some(Ratio::of(
            pairs.map(|(turn, floor)| turn.answers_a_second / floor.answers_a_second),
        ))
    }
}

/// What the server on the `PATH` calls itself.
pub fn version() -> Option<String> {
    let output = Command::new(PROGRAM).arg("--version").output().ok()?;
    // What follows lists what Rego policies can call.
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .next()
        .map(str::to_owned)
}

/// A server that runs candidates with the settings of one case.
struct Server {
    process: Child,
    port: u16,
    directory: PathBuf,
}

impl Server {
    fn start(candidates: &[&Candidate], case: &Case) -> Result<Self> {
        let directory = std::env::temp_dir().join(format!("bench-{}", std::process::id()));
        fs::create_dir_all(&directory)?;
        let mut policies = serde_json::Map::new();
        for candidate in candidates {
            let name = policy_name(candidate.role);
            let module = directory.join(format!("{name}.wasm"));
            fs::write(&module, with_metadata(&candidate.module))?;
            let url = format!("file://{}", module.display());
            let policy = json!({"module": url, "allowedToMutate": true, "settings": case.settings});
            policies.insert(name, policy);
        }
        // JSON is YAML.
        fs::write(directory.join("policies.yml"), Value::from(policies).to_string())?;
        let [port, probe] = [free_port()?, free_port()?];
        let process = Command::new(PROGRAM)
            .current_dir(&directory)
            .args(["--addr", "127.0.0.1", "--port", &port.to_string()])
            .args(["--readiness-probe-port", &probe.to_string()])
            .args(["--workers", &WORKERS.to_string(), "--log-level", "error"])
            .arg("--ignore-kubernetes-connection-failure")
            .stdout(Stdio::null())
            .stderr(fs::File::create(directory.join("log"))?)
            .spawn()
            .context(PROGRAM)?;
        let server = Server {
            process,
            port,
            directory,
        };
        let started = Instant::now();
        let ready = format!("http://127.0.0.1:{probe}/readiness");
        while ureq::get(&ready).call().is_err() {
            let log = || fs::read_to_string(server.directory.join("log")).unwrap_or_default();
            ensure!(
                started.elapsed() < PATIENCE,
                "{PROGRAM} does not become ready: {}",
                log()
            );
            thread::sleep(Duration::from_millis(100));
        }
        Ok(server)
    }

    /// Sends the same review again and again.
    fn turn(&self, policy: &str, review: &str) -> Result<Turn> {
        let url = format!("http://127.0.0.1:{}/validate/{policy}", self.port);
        let start = Instant::now();
        let client = || -> Result<Vec<Duration>> {
            let agent = Agent::new_with_defaults();
            let mut latencies = Vec::new();
            while start.elapsed() < TURN {
                let sent = Instant::now();
                let mut response = agent.post(&url).content_type("application/json").send(review)?;
                let answer = response.body_mut().read_to_vec()?;
                latencies.push(sent.elapsed());
                if latencies.len() == 1 {
                    check(policy, &answer)?;
                }
            }
            Ok(latencies)
        };
        let latencies = thread::scope(|scope| {
            let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
            let of = |client: thread::ScopedJoinHandle<Result<Vec<Duration>>>| client.join().expect("no client panics");
            clients.into_iter().map(of).collect::<Result<Vec<_>>>()
        })?
        .concat();
        Ok(Turn {
            answers_a_second: latencies.len() as f64 / start.elapsed().as_secs_f64(),
            latency: median(latencies),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing can be done about a server that has ended, or a directory that is in use.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// What the server calls a candidate, as in the URL of its reviews.
fn policy_name(role: Role) -> String {
    role.name().replace(' ', "-")
}

/// A review must be answered with a patch.
fn check(policy: &str, answer: &[u8]) -> Result<()> {
    let answer: Value = serde_json::from_slice(answer)?;
    let response = &answer["response"];
    ensure!(
        response["allowed"] == true && response["patch"].is_string(),
        "{policy} is answered otherwise than it should: {response}"
    );
    Ok(())
}

/// A module as a policy server takes it: with metadata in its own section.
fn with_metadata(module: &[u8]) -> Vec<u8> {
    let metadata = json!({
        "protocolVersion": "v1",
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}],
        "mutating": true,
        "executionMode": "kubewarden-wapc",
    });
    let mut annotated = module.to_vec();
    let section = CustomSection {
        name: "io.kubewarden.metadata".into(),
        data: metadata.to_string().into_bytes().into(),
    };
    annotated.push(section.id());
    section.encode(&mut annotated);
    annotated
}

/// A port that nothing listens on.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
