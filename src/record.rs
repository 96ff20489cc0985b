//! What of a pod is the policy's: an annotation that lets a later configuration renew or remove it.
//!
//! ```text
//! v1 volume=1a2b3c4d
//! app: HTTP_PROXY,http_proxy,HTTPS_PROXY,https_proxy=3fa91c02 NO_PROXY=77aa01ff no_proxy=77aa01ff+12 mount=5e6f7a8b
//! sidecar:
//! ```
//!
//! The first line has the version, and the digest of the CA's volume where the policy put one in. Each other line has a
//! container that the policy saw, and claims: names of variables, and the digest of their value; and last, the digest of
//! the CA's mount.
//!
//! | behind the digest | the entry of `env` |
//! | --- | --- |
//! | nothing | is the policy's |
//! | `+12` | is the container's, and 12 bytes of its value: the first of `NO_PROXY`, the last of `JAVA_TOOL_OPTIONS` |
//! | `:a,b` | is the container's, and what is given here was its value (`%` encodes what is no printable ASCII character) |
//! | `-` | stands where the container had one, whose value is gone |
//!
//! Whoever writes a pod can write its annotations, so a claim holds only for what the policy sets, and only as long as the
//! digest fits the value.

use std::collections::HashMap;

use crate::values::is_dns_name;
use crate::variables;

/// The annotation that holds the record.
pub const ANNOTATION: &str = "http-proxy.kubewarden.io/injected";

const VERSION: &str = "v1";

/// Stands for the name in the claim on a mount.
const MOUNT: &str = "mount";

/// Most claims on a container: more than the variables that the policy can set.
const MAX_CLAIMS: usize = 64;

/// A short fingerprint of a text: its 32-bit FNV-1a hash, eight hexadecimal digits.
/// <http://www.isthe.com/chongo/tech/comp/fnv/>
///
/// It tells whether a value is still the one that was set; nothing relies on that nobody can make another text with the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(u32);

impl Digest {
    pub fn of(text: &str) -> Self {
        let hash = text.bytes().fold(0x811c_9dc5, |hash: u32, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        });
        Digest(hash)
    }

    fn parse(text: &str) -> Option<Self> {
        let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let well_formed = text.len() == 8 && text.bytes().all(hexadecimal);
        well_formed.then(|| u32::from_str_radix(text, 16).ok().map(Digest))?
    }

    fn write(self, out: &mut String) {
        for shift in (0..32).step_by(4).rev() {
            let digit = b"0123456789abcdef"[(self.0 >> shift & 0xf) as usize];
            out.push(digit.into());
        }
    }
}

/// A JSON text in the one form that the same value always has, however an API server wrote it.
pub fn canonical(json: &str) -> String {
    serde_json::from_str::<serde_json::Value>(json).map_or_else(|_| json.to_owned(), |value| value.to_string())
}

/// How much of an entry of `env` is the container's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Own {
    /// Nothing.
    Nothing,
    /// The entry, and as many bytes of its value.
    Part(usize),
    /// The entry, whose value was this.
    Was(String),
    /// The place of the entry; its value is gone.
    Place,
}

/// That an entry of `env` was set by the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim<'a> {
    pub name: &'a str,
    pub digest: Digest,
    pub own: Own,
}

/// What of a container is the policy's.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Claims<'a> {
    pub env: Vec<Claim<'a>>,
    /// The mount of the CA's volume.
    pub mount: Option<Digest>,
}

/// A record that was read.
#[derive(Default)]
pub struct Record<'a> {
    pub volume: Option<Digest>,
    containers: HashMap<&'a str, Claims<'a>>,
}

impl<'a> Record<'a> {
    /// Reads the annotation; `None` for what is no record, or one of a later version.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut lines = text.lines();
        let mut record = Record {
            volume: match lines.next()?.strip_prefix(VERSION)? {
                "" => None,
                volume => Some(Digest::parse(volume.strip_prefix(" volume=")?)?),
            },
            containers: HashMap::new(),
        };
        for line in lines {
            let (name, claims) = line.split_once(':')?;
            let mut all = Claims::default();
            for claim in claims.split(' ').skip(1) {
                let (names, value) = claim.split_once('=')?;
                if names == MOUNT {
                    all.mount = Some(Digest::parse(value)?);
                    continue;
                }
                let (digest, own) = value.split_at_checked(8)?;
                let (digest, own) = (Digest::parse(digest)?, Own::parse(own)?);
                for name in names.split(',') {
                    let first = all.env.iter().all(|claim| claim.name != name);
                    if !first || !own.can_be_of(name) || all.env.len() == MAX_CLAIMS {
                        return None;
                    }
                    let own = own.clone();
                    all.env.push(Claim { name, digest, own });
                }
            }
            record.containers.entry(name).or_insert(all);
        }
        Some(record)
    }

    /// The claims on a container; `None` for one that the policy never saw.
    pub fn claims(&self, container: &str) -> Option<&Claims<'a>> {
        self.containers.get(container)
    }
}

