//! User names and passwords before the `@` of a URL, with or without a scheme, however mistyped.

/// Digests of images, the only harmless text of this form: `name@sha256:…`.
const DIGESTS: [&str; 2] = ["sha256:", "sha512:"];

/// What has a user name, but no password, before its `@`.
const MAIL: [&str; 4] = ["mailto:", "acct:", "sip:", "sips:"];

/// Whether a text without escapes has user-info.
pub fn is_in(text: &str) -> bool {
    let places = text.match_indices('@').map(|(index, _)| index);
    places.into_iter().any(|at| is_user_info(&text[..at], &text[at + 1..]))
}

fn is_user_info(before: &str, after: &str) -> bool {
    if is_digest(after)
        || !after.starts_with(|character: char| character.is_alphanumeric() || "[$_{.*".contains(character))
    {
        return false;
    }
    let token_start = before.rfind(is_boundary).map_or(0, |index| {
        index + before[index..].chars().next().map_or(1, char::len_utf8)
    });
    let token = &before[token_start..];
    if MAIL.iter().any(|scheme| token.to_ascii_lowercase().starts_with(scheme)) {
        return false;
    }
    match scheme_end(before) {
        Some(end) => with_scheme(before, end, after),
        None => token.contains(':') && token != ":",
    }
}

/// Whether what stands between a scheme and the `@` is user-info, or the `@` is in a path, or in other words of the line.
fn with_scheme(before: &str, end: usize, after: &str) -> bool {
    let authority = &before[end..];
    let is_ssh = before[..end]
        .trim_end_matches(['/', '\\', ':'])
        .to_ascii_lowercase()
        .ends_with("ssh");
    let first = authority.split(char::is_whitespace).next().unwrap_or_default();
    let host = first.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    let is_in_path = host.len() < authority.len();
    let password = host.split_once(':').map(|(_, password)| password);
    match password {
        // The user of an ssh URL is no secret.
        None if is_in_path => {
            let token = authority.rsplit(is_boundary).next().unwrap_or_default();
            token.len() < authority.len() && token.contains(':') && !token.contains('/')
        }
        None => !is_ssh && !authority.is_empty(),
        // A port, and an @ after it, unless another port follows.
        Some(port) if is_in_path && !port.is_empty() && port.chars().all(|digit| digit.is_ascii_digit()) => {
            let next = after.split(['/', ' ', '"', '\'']).next().unwrap_or_default();
            next.contains(':')
        }
        Some(_) => true,
    }
}

/// The end of the last scheme in a text, with all that a browser takes for its slashes.
fn scheme_end(before: &str) -> Option<usize> {
    let slashes = ['/', '\\'];
    let mut starts = before.match_indices(':').filter(|(index, _)| {
        let is_named = before[..*index].ends_with(|character: char| character.is_ascii_alphanumeric());
        is_named && before[index + 1..].starts_with(slashes)
    });
    let (index, _) = starts.next_back()?;
    let rest = &before[index + 1..];
    Some(before.len() - rest.trim_start_matches(slashes).len())
}

fn is_boundary(character: char) -> bool {
    character.is_whitespace() || "\"'`,;()[]<>|".contains(character)
}

fn is_digest(after: &str) -> bool {
    DIGESTS.iter().any(|algorithm| {
        let hex = after.strip_prefix(algorithm).unwrap_or_default();
        hex.chars().take_while(char::is_ascii_hexdigit).count() >= 32
    })
}
