//! A folder, or a node, that is not as the script needs it; and what an interrupted run leaves.

use std::fs;

use crate::{CERTIFICATE, DROP_IN, Node, OTHER_SETTINGS, SETTINGS, on_each_shell};

const CA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../e2e-tests/certificates/root.pem");

/// Asserts that these actions fail with this message, and change nothing.
fn assert_refused(node: &Node, actions: &[&str], message: &str) {
    let before = node.tree();
    for action in actions {
        let output = node.run(action);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{action}: {said}");
        assert!(said.contains(message), "{action}: {said}");
        assert_eq!(node.tree(), before, "{action}: {message}");
        assert_eq!(node.calls(), "", "{action}: {message}");
    }
}

#[test]
fn an_incomplete_folder_changes_nothing() {
    on_each_shell("incomplete", |node| {
        let whole = fs::read_to_string({
            node.generate(SETTINGS, &["--format", "systemd", "--ca-file", CA]);
            node.folder.join("out/manifest")
        });
        let whole = whole.unwrap();
        node.write("etc/environment", "LANG=C\n");
        for is_applied in [false, true] {
            let manifest = node.folder.join("out/manifest");
            let cut = &whole[..whole.len() / 2];
            for content in [
                "",
                cut,
                whole.strip_suffix("end\n").unwrap(),
                &whole.replace('\n', "\r\n"),
            ] {
                fs::write(&manifest, content).unwrap();
                let message = "manifest: is missing or incomplete; write the folder again";
                assert_refused(node, &["apply", "check", "remove"], message);
            }
            fs::remove_file(&manifest).unwrap();
            assert_refused(
                node,
                &["apply", "check", "remove"],
                "manifest: is missing or incomplete",
            );
            fs::write(&manifest, whole.trim_end()).unwrap();

            for name in ["block/etc/environment", &format!("file/{DROP_IN}"), "ca/1.crt"] {
                let path = node.folder.join("out").join(name);
                let content = fs::read_to_string(&path).unwrap();
                let message = format!("{name}: is missing or empty; write the folder again");
                fs::write(&path, "").unwrap();
                assert_refused(node, &["apply", "check"], &message);
                fs::remove_file(&path).unwrap();
                assert_refused(node, &["apply", "check"], &message);
                fs::write(&path, content).unwrap();
            }
            let block = node.folder.join("out/block/etc/environment");
            let content = fs::read_to_string(&block).unwrap();
            fs::write(&block, &content[..content.len() / 2]).unwrap();
            assert_refused(node, &["apply", "check"], "block/etc/environment: is incomplete");
            fs::write(&block, content).unwrap();
            if !is_applied {
                node.succeed("apply");
                node.calls();
            }
        }
        assert_eq!(node.succeed("check"), "");
    });
}

#[test]
fn what_is_not_a_file_changes_nothing() {
    on_each_shell("directory", |node| {
        node.generate(SETTINGS, &["--format", "systemd", "--ca-file", CA]);
        for path in [
            "etc/http-proxy-policy.env",
            "etc/environment",
            "usr/local/share/ca-certificates/http-proxy-policy-1.crt",
        ] {
            fs::create_dir_all(node.root(path)).unwrap();
            let message = format!("/{path}: is not a regular file; move it away");
            assert_refused(node, &["apply", "remove"], &message);
            assert_eq!(node.root(path).read_dir().unwrap().count(), 0);
            fs::remove_dir(node.root(path)).unwrap();
        }
        // A link means the root of the node.
        std::os::unix::fs::symlink("/etc/folder", node.root("etc/environment")).unwrap();
        fs::create_dir(node.root("etc/folder")).unwrap();
        assert_refused(node, &["apply", "remove"], "/etc/environment: is not a regular file");
    });
}

