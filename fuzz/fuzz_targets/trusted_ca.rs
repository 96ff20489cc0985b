//! Certificates, next to OpenSSL: the files of the volume are named as OpenSSL looks for them.
//!
//! An input is PEM, a certificate in DER, changes of a real one, or bytes that make the subject of one, so that mutations get through
//! all the wrappings. OpenSSL takes BER where the policy takes DER only, and certificates that no client would accept; the policy reads
//! no more of a certificate than the subject at request time. But what the settings may have, OpenSSL loads and rustls trusts. So does Go,
//! but for keys and extensions that the others read only to verify something, and, since Go 1.23, negative serial numbers.

#![no_main]

use arbitrary::Unstructured;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_proxy_policy::policy;
use http_proxy_policy_fuzz::{check, check_secrecy, go};
use libfuzzer_sys::fuzz_target;
use openssl::x509::X509;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde_json::{Value, json};
use testkit::certificates::{HOST, ROOT, VERSION_1, certificate, der, pem};
use testkit::requests::payload;
use webpki::anchor_from_trusted_cert;

fuzz_target!(|data: &[u8]| {
    let pem = match data {
        [b'-', ..] => data.to_vec(),
        // Twice, so that names clash.
        [0x30, ..] => pem("CERTIFICATE", data).repeat(2).into_bytes(),
        [kind @ 0..3, changes @ ..] => pem("CERTIFICATE", &changed(usize::from(*kind), changes)).into_bytes(),
        _ => pem(
            "CERTIFICATE",
            &certificate(&subject(&mut Unstructured::new(data)).unwrap_or_default()),
        )
        .into_bytes(),
    };
    let settings = json!({"trustedCa": STANDARD.encode(&pem), "trustedCaUse": "Append"});
    let valid = policy::validate_settings(settings.to_string().as_bytes());
    let answer = check(&payload(r#"{"spec": {"containers": [{"name": "app"}]}}"#, &settings));
    check_secrecy(
        &settings.to_string(),
        valid.as_ref().err().into_iter().chain(answer.messages()),
    );
    let Some(pod) = answer.mutated_object else {
        assert!(valid.is_err());
        return;
    };
    let pod: Value = serde_json::from_str(pod.get()).unwrap();
    let emitted = pod["metadata"]["annotations"]["http-proxy.kubewarden.io/trusted-ca"]
        .as_str()
        .unwrap();
    let items = pod["spec"]["volumes"][0]["downwardAPI"]["items"].as_array().unwrap();
    let names: Vec<&str> = items.iter().map(|item| item["path"].as_str().unwrap()).collect();
    assert!(valid.is_err() || names.len() == 1 + emitted.matches("BEGIN").count());
    if valid.is_ok() {
        let of_openssl = X509::stack_from_pem(emitted.as_bytes()).expect("OpenSSL loads the bundle");
        let of_rustls = CertificateDer::pem_slice_iter(emitted.as_bytes());
        let of_rustls: Vec<_> = of_rustls.collect::<Result<_, _>>().expect("rustls reads the bundle");
        assert_eq!([of_openssl.len(), of_rustls.len()], [names.len() - 1; 2]);
        for certificate in &of_rustls {
            anchor_from_trusted_cert(certificate).expect("rustls trusts the certificate");
        }
        if let Some(of_go) = go::load_certificates(emitted) {
            assert!(
                of_go == of_rustls.len().to_string() || !READ_BY_ALL.iter().any(|part| of_go.contains(part)),
                "{of_go}\n{emitted}"
            );
        }
    }
    if let Ok(certificates) = X509::stack_from_pem(emitted.as_bytes())
        && certificates.len() + 1 == names.len()
        && certificates.iter().all(is_text)
    {
        let hashes: Vec<u32> = certificates
            .iter()
            .map(|certificate| certificate.subject_name_hash())
            .collect();
        let clashes = |index: usize| hashes[..index].iter().filter(|hash| **hash == hashes[index]).count();
        let expected: Vec<String> = (0..hashes.len())
            .map(|index| format!("{:08x}.{}", hashes[index], clashes(index)))
            .collect();
        assert_eq!(names[0], "ca.crt");
        assert_eq!(names[1..], expected, "{emitted}");
    }
});

/// What Go's errors call the parts that all libraries read. Go also reads keys and extensions that nothing is verified with.
const READ_BY_ALL: [&str; 6] = [
    "RDNSequence",
    "malformed serial number",
    "signature algorithm",
    "validity",
    "version",
    "UTCTime",
];

/// Whether the subject is made of texts alone. OpenSSL clears the unused bits of a BIT STRING, which in DER are clear.
fn is_text(certificate: &X509) -> bool {
    let mut entries = certificate.subject_name().entries();
    entries.all(|entry| entry.data().to_string().is_ok())
}

/// A certificate of the tests with other bytes: every three say where and what.
fn changed(kind: usize, changes: &[u8]) -> Vec<u8> {
    let mut der = CertificateDer::from_pem_slice([ROOT, HOST, VERSION_1][kind].as_bytes())
        .expect("PEM")
        .to_vec();
    for change in changes.as_chunks::<3>().0 {
        let at = usize::from(u16::from_be_bytes([change[0], change[1]])) % der.len();
        der[at] = change[2];
    }
    der
}

/// Relative distinguished names of any attributes and types, well-formed in DER as a whole.
fn subject(u: &mut Unstructured) -> arbitrary::Result<Vec<u8>> {
    let mut subject = Vec::new();
    for _ in 0..u.int_in_range(0..=3)? {
        let mut attributes = Vec::new();
        for _ in 0..u.int_in_range(0..=3)? {
            let name = *u.choose(&[3u8, 6, 10])?;
            // The usual string types, and any.
            let tag = match u.int_in_range(0..=7)? {
                7 => u.arbitrary()?,
                index => [0x0c, 0x13, 0x14, 0x16, 0x1c, 0x1e, 0x12][index],
            };
            let length = u.int_in_range(0..=300)?;
            let value = u.bytes(usize::min(length, u.len()))?;
            attributes.push(der(0x30, &[&[0x06, 3, 0x55, 4, name], &der(tag, &[value])]));
        }
        // As DER orders the members of a set.
        attributes.sort();
        subject.push(der(0x31, &[&attributes.concat()]));
    }
    Ok(subject.concat())
}
