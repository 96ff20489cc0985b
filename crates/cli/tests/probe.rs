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
    http_proxy::console::note(&format!(
        "SKIPPED: what needs {program}; e2e-tests/clients/install installs it"
    ));
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

/// Answers every connection with these bytes, regardless of the request.
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
    authority_on("prime256v1", folder, name, is_expired);
}

/// The same, with a key of the authority on this curve.
fn authority_on(curve: &str, folder: &Path, name: &str, is_expired: bool) {
    let file = |suffix: &str| format!("{name}{suffix}");
    let curve = format!("ec_paramgen_curve:{curve}");
    let ca_curve = ["-newkey", "ec", "-pkeyopt", &curve, "-nodes"];
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
            &[
                &["req", "-subj", &subject, "-keyout", &ca_key, "-out", &csr][..],
                &ca_curve,
            ]
            .concat(),
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
                &ca_curve,
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
    probe_within(5, settings, urls)
}

fn probe_within(seconds: u64, settings: &Path, urls: &[String]) -> Output {
    let mut probe = Command::new(env!("CARGO_BIN_EXE_http-proxy"));
    probe
        .arg("probe")
        .arg(settings)
        .args(["--timeout", &seconds.to_string()]);
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
            "not requested",
            "reached (status 200)",
            "CN=Test ca (SHA-256 ",
            "which is in trustedCa",
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
            "there is no answer within 5 s",
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
        said.matches("cannot reach this destination (status 503, ERR_CONNECT_FAIL)")
            .count(),
        2,
        "{said}"
    );
}

/// Answers every connection with these bytes, one at a time.
fn dripping(answer: &'static [u8], pause: Duration) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                for byte in answer {
                    if stream.write_all(&[*byte]).is_err() {
                        return;
                    }
                    std::thread::sleep(pause);
                }
            });
        }
    });
    port
}

#[test]
fn an_exchange_ends_at_its_deadline_and_destinations_are_asked_side_by_side() {
    let folder = folder("deadline");
    let proxy = dripping(
        b"HTTP/1.1 200 OK\r\nServer: a proxy that is slow, so slow that this takes long",
        Duration::from_millis(500),
    );
    let file = settings(&folder, &format!("httpProxy: http://127.0.0.1:{proxy}/"), None);
    let start = std::time::Instant::now();
    let urls: Vec<String> = (0..6)
        .map(|index| format!("http://destination-{index}.example/"))
        .collect();
    let said = said(probe_within(2, &file, &urls), false);
    assert_eq!(said.matches("there is no answer within 2 s").count(), 6, "{said}");
    assert!(start.elapsed() < Duration::from_secs(6), "{:?}", start.elapsed());
}