impl Own {
    /// Whether the policy makes such a claim on a variable of this name: otherwise the record was garbled on its way.
    fn can_be_of(&self, name: &str) -> bool {
        match self {
            Own::Nothing => variables::is_known_name(name),
            Own::Part(_) | Own::Was(_) => variables::is_merged_name(name),
            Own::Place => variables::is_proxy_name_in_any_case(name),
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Own::Nothing => {}
            Own::Part(bytes) => out.extend(["+", &bytes.to_string()]),
            Own::Was(text) => {
                out.push(':');
                for byte in text.bytes() {
                    match byte {
                        b'!'..=b'~' if byte != b'%' => out.push(byte.into()),
                        _ => out.push_str(&format!("%{byte:02x}")),
                    }
                }
            }
            Own::Place => out.push('-'),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Some(match text.as_bytes().first() {
            None => Own::Nothing,
            Some(b'+') => Own::Part(text[1..].parse::<u32>().ok()?.try_into().ok()?),
            // An empty value is never merged.
            Some(b':') => Own::Was(decoded(&text[1..]).filter(|text| !text.is_empty())?),
            Some(b'-') if text.len() == 1 => Own::Place,
            Some(_) => return None,
        })
    }
}

fn decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(code, 16).ok()?);
        bytes.extend(rest.bytes());
    }
    String::from_utf8(bytes).ok()
}

/// A record in the making.
#[derive(Default)]
pub struct RecordWriter {
    lines: String,
    claims: bool,
}

impl RecordWriter {
    /// Adds a container and the claims on it. One whose name the API server will refuse has no line.
    pub fn add(&mut self, container: &str, Claims { env: claims, mount }: &Claims) {
        if !is_dns_name(container) {
            return;
        }
        self.claims |= !claims.is_empty() || mount.is_some();
        self.lines.extend(["\n", container, ":"]);
        for (index, claim) in claims.iter().enumerate() {
            let alike = |other: &Claim| other.digest == claim.digest && other.own == claim.own;
            if claims[..index].iter().any(alike) {
                continue;
            }
            self.lines.push(' ');
            for (count, other) in claims[index..].iter().filter(|other| alike(other)).enumerate() {
                self.lines.extend([if count > 0 { "," } else { "" }, other.name]);
            }
            self.lines.push('=');
            claim.digest.write(&mut self.lines);
            claim.own.write(&mut self.lines);
        }
        // In a record that is cut off, the mount goes before the variables that need it.
        if let Some(mount) = mount {
            self.lines.extend([" ", MOUNT, "="]);
            mount.write(&mut self.lines);
        }
    }

    /// The annotation's value; `None` where nothing is the policy's.
    pub fn text(self, volume: Option<Digest>) -> Option<String> {
        match volume {
            Some(volume) => {
                let mut text = [VERSION, " volume="].concat();
                volume.write(&mut text);
                Some(text + &self.lines)
            }
            None => self.claims.then(|| [VERSION, &self.lines].concat()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(name: &str, digest: u32, own: Own) -> Claim<'_> {
        let digest = Digest(digest);
        Claim { name, digest, own }
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let app = [
            claim("HTTP_PROXY", 0x3fa9_1c02, Own::Nothing),
            claim("NO_PROXY", 0x77aa_01ff, Own::Was("a b%,ü\n".to_owned())),
            claim("http_proxy", 0x3fa9_1c02, Own::Nothing),
            claim("no_proxy", 0x77aa_01ff, Own::Part(12)),
            claim("HTTPS_PROXY", 0x3fa9_1c02, Own::Place),
        ];
        let claims = Claims {
            env: app.to_vec(),
            mount: Some(Digest(0x2b)),
        };
        let mut writer = RecordWriter::default();
        writer.add("app", &claims);
        writer.add("sidecar", &Claims::default());
        let text = writer.text(Some(Digest(0x1a))).unwrap();
        assert_eq!(
            text,
            "v1 volume=0000001a\n\
             app: HTTP_PROXY,http_proxy=3fa91c02 NO_PROXY=77aa01ff:a%20b%25,%c3%bc%0a no_proxy=77aa01ff+12 HTTPS_PROXY=3fa91c02- \
             mount=0000002b\n\
             sidecar:"
        );
        let record = Record::parse(&text).unwrap();
        assert_eq!(record.volume, Some(Digest(0x1a)));
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
        writer.add("app", &Claims::default());
        assert_eq!(writer.text(None), None);
    }

    #[test]
    fn what_cannot_be_read_is_no_record() {
        assert!(Record::parse("v1").is_some());
        assert!(Record::parse("v1\napp: HTTP_PROXY=3fa91c02").is_some());
        for text in [
            "",
            "v2",
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
            // More than the module can count: it says the same as the native policy.
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
            "v1\napp: mount=",
            "v1\napp: mount=3fa91c02+1",
            "v1\napp: HTTP_PROXY,HTTP_PROXY=3fa91c02",
        ] {
            assert!(Record::parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn the_digest_is_fnv_1a() {
        assert_eq!(Digest::of(""), Digest(0x811c_9dc5));
        assert_eq!(Digest::of("foobar"), Digest(0xbf9c_f968));
    }
}
