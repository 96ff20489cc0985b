//! Writes and reads the record.
//!
//! ```text
//! v2 config=86a69f75 profile=dmz volume=1a2b3c4d
//! app: HTTP_PROXY,http_proxy,HTTPS_PROXY,https_proxy=3fa91c02 NO_PROXY=77aa01ff no_proxy=77aa01ff+12 mount=5e6f7a8b
//! sidecar:
//! ```
//!
//! The first line has the version, the digest of the configuration, the profile that applied if one did, and the digest of the CA's
//! volume if the policy added one. Version 1, which is also read, has no configuration and no profile. Each other line has the
//! name of a container that the policy saw, and the claims on it: names of variables, each with the digest of its
//! value, and last the digest of the CA's mount.
//!
//! | after the digest | the entry of `env` |
//! | --- | --- |
//! | nothing | was added by the policy |
//! | `+12` | is the container's, and so are 12 bytes of its value: the first of `NO_PROXY`, the last of `JAVA_TOOL_OPTIONS` |
//! | `:a,b` | is the container's, and this was its value (`%` encodes all but printable ASCII characters) |
//! | `-` | is the container's, and its value is lost |
//!
//! Users who create pods can also write this annotation. So a claim counts only for variables that the policy can set,
//! and only while the digest matches the value.

use std::collections::HashMap;

use crate::injection::names::Kind;
use crate::kubernetes::MAX_ANNOTATION_BYTES;
use values::{Digest, is_dns_name};

const VERSION: &str = "v2";

/// The version before, without configuration and profile.
const EARLIER_VERSION: &str = "v1";

/// Stands for the name in the claim on a mount.
const MOUNT: &str = "mount";

/// The maximum number of claims on a container: more than the variables that the policy can set.
const MAX_CLAIMS: usize = 64;

/// The origin of an entry of `env` that the policy set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The policy added it.
    Added,
    /// The policy extended the container's value, and this many bytes of the value are the container's.
    Extended { own_bytes: usize },
    /// The policy replaced this value.
    Replaced { original: String },
    /// The policy replaced the container's value, which is lost.
    Overridden,
}

/// The claim that the policy set an entry of `env`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claim<'a> {
    pub name: &'a str,
    pub digest: Digest,
    pub origin: Origin,
}

/// What the policy set in a container.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Claims<'a> {
    pub env: Vec<Claim<'a>>,
    /// The mount of the CA's volume.
    pub mount: Option<Digest>,
}

/// What made a pod: nothing that later webhooks do to the pod changes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MadeBy<'a> {
    /// The digest of the configuration.
    pub config: Digest,
    /// The name of the profile that applied; `None` for the settings at the top level.
    pub profile: Option<&'a str>,
}

/// A record that was read.
#[derive(Default)]
pub(crate) struct Record<'a> {
    /// `None` in a record of version 1.
    pub made_by: Option<MadeBy<'a>>,
    /// The CA's volume.
    pub volume: Option<Digest>,
    containers: HashMap<&'a str, Claims<'a>>,
}

impl<'a> Record<'a> {
    /// Reads the annotation; `None` for a text that is not a record, or a record of a later version.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        // No API server has stored a longer one.
        if text.len() > MAX_ANNOTATION_BYTES {
            return None;
        }
        let mut lines = text.lines();
        let mut record = Record::parse_head(lines.next()?)?;
        for line in lines {
            let (name, claims) = line.split_once(':')?;
            record.containers.entry(name).or_insert(Claims::parse(claims)?);
        }
        Some(record)
    }

    fn parse_head(head: &'a str) -> Option<Self> {
        let mut parts = head.split(' ');
        let version = parts.next()?;
        let (mut config, mut profile, mut volume) = (None, None, None);
        for part in parts {
            match part.split_once('=')? {
                ("config", digest) if config.is_none() && version == VERSION => config = Some(Digest::parse(digest)?),
                ("profile", name) if profile.is_none() && version == VERSION => profile = Some(name),
                ("volume", digest) if volume.is_none() => volume = Some(Digest::parse(digest)?),
                _ => return None,
            }
        }
        let made_by = match (version, config) {
            (VERSION, Some(config)) => Some(MadeBy { config, profile }),
            (EARLIER_VERSION, None) => None,
            _ => return None,
        };
        Some(Record {
            made_by,
            volume,
            containers: HashMap::new(),
        })
    }

    /// The claims on a container; `None` if the policy never saw it.
    pub(crate) fn claims(&self, container: &str) -> Option<&Claims<'a>> {
        self.containers.get(container)
    }
}

