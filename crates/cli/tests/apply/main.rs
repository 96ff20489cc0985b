//! `apply.sh` on a scratch root, by dash and by busybox's sh, with stubs for what would change the machine.

mod folder;
mod owner;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const SETTINGS: &str = "httpProxy: http://user:hunter2@proxy.example.com:3128/\n";
const OTHER_SETTINGS: &str = "httpProxy: http://other-proxy.example.com:3128/\n";
const CERTIFICATE: &str = include_str!("../../../../e2e-tests/certificates/root.pem");
const SHELLS: [&[&str]; 2] = [&["dash"], &["busybox", "sh"]];
const DROP_IN: &str = "etc/systemd/system/kubelet.service.d/50-http-proxy-policy.conf";
const ENVIRONMENT_FILE: &str = "etc/http-proxy-policy.env";

/// A node: a root folder, and stubs that record what they were called with.
struct Node {
    folder: PathBuf,
    shell: &'static [&'static str],
}

impl Node {
    fn new(name: &str, shell: &'static [&'static str]) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("apply-{name}-{}", shell[0]));
        let _ = fs::remove_dir_all(&folder);
        let node = Node { folder, shell };
        for path in ["root/etc", "root/usr/local/share/ca-certificates", "stubs"] {
            fs::create_dir_all(node.folder.join(path)).unwrap();
        }
        for command in ["systemctl", "update-ca-certificates", "update-ca-trust"] {
            node.stub(command, "");
        }
        node
    }

    fn stub(&self, command: &str, body: &str) {
        let path = self.folder.join("stubs").join(command);
        let calls = self.folder.join("calls");
        fs::write(
            &path,
            format!("#!/bin/sh\necho {command} \"$@\" >>'{}'\n{body}", calls.display()),
        )
        .unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn root(&self, path: &str) -> PathBuf {
        self.folder.join("root").join(path)
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.root(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root(path)).unwrap()
    }

    fn mode(&self, path: &str) -> u32 {
        self.root(path).metadata().unwrap().permissions().mode() & 0o777
    }

    /// Writes the files of a format for these settings.
    fn generate(&self, settings: &str, more: &[&str]) {
        let file = self.folder.join("settings.yaml");
        fs::write(&file, settings).unwrap();
        let _ = fs::remove_dir_all(self.folder.join("out"));
        let output = Command::new(env!("CARGO_BIN_EXE_http-proxy"))
            .args([
                "nodes",
                file.to_str().unwrap(),
                "--no-proxy",
                "10.0.0.0/8",
                "--no-proxy",
                "api.example.com",
                "--out",
            ])
            .arg(self.folder.join("out"))
            .args(more)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    }

    fn run(&self, action: &str) -> Output {
        self.run_with(action, &[])
    }

    fn run_with(&self, action: &str, variables: &[(&str, &str)]) -> Output {
        let path = format!(
            "{}:{}",
            self.folder.join("stubs").display(),
            std::env::var("PATH").unwrap()
        );
        Command::new(self.shell[0])
            .args(&self.shell[1..])
            .arg(self.folder.join("out/apply.sh"))
            .arg(action)
            .env("ROOT", self.folder.join("root"))
            .env("PATH", path)
            .envs(variables.iter().copied())
            .output()
            .unwrap()
    }

    fn succeed(&self, action: &str) -> String {
        let output = self.run(action);
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{action}: {output:?}"
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// What the stubs were called with since the last time, one call a line.
    fn calls(&self) -> String {
        let calls = fs::read_to_string(self.folder.join("calls")).unwrap_or_default();
        let _ = fs::remove_file(self.folder.join("calls"));
        calls
    }

    /// Every file below the root with its mode and content.
    fn tree(&self) -> Vec<(String, u32, String)> {
        let output = Command::new("find")
            .arg(self.root(""))
            .args(["-type", "f"])
            .output()
            .unwrap();
        let mut files: Vec<String> = String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect();
        files.sort();
        let root = self.root("");
        let of_root = |file: String| {
            let path = file.strip_prefix(root.to_str().unwrap()).unwrap().to_owned();
            (path.clone(), self.mode(&path), self.read(&path))
        };
        files.into_iter().map(of_root).collect()
    }
}

/// Runs a test on a node, once for each shell.
fn on_each_shell(name: &str, test: impl Fn(&Node)) {
    for shell in SHELLS {
        if Command::new(shell[0])
            .args(&shell[1..])
            .args(["-c", ":"])
            .output()
            .is_err()
        {
            assert!(
                std::env::var_os("CI").is_none(),
                "{} is missing; .ci/run installs it",
                shell[0]
            );
            http_proxy::console::note(&format!(
                "SKIPPED: {name} with {}, which is not on this machine",
                shell[0]
            ));
            continue;
        }
        test(&Node::new(name, shell));
    }
}

const RESTARTS: &str = "systemctl daemon-reload\n\
                        systemctl is-active --quiet containerd.service\nsystemctl restart containerd.service\n\
                        systemctl is-active --quiet kubelet.service\nsystemctl restart kubelet.service\n";

#[test]
fn what_is_applied_once_is_not_applied_again() {
    on_each_shell("again", |node| {
        node.generate(SETTINGS, &["--format", "systemd"]);
        assert!(node.succeed("apply").contains("changed /etc/environment\n"));
        assert_eq!(node.calls(), RESTARTS);
        assert_eq!(node.mode(ENVIRONMENT_FILE), 0o600);
        assert_eq!(node.mode("etc/environment"), 0o600);
        assert_eq!(node.succeed("check"), "");
        assert_eq!(node.succeed("apply"), "");
        assert_eq!(node.calls(), "");
    });
}

#[test]
fn a_change_restarts_the_units_whose_files_change() {
    on_each_shell("change", |node| {
        node.generate(SETTINGS, &["--format", "systemd"]);
        node.succeed("apply");
        node.calls();
        node.write(DROP_IN, "[Service]\n");
        let output = node.run("check");
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(
            String::from_utf8(output.stdout).unwrap(),
            format!("/{DROP_IN}: the content differs\n")
        );
        node.succeed("apply");
        assert_eq!(
            node.calls(),
            "systemctl daemon-reload\nsystemctl is-active --quiet kubelet.service\nsystemctl restart kubelet.service\n"
        );
        node.generate(OTHER_SETTINGS, &["--format", "systemd"]);
        assert_eq!(node.run("check").status.code(), Some(1));
        node.succeed("apply");
        assert_eq!(node.calls(), RESTARTS);
        assert_eq!(node.mode("etc/environment"), 0o644);
        assert!(
            node.read("etc/environment")
                .contains("http://other-proxy.example.com:3128/")
        );
    });
}

#[test]
fn a_unit_that_does_not_run_is_not_started() {
    on_each_shell("inactive", |node| {
        node.stub("systemctl", "[ \"$1\" != is-active ]");
        node.generate(SETTINGS, &["--format", "systemd", "--unit", "docker"]);
        node.succeed("apply");
        assert_eq!(
            node.calls(),
            "systemctl daemon-reload\nsystemctl is-active --quiet docker.service\n"
        );
        assert_eq!(node.succeed("check"), "");
    });
}

#[test]
fn what_the_configuration_no_longer_has_is_taken_out() {
    on_each_shell("fewer", |node| {
        node.generate(SETTINGS, &["--format", "systemd"]);
        node.succeed("apply");
        node.calls();
        node.generate(SETTINGS, &["--format", "systemd", "--unit", "containerd"]);
        let output = node.run("check");
        assert_eq!(
            String::from_utf8(output.stdout).unwrap(),
            format!("/{DROP_IN}: left from an earlier configuration\n")
        );
        node.succeed("apply");
        assert!(!node.root(DROP_IN).exists());
        assert!(node.calls().contains("restart kubelet.service"));
    });
}

#[test]
fn what_belongs_to_the_user_survives() {
    on_each_shell("user", |node| {
        // The last line has no end.
        node.write("etc/environment", "LANG=C\n# a comment\nPATH=/bin");
        node.write("etc/systemd/system/kubelet.service.d/http-proxy.conf", "[Service]\n");
        node.write("etc/default/k3s", "K3S_TOKEN='secret'\n");
        fs::set_permissions(node.root("etc/environment"), fs::Permissions::from_mode(0o640)).unwrap();
        let before = node.tree();
        for format in ["systemd", "k3s"] {
            node.generate(SETTINGS, &["--format", format]);
            node.succeed("apply");
            assert_ne!(node.tree(), before);
            if format == "systemd" {
                assert!(
                    node.read("etc/environment")
                        .starts_with("LANG=C\n# a comment\nPATH=/bin\n# BEGIN ")
                );
                node.write("etc/environment", &(node.read("etc/environment") + "EDITOR=vi\n"));
                node.succeed("apply");
                node.succeed("remove");
                assert_eq!(
                    node.read("etc/environment"),
                    "LANG=C\n# a comment\nPATH=/bin\nEDITOR=vi\n"
                );
                node.write("etc/environment", "LANG=C\n# a comment\nPATH=/bin");
            } else {
                assert!(node.read("etc/default/k3s").starts_with("K3S_TOKEN='secret'\n# BEGIN "));
                node.succeed("remove");
            }
            assert_eq!(node.tree(), before);
        }
        assert!(!node.root("var/lib/http-proxy-policy").exists());
    });
}

#[test]
fn a_link_is_followed_and_no_mode_gets_wider() {
    on_each_shell("link", |node| {
        for (settings, mode, applied) in [
            (SETTINGS, 0o640, 0o600),
            (SETTINGS, 0o400, 0o400),
            (OTHER_SETTINGS, 0o640, 0o640),
        ] {
            let _ = fs::remove_dir_all(node.root("etc"));
            node.write("etc/shared/environment", "LANG=C\n");
            // Of the node, not of this machine.
            std::os::unix::fs::symlink("/etc/shared", node.root("etc/link")).unwrap();
            std::os::unix::fs::symlink("/etc/link/../link/environment", node.root("etc/environment")).unwrap();
            fs::set_permissions(node.root("etc/shared/environment"), fs::Permissions::from_mode(mode)).unwrap();
            node.generate(settings, &["--format", "systemd"]);
            node.succeed("apply");
            assert!(node.root("etc/environment").is_symlink());
            assert!(node.read("etc/shared/environment").starts_with("LANG=C\n# BEGIN "));
            assert_eq!(node.mode("etc/shared/environment"), applied);
            assert_eq!(node.succeed("check"), "");
            node.succeed("remove");
            assert!(node.root("etc/environment").is_symlink());
            assert_eq!(node.read("etc/shared/environment"), "LANG=C\n");
            assert_eq!(node.mode("etc/shared/environment"), mode);
        }
        fs::remove_file(node.root("etc/environment")).unwrap();
        std::os::unix::fs::symlink("environment", node.root("etc/environment")).unwrap();
        let output = node.run("apply");
        assert!(
            String::from_utf8(output.stderr)
                .unwrap()
                .contains("go round in a circle")
        );
    });
}

#[test]
fn nothing_changes_where_something_is_missing() {
    on_each_shell("missing", |node| {
        let ca = concat!(env!("CARGO_MANIFEST_DIR"), "/../../e2e-tests/certificates/root.pem");
        node.generate(SETTINGS, &["--format", "systemd", "--ca-file", ca]);
        node.write("etc/environment", "LANG=C\n");
        let before = node.tree();
        // On the node, there is a shell and what is in the folder of stubs.
        std::os::unix::fs::symlink("/bin/sh", node.folder.join("stubs/sh")).unwrap();
        for (stub, message) in [
            ("systemctl", "systemctl is not there"),
            ("update-ca-certificates", "update-ca-certificates is not there"),
        ] {
            fs::rename(node.folder.join("stubs").join(stub), node.folder.join("aside")).unwrap();
            let output = node.run_with(
                "apply",
                &[(
                    "RUN",
                    &format!("/usr/bin/env PATH={}", node.folder.join("stubs").display()),
                )],
            );
            fs::rename(node.folder.join("aside"), node.folder.join("stubs").join(stub)).unwrap();
            assert_eq!(output.status.code(), Some(1), "{output:?}");
            assert!(String::from_utf8_lossy(&output.stderr).contains(message), "{output:?}");
            assert_eq!(node.tree(), before);
        }
        node.write("etc/environment", "# END http-proxy-policy\n");
        let before = node.tree();
        assert_eq!(node.run("apply").status.code(), Some(1));
        assert_eq!(node.tree(), before);
    });
}

#[test]
fn the_whole_node_is_configured_where_it_has_the_programs() {
    on_each_shell("whole", |node| {
        let before = node.tree();
        node.generate(SETTINGS, &["--format", "systemd", "--whole-node"]);
        node.succeed("apply");
        assert!(
            node.read("etc/systemd/system.conf.d/50-http-proxy-policy.conf")
                .contains("\nDefaultEnvironment=\"HTTP_PROXY=")
        );
        assert!(!node.root("etc/apt").exists() && !node.root("etc/dnf").exists());
        assert_eq!(node.succeed("check"), "");
        node.write("etc/apt/apt.conf", "");
        node.write("etc/dnf/dnf.conf", "[main]\ngpgcheck=1\n");
        assert_eq!(node.run("check").status.code(), Some(1));
        node.succeed("apply");
        assert!(
            node.read("etc/apt/apt.conf.d/95http-proxy-policy")
                .contains("Acquire::https::Proxy \"http://user:")
        );
        assert!(node.read("etc/dnf/dnf.conf").contains("[main]\nproxy=http://user:"));
        assert_eq!(node.mode("etc/dnf/dnf.conf"), 0o600);
        node.succeed("remove");
        assert_eq!(node.read("etc/dnf/dnf.conf"), "[main]\ngpgcheck=1\n");
        fs::remove_dir_all(node.root("etc/apt")).unwrap();
        fs::remove_dir_all(node.root("etc/dnf")).unwrap();
        assert_eq!(node.tree(), before);
    });
}

#[test]
fn a_damaged_block_is_left_to_the_user() {
    on_each_shell("damaged", |node| {
        for damaged in [
            "# BEGIN http-proxy-policy\nLANG=C\n",
            "# END http-proxy-policy\nUSER=1\n# BEGIN http-proxy-policy\nUSER2=2\n",
            "# BEGIN http-proxy-policy\n# BEGIN http-proxy-policy\nLANG=C\n# END http-proxy-policy\n# END http-proxy-policy\n",
        ] {
            node.write("etc/environment", damaged);
            node.generate(SETTINGS, &["--format", "systemd"]);
            for action in ["apply", "remove"] {
                let output = node.run(action);
                assert_eq!(output.status.code(), Some(1), "{damaged}");
                let said = String::from_utf8(output.stderr).unwrap();
                assert!(said.contains("has no beginning or no end"), "{said}");
                assert_eq!(node.read("etc/environment"), damaged);
            }
        }
    });
}

#[test]
fn a_last_line_without_its_end_comes_back_as_it_was() {
    on_each_shell("unended", |node| {
        node.write("etc/environment", "LANG=C");
        for settings in [SETTINGS, OTHER_SETTINGS] {
            node.generate(settings, &["--format", "systemd"]);
            node.succeed("apply");
        }
        assert!(node.read("etc/environment").starts_with("LANG=C\n# BEGIN "));
        node.succeed("remove");
        assert_eq!(node.read("etc/environment"), "LANG=C");
        assert!(!node.root("var/lib/http-proxy-policy").exists());
    });
}

#[test]
fn an_interrupted_run_can_be_repeated() {
    on_each_shell("interrupted", |node| {
        let with_ca = [
            "--format",
            "systemd",
            "--ca-file",
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../e2e-tests/certificates/root.pem"),
        ];
        node.generate(SETTINGS, &with_ca);
        for (command, body) in [
            ("update-ca-certificates", "kill -9 $PPID"),
            ("systemctl", "[ \"$1\" != restart ] || kill -9 $PPID"),
            ("systemctl", "exit 1"),
        ] {
            node.stub(command, body);
            assert!(!node.run("apply").status.success());
            let output = node.run("check");
            assert_eq!(output.status.code(), Some(1), "{command} {body}: {output:?}");
            node.stub(command, "");
        }
        node.calls();
        node.succeed("apply");
        assert!(node.calls().ends_with("systemctl restart kubelet.service\n"));
        assert_eq!(node.succeed("check"), "");
        assert_eq!(
            node.read("usr/local/share/ca-certificates/http-proxy-policy-1.crt"),
            CERTIFICATE
        );
        node.succeed("remove");
        assert!(
            node.calls()
                .starts_with("update-ca-certificates\nsystemctl daemon-reload\n")
        );
        assert_eq!(node.tree(), []);
    });
}

#[test]
fn a_run_that_is_killed_anywhere_can_be_repeated() {
    on_each_shell("killed", |node| {
        let with_ca = [
            "--format",
            "systemd",
            "--ca-file",
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../e2e-tests/certificates/root.pem"),
        ];
        node.generate(SETTINGS, &with_ca);
        node.succeed("apply");
        let applied = node.tree();
        node.succeed("remove");
        node.write("etc/environment", "LANG=C\n");
        for count in 0..22 {
            // mv ends every change; the script dies with the one that is counted.
            node.stub(
                "mv",
                &format!(
                    "[ \"$(grep -c ^mv '{}')\" -le {count} ] || kill -9 $PPID\nexec /bin/mv \"$@\"\n",
                    node.folder.join("calls").display()
                ),
            );
            node.calls();
            node.run("apply");
            node.stub("mv", "exec /bin/mv \"$@\"\n");
            node.succeed("apply");
            assert_eq!(node.succeed("check"), "", "{count}");
            node.succeed("remove");
            assert_eq!(node.tree().len(), 1, "{count}: {:?}", node.tree());
            assert_eq!(node.read("etc/environment"), "LANG=C\n");
        }
        fs::remove_file(node.root("etc/environment")).unwrap();
        node.succeed("apply");
        assert_eq!(node.tree(), applied);
    });
}

#[test]
fn certificates_go_to_the_trust_store_of_the_distribution() {
    on_each_shell("trust", |node| {
        let settings = SETTINGS.to_owned() + "trustedCa: " + &encoded(CERTIFICATE) + "\n";
        node.generate(&settings, &["--format", "rke2"]);
        fs::remove_dir_all(node.root("usr")).unwrap();
        let output = node.run("apply");
        assert!(
            String::from_utf8(output.stderr)
                .unwrap()
                .contains("no known trust store")
        );
        for (marker, certificate, update) in [
            (
                "usr/sbin/update-ca-certificates",
                "usr/local/share/ca-certificates/http-proxy-policy-1.crt",
                "certificates",
            ),
            (
                "etc/pki/trust/anchors/x",
                "etc/pki/trust/anchors/http-proxy-policy-1.crt",
                "certificates",
            ),
            (
                "usr/share/pki/ca-trust-source/anchors/x",
                "usr/share/pki/ca-trust-source/anchors/http-proxy-policy-1.crt",
                "trust",
            ),
            (
                "etc/pki/ca-trust/source/anchors/x",
                "etc/pki/ca-trust/source/anchors/http-proxy-policy-1.crt",
                "trust",
            ),
            (
                "etc/os-release",
                "etc/ssl/certs/http-proxy-policy-1.pem",
                "certificates",
            ),
        ] {
            node.write(marker, "NAME=Flatcar\nID=flatcar\n");
            node.calls();
            node.succeed("apply");
            assert_eq!(node.read(certificate), CERTIFICATE);
            let calls = node.calls();
            assert!(calls.starts_with(&format!("update-ca-{update}\n")), "{calls}");
            assert!(calls.contains("systemctl restart rke2-agent.service\n"), "{calls}");
            node.succeed("remove");
            assert!(!node.root(certificate).exists());
        }
    });
}

#[test]
fn the_script_of_user_data_finds_the_trust_store_of_the_distribution() {
    on_each_shell("user-data", |node| {
        node.write("etc/http-proxy-policy/1.crt", CERTIFICATE);
        for (anchors, update) in [
            ("usr/local/share/ca-certificates", "certificates"),
            ("etc/pki/trust/anchors", "certificates"),
            ("usr/share/pki/ca-trust-source/anchors", "trust"),
            ("etc/pki/ca-trust/source/anchors", "trust"),
        ] {
            fs::create_dir_all(node.root(anchors)).unwrap();
            let path = format!(
                "{}:{}",
                node.folder.join("stubs").display(),
                std::env::var("PATH").unwrap()
            );
            let output = Command::new(node.shell[0])
                .args(&node.shell[1..])
                .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/src/nodes/trust.sh"))
                .env("ROOT", node.root(""))
                .env("PATH", path)
                .output()
                .unwrap();
            assert!(output.status.success(), "{output:?}");
            assert_eq!(node.read(&format!("{anchors}/http-proxy-policy-1.crt")), CERTIFICATE);
            assert_eq!(node.calls(), format!("update-ca-{update}\n"));
        }
    });
}

#[test]
fn the_scripts_are_clean_to_shellcheck() {
    let scripts = ["apply.sh", "trust.sh"].map(|name| format!("{}/src/nodes/{name}", env!("CARGO_MANIFEST_DIR")));
    match Command::new("shellcheck").args(scripts).output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout)),
        Err(_) => {
            assert!(
                std::env::var_os("CI").is_none(),
                "shellcheck is missing; .ci/run installs it"
            );
            http_proxy::console::note("SKIPPED: shellcheck, which is not on this machine");
        }
    }
}

fn encoded(pem: &str) -> String {
    use std::io::Write;
    let mut base64 = Command::new("base64")
        .arg("-w0")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    base64.stdin.take().unwrap().write_all(pem.as_bytes()).unwrap();
    String::from_utf8(base64.wait_with_output().unwrap().stdout).unwrap()
}
