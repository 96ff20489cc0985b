//! References to OCI images.

/// A reference to an image: `[registry/]repository[:tag][@digest]`.
/// <https://github.com/distribution/reference/blob/main/reference.go>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageReference<'a> {
    pub tag: Option<&'a str>,
    pub digest: Option<&'a str>,
}

/// The maximum length of registry and repository together, in bytes.
const MAX_NAME: usize = 255;

/// The maximum length of a tag, in bytes.
const MAX_TAG: usize = 128;

impl<'a> ImageReference<'a> {
    /// Reads a reference.
    ///
    /// # Errors
    /// What is wrong and what to write, without the reference.
    pub fn parse(text: &'a str) -> Result<Self, &'static str> {
        if text.is_empty() {
            return Err("is empty; write a reference such as registry.example.com/trust/ca:2026");
        }
        if text.contains(char::is_whitespace) {
            return Err("contains white space; remove it");
        }
        if text.contains("://") {
            return Err("has a scheme; write only registry/repository:tag");
        }
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(check_digest(digest)?)),
            None => (text, None),
        };
        // A colon before a slash is that of a port.
        let (name, tag) = match name.rsplit_once(':').filter(|(_, behind)| !behind.contains('/')) {
            Some((name, tag)) => (name, Some(check_tag(tag)?)),
            None => (name, None),
        };
        check_name(name)?;
        Ok(ImageReference { tag, digest })
    }

    /// Whether it means the newest image of its repository, as a reference without tag and digest does.
    pub fn is_latest(self) -> bool {
        self.tag == Some("latest") || self.tag.is_none() && self.digest.is_none()
    }
}

fn check_name(name: &str) -> Result<(), &'static str> {
    if name.len() > MAX_NAME {
        return Err("has a registry and repository of more than 255 characters; shorten the repository");
    }
    let (registry, repository) = match name.split_once('/') {
        Some((first, rest)) if is_registry(first) => (Some(first), rest),
        _ => (None, name),
    };
    if registry.is_some_and(|registry| !is_host_and_port(registry)) {
        return Err(
            "has a registry that is no host; write one such as registry.example.com or registry.example.com:5000",
        );
    }
    if repository.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err("has upper-case letters in the repository; write them in lower case");
    }
    if repository.split('/').all(is_path_component) {
        Ok(())
    } else {
        Err(
            "is not an image; write registry/repository:tag, with a repository of lower-case letters, digits and single . _ - \
             between them",
        )
    }
}

/// Whether the first component is a registry and not a part of the repository.
fn is_registry(first: &str) -> bool {
    first.contains(['.', ':']) || first == "localhost" || first.bytes().any(|byte| byte.is_ascii_uppercase())
}

fn is_host_and_port(registry: &str) -> bool {
    let (host, port) = match registry.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
        Some((host, port)) => (host, Some(port)),
        None => (registry, None),
    };
    let is_label = |label: &str| {
        let inner = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        inner && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    let in_brackets = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let is_host = match in_brackets {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => host.split('.').all(is_label),
    };
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    is_host && port.is_none_or(is_port)
}

/// Letters and digits, with `.`, `_`, `__` or hyphens between them.
fn is_path_component(component: &str) -> bool {
    let is_letter_or_digit = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9');
    let bytes = component.as_bytes();
    let [Some(first), Some(last)] = [bytes.first(), bytes.last()] else {
        return false;
    };
    let mut separators = bytes.split(|byte| is_letter_or_digit(*byte));
    is_letter_or_digit(*first)
        && is_letter_or_digit(*last)
        && separators.all(|separator| {
            matches!(separator, b"" | b"." | b"_" | b"__") || separator.iter().all(|byte| *byte == b'-')
        })
}

fn check_tag(tag: &str) -> Result<&str, &'static str> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_tag = tag.bytes().next().is_some_and(is_word)
        && tag.bytes().all(|byte| is_word(byte) || matches!(byte, b'.' | b'-'))
        && tag.len() <= MAX_TAG;
    let fault = "has an invalid tag; write up to 128 letters, digits, _, . and - after the colon, and no . or - first";
    if is_tag { Ok(tag) } else { Err(fault) }
}