impl<'a> Claims<'a> {
    /// Reads the claims after the container's name, each preceded by a blank.
    fn parse(text: &'a str) -> Option<Self> {
        let mut claims = Claims::default();
        let mut parts = text.split(' ');
        if parts.next() != Some("") {
            return None;
        }
        for claim in parts {
            let (names, value) = claim.split_once('=')?;
            if names == MOUNT {
                claims.mount = Some(Digest::parse(value)?);
                continue;
            }
            let (digest, origin) = value.split_at_checked(8)?;
            let (digest, origin) = (Digest::parse(digest)?, Origin::parse(origin)?);
            for name in names.split(',') {
                let first = claims.env.iter().all(|claim| claim.name != name);
                if !first || !origin.is_possible_for(Kind::of(name)?) || claims.env.len() == MAX_CLAIMS {
                    return None;
                }
                claims.env.push(Claim {
                    name,
                    digest,
                    origin: origin.clone(),
                });
            }
        }
        Some(claims)
    }
}

/// Claims on variables as the record has them, each preceded by a blank. Claims that are alike share a digest.
pub(crate) fn written_claims(claims: &[Claim]) -> String {
    let mut out = String::with_capacity(32 * claims.len());
    let mut is_written = [false; MAX_CLAIMS];
    for (index, claim) in claims.iter().enumerate().take(MAX_CLAIMS) {
        if is_written[index] {
            continue;
        }
        out.extend([" ", claim.name]);
        for (other, is_written) in std::iter::zip(claims, &mut is_written).skip(index + 1) {
            if other.digest == claim.digest && other.origin == claim.origin {
                *is_written = true;
                out.extend([",", other.name]);
            }
        }
        out.push('=');
        claim.digest.write(&mut out);
        claim.origin.write(&mut out);
    }
    out
}

impl Origin {
    /// Whether the policy makes such a claim on a variable of this kind. If not, the record is damaged.
    fn is_possible_for(&self, kind: Kind) -> bool {
        match self {
            Origin::Added => true,
            Origin::Extended { .. } | Origin::Replaced { .. } => kind.is_extended(),
            Origin::Overridden => matches!(kind, Kind::Proxy | Kind::NoProxy),
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Origin::Added => {}
            Origin::Extended { own_bytes } => out.extend(["+", &own_bytes.to_string()]),
            Origin::Replaced { original } => {
                out.push(':');
                for byte in original.bytes() {
                    match byte {
                        b'!'..=b'~' if byte != b'%' => out.push(byte.into()),
                        _ => out.push_str(&format!("%{byte:02x}")),
                    }
                }
            }
            Origin::Overridden => out.push('-'),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Some(match text.as_bytes().first() {
            None => Origin::Added,
            Some(b'+') => Origin::Extended {
                own_bytes: number(&text[1..])?,
            },
            // An empty value is never extended.
            Some(b':') => Origin::Replaced {
                original: decoded(&text[1..]).filter(|text| !text.is_empty())?,
            },
            Some(b'-') if text.len() == 1 => Origin::Overridden,
            Some(_) => return None,
        })
    }
}

/// A number as the record has it: digits only, and within the range of `usize`.
fn number(text: &str) -> Option<usize> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number: u32 = text.parse().ok().filter(|_| digits)?;
    number.try_into().ok()
}