#[test]
fn a_file_that_an_interrupted_run_left_goes_with_the_next_run() {
    on_each_shell("left", |node| {
        node.write("etc/apt/apt.conf", "");
        node.write("etc/dnf/dnf.conf", "[main]\n");
        let before = node.tree();
        let folders = |node: &Node| -> Vec<bool> {
            let left = ["etc", "etc/apt/apt.conf.d", "etc/dnf", "etc/systemd/system.conf.d"];
            let left = left.map(|folder| format!("{folder}/.http-proxy-policy.new"));
            left.map(|path| node.root(&path).exists()).to_vec()
        };
        for (part, count) in [("policy.env", 0), ("95http", 1), ("dnf.conf", 2), ("system.conf.d", 3)] {
            for next in ["apply", "remove"] {
                node.generate(SETTINGS, &["--format", "systemd", "--whole-node"]);
                node.stub(
                    "mv",
                    &format!("case \"$*\" in *{part}*) kill -9 $PPID; exit 1;; esac\nexec /bin/mv \"$@\"\n"),
                );
                assert!(!node.run("apply").status.success());
                assert!(folders(node)[count], "{part}: {:?}", node.tree());
                let output = node.run("check");
                let said = String::from_utf8(output.stdout).unwrap();
                assert!(
                    said.contains("/.http-proxy-policy.new: left by an interrupted run\n"),
                    "{said}"
                );
                node.stub("mv", "exec /bin/mv \"$@\"\n");
                if next == "apply" {
                    // One that no longer has the file.
                    node.generate(OTHER_SETTINGS, &["--format", "systemd", "--unit", "docker"]);
                    node.succeed("apply");
                    assert_eq!(folders(node), [false; 4], "{part}");
                }
                node.succeed("remove");
                assert_eq!(node.tree(), before, "{part} {next}");
                assert!(!node.root("etc/apt/apt.conf.d").exists(), "{part} {next}");
                assert!(!node.root("etc/systemd/system.conf.d").exists(), "{part} {next}");
            }
        }
    });
}

/// The YAML that a format prints, as JSON.
fn document(node: &Node, more: &[&str]) -> serde_json::Value {
    node.generate(SETTINGS, &[&["--ca-file", CA], more].concat());
    let folder = node.folder.join("out");
    let file = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let file = file.filter(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    let text = fs::read_to_string(file.last().unwrap()).unwrap();
    documents::values(documents::parse(&text).unwrap()).remove(0)
}

#[test]
fn what_cloud_init_and_ignition_have_written_is_removed() {
    on_each_shell("other-means", |node| {
        for format in ["cloud-init", "butane"] {
            for own in ["LANG=C\n", "LANG=C", ""] {
                for is_applied in [false, true] {
                    fs::remove_dir_all(node.root("")).unwrap();
                    node.write("etc/environment", own);
                    let mode = node.mode("etc/environment");
                    let (files, content, path) = if format == "butane" {
                        fs::create_dir_all(node.root("etc/pki/ca-trust/source/anchors")).unwrap();
                        let document = document(node, &["--format", format, "--variant", "fcos"]);
                        (
                            document["storage"]["files"].clone(),
                            "/contents/inline",
                            "/append/0/inline",
                        )
                    } else {
                        fs::create_dir_all(node.root("usr/local/share/ca-certificates")).unwrap();
                        (
                            document(node, &["--format", format])["write_files"].clone(),
                            "/content",
                            "/content",
                        )
                    };
                    for file in files.as_array().unwrap() {
                        let name = file["path"].as_str().unwrap().trim_start_matches('/');
                        // What its runcmd does with them is for another test.
                        if name.starts_with("etc/http-proxy-policy/") {
                            continue;
                        }
                        let pointer = if file.get("append").is_some() { path } else { content };
                        let content = file.pointer(pointer).unwrap().as_str().unwrap();
                        let had = fs::read_to_string(node.root(name)).unwrap_or_default();
                        node.write(name, &(had + content));
                    }
                    let environment = node.read("etc/environment");
                    assert!(environment.contains("\n# BEGIN http-proxy-policy\n"), "{environment}");
                    node.generate(SETTINGS, &["--format", "systemd", "--ca-file", CA]);
                    if format == "butane" {
                        let certificate = "etc/pki/ca-trust/source/anchors/http-proxy-policy-1.crt";
                        assert_eq!(node.read(certificate), CERTIFICATE);
                    }
                    if is_applied {
                        node.succeed("apply");
                        assert_eq!(node.succeed("check"), "");
                    }
                    node.succeed("remove");
                    // Whether the last line had its end, nothing tells.
                    let left = if own == "LANG=C" { "LANG=C\n" } else { own };
                    let left = ("etc/environment".to_owned(), mode, left.to_owned());
                    assert_eq!(node.tree(), [left], "{format} {own:?} {is_applied}");
                }
            }
        }
    });
}