fn check_digest(digest: &str) -> Result<&str, &'static str> {
    let Some((algorithm, encoded)) = digest.split_once(':') else {
        return Err("has an invalid digest; write sha256: and 64 hexadecimal digits after the @");
    };
    let (length, fault) = match algorithm {
        "sha256" => (
            64,
            "has an invalid digest; write 64 lower-case hexadecimal digits after sha256:",
        ),
        "sha512" => (
            128,
            "has an invalid digest; write 128 lower-case hexadecimal digits after sha512:",
        ),
        _ => return Err("has an unknown digest; write sha256: and 64 hexadecimal digits after the @"),
    };
    let is_hexadecimal = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let is_digest = encoded.len() == length && encoded.bytes().all(is_hexadecimal);
    if is_digest { Ok(digest) } else { Err(fault) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_has_a_registry_a_repository_a_tag_and_a_digest() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        let with_digest = format!("registry.example.com:5000/trust/ca:1@{digest}");
        let with_longer_digest = format!("ca@sha512:{}", "0a".repeat(64));
        let longest = "a".repeat(255);
        for (text, tag) in [
            (&*longest, None),
            ("ca", None),
            ("trust/ca", None),
            ("registry.example.com/trust/ca:2026", Some("2026")),
            ("registry.example.com:5000/ca", None),
            ("localhost/ca:_1", Some("_1")),
            ("Registry/ca", None),
            ("[fd00::1]:5000/a__b/c-d.e---f", None),
            ("a_b/ca", None),
            (&with_digest, Some("1")),
            (&with_longer_digest, None),
        ] {
            assert_eq!(ImageReference::parse(text).map(|image| image.tag), Ok(tag), "{text}");
        }
        assert_eq!(ImageReference::parse(&with_digest).unwrap().digest, Some(&*digest));
    }

    #[test]
    fn each_mistake_has_its_fix() {
        let short = format!("ca@sha256:{}", "0".repeat(63));
        let of_other_length = format!("ca@sha512:{}", "0".repeat(64));
        let upper = format!("ca@sha256:{}", "A".repeat(64));
        let long_tag = format!("ca:{}", "1".repeat(129));
        let long_name = "a".repeat(256);
        for (text, fix) in [
            ("", "is empty"),
            ("a b", "white space"),
            ("https://registry.example.com/ca", "scheme"),
            ("registry.example.com/Trust/ca", "lower case"),
            ("registry.example.com/trust//ca", "is not an image"),
            ("registry.example.com/trust/ca/", "is not an image"),
            ("a___b", "is not an image"),
            ("-ca", "is not an image"),
            ("registry_1.example.com/ca", "no host"),
            ("registry.example.com:port/ca", "no host"),
            ("ca:", "invalid tag"),
            ("ca:.1", "invalid tag"),
            ("ca@sha256", "invalid digest"),
            ("ca@md5:00", "unknown digest"),
            (&short, "64"),
            (&upper, "64"),
            (&of_other_length, "128"),
            (&long_tag, "invalid tag"),
            (&long_name, "255"),
        ] {
            let fault = ImageReference::parse(text).expect_err(text);
            assert!(fault.contains(fix), "{text}: {fault}");
        }
    }

    #[test]
    fn a_reference_without_tag_and_digest_means_the_newest() {
        let digest = format!("@sha256:{}", "0".repeat(64));
        for (text, latest) in [("ca", true), ("ca:latest", true), ("ca:1", false)] {
            assert_eq!(ImageReference::parse(text).unwrap().is_latest(), latest, "{text}");
        }
        assert!(!ImageReference::parse(&["ca", &digest].concat()).unwrap().is_latest());
        assert!(
            ImageReference::parse(&["ca:latest", &digest].concat())
                .unwrap()
                .is_latest()
        );
    }
}