#[test]
fn a_proxy_s_own_answer_is_no_success() {
    let folder = folder("own-answer");
    for (answer, part) in [
        (&b"HTTP/1.1 403 Forbidden\r\n\r\n"[..], "answers with status 403"),
        (b"HTTP/1.1 403 Forbidden\r\nX-Squid-Error: ERR_ACCESS_DENIED 0\r\n\r\n", "refuses this destination (status 403, ERR_ACCESS_DENIED)"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://login.portal.example/?token=hunter2\r\n\r\n", "redirects to login.portal.example"),
        (b"HTTP/1.1 401 Unauthorized\r\n\r\n", "answers with status 401"),
        (b"HTTP/1.1 429 Too Many Requests\r\n\r\n", "answers with status 429"),
        (b"HTTP/1.1 511 Network Authentication Required\r\n\r\n", "answers itself, with status 511"),
        (OK, "also answers with status"),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", "also answers with status"),
        (b"HTTP/1.1 200 OK\r\nX-Squid-Error: ERR_NONE 0\r\n\r\n", "answers itself, with status 200"),
        (b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: NTLM\r\nProxy-Authenticate: Negotiate\r\n\r\n", "accepts only NTLM, Negotiate"),
        (b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate, NTLM\r\n\r\n", "run px or cntlm"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 511 Network Authentication Required\r\n\r\n", "answers itself, with status 511"),
    ] {
        let file = settings(&folder, &format!("httpProxy: http://127.0.0.1:{}/", answering(answer)), None);
        let said = said(probe(&file, &["http://destination.example/".to_owned()]), false);
        assert_says(&said, &[part]);
    }
    for (answer, part) in [
        (
            &b"HTTP/1.1 302 Found\r\nLocation: https://login.portal.example/\r\n\r\n"[..],
            "a redirect to login.portal.example",
        ),
        (
            b"HTTP/1.1 511 Network Authentication Required\r\n\r\n",
            "answers itself, with status 511",
        ),
        (
            b"HTTP/1.1 429 Too Many Requests\r\n\r\n",
            "answers itself, with status 429",
        ),
        (
            b"HTTP/1.1 401 Unauthorized\r\n\r\n",
            "refuses this destination (status 401)",
        ),
        (OK, "does not speak TLS"),
    ] {
        let file = settings(
            &folder,
            &format!("httpProxy: http://127.0.0.1:{}/", answering(answer)),
            None,
        );
        let said = said(probe(&file, &["https://destination.example/".to_owned()]), false);
        assert_says(&said, &[part]);
    }
}

#[test]
fn a_block_page_within_inspected_tls_is_no_success() {
    let folder = folder("block-page");
    let Some((_squid, proxy)) = squid(&folder, None) else {
        return;
    };
    authority(&folder, "ca", false);
    let port = free_port();
    fs::write(
        folder.join("page"),
        "HTTP/1.1 403 Forbidden\r\nX-Squid-Error: ERR_ACCESS_DENIED 0\r\n\r\n",
    )
    .unwrap();
    let mut server = Command::new("openssl");
    server
        .current_dir(&folder)
        .args(["s_server", "-quiet", "-HTTP", "-accept", &format!("127.0.0.1:{port}")]);
    server.args(["-cert", "ca-host.pem", "-key", "ca-host.key"]);
    let _server = Server::start(&mut server, port);
    let file = settings(
        &folder,
        &format!("httpProxy: http://127.0.0.1:{proxy}/"),
        Some(&folder.join("ca.pem")),
    );
    let said = said(probe(&file, &[format!("https://localhost:{port}/page")]), false);
    assert_says(
        &said,
        &["inspected or internal", "refused", "(status 403, ERR_ACCESS_DENIED)"],
    );
}

#[test]
fn basic_is_tried_where_one_header_offers_it_among_others() {
    let folder = folder("schemes");
    let answer =
        b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate, Basic realm=\"a, b\"\r\n\r\n";
    let file = settings(
        &folder,
        &format!("httpProxy: http://user:hunter2@127.0.0.1:{}/", answering(answer)),
        None,
    );
    let said = said(probe(&file, &["http://destination.example/".to_owned()]), false);
    assert_says(&said, &["rejects the credentials"]);
}

#[test]
fn the_wrong_scheme_of_a_proxy_is_named() {
    let folder = folder("scheme");
    let Some((_squid, proxy)) = squid(&folder, None) else {
        return;
    };
    let file = settings(&folder, &format!("httpsProxy: https://localhost:{proxy}/"), None);
    let urls = ["https://destination.example/".to_owned()];
    let plain = said(probe(&file, &urls), false);
    assert_says(
        &plain,
        &[
            "wrong scheme",
            &format!("speaks plain HTTP: write http://localhost:{proxy}"),
        ],
    );
    authority(&folder, "ca", false);
    let (_https, https) = https_server(&folder, "ca");
    let file = settings(&folder, &format!("httpProxy: http://localhost:{https}/"), None);
    assert_says(
        &said(probe(&file, &urls), false),
        &[&format!("expects TLS: write https://localhost:{https}")],
    );
}

/// An intermediate authority `middle.pem` of `ca.pem`, whose certificate for localhost is `middle-host.pem`.
fn intermediate(folder: &Path) {
    authority(folder, "ca", false);
    authority(folder, "middle", false);
    fs::write(folder.join("authority"), "basicConstraints=critical,CA:TRUE\n").unwrap();
    let key = [
        "req",
        "-new",
        "-key",
        "middle.key",
        "-subj",
        "/CN=Test middle",
        "-out",
        "middle.csr",
    ];
    openssl(folder, &key);
    let sign = [
        "x509",
        "-req",
        "-in",
        "middle.csr",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
    ];
    openssl(
        folder,
        &[&sign[..], &["-extfile", "authority", "-out", "middle.pem"]].concat(),
    );
}

#[test]
fn a_partial_chain_is_not_trusted_as_the_strictest_client_would_not() {
    let folder = folder("chain");
    intermediate(&folder);
    // It sends the certificate of the host alone.
    let (_https, https) = https_server(&folder, "middle");
    let urls = [format!("https://localhost:{https}/")];
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    fs::write(folder.join("both.pem"), read("middle.pem") + &read("ca.pem")).unwrap();
    for (ca, succeeds, part) in [
        ("both.pem", true, "which is in trustedCa"),
        (
            "middle.pem",
            false,
            "but not its root; curl accepts that, while Python, Node.js and OpenSSL reject it, so add the certificate of CN=Test ca",
        ),
        ("ca.pem", false, "the server does not send its intermediate"),
    ] {
        let file = settings(&folder, "", Some(&folder.join(ca)));
        assert_says(&said(probe(&file, &urls), succeeds), &[part]);
        let verify = Command::new("openssl")
            .current_dir(&folder)
            .args(["verify", "-CAfile", ca, "middle-host.pem"])
            .output();
        assert_eq!(verify.unwrap().status.success(), succeeds, "OpenSSL, of {ca}");
    }
}

#[test]
fn an_authority_that_only_this_machine_trusts_is_no_public_one() {
    let folder = folder("machine");
    authority(&folder, "ca", false);
    let (_https, https) = https_server(&folder, "ca");
    let url = format!("https://localhost:{https}/");
    for (ca, succeeds, part) in [
        (None, false, "this machine trusts it, but pods do not"),
        (
            Some(folder.join("ca.pem")),
            true,
            "issued the certificate, which is in trustedCa",
        ),
    ] {
        let file = settings(&folder, "noProxy: ['*']\nhttpProxy: http://127.0.0.1:9/", ca.as_deref());
        let output = Command::new(env!("CARGO_BIN_EXE_http-proxy"))
            .arg("probe")
            .arg(file)
            .args(["--url", &url])
            .env("SSL_CERT_FILE", folder.join("ca.pem"))
            .output()
            .unwrap();
        assert_says(&said(output, succeeds), &[part]);
    }
}

#[test]
fn an_authority_whose_key_this_command_does_not_know_is_not_said_to_be_missing() {
    let folder = folder("curve");
    authority_on("secp521r1", &folder, "ca", false);
    let (_https, https) = https_server(&folder, "ca");
    let file = settings(
        &folder,
        "noProxy: ['*']\nhttpProxy: http://127.0.0.1:9/",
        Some(&folder.join("ca.pem")),
    );
    let said = said(probe(&file, &[format!("https://localhost:{https}/")]), false);
    assert_says(&said, &["is in trustedCa, but this command cannot verify that"]);
}

/// Answers `200 OK` to requests with credentials, and `403 Forbidden` to others, as some proxies do.
fn forbidding() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 4096];
            let length = stream.read(&mut request).unwrap_or_default();
            let request = String::from_utf8_lossy(&request[..length]).to_ascii_lowercase();
            let answer = match (request.contains("proxy-authorization"), request.contains(".invalid")) {
                (false, _) => &b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"[..],
                (true, false) => OK,
                (true, true) => b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
            };
            let _ = stream.write_all(answer);
        }
    });
    port
}

