//! `http-proxy trust-image`: what it takes, OpenSSL reads from the image, under the names by which it looks for it, and as a PKCS#12 store.
//!
//! An input is PEM, or a byte and certificates of the tests with other bytes: one byte says which, three where and what.

#![no_main]

use std::path::PathBuf;
use std::time::Duration;

use http_proxy::args;
use http_proxy::trust_image;
use http_proxy_policy_fuzz::temporary_file;
use libfuzzer_sys::fuzz_target;
use openssl::pkcs12::Pkcs12;
use openssl::x509::X509;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use testkit::certificates::{HOST, ROOT, VERSION_1, numbered_root, pem};

/// No certificate of the tests has expired then. Since 1970.
const NOW: Duration = Duration::from_secs(1_790_000_000);

fuzz_target!(|data: &[u8]| {
    let pem = match data {
        [0, choices @ ..] => bundle(choices).into_bytes(),
        text => text.to_vec(),
    };
    let file = PathBuf::from(temporary_file("ca.pem", &pem));
    let roots = PathBuf::from(temporary_file("roots.pem", ROOT));
    let arguments = args::TrustImage {
        ca: vec![file],
        roots: Some(roots),
        out: None,
        archive: None,
        password: "changeit".to_owned(),
    };
    let (files, notes) = match trust_image::files(&arguments, NOW) {
        Ok(made) => made,
        Err(error) => {
            let said = format!("{error:#}");
            assert!(said.lines().all(|line| line.starts_with("--")), "{said}");
            return;
        }
    };
    assert!(!notes.is_empty());
    assert_eq!(files, trust_image::files(&arguments, NOW).expect("it did before").0);
    check(&files);
});

/// Certificates with text between them, as people's files have them.
fn bundle(choices: &[u8]) -> String {
    let mut bundle = String::new();
    for choice in choices.chunks(4) {
        let known = [
            ROOT.to_owned(),
            HOST.to_owned(),
            VERSION_1.to_owned(),
            numbered_root(7),
            numbered_root(8),
        ];
        let one = &known[usize::from(choice[0]) % known.len()];
        match choice {
            [kind @ 128..=255, rest @ ..] => bundle += &format!("# {kind} {}\n{one}", String::from_utf8_lossy(rest)),
            [_, high, low, byte] => {
                let mut der = CertificateDer::from_pem_slice(one.as_bytes()).expect("PEM").to_vec();
                let at = usize::from(u16::from_be_bytes([*high, *low])) % der.len();
                der[at] = *byte;
                bundle += &pem("CERTIFICATE", &der);
            }
            _ => bundle += one,
        }
    }
    bundle
}

fn check(files: &[(String, Vec<u8>)]) {
    let content = |name: &str| {
        let file = files.iter().find(|(other, _)| other == name);
        &file.unwrap_or_else(|| panic!("{name} is missing")).1
    };
    let der = |certificates: &[X509]| -> Vec<Vec<u8>> {
        let mut der: Vec<Vec<u8>> = certificates.iter().map(|one| one.to_der().expect("DER")).collect();
        der.sort();
        der
    };
    let bundle = X509::stack_from_pem(content("ca.crt")).expect("OpenSSL loads the bundle");
    let store = Pkcs12::from_der(content("truststore.p12")).and_then(|store| store.parse2("changeit"));
    let store: Vec<X509> = store
        .expect("OpenSSL opens the store")
        .ca
        .into_iter()
        .flatten()
        .collect();
    assert_eq!(der(&store), der(&bundle));
    let mut unique = der(&bundle);
    unique.dedup();
    assert_eq!([unique.len(), files.len() - 2], [bundle.len(); 2]);
    for (name, pem) in files
        .iter()
        .filter(|(name, _)| name.as_bytes()[0].is_ascii_hexdigit() && name != "ca.crt")
    {
        let certificate = X509::from_pem(pem).expect("each file is a certificate");
        // OpenSSL clears the unused bits of a BIT STRING, which in DER are clear.
        let mut entries = certificate.subject_name().entries();
        if entries.all(|entry| entry.data().to_string().is_ok()) {
            let hash = format!("{:08x}.", certificate.subject_name_hash());
            assert!(name.starts_with(&hash), "{name} is not {hash}");
        }
    }
}
