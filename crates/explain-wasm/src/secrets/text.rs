//! Secrets in a text: a line of the page, or a value of a document.

use super::Kind;
use super::assignments;
use super::base64;
use super::names;
use super::user_info;

/// How access tokens begin that say so themselves, and how long the rest is at least.
/// <https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns>
const TOKENS: [(&str, usize); 22] = [
    ("AGE-SECRET-KEY-", 20),
    ("AIza", 30),
    ("AKIA", 16),
    ("ASIA", 16),
    ("dckr_pat_", 16),
    ("gho_", 30),
    ("ghp_", 30),
    ("ghr_", 30),
    ("ghs_", 30),
    ("ghu_", 30),
    ("github_pat_", 22),
    ("glpat-", 16),
    ("hf_", 30),
    ("hvb.", 20),
    ("hvs.", 20),
    ("npm_", 30),
    ("pypi-", 16),
    ("sk-", 20),
    ("sk_live_", 16),
    ("sk_test_", 16),
    ("xoxb-", 10),
    ("xoxp-", 10),
];

/// Options whose value is `user:password`: those of curl, wget and others.
const USER_OPTIONS: [&str; 5] = ["-u", "-U", "--user", "--proxy-user", "--userpass"];

/// Commands with the option whose value is a password, glued to it or not.
const PASSWORD_OPTIONS: [(&str, &str); 5] = [
    ("mariadb", "-p"),
    ("mysql", "-p"),
    ("mysqldump", "-p"),
    ("redis-cli", "-a"),
    ("sshpass", "-p"),
];

/// Words of configuration files after which a password follows.
const PASSWORD_WORDS: [&str; 2] = ["masterauth", "requirepass"];

/// What may be secret in a line of the page, where nothing is known of its form.
pub fn in_line(line: &str) -> Option<Kind> {
    let plain = unescaped(line);
    let plain = plain.trim().trim_start_matches(['#', '-', ' ', '{', ',', '?']);
    in_plain(plain)
        .or_else(|| base64::has_key(plain).then_some(Kind::PrivateKey))
        .or_else(|| in_field(plain))
}

/// What may be secret in a value of a document.
pub fn in_value(value: &str) -> Option<Kind> {
    let plain = unescaped(value);
    in_plain(&plain)
        .or_else(|| base64::has_key(&plain).then_some(Kind::PrivateKey))
        .or_else(|| plain.lines().find_map(|line| in_field(line.trim())))
        .or_else(|| {
            let bytes = base64::decode(&plain)?;
            if base64::is_key(&bytes) {
                return Some(Kind::PrivateKey);
            }
            let inner = String::from_utf8(bytes).ok()?;
            in_value(&inner)
        })
}

/// The line of a document that cannot be read on which a Secret may begin.
pub fn in_broken(content: &str) -> Option<(usize, Kind)> {
    let plain = unescaped(content);
    let is_secret = |(index, _): &(usize, &str)| {
        let before = plain[..*index].trim_end_matches(|character: char| !character.is_alphanumeric());
        let word = &plain[*index..];
        let end = word
            .find(|character: char| !character.is_alphanumeric())
            .unwrap_or(word.len());
        // Behind the key may be a tag, an anchor or the sign of a block.
        let near = before
            .char_indices()
            .rev()
            .nth(20)
            .map_or(before, |(start, _)| &before[start..]);
        near.contains("kind") && ["Secret", "SecretList"].contains(&&word[..end])
    };
    let (index, _) = plain.match_indices("Secret").find(is_secret)?;
    Some((plain[..index].matches('\n').count() + 1, Kind::Object))
}

fn in_plain(plain: &str) -> Option<Kind> {
    if is_private_key(plain) {
        Some(Kind::PrivateKey)
    } else if user_info::is_in(plain) {
        Some(Kind::UserInfo)
    } else if has_token(plain) {
        Some(Kind::Token)
    } else if assignments::has_secret(plain) {
        Some(Kind::Named)
    } else {
        in_words(plain)
    }
}

fn is_private_key(plain: &str) -> bool {
    let letters: String = plain.chars().filter(char::is_ascii_alphanumeric).collect();
    letters.to_ascii_uppercase().contains("PRIVATEKEY") && plain.contains("--") || letters.contains("PuTTYUserKeyFile")
}

fn has_token(plain: &str) -> bool {
    let mut words = plain.split(|character: char| !(character.is_ascii_alphanumeric() || "_-.".contains(character)));
    words.any(|word| {
        // A JSON Web Token: two objects and a signature, in base64.
        let is_web_token = word.starts_with("eyJ") && word.contains(".eyJ");
        is_web_token
            || TOKENS
                .iter()
                .any(|(start, rest)| word.strip_prefix(start).is_some_and(|token| token.len() >= *rest))
    })
}

/// Looks for `--name VALUE`, `-u USER:PASSWORD` and `Name: VALUE` of a header among the words of a command.
fn in_words(plain: &str) -> Option<Kind> {
    let trimmed = |word: &'_ str| -> String { word.trim_matches(['"', '\'', ',', '[', ']', '`', ';']).to_owned() };
    let words: Vec<String> = plain
        .split_whitespace()
        .map(trimmed)
        .filter(|word| !word.is_empty())
        .collect();
    for (index, word) in words.iter().enumerate() {
        let next = words.get(index + 1).map(String::as_str).unwrap_or_default();
        if let Some((name, value)) = word.split_once('=') {
            if USER_OPTIONS.contains(&name) && value.contains(':') {
                return Some(Kind::Credentials);
            }
        } else if word.starts_with("--")
            && names::is_secret(word)
            && !next.starts_with('-')
            && !names::is_harmless(next)
        {
            return Some(Kind::Named);
        }
        if is_user_option(word, next) || is_credential(word, next) || is_password(&words[..index], word, next) {
            return Some(Kind::Credentials);
        }
    }
    None
}

