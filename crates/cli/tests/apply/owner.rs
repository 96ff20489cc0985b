//! What is the owner's: modes, and files without a block.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::{DROP_IN, ENVIRONMENT_FILE, Node, OTHER_SETTINGS, SETTINGS, on_each_shell};

fn set_mode(node: &Node, path: &str, mode: u32) {
    fs::set_permissions(node.root(path), fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_mode_that_the_owner_has_set_since_is_kept() {
    on_each_shell("mode", |node| {
        let file = "etc/default/k3s";
        // With credentials, the script sets 0600.
        for (settings, at_first, set, applied) in [
            (OTHER_SETTINGS, Some(0o644), 0o600, 0o600),
            (OTHER_SETTINGS, Some(0o600), 0o640, 0o640),
            (OTHER_SETTINGS, None, 0o600, 0o600),
            (SETTINGS, Some(0o644), 0o400, 0o400),
            (SETTINGS, Some(0o644), 0o640, 0o600),
            (SETTINGS, None, 0o400, 0o400),
        ] {
            for actions in [&["remove"][..], &["apply", "remove"], &["apply", "apply", "remove"]] {
                let _ = fs::remove_dir_all(node.root("etc/default"));
                if let Some(mode) = at_first {
                    node.write(file, "A=1\n");
                    set_mode(node, file, mode);
                }
                node.generate(settings, &["--format", "k3s"]);
                node.succeed("apply");
                node.write(file, &(node.read(file) + "K3S_TOKEN=secret\n"));
                set_mode(node, file, set);
                node.calls();
                for action in actions {
                    let said = node.succeed(action);
                    let expected = if *action == "apply" { applied } else { set };
                    let context = format!("{at_first:?} {set:o} {actions:?}: {said}");
                    if *action == "apply" && set == applied {
                        assert_eq!((&*said, &*node.calls()), ("", ""), "{context}");
                    }
                    assert_eq!(node.mode(file), expected, "{context}");
                    assert_eq!(node.run("check").status.success(), *action == "apply", "{context}");
                }
                assert!(node.read(file).ends_with("K3S_TOKEN=secret\n"));
                assert!(!node.root("var/lib/http-proxy-policy").exists());
            }
        }
    });
}

#[test]
fn what_the_script_has_narrowed_comes_back() {
    on_each_shell("narrowed", |node| {
        node.write("etc/environment", "LANG=C\n");
        set_mode(node, "etc/environment", 0o644);
        for settings in [SETTINGS, OTHER_SETTINGS, SETTINGS] {
            node.generate(settings, &["--format", "systemd"]);
            node.succeed("apply");
            node.succeed("apply");
            let expected = if settings == SETTINGS { 0o600 } else { 0o644 };
            assert_eq!(node.mode("etc/environment"), expected);
        }
        node.succeed("remove");
        assert_eq!(node.mode("etc/environment"), 0o644);
    });
}

#[test]
fn files_of_the_policy_alone_get_no_wider_mode() {
    on_each_shell("alone", |node| {
        node.generate(SETTINGS, &["--format", "systemd"]);
        node.succeed("apply");
        for (path, set, applied) in [
            (ENVIRONMENT_FILE, 0o400, 0o400),
            (ENVIRONMENT_FILE, 0o644, 0o600),
            (DROP_IN, 0o600, 0o600),
            (DROP_IN, 0o666, 0o644),
        ] {
            set_mode(node, path, set);
            assert_eq!(node.run("check").status.success(), set == applied);
            node.succeed("apply");
            assert_eq!(node.mode(path), applied);
        }
        node.succeed("remove");
        assert_eq!(node.tree(), []);
    });
}

#[test]
fn a_run_that_is_killed_anywhere_leaves_the_modes_right() {
    on_each_shell("killed-modes", |node| {
        let file = "etc/default/k3s";
        let kill_at = |command: &str, count: usize| {
            let calls = node.folder.join("calls").display().to_string();
            let body = format!(
                "[ \"$(grep -c '^{command} ' '{calls}')\" -le {count} ] || kill -9 $PPID\nexec /bin/{command} \"$@\"\n"
            );
            node.stub(command, &body);
            node.calls();
        };
        let steps = (0..7)
            .map(|count| ("mv", count))
            .chain((0..3).map(|count| ("chmod", count)));
        for (command, count) in steps {
            node.write(file, "LANG=C\n");
            set_mode(node, file, 0o644);
            for (settings, action, mode) in [
                (SETTINGS, "apply", 0o600),
                (OTHER_SETTINGS, "apply", 0o644),
                (SETTINGS, "apply", 0o600),
                (SETTINGS, "remove", 0o644),
            ] {
                node.generate(settings, &["--format", "k3s"]);
                kill_at(command, count);
                node.run(action);
                kill_at(command, 1000);
                node.succeed(action);
                assert_eq!(node.mode(file), mode, "{command} {count}: {action}");
            }
            assert_eq!(node.tree().len(), 1, "{:?}", node.tree());
        }
    });
}

#[test]
fn remove_changes_no_file_without_a_block() {
    on_each_shell("no-block", |node| {
        node.write("etc/default/k3s", "K3S_TOKEN=x");
        node.write("etc/environment", "LANG=C");
        node.write("etc/dnf/dnf.conf", "[main]");
        let before = node.tree();
        for more in [&["--format", "k3s"][..], &["--format", "systemd", "--whole-node"]] {
            node.generate(SETTINGS, more);
            for is_applied in [false, true] {
                if is_applied {
                    node.succeed("apply");
                    node.succeed("remove");
                }
                assert_eq!(node.tree(), before);
                node.calls();
                for _ in 0..2 {
                    assert_eq!(node.succeed("remove"), "");
                    assert_eq!(node.calls(), "");
                    assert_eq!(node.tree(), before);
                }
            }
        }
        // The last line of the owner has no end, and remove adds no line break.
        node.generate(SETTINGS, &["--format", "k3s"]);
        node.succeed("apply");
        node.write("etc/default/k3s", &(node.read("etc/default/k3s") + "B=2"));
        node.succeed("remove");
        assert_eq!(node.read("etc/default/k3s"), "K3S_TOKEN=x\nB=2");
    });
}