#[test]
fn credentials_are_tried_where_a_proxy_refuses_without_asking_for_them() {
    let folder = folder("forbidding");
    let file = settings(
        &folder,
        &format!("httpProxy: http://u:hunter2@127.0.0.1:{}/", forbidding()),
        None,
    );
    let said = said(probe(&file, &["http://example.com/".to_owned()]), true);
    assert_says(&said, &["accepted", "reached (status 200)"]);
}

#[test]
fn a_file_for_the_top_level_leaves_the_proxy_of_a_profile() {
    let folder = folder("files");
    let lines = "httpProxyFrom: {secretKeyRef: {name: proxy, key: url}}\nprofiles:\n- {name: same, match: {namespaces: [a]}}\n\
                 - {name: own, match: {namespaces: [b]}, httpProxy: 'http://127.0.0.1:9/'}";
    let file = settings(&folder, lines, None);
    let url = folder.join("url");
    fs::write(&url, format!("http://u:hunter2@127.0.0.1:{}/", forbidding())).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_http-proxy"))
        .arg("probe")
        .arg(file)
        .args(["--url", "http://example.com/", "--http-proxy-file"])
        .arg(url)
        .output()
        .unwrap();
    let said = said(output, false);
    let (same, own) = said.split_once("profile own:").unwrap();
    assert_eq!(same.matches("reached (status 200)").count(), 2, "{said}");
    assert_says(own, &["127.0.0.1:9", "nothing answers"]);
}