fn decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at_checked(2)?;
        let hexadecimal = code.bytes().all(|byte| byte.is_ascii_hexdigit());
        bytes.push(u8::from_str_radix(code, 16).ok().filter(|_| hexadecimal)?);
        bytes.extend(rest.bytes());
    }
    String::from_utf8(bytes).ok()
}

/// Writes a record.
#[derive(Default)]
pub(crate) struct RecordWriter {
    lines: String,
    has_claims: bool,
}

impl RecordWriter {
    /// Adds a container and the claims on it: those on variables as [`written_claims`] writes them, and that on the mount. A
    /// container whose name the API server will reject gets no line.
    pub(crate) fn add(&mut self, container: &str, claims: &str, mount: Option<Digest>) {
        if !is_dns_name(container) {
            return;
        }
        self.has_claims |= !claims.is_empty() || mount.is_some();
        self.lines.extend(["\n", container, ":", claims]);
        // In a record that was cut off, the mount is missing before the variables that need it.
        if let Some(mount) = mount {
            self.lines.extend([" ", MOUNT, "="]);
            mount.write(&mut self.lines);
        }
    }

    /// The annotation's value; `None` if the policy set nothing.
    pub(crate) fn text(self, made_by: MadeBy, volume: Option<Digest>) -> Option<String> {
        if !self.has_claims && volume.is_none() {
            return None;
        }
        let mut text = [VERSION, " config="].concat();
        made_by.config.write(&mut text);
        if let Some(profile) = made_by.profile {
            text.extend([" profile=", profile]);
        }
        if let Some(volume) = volume {
            text.push_str(" volume=");
            volume.write(&mut text);
        }
        Some(text + &self.lines)
    }
}

