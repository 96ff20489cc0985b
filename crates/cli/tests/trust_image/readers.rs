//! OpenSSL and Java read the image's files.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::{count, folder, has, made, names, run, text, unpacked};

#[test]
fn openssl_rehash_gives_the_certificates_the_same_names() {
    if !has(&["openssl", "tar"]) {
        return;
    }
    let (image, _) = made("rehash", &["--ca", "root.pem", "--ca", "same-subject.pem"]);
    let files = unpacked(&image);
    let hashed: Vec<String> = names(&files)
        .into_iter()
        .filter(|name| !["ca.crt", "truststore.p12"].contains(&&**name))
        .collect();
    assert!(hashed.contains(&"d80ef3a8.1".to_owned()), "{hashed:?}");
    let folder = folder("rehashed");
    for name in &hashed {
        fs::copy(files.join(name), folder.join(format!("{name}.pem"))).unwrap();
    }
    run(Command::new("openssl").arg("rehash").arg(&folder));
    let rehashed: Vec<String> = names(&folder)
        .into_iter()
        .filter(|name| !name.ends_with(".pem"))
        .collect();
    assert_eq!(rehashed, hashed);
    // Each name holds its own certificate, and the bundle holds all of them.
    let all: usize = hashed
        .iter()
        .map(|name| count(&fs::read_to_string(files.join(name)).unwrap()))
        .sum();
    assert_eq!(all, hashed.len());
    assert_eq!(count(&fs::read_to_string(files.join("ca.crt")).unwrap()), hashed.len());
}

#[test]
fn keytool_lists_every_certificate_as_trusted() {
    if !has(&["keytool", "tar"]) {
        return;
    }
    let (image, _) = made(
        "keytool",
        &[
            "--ca",
            "root.pem",
            "--ca",
            "same-subject.pem",
            "--password",
            "pass:word",
        ],
    );
    let files = unpacked(&image);
    let store = files.join("truststore.p12");
    let certificates = count(&fs::read_to_string(files.join("ca.crt")).unwrap());
    for keytool in keytools() {
        let list = |password: &str| {
            let mut command = Command::new(&keytool);
            command.args(["-list", "-storepass", password, "-keystore"]).arg(&store);
            command.output().unwrap()
        };
        let listed = text(&list("pass:word").stdout);
        let entries = listed.matches("trustedCertEntry").count();
        assert_eq!(entries, certificates, "{}: {listed}", keytool.display());
        assert!(!list("changeit").status.success(), "{}", keytool.display());
    }
}

/// That of the `PATH`, and those of every Java that is installed as Debian does.
fn keytools() -> Vec<PathBuf> {
    let installed = fs::read_dir("/usr/lib/jvm").into_iter().flatten();
    let installed = installed.map(|java| java.unwrap().path().join("bin/keytool"));
    let mut keytools = vec![PathBuf::from("keytool")];
    keytools.extend(installed.filter(|keytool| keytool.is_file()));
    keytools
}
