//! `http-proxy probe` against real proxies on loopback: squid with and without a password, mitmproxy, and what is none.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

/// What e2e-tests/clients/install installs.
fn installed(program: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../target/clients")
        .join(program);
    if path.exists() {
        return Some(path);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "{program} is missing; e2e-tests/clients/install installs it"
    );
    eprintln!("LEFT OUT: what needs {program}; e2e-tests/clients/install installs it");
    None
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("probe-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A port that nothing listens at.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A server that ends with this value.
struct Server(Child);

impl Server {
    fn start(command: &mut Command, port: u16) -> Self {
        let mut server = Server(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap());
        for _ in 0..300 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return server;
            }
            assert!(server.0.try_wait().unwrap().is_none(), "{command:?} ended");
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("{command:?} does not listen");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Answers every connection with these bytes, whatever it says.
fn answering(answer: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(answer);
            });
        }
    });
    port
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

fn openssl(folder: &Path, arguments: &[&str]) {
    let output = Command::new("openssl")
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// What `openssl ca` needs to give an authority dates of the past.
const PAST: &str = "[ca]\ndefault_ca=past\n[past]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=any\n\
                    x509_extensions=authority\ndefault_startdate=20200101000000Z\ndefault_enddate=20210101000000Z\n[any]\n\
                    commonName=supplied\n[authority]\nbasicConstraints=critical,CA:TRUE\n";

/// An authority `NAME.pem`, and a certificate `NAME-host.pem` of it for localhost; with keys.
fn authority(folder: &Path, name: &str, is_expired: bool) {
    let file = |suffix: &str| format!("{name}{suffix}");
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    let subject = format!("/CN=Test {name}");
    let (ca_key, ca, csr) = (file(".key"), file(".pem"), file(".csr"));
    let (host_key, host) = (file("-host.key"), file("-host.pem"));
    if is_expired {
        for (file, content) in [("past.cnf", PAST), ("index", ""), ("serial", "01\n")] {
            fs::write(folder.join(file), content).unwrap();
        }
        openssl(
            folder,
            &[&["req", "-subj", &subject, "-keyout", &ca_key, "-out", &csr][..], &key].concat(),
        );
        let sign = [
            "ca",
            "-config",
            "past.cnf",
            "-batch",
            "-notext",
            "-selfsign",
            "-in",
            &csr,
        ];
        openssl(folder, &[&sign[..], &["-keyfile", &ca_key, "-out", &ca]].concat());
    } else {
        openssl(
            folder,
            &[
                &["req", "-x509", "-subj", &subject, "-keyout", &ca_key, "-out", &ca][..],
                &key,
            ]
            .concat(),
        );
    }
    openssl(
        folder,
        &[
            &["req", "-subj", "/CN=localhost", "-keyout", &host_key, "-out", &csr][..],
            &key,
        ]
        .concat(),
    );
    fs::write(folder.join("extensions"), "subjectAltName=DNS:localhost\n").unwrap();
    let sign = [
        "x509",
        "-req",
        "-in",
        &csr,
        "-CA",
        &ca,
        "-CAkey",
        &ca_key,
        "-CAcreateserial",
        "-days",
        "30",
    ];
    openssl(
        folder,
        &[&sign[..], &["-extfile", "extensions", "-out", &host]].concat(),
    );
}

/// An https server for localhost.
fn https_server(folder: &Path, authority: &str) -> (Server, u16) {
    let port = free_port();
    let mut server = Command::new("openssl");
    server
        .current_dir(folder)
        .args(["s_server", "-quiet", "-www", "-accept", &format!("127.0.0.1:{port}")]);
    server.args([
        "-cert",
        &format!("{authority}-host.pem"),
        "-key",
        &format!("{authority}-host.key"),
    ]);
    (Server::start(&mut server, port), port)
}

fn squid(folder: &Path, password: Option<&str>) -> Option<(Server, u16)> {
    let program = installed("squid/usr/sbin/squid")?;
    let programs = installed("squid/usr/lib/squid")?;
    let port = free_port();
    let access = match password {
        None => "http_access allow all\n".to_owned(),
        Some(password) => {
            let hash = Command::new("openssl")
                .args(["passwd", "-6", password])
                .output()
                .unwrap();
            let passwords = folder.join("passwords");
            fs::write(&passwords, format!("user:{}", String::from_utf8(hash.stdout).unwrap())).unwrap();
            format!(
                "auth_param basic program {}/basic_ncsa_auth {}\nacl known proxy_auth REQUIRED\nhttp_access allow known\nhttp_access \
                 deny all\n",
                programs.display(),
                passwords.display()
            )
        }
    };
    let hosts = folder.join("hosts");
    fs::write(&hosts, "127.0.0.1 localhost\n").unwrap();
    let configuration = folder.join("squid.conf");
    let text = format!(
        "http_port 127.0.0.1:{port}\n{access}hosts_file {}\ncache deny all\naccess_log none\ncache_log /dev/null\npid_filename none\n\
         pinger_enable off\nunlinkd_program {}/unlinkd\n",
        hosts.display(),
        programs.display()
    );
    fs::write(&configuration, text).unwrap();
    // It refuses to be root.
    let mut squid = Command::new("unshare");
    squid
        .args(["--user", "--map-user=13", "--map-group=13"])
        .arg(program)
        .arg("-N")
        .arg("-f")
        .arg(configuration);
    Some((Server::start(&mut squid, port), port))
}

fn mitmproxy(folder: &Path, upstream: &str) -> Option<(Server, u16)> {
    let port = free_port();
    let mut mitmdump = Command::new(installed("mitmproxy/bin/mitmdump")?);
    mitmdump.args([
        "--quiet",
        "--listen-host",
        "127.0.0.1",
        "--listen-port",
        &port.to_string(),
    ]);
    mitmdump.args(["--set", &format!("confdir={}", folder.join("mitmproxy").display())]);
    mitmdump.args([
        "--set",
        &format!("ssl_verify_upstream_trusted_ca={}", folder.join(upstream).display()),
    ]);
    Some((Server::start(&mut mitmdump, port), port))
}

/// Settings with these lines and, perhaps, a CA.
fn settings(folder: &Path, lines: &str, ca: Option<&Path>) -> PathBuf {
    let file = folder.join("settings.yaml");
    let ca = ca.map(|ca| {
        let output = Command::new("base64").arg("-w0").arg(ca).output().unwrap();
        format!("trustedCa: {}\n", String::from_utf8(output.stdout).unwrap())
    });
    let text = format!("noProxyDefaults: false\n{lines}\n{}", ca.unwrap_or_default());
    fs::write(&file, text).unwrap();
    file
}

fn probe(settings: &Path, urls: &[String]) -> Output {
    let mut probe = Command::new(env!("CARGO_BIN_EXE_http-proxy"));
    probe.arg("probe").arg(settings).args(["--timeout", "5"]);
    for url in urls {
        probe.args(["--url", url]);
    }
    let output = probe.output().unwrap();
    let said = [&*output.stdout, &output.stderr].concat();
    assert!(!String::from_utf8_lossy(&said).contains("hunter2"), "{output:?}");
    output
}

/// What the probe says, after its exit status is as expected.
fn said(output: Output, succeeds: bool) -> String {
    assert_eq!(output.status.code(), Some(i32::from(!succeeds)), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn assert_says(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "{part:?} is not in\n{said}");
    }
}

#[test]
fn a_proxy_without_a_password_reaches_both_destinations() {
    let folder = folder("open");
    let Some((_squid, proxy)) = squid(&folder, None) else {
        return;
    };
    authority(&folder, "ca", false);
    let (_https, https) = https_server(&folder, "ca");
    let file = settings(
        &folder,
        &format!("httpProxy: http://user:hunter2@127.0.0.1:{proxy}/"),
        Some(&folder.join("ca.pem")),
    );
    let urls = [
        format!("http://localhost:{}/", answering(OK)),
        format!("https://localhost:{https}/"),
    ];
    let said = said(probe(&file, &urls), true);
    assert_says(
        &said,
        &[
            "not asked for",
            "reached (status 200)",
            "CN=Test ca (SHA-256 ",
            "it is in trustedCa",
        ],
    );
    assert!(said.contains(&format!("http://127.0.0.1:{proxy}")));
}

#[test]
fn a_proxy_with_a_password_takes_the_right_one_alone() {
    let folder = folder("password");
    let Some((_squid, proxy)) = squid(&folder, Some("hunter2@%")) else {
        return;
    };
    authority(&folder, "ca", false);
    let (_https, https) = https_server(&folder, "ca");
    let urls = [
        format!("http://localhost:{}/", answering(OK)),
        format!("https://localhost:{https}/"),
    ];
    for (user, succeeds, parts) in [
        ("user:hunter2%40%25@", true, ["accepted", "reached (status 200)"]),
        ("user:hunter2@", false, ["not accepted", "rejects the credentials"]),
        ("", false, ["asks for credentials (Basic)", "use httpProxyFrom"]),
    ] {
        let file = settings(
            &folder,
            &format!("httpProxy: http://{user}127.0.0.1:{proxy}/"),
            Some(&folder.join("ca.pem")),
        );
        let said = said(probe(&file, &urls), succeeds);
        assert_says(&said, &parts);
        assert_eq!(
            said.matches(if succeeds {
                "reached (status 200)"
            } else {
                "not authenticated"
            })
            .count(),
            2,
            "{said}"
        );
    }
}

#[test]
fn an_inspecting_proxy_is_named_whether_or_not_its_ca_is_trusted() {
    let folder = folder("inspection");
    authority(&folder, "server", false);
    let (_https, https) = https_server(&folder, "server");
    let Some((_mitmproxy, proxy)) = mitmproxy(&folder, "server.pem") else {
        return;
    };
    let ca = folder.join("mitmproxy/mitmproxy-ca-cert.pem");
    let fingerprint = Command::new("openssl")
        .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
        .arg(&ca)
        .output();
    let fingerprint = String::from_utf8(fingerprint.unwrap().stdout).unwrap();
    let fingerprint = fingerprint.trim().split('=').nth(1).unwrap().to_owned();
    let urls = [format!("https://localhost:{https}/")];
    let line = format!("httpProxy: http://127.0.0.1:{proxy}/");

    let covered = said(probe(&settings(&folder, &line, Some(&ca)), &urls), true);
    assert_says(
        &covered,
        &[
            "inspected",
            "reached (status 200)",
            "CN=mitmproxy",
            &format!("(SHA-256 {fingerprint})"),
        ],
    );
    for wrong in [None, Some(folder.join("server.pem"))] {
        let said = said(probe(&settings(&folder, &line, wrong.as_deref()), &urls), false);
        assert_says(&said, &["not trusted", "CN=mitmproxy", "is not in trustedCa"]);
    }
}

#[test]
fn an_expired_ca_is_named_with_its_date() {
    let folder = folder("expired");
    let Some((_squid, proxy)) = squid(&folder, None) else {
        return;
    };
    authority(&folder, "ca", true);
    let (_https, https) = https_server(&folder, "ca");
    let file = settings(
        &folder,
        &format!("httpProxy: http://127.0.0.1:{proxy}/"),
        Some(&folder.join("ca.pem")),
    );
    let said = said(probe(&file, &[format!("https://localhost:{https}/")]), false);
    assert_says(&said, &["not trusted", "CN=Test ca", "expired on 2021-01-01"]);
}

#[test]
fn a_proxy_that_is_down_unknown_or_none_is_told_apart() {
    let folder = folder("none");
    let web_server = answering(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n");
    let other = answering(b"SSH-2.0-OpenSSH_9.2\r\n");
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    for (proxy, part) in [
        (
            format!("127.0.0.1:{}", free_port()),
            "nothing answers at http://127.0.0.1:",
        ),
        (
            "proxy.invalid:3128".to_owned(),
            "the host of http://proxy.invalid:3128 cannot be resolved here",
        ),
        (format!("127.0.0.1:{web_server}"), "is not an HTTP proxy"),
        (format!("127.0.0.1:{other}"), "is not an HTTP proxy"),
        (
            format!("127.0.0.1:{}", silent.local_addr().unwrap().port()),
            "closed the connection",
        ),
    ] {
        let file = settings(&folder, &format!("httpProxy: http://user:hunter2@{proxy}/"), None);
        let said = said(probe(&file, &["https://destination.example/".to_owned()]), false);
        assert_says(&said, &[part]);
    }
}

#[test]
fn a_tls_proxy_is_judged_by_its_own_certificate() {
    let folder = folder("tls-proxy");
    authority(&folder, "ca", false);
    let (_https, https) = https_server(&folder, "ca");
    let file = settings(&folder, &format!("httpsProxy: https://localhost:{https}/"), None);
    let said = said(probe(&file, &["https://destination.example/".to_owned()]), false);
    assert_says(
        &said,
        &[
            "the certificate of https://localhost:",
            "itself is not trusted",
            "CN=Test ca",
        ],
    );
}

#[test]
fn what_the_proxy_refuses_or_cannot_reach_is_said() {
    let folder = folder("refused");
    let Some((_squid, proxy)) = squid(&folder, None) else {
        return;
    };
    let file = settings(&folder, &format!("httpProxy: http://127.0.0.1:{proxy}/"), None);
    let urls = ["http", "https"].map(|scheme| format!("{scheme}://localhost:{}/", free_port()));
    let said = said(probe(&file, &urls), false);
    assert_eq!(
        said.matches("cannot reach this destination (status 503)").count(),
        2,
        "{said}"
    );
}

#[test]
fn destinations_that_bypass_the_proxy_are_not_asked() {
    let folder = folder("bypass");
    let lines = format!(
        "httpProxy: http://127.0.0.1:{}/\nnoProxy: [.corp.example]\nprofiles: [{{name: off, match: {{namespaces: [a]}}, enabled: false}}]",
        free_port()
    );
    let file = settings(&folder, &lines, None);
    let said = said(probe(&file, &["https://a.corp.example/".to_owned()]), true);
    assert_says(
        &said,
        &[
            "top level:",
            "bypasses the proxy (noProxy: .corp.example)",
            "profile off:",
            "(enabled: false)",
        ],
    );
}
