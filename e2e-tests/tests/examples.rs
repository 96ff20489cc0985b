//! What `examples/` shows works as it is.

use std::path::{Path, PathBuf};

use e2e_tests::documents;
use e2e_tests::host::{Policy, create_request};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.extension().and_then(|extension| extension.to_str()) {
            _ if path.is_dir() => files(&path, found),
            Some("yaml" | "json") => found.push(path),
            _ => {}
        }
    }
}

#[test]
fn the_settings_of_every_example_are_valid() {
    let policy = Policy::load().unwrap();
    let mut found = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples"), &mut found);
    let mut count = 0;
    for file in found {
        for document in documents::read(file.to_str().unwrap()).unwrap() {
            let settings = match document["kind"].as_str() {
                Some("ClusterAdmissionPolicy") => &document["spec"]["settings"],
                None => &document,
                Some(_) => continue,
            };
            let verdict = policy.validate_settings(settings).unwrap();
            assert!(
                verdict.valid,
                "{}: {}",
                file.display(),
                verdict.message.unwrap_or_default()
            );
            count += 1;
        }
    }
    assert!(count >= 3, "{count}");
}

/// Pod Security `restricted` allows volumes of these kinds only.
#[test]
fn a_pod_under_pod_security_restricted_stays_so() {
    let policy = Policy::load().unwrap();
    let example = |file: &str| {
        documents::read(&format!("{}/../examples/{file}", env!("CARGO_MANIFEST_DIR")))
            .unwrap()
            .remove(0)
    };
    let pod = example("pod.yaml");
    let answer = policy
        .validate(
            &create_request(&pod).unwrap(),
            &example("aks-proxy-config-with-ca.json"),
        )
        .unwrap();
    let mutated = answer.mutated_object.unwrap();
    let allowed = [
        "name",
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "persistentVolumeClaim",
        "projected",
        "secret",
    ];
    for volume in mutated["spec"]["volumes"].as_array().unwrap() {
        assert!(
            volume
                .as_object()
                .unwrap()
                .keys()
                .all(|key| allowed.contains(&key.as_str())),
            "{volume}"
        );
    }
    assert_eq!(mutated["spec"]["securityContext"], pod["spec"]["securityContext"]);
    assert_eq!(mutated["spec"]["volumes"].as_array().unwrap().len(), 3);
}
