//! The module under load, as a policy server runs it: eight requests at a time, good and bad, for minutes.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use e2e_tests::both;
use host::policy::Policy;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use testkit::files::find;
use testkit::files::project_file;
use testkit::generators::foreign;
use testkit::generators::pods::pod;
use testkit::generators::settings::any_settings;
use testkit::requests::create_pod;

const THREADS: usize = 8;

/// How many different calls there are, which come again and again.
const CALLS: usize = 4000;

/// Most memory at the end, in percent of what it was once warm: an allocator goes on moving a little.
const MOST_MEMORY: usize = 110;

#[derive(Clone, Debug)]
struct Call {
    function: &'static str,
    payload: Vec<u8>,
}

impl Call {
    /// What the native policy answers.
    fn expected(&self) -> Vec<u8> {
        both::call_native(self.function, &self.payload)
    }
}

/// A real API server's request or a made-up pod, under settings of which some are wrong; or these settings alone; some damaged.
fn call() -> impl Strategy<Value = Call> {
    let mistake = (
        select(&["httpProxy", "noProxy", "trustedCa", "profiles", "proxy"]),
        foreign(),
    );
    let settings = (any_settings(), option::weighted(0.2, mistake))
        .prop_map(|(mut settings, mistake)| {
            if let Some((field, value)) = mistake {
                settings.0[field] = serde_json::from_str(&value).unwrap();
            }
            settings.0.to_string()
        })
        .boxed();
    let files = find(&project_file("e2e-tests/requests"), &["json"]);
    let real: Vec<String> = files
        .into_iter()
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    let request = prop_oneof![pod().prop_map(|pod| create_pod(&pod)), select(real)];
    let validate = (request, settings.clone()).prop_map(|(request, settings)| {
        (
            "validate",
            format!(r#"{{"request": {request}, "settings": {settings}}}"#),
        )
    });
    let validate_settings = settings.prop_map(|settings| ("validate_settings", settings));
    let damage = option::weighted(0.2, (any::<Index>(), option::of(any::<u8>())));
    (prop_oneof![4 => validate, 1 => validate_settings], damage).prop_map(|((function, text), damage)| {
        let mut payload = text.into_bytes();
        if let Some((at, byte)) = damage {
            let at = at.index(payload.len());
            match byte {
                Some(byte) => payload[at] = byte,
                None => payload.truncate(at),
            }
        }
        Call { function, payload }
    })
}

fn calls() -> Vec<(Call, Vec<u8>)> {
    let mut runner = TestRunner::deterministic();
    let call = call();
    let calls = std::iter::repeat_with(|| call.new_tree(&mut runner).unwrap().current());
    calls.take(CALLS).map(|call| (call.clone(), call.expected())).collect()
}

/// Bytes of this process that are in memory, where the system tells.
fn memory() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: usize = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes << 10)
}

#[test]
#[ignore = "it takes minutes; make soak runs it"]
fn under_load_every_answer_is_right_and_memory_does_not_grow() {
    let seconds =
        std::env::var("SOAK_SECONDS").map_or(300, |seconds| seconds.parse().expect("SOAK_SECONDS is a number"));
    let policy = Policy::load().unwrap();
    let calls = calls();
    let end = Instant::now() + Duration::from_secs(seconds);
    let answered = AtomicUsize::new(0);
    let ask = |first: usize| {
        for (call, expected) in calls.iter().cycle().skip(first) {
            if Instant::now() > end {
                break;
            }
            let answer = policy
                .call(call.function, &call.payload)
                .unwrap_or_else(|error| panic!("{call:?}: {error:#}"));
            assert!(answer.bytes == *expected, "{call:?}");
            answered.fetch_add(1, Ordering::Relaxed);
        }
    };
    let memories = thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || ask(thread * CALLS / THREADS));
        }
        (0..10)
            .map(|_| {
                thread::sleep(Duration::from_secs(seconds) / 10);
                let memory = memory();
                let shown = memory.map_or("memory unknown".to_owned(), |memory| format!("{} MiB", memory >> 20));
                println!("{} answers, {shown}", answered.load(Ordering::Relaxed));
                memory
            })
            .collect::<Vec<_>>()
    });
    println!(
        "{} answers in {seconds} s by {THREADS} threads, all right: {CALLS} calls, {} of them rejected",
        answered.into_inner(),
        calls
            .iter()
            .filter(|(_, answer)| answer.starts_with(br#"{"accepted":false"#))
            .count(),
    );
    if let [_, Some(warm), .., Some(last)] = memories[..] {
        assert!(
            last <= warm * MOST_MEMORY / 100,
            "{} bytes of memory have become {last}",
            warm
        );
    }
}