/// Whether a word or the next one is a password by what stands before it: an option of a command, a line of a configuration file, or
/// `login USER password PASSWORD` of a `.netrc`.
fn is_password(before: &[String], word: &str, next: &str) -> bool {
    let is_value = |value: &str| !value.is_empty() && !value.starts_with('-') && !names::is_harmless(value);
    let of_option = PASSWORD_OPTIONS.iter().any(|(command, option)| {
        let is_called = before.iter().any(|other| other.rsplit('/').next() == Some(*command));
        let glued = word.strip_prefix(option).unwrap_or_default();
        is_called && (is_value(glued) || word == *option && is_value(next))
    });
    let is_login = word == "password" && before.iter().rev().nth(1).is_some_and(|other| other == "login");
    of_option || (is_login || PASSWORD_WORDS.contains(&word)) && is_value(next)
}

/// `-u user:password`, `-uuser:password`.
fn is_user_option(word: &str, next: &str) -> bool {
    let is_pair = |value: &str| {
        let pair = value.split_once(':');
        pair.is_some_and(|(user, password)| !user.is_empty() && !password.is_empty() && !password.starts_with("//"))
    };
    let glued = ["-u", "-U"].iter().find_map(|option| word.strip_prefix(option));
    // `-u 1000:1000` are numbers of a user and a group.
    let is_number = |value: &str| {
        value
            .chars()
            .all(|character| character.is_ascii_digit() || character == ':')
    };
    USER_OPTIONS.contains(&word) && is_pair(next) && !is_number(next)
        || glued.is_some_and(|value| is_pair(value) && !is_number(value))
}

/// `Bearer …`, `Basic …`: what follows the name of a header.
fn is_credential(word: &str, next: &str) -> bool {
    let scheme = word.rsplit(':').next().unwrap_or_default().to_ascii_lowercase();
    ["bearer", "basic"].contains(&scheme.as_str())
        && next.len() >= 8
        && !names::is_harmless(next)
        && next
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || "+/=_-.~".contains(character))
        && (next
            .chars()
            .any(|character| character.is_ascii_digit() || character.is_ascii_uppercase()))
}

/// `name: value`, as in YAML, JSON, headers and files of properties.
fn in_field(line: &str) -> Option<Kind> {
    let (name, value) = line.split_once(':')?;
    let name = name.trim().trim_matches(['"', '\'', ' ', '{', '-', '#']);
    let value = value.trim().trim_end_matches([',', '}', ']']).trim();
    if name.len() > 80 || name.contains(char::is_whitespace) {
        return None;
    }
    let is_scalar = !value.starts_with(['{', '[', '|', '>', '&', '*']) && !value.starts_with('#');
    if names::is_proxy(name) && value.contains('@') {
        return Some(Kind::UserInfo);
    }
    (is_scalar && names::is_secret(name) && !names::is_harmless(value)).then_some(Kind::Named)
}

/// A text without the escapes of JSON, YAML, HTML, shells and URLs, escaped ones too, and with the ordinary forms of wide characters.
fn unescaped(text: &str) -> String {
    let once = unescaped_once(text);
    let twice = unescaped_once(&once);
    if twice == once { once } else { unescaped_once(&twice) }
}

fn unescaped_once(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let (decoded, length) = escape(rest).unwrap_or((character, character.len_utf8()));
        plain.push(match decoded {
            '＠' | '﹫' => '@',
            '：' => ':',
            '／' => '/',
            other => other,
        });
        rest = &rest[length..];
    }
    plain
}

/// The character that a text begins with, if it is an escape, and how many bytes that takes.
fn escape(text: &str) -> Option<(char, usize)> {
    let bytes = text.as_bytes();
    let (start, digits) = match bytes {
        [b'\\', b'u', ..] => (2, 4),
        [b'\\', b'U', ..] => (2, 8),
        [b'\\', b'x', ..] => (2, 2),
        [b'\\', b'/', ..] => return Some(('/', 2)),
        [b'%', ..] => (1, 2),
        [b'&', b'#', ..] => return entity(text),
        [b'\\', b'0'..=b'3', b'0'..=b'7', b'0'..=b'7', ..] => {
            let code = u32::from_str_radix(&text[1..4], 8).ok()?;
            return Some((char::from_u32(code).filter(|character| !character.is_control())?, 4));
        }
        _ => return None,
    };
    let code = u32::from_str_radix(text.get(start..start + digits)?, 16).ok()?;
    // A quoted line break stays one line.
    let character = char::from_u32(code).filter(|character| !character.is_control())?;
    Some((character, start + digits))
}

/// `&#64;` and `&#x40;`, and how many bytes they take.
fn entity(text: &str) -> Option<(char, usize)> {
    let (digits, _) = text[2..].split_once(';')?;
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    let character = char::from_u32(code.ok()?).filter(|character| !character.is_control())?;
    Some((character, 2 + digits.len() + 1))
}
