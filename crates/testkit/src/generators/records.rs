//! Records: forged ones, and what may happen to one.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::{VALUES, maybe};
use crate::VARIABLES;

/// Versions of a record, with what follows them.
const VERSIONS: &[&str] = &[
    "v1",
    "v1",
    "v2 config=3fa91c02",
    "v2 config=3fa91c02 profile=dmz",
    "v2 config=00000000 profile=none",
    "v2",
    "",
    "v1 ",
];

const CONTAINERS: &[&str] = &[
    "app",
    "app",
    "init",
    "skipped",
    "istio-proxy",
    "web",
    "migrate",
    "",
    "a:b",
];

/// What a claim may say of the author's part of a list.
const OWN_PARTS: &[&str] = &[
    "",
    "",
    "-",
    "+0",
    "+1",
    "+2",
    "+5",
    "+11",
    "+18446744073709551615",
    "+99999999999999999999",
    ":",
    ":nginx",
    ":%c3%a9,x",
    ":%ff",
    ":%",
    "?",
];

/// A text that looks like a record: claims on what is there and on what is not, of well-formed and odd shapes.
pub fn forged_record() -> impl Strategy<Value = String> {
    let mut names = VARIABLES.to_vec();
    names.extend([
        "JAVA_TOOL_OPTIONS",
        "NODE_USE_ENV_PROXY",
        "SSL_CERT_DIR",
        "HTTP_PROXY,http_proxy",
        "PATH",
        "mount",
        "",
    ]);
    let mut values = VALUES.to_vec();
    values.push(r#"{"fieldRef":{"fieldPath":"status.podIP"}}"#);
    let odd = select(&["00000000", "3FA91C02", "3fa9", "ééééé", ""]);
    let digests = || {
        (maybe(0.1, odd.clone()), select(values.clone()))
            .prop_map(|(odd, value)| odd.map_or_else(|| digest(value), str::to_owned))
    };
    let claim =
        (select(names), digests(), select(OWN_PARTS)).prop_map(|(name, digest, own)| format!(" {name}={digest}{own}"));
    let line =
        (select(CONTAINERS), vec(claim, 0..4)).prop_map(|(name, claims)| format!("\n{name}:{}", claims.concat()));
    let volume = (0..3, digests()).prop_map(|(shape, other)| match shape {
        0 => String::new(),
        1 => format!(
            " volume={}",
            digest(r#"{"emptyDir":{},"name":"http-proxy-trusted-ca"}"#)
        ),
        _ => format!(" volume={other}"),
    });
    (select(VERSIONS), volume, vec(line, 0..4))
        .prop_map(|(version, volume, lines)| [version, &volume, &lines.concat()].concat())
}

/// FNV-1a.
fn digest(text: &str) -> String {
    let step = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    format!("{:08x}", text.bytes().fold(0x811c_9dc5, step))
}

/// What may happen to a record on its way.
#[derive(Clone, Debug)]
pub enum Damage {
    /// It ends here.
    Cut(prop::sample::Index),
    /// One character is another one.
    Replace(prop::sample::Index, &'static str),
    /// A line is not there.
    WithoutLine(prop::sample::Index),
    /// A line belongs to the container of another one.
    Exchanged,
    /// Something comes after.
    Behind(&'static str),
}

pub fn damage() -> impl Strategy<Value = Damage> {
    let index = any::<prop::sample::Index>;
    let texts = select(&["", " ", "\n", ":", "=", ",", "+", "-", "0", "f", "%", "é", "HTTP_PROXY"]);
    prop_oneof![
        3 => index().prop_map(Damage::Cut),
        3 => (index(), texts.clone()).prop_map(|(at, text)| Damage::Replace(at, text)),
        1 => index().prop_map(Damage::WithoutLine),
        1 => Just(Damage::Exchanged),
        1 => texts.prop_map(Damage::Behind),
    ]
}

impl Damage {
    pub fn apply(&self, record: &str) -> String {
        let lines = || record.lines().collect::<Vec<_>>();
        match self {
            // A record is ASCII.
            Damage::Cut(at) => record[..at.index(record.len())].to_owned(),
            Damage::Replace(at, text) => {
                let at = at.index(record.len());
                [&record[..at], text, &record[at + 1..]].concat()
            }
            Damage::WithoutLine(at) => {
                let mut lines = lines();
                lines.remove(at.index(lines.len()));
                lines.join("\n")
            }
            Damage::Exchanged => {
                let mut lines = lines();
                lines[1..].reverse();
                let names: Vec<&str> = record
                    .lines()
                    .skip(1)
                    .filter_map(|line| line.split(':').next())
                    .collect();
                let exchanged = lines[1..].iter().zip(names).filter_map(|(line, name)| {
                    let (_, claims) = line.split_once(':')?;
                    Some(format!("{name}:{claims}"))
                });
                std::iter::once(lines[0].to_owned())
                    .chain(exchanged)
                    .collect::<Vec<_>>()
                    .join("\n")
            }
            Damage::Behind(text) => [record, text].concat(),
        }
    }
}
