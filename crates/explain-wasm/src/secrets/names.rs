//! Which names say that their value is secret.

/// Words that say so, in lower case.
const SECRET: [&str; 21] = [
    "apikey",
    "auth",
    "authorization",
    "authtoken",
    "bearer",
    "cookie",
    "credential",
    "credentials",
    "creds",
    "dockerconfigjson",
    "pass",
    "passphrase",
    "passwd",
    "password",
    "passwords",
    "pwd",
    "secret",
    "secrets",
    "token",
    "tokens",
    "pw",
];

/// Two words that say so together.
const PAIRS: [(&str, &str); 8] = [
    ("access", "key"),
    ("account", "key"),
    ("api", "key"),
    ("encryption", "key"),
    ("master", "key"),
    ("private", "key"),
    ("shared", "key"),
    ("signing", "key"),
];

/// Last words after which the value is about a secret and is none: `secretName`, `TOKEN_FILE`.
const ABOUT: [&str; 41] = [
    "address",
    "audience",
    "class",
    "count",
    "dir",
    "directory",
    "enabled",
    "endpoint",
    "env",
    "expiration",
    "expiry",
    "file",
    "files",
    "from",
    "host",
    "id",
    "issuer",
    "length",
    "method",
    "mode",
    "mount",
    "name",
    "names",
    "namespace",
    "path",
    "policy",
    "port",
    "provider",
    "ref",
    "refs",
    "required",
    "rotation",
    "seconds",
    "size",
    "store",
    "timeout",
    "ttl",
    "type",
    "uri",
    "url",
    "version",
];

/// Whether the value of this key, variable, option or header is a secret.
pub fn is_secret(name: &str) -> bool {
    let words = words(name);
    let Some(last) = words.last() else { return false };
    // The id of a secret is one itself for Vault's AppRole.
    let glued: String = words.concat();
    if ABOUT.contains(&last.as_str()) && !glued.ends_with("secretid") {
        return false;
    }
    // `DB_PASSWORD2`
    let is_word = |word: &String| SECRET.contains(&word.trim_end_matches(|digit: char| digit.is_ascii_digit()));
    words.iter().any(is_word)
        || words
            .windows(2)
            .any(|pair| PAIRS.contains(&(pair[0].as_str(), pair[1].as_str())))
        || [
            "password",
            "passwd",
            "passphrase",
            "secretkey",
            "privatekey",
            "apikey",
            "accesskey",
            "accesstoken",
            "authkey",
            "clientsecret",
            "pgpass",
            "secretid",
        ]
        .iter()
        .any(|end| glued.ends_with(end))
}

/// Whether the name is one of a proxy's URL, in which an `@` is user-info.
pub fn is_proxy(name: &str) -> bool {
    let words = words(name);
    words
        .last()
        .is_some_and(|last| last == "proxy" || last == "httpproxy" || last == "httpsproxy")
        && !words.iter().any(|word| word == "no")
}

/// The words of a name: `proxyPassword`, `PROXY_PASSWORD` and `proxy-password` have two, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut is_inside = false;
    let mut was_lower = false;
    for character in name.chars() {
        if !character.is_alphanumeric() {
            is_inside = false;
            continue;
        }
        if !is_inside || was_lower && character.is_uppercase() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(character.to_lowercase());
        }
        (is_inside, was_lower) = (true, character.is_lowercase());
    }
    words
}

/// Whether a value of such a name is one that everyone knows, or refers to something else.
pub fn is_harmless(value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'']);
    // The password of every JDK's trust store.
    let known = ["", "true", "false", "null", "~", "yes", "no", "changeit", "none"];
    let is_reference =
        value.starts_with("$(") && value.ends_with(')') || value.starts_with("${") && value.ends_with('}');
    known.contains(&value.to_ascii_lowercase().as_str())
        || is_reference
        || is_path(value)
        || value.chars().all(|character| "*.…x<>".contains(character))
        || is_placeholder(value)
}

/// An absolute path with a folder. A password may begin with a slash too.
fn is_path(value: &str) -> bool {
    value.starts_with('/') && value.matches('/').count() > 1 && !value.contains(['+', '='])
}

/// `<your password>`: words in lower or upper case.
fn is_placeholder(value: &str) -> bool {
    let inner = value.strip_prefix('<').and_then(|value| value.strip_suffix('>'));
    inner.is_some_and(|inner| {
        let is_word = |character: char| character.is_alphabetic() || " _-.".contains(character);
        let is_mixed = |word: &str| word[1..].contains(char::is_uppercase) && word.contains(char::is_lowercase);
        let mut words = inner
            .split([' ', '_', '-', '.'])
            .filter(|word| word.is_ascii() && !word.is_empty());
        inner.chars().all(is_word) && !words.any(is_mixed)
    })
}
