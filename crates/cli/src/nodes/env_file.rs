//! Files of `NAME=value` lines. Three programs read them, each in its own way.

/// A line that systemd's `EnvironmentFile=` and shells read alike.
pub fn line(name: &str, value: &str) -> String {
    if is_plain(value) {
        return format!("{name}={value}\n");
    }
    let mut quoted = String::new();
    for character in value.chars() {
        if "\"\\`$".contains(character) {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    format!("{name}=\"{quoted}\"\n")
}

/// A line of `/etc/environment`, which PAM also reads: it removes quotes and does not support escapes. So a `'`, which only the
/// user-info of a URL can have, is written percent-encoded; clients decode it.
pub fn pam_line(name: &str, value: &str) -> String {
    if is_plain(value) {
        format!("{name}={value}\n")
    } else {
        format!("{name}='{}'\n", value.replace('\'', "%27"))
    }
}

/// Most bytes of a line that PAM 1.4 and 1.5 read, with its end: `BUF_SIZE`, less the byte that ends the text. Later versions have no
/// limit.
///
/// <https://github.com/linux-pam/linux-pam/blob/v1.5.3/modules/pam_env/pam_env.c>: `_assemble_line`
pub const MAX_PAM_LINE: usize = 8_191;
/// The same of earlier versions.
pub const MAX_OLD_PAM_LINE: usize = 1_023;

/// Whether a value is the same to all of them without quotes.
fn is_plain(value: &str) -> bool {
    value
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._:/@%,*[]+=".contains(&byte))
}