/// Whether two records make the same claims, regardless of what made the pods.
pub(crate) fn same_claims(one: &str, other: &str) -> bool {
    let body = |text: &str| text.split_once('\n').map(|(_, body)| body.to_owned());
    let volume = |text: &str| Record::parse_head(text.lines().next()?).map(|record| record.volume);
    body(one) == body(other) && volume(one) == volume(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(text: &str) -> Digest {
        Digest::parse(text).unwrap()
    }

    fn claim(name: &'static str, text: &str, origin: Origin) -> Claim<'static> {
        Claim {
            name,
            digest: digest(text),
            origin,
        }
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let app = [
            claim("HTTP_PROXY", "3fa91c02", Origin::Added),
            claim(
                "NO_PROXY",
                "77aa01ff",
                Origin::Replaced {
                    original: "a b%,ü\n".to_owned(),
                },
            ),
            claim("http_proxy", "3fa91c02", Origin::Added),
            claim("no_proxy", "77aa01ff", Origin::Extended { own_bytes: 12 }),
            claim("HTTPS_PROXY", "3fa91c02", Origin::Overridden),
        ];
        let claims = Claims {
            env: app.to_vec(),
            mount: Some(digest("0000002b")),
        };
        let mut writer = RecordWriter::default();
        writer.add("app", &written_claims(&claims.env), claims.mount);
        writer.add("sidecar", "", None);
        let made_by = MadeBy {
            config: digest("86a69f75"),
            profile: Some("dmz"),
        };
        let text = writer.text(made_by, Some(digest("0000001a"))).unwrap();
        assert_eq!(
            text,
            "v2 config=86a69f75 profile=dmz volume=0000001a\n\
             app: HTTP_PROXY,http_proxy=3fa91c02 NO_PROXY=77aa01ff:a%20b%25,%c3%bc%0a no_proxy=77aa01ff+12 HTTPS_PROXY=3fa91c02- \
             mount=0000002b\n\
             sidecar:"
        );
        let record = Record::parse(&text).unwrap();
        assert_eq!(record.volume, Some(digest("0000001a")));
        assert_eq!(record.made_by, Some(made_by));
        let read = record.claims("app").unwrap();
        let mut env = read.env.clone();
        env.sort_by_key(|claim| app.iter().position(|written| written.name == claim.name));
        assert_eq!(env, app);
        assert_eq!(read.mount, claims.mount);
        assert_eq!(record.claims("sidecar"), Some(&Claims::default()));
        assert_eq!(record.claims("other"), None);
    }

    #[test]
    fn nothing_to_claim_is_no_record() {
        let mut writer = RecordWriter::default();
        writer.add("app", "", None);
        let made_by = MadeBy {
            config: digest("86a69f75"),
            profile: None,
        };
        assert_eq!(writer.text(made_by, None), None);
    }

    #[test]
    fn records_make_the_same_claims_whatever_made_them() {
        let record = "v2 config=3fa91c02 volume=00000001\napp: HTTP_PROXY=3fa91c02";
        for (other, same) in [
            (
                "v2 config=00000000 profile=a volume=00000001\napp: HTTP_PROXY=3fa91c02",
                true,
            ),
            ("v2 config=3fa91c02 volume=00000002\napp: HTTP_PROXY=3fa91c02", false),
            ("v2 config=3fa91c02 volume=00000001\napp: HTTP_PROXY=3fa91c03", false),
        ] {
            assert_eq!(same_claims(record, other), same, "{other}");
        }
    }

    #[test]
    fn a_text_is_a_record_up_to_the_size_of_all_annotations() {
        let record = |bytes: usize| {
            let claims = ": HTTP_PROXY=3fa91c02";
            format!("v1\n{}{claims}", "a".repeat(bytes - "v1\n".len() - claims.len()))
        };
        assert!(Record::parse(&record(MAX_ANNOTATION_BYTES)).is_some());
        assert!(Record::parse(&record(MAX_ANNOTATION_BYTES + 1)).is_none());
    }

    #[test]
    fn what_cannot_be_read_is_no_record() {
        assert!(Record::parse("v1").is_some());
        assert!(Record::parse("v1\napp: HTTP_PROXY=3fa91c02").is_some());
        for text in [
            "",
            "v2",
            "v3 config=3fa91c02",
            "v2 profile=a",
            "v2 config=3fa91c0",
            "v2 config=3fa91c02 config=3fa91c02",
            "v2 config=3fa91c02 profile=a profile=b",
            "v2 config=3fa91c02 volume=3fa91c02 volume=3fa91c02",
            "v1 config=3fa91c02",
            "v1 profile=a",
            "v1 ",
            "v1 volume=3fa91c0",
            "v1 mount=3fa91c02",
            "v1\napp",
            "v1\napp: ",
            "v1\napp: HTTP_PROXY",
            "v1\napp: HTTP_PROXY=",
            "v1\napp: HTTP_PROXY=3FA91C02",
            "v1\napp: HTTP_PROXY=+fa91c02",
            "v1\napp: HTTP_PROXY=3fa91c02+",
            "v1\napp: HTTP_PROXY=3fa91c02+x",
            // More than the module can count: the module gives the same answer as the native build.
            "v1\napp: NO_PROXY=3fa91c02+4294967296",
            "v1\napp: HTTP_PROXY=3fa91c02--",
            "v1\napp: NO_PROXY=3fa91c02:%",
            "v1\napp: NO_PROXY=3fa91c02:%ff",
            "v1\napp: NO_PROXY=3fa91c02:",
            "v1\napp: HTTP_PROXY=3fa91c02:own",
            "v1\napp: HTTP_PROXY=3fa91c02+0",
            "v1\napp: DENO_CERT=3fa91c02-",
            "v1\napp: HTTP_PROXY=3fa91c0é",
            "v1\napp: PATH=3fa91c02",
            "v1\napp:junk",
            "v1\napp:junk HTTP_PROXY=3fa91c02",
            "v1\napp: NO_PROXY=3fa91c02++1",
            "v1\napp: NO_PROXY=3fa91c02:x%+9",
            "v1\napp: mount=",
            "v1\napp: mount=3fa91c02+1",
            "v1\napp: HTTP_PROXY,HTTP_PROXY=3fa91c02",
        ] {
            assert!(Record::parse(text).is_none(), "{text:?}");
        }
    }
}