#[test]
fn destinations_that_bypass_the_proxy_are_asked_directly() {
    let folder = folder("bypass");
    let lines = format!(
        "httpProxy: http://127.0.0.1:{}/\nnoProxy: [localhost]\nprofiles: [{{name: 'off', match: {{namespaces: [a]}}, enabled: false}}]",
        free_port()
    );
    let file = settings(&folder, &lines, None);
    let said = |urls: &[String], succeeds| said(probe(&file, urls), succeeds);
    assert_says(
        &said(&[format!("http://localhost:{}/", answering(OK))], true),
        &[
            "top level:",
            "reached (status 200), not proxied (noProxy: localhost)",
            "profile off:",
            "(enabled: false)",
        ],
    );
    let port = free_port();
    assert_says(
        &said(&[format!("http://localhost:{port}/")], false),
        &[&format!("nothing answers at http://localhost:{port}")],
    );
}

#[test]
fn the_result_is_there_as_json() {
    let folder = folder("json");
    let file = settings(
        &folder,
        "httpProxy: http://user:hunter2@127.0.0.1:9/\nnoProxy: [localhost]",
        None,
    );
    let url = format!("http://localhost:{}/", answering(OK));
    let output = Command::new(env!("CARGO_BIN_EXE_http-proxy"))
        .arg("probe")
        .arg(file)
        .args([
            "--output",
            "json",
            "--url",
            &url,
            "--url",
            "http://destination.example/",
        ])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let [direct, through] = found["profiles"][0]["destinations"].as_array().unwrap().as_slice() else {
        panic!("{found}");
    };
    assert_eq!(
        (&direct["reached"], &direct["status"], &direct["direct"]),
        (&true.into(), &200.into(), &"noProxy: localhost".into())
    );
    assert_eq!(
        (&through["through"], &through["fault"]),
        (&"http://127.0.0.1:9".into(), &"unreachable".into())
    );
    assert!(!found.to_string().contains("hunter2"));
}

#[test]
fn a_proxy_that_expects_tls_is_told_from_one_that_does_not() {
    let folder = folder("expects-tls");
    authority(&folder, "ca", false);
    let (_https, https) = https_server(&folder, "ca");
    let file = settings(&folder, &format!("httpProxy: http://localhost:{https}/"), None);
    for url in ["http://destination.example/", "https://destination.example/"] {
        let said = said(probe(&file, &[url.to_owned()]), false);
        assert_says(
            &said,
            &["wrong scheme", &format!("expects TLS: write https://localhost:{https}")],
        );
    }
}
