//! What is wrong with an item that is not a `noProxy` entry, and what to write instead.

use std::net::{IpAddr, Ipv4Addr};

use crate::ascii_names::ends_in_number;
use crate::no_proxy_entry::{NoProxyEntry, is_own_reference, is_variable_name};
use crate::numbers::split_port;
use crate::quotable::quoted;

/// What is wrong, and the fix.
type Fault = (&'static str, String);

impl<'a> NoProxyEntry<'a> {
    /// Reads an item by the grammar of [`NoProxyEntry`].
    ///
    /// # Errors
    /// What is wrong and what to write, as in `"$HOST" is not a valid variable reference; write $(HOST)`.
    pub fn parse(item: &'a str) -> Result<Self, String> {
        NoProxyEntry::exact(item)
            .or_else(|| NoProxyEntry::exact(item.trim()))
            .ok_or_else(|| fault(item.trim()))
    }
}

/// Says what is wrong with an item, and how to write what was probably meant. Quotes the item unless it may hold a
/// secret, such as the password of a pasted URL.
#[cold]
fn fault(item: &str) -> String {
    if item.is_empty() {
        return "is empty; remove it".to_owned();
    }
    let (what, fix) = separator_fault(item)
        .or_else(|| own_reference_fault(item))
        .or_else(|| reference_fault(item))
        .or_else(|| scheme_fault(item))
        .or_else(|| brackets_fault(item))
        .or_else(|| slash_fault(item))
        .or_else(|| colon_fault(item))
        .or_else(|| wildcard_fault(item))
        .or_else(|| range_fault(item))
        .or_else(|| prefix_fault(item))
        .unwrap_or_else(|| name_fault(item));
    match quoted(item) {
        Some(quoted) => format!("{quoted} {what}; {fix}"),
        None => format!("{what}; {fix}"),
    }
}

fn separator_fault(item: &str) -> Option<Fault> {
    let what = item.chars().find_map(|c| match c {
        ',' => Some("contains a comma"),
        ';' => Some("contains a semicolon"),
        '|' => Some("contains a |"),
        c if c.is_whitespace() => Some("contains white space"),
        _ => None,
    })?;
    Some((what, "write each destination as a separate item".to_owned()))
}

/// The list cannot hold itself.
fn own_reference_fault(item: &str) -> Option<Fault> {
    is_own_reference(item).then(|| ("refers to the list itself", "remove it".to_owned()))
}

fn reference_fault(item: &str) -> Option<Fault> {
    let dollar = item.find('$')?;
    let what = "is not a valid variable reference";
    let behind = &item[dollar + 1..];
    let in_braces = behind.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let name = in_braces.unwrap_or(behind);
    if dollar == 0 && is_variable_name(name) && quoted(item).is_some() {
        return Some((what, format!("write $({name})")));
    }
    Some((what, "write $(NAME) on its own, without other text".to_owned()))
}

fn scheme_fault(item: &str) -> Option<Fault> {
    let (_, rest) = item.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let fix = write(item, host).unwrap_or_else(|| "write only the host, such as example.com".to_owned());
    Some(("has a scheme", fix))
}

fn brackets_fault(item: &str) -> Option<Fault> {
    if !item.contains(['[', ']']) {
        return None;
    }
    let inner = item.replace(['[', ']'], "");
    let has_port = item.contains("]:");
    let fix = match write(item, &inner) {
        Some(fix) if !has_port => format!("remove the brackets: {}", &fix["write ".len()..]),
        _ => "remove the brackets and the port, as in fd00::1".to_owned(),
    };
    Some(("has brackets", fix))
}

fn slash_fault(item: &str) -> Option<Fault> {
    let (address, behind) = item.split_once('/')?;
    if address.parse::<IpAddr>().is_err() {
        let fix = write(item, address);
        let general = || "write a host without a path, or a network such as 10.0.0.0/8".to_owned();
        return Some(("has a / but is not a network", fix.unwrap_or_else(general)));
    }
    Some(if behind == "0" {
        ("matches every address", "write *".to_owned())
    } else {
        let lengths = "write 0 to 32 after an IPv4 address, 0 to 128 after an IPv6 address";
        ("has an invalid prefix length", lengths.to_owned())
    })
}

fn colon_fault(item: &str) -> Option<Fault> {
    let (_, port) = item.split_once(':')?;
    if port.contains(':') {
        let form = "write one such as fd00::1, without brackets, zone or port";
        return Some(("is not an IPv6 address", form.to_owned()));
    }
    let form = "write a number from 1 to 65535 after the colon, without leading zeros";
    (split_port(port.as_bytes()) != Some(b"")).then(|| ("has an invalid port", form.to_owned()))
}

fn wildcard_fault(item: &str) -> Option<Fault> {
    let (front, behind) = item.split_once('*')?;
    let subdomains = || match front {
        "" => write(item, &format!(".{}", behind.trim_start_matches(['*', '.']))),
        _ => None,
    };
    let fix = write_network(item).or_else(subdomains).unwrap_or_else(|| {
        "write .example.com for the subdomains of example.com, 10.0.0.0/8 for a network, or only * for everything"
            .to_owned()
    });
    Some(("has a wildcard that clients do not support", fix))
}

/// A network such as `192.168.0.0/16`, written as `192.168.*`.
fn write_network(item: &str) -> Option<String> {
    let octets: Vec<&str> = item.trim_end_matches(".*").split('.').collect();
    let zeros = 4usize.checked_sub(octets.len()).filter(|zeros| *zeros > 0)?;
    let address = [&octets[..], &vec!["0"; zeros]].concat().join(".");
    address.parse::<Ipv4Addr>().ok()?;
    write(item, &format!("{address}/{}", 8 * octets.len()))
}

/// A range of addresses such as `10.0.0.1-10.0.0.9`.
fn range_fault(item: &str) -> Option<Fault> {
    let (first, last) = item.split_once('-')?;
    let first: Ipv4Addr = first.trim().parse().ok()?;
    let form = "write it as networks such as 10.0.0.0/24, or address by address".to_owned();
    let is_end = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let fix = match last.trim().parse::<Ipv4Addr>() {
        Ok(last) => network_of(first, last)
            .and_then(|network| write(item, &network))
            .unwrap_or(form),
        Err(_) if is_end(last.trim()) => form,
        Err(_) => return None,
    };
    Some(("is a range of addresses, which clients do not support", fix))
}

/// The network that has exactly the addresses from `first` to `last`, if there is one.
fn network_of(first: Ipv4Addr, last: Ipv4Addr) -> Option<String> {
    let (first_bits, last_bits) = (first.to_bits(), last.to_bits());
    let host = first_bits ^ last_bits;
    let is_whole = host & first_bits == 0 && host.count_zeros() == host.leading_zeros() && last_bits >= first_bits;
    (is_whole && host != u32::MAX).then(|| format!("{first}/{}", host.leading_zeros()))
}

/// The beginning or the end of addresses, such as `10.96.` or `.1`.
fn prefix_fault(item: &str) -> Option<Fault> {
    let is_octet = |octet: &str| octet.parse::<u8>().is_ok_and(|number| number.to_string() == octet);
    let octets = item.trim_matches('.');
    if octets.is_empty() || !octets.split('.').all(is_octet) || octets.split('.').count() > 3 {
        return None;
    }
    if item.starts_with('.') {
        let fix = "write the network, such as 10.0.0.0/8".to_owned();
        return Some(("is the end of addresses, which matches none of them", fix));
    }
    let what = "is the beginning of addresses, which few clients support";
    let is_prefix = item.ends_with('.');
    let fix = write_network(octets).filter(|_| is_prefix)?;
    Some((what, fix))
}

fn name_fault(item: &str) -> Fault {
    let host = item.split(':').next().unwrap_or_default();
    if !item.is_ascii() {
        let form = "write its punycode form (xn--…)".to_owned();
        return ("is not ASCII", form);
    }
    if ends_in_number(host.strip_suffix('.').unwrap_or(host).as_bytes()) {
        let form = "write four numbers from 0 to 255 without leading zeros";
        return ("is not an IPv4 address", form.to_owned());
    }
    let form = "use dot-separated labels of up to 63 letters, digits, underscores and hyphens; no label may start or end with a hyphen";
    ("is not a DNS name", form.to_owned())
}

/// The fix for an item that probably stands for `meant`; `None` if `meant` is not a valid entry, or the item may hold a
/// secret.
fn write(item: &str, meant: &str) -> Option<String> {
    quoted(item)?;
    let entry = NoProxyEntry::exact(meant)?;
    Some(format!("write {}", entry.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mistake_has_its_fix() {
        for (item, message) in [
            (
                "a,b",
                r#""a,b" contains a comma; write each destination as a separate item"#,
            ),
            (
                "localhost;a.example",
                r#""localhost;a.example" contains a semicolon; write each destination as a separate item"#,
            ),
            (
                "a|b",
                r#""a|b" contains a |; write each destination as a separate item"#,
            ),
            (
                "a b",
                r#""a b" contains white space; write each destination as a separate item"#,
            ),
            (
                "${NODE_IP}",
                r#""${NODE_IP}" is not a valid variable reference; write $(NODE_IP)"#,
            ),
            (
                "$NODE_IP",
                r#""$NODE_IP" is not a valid variable reference; write $(NODE_IP)"#,
            ),
            (
                "$()",
                r#""$()" is not a valid variable reference; write $(NAME) on its own, without other text"#,
            ),
            (
                "a.$(B)",
                r#""a.$(B)" is not a valid variable reference; write $(NAME) on its own, without other text"#,
            ),
            (
                "http://example.com/",
                r#""http://example.com/" has a scheme; write example.com"#,
            ),
            (
                "https://10.0.0.1:443",
                r#""https://10.0.0.1:443" has a scheme; write 10.0.0.1:443"#,
            ),
            (
                "http://user:hunter2@proxy",
                "has a scheme; write only the host, such as example.com",
            ),
            ("[::1]", r#""[::1]" has brackets; remove the brackets: ::1"#),
            (
                "[fd00::1]/64",
                r#""[fd00::1]/64" has brackets; remove the brackets: fd00::/64"#,
            ),
            (
                "[::1]:80",
                r#""[::1]:80" has brackets; remove the brackets and the port, as in fd00::1"#,
            ),
            ("0.0.0.0/0", r#""0.0.0.0/0" matches every address; write *"#),
            ("::/0", r#""::/0" matches every address; write *"#),
            (
                "example.com/path",
                r#""example.com/path" has a / but is not a network; write example.com"#,
            ),
            (
                "example.com/",
                r#""example.com/" has a / but is not a network; write example.com"#,
            ),
            (
                "*example.com",
                r#""*example.com" has a wildcard that clients do not support; write .example.com"#,
            ),
            (
                "*.*.example.com",
                r#""*.*.example.com" has a wildcard that clients do not support; write .example.com"#,
            ),
            (
                "192.168.*",
                r#""192.168.*" has a wildcard that clients do not support; write 192.168.0.0/16"#,
            ),
            (
                "10.*.*.*",
                r#""10.*.*.*" has a wildcard that clients do not support; write 10.0.0.0/8"#,
            ),
            (
                "10.96.",
                r#""10.96." is the beginning of addresses, which few clients support; write 10.96.0.0/16"#,
            ),
            (
                "172.19.",
                r#""172.19." is the beginning of addresses, which few clients support; write 172.19.0.0/16"#,
            ),
            (
                "10.",
                r#""10." is the beginning of addresses, which few clients support; write 10.0.0.0/8"#,
            ),
            (
                "192.168.1.",
                r#""192.168.1." is the beginning of addresses, which few clients support; write 192.168.1.0/24"#,
            ),
            (
                "10.0.0.1-10.0.0.9",
                r#""10.0.0.1-10.0.0.9" is a range of addresses, which clients do not support; write it as networks such as 10.0.0.0/24, or address by address"#,
            ),
            (
                "10.0.0.1-0.9",
                r#""10.0.0.1-0.9" is a range of addresses, which clients do not support; write it as networks such as 10.0.0.0/24, or address by address"#,
            ),
            (
                "10.0.0.0-10.0.0.255",
                r#""10.0.0.0-10.0.0.255" is a range of addresses, which clients do not support; write 10.0.0.0/24"#,
            ),
            (
                ".1",
                r#"".1" is the end of addresses, which matches none of them; write the network, such as 10.0.0.0/8"#,
            ),
            ("$(NO_PROXY)", r#""$(NO_PROXY)" refers to the list itself; remove it"#),
            ("$(no_proxy)", r#""$(no_proxy)" refers to the list itself; remove it"#),
            (
                "münchen.example",
                r#""münchen.example" is not ASCII; write its punycode form (xn--…)"#,
            ),
        ] {
            assert_eq!(NoProxyEntry::parse(item).unwrap_err(), message);
        }
    }

    #[test]
    fn the_rest_is_told_what_such_an_entry_looks_like() {
        let long_label = "a".repeat(64);
        let long_name = "a.".repeat(127) + "a";
        for (item, fix) in [
            ("", "remove it"),
            (" ", "remove it"),
            ("$(1A)", "write $(NAME)"),
            ("$(A B)", "a separate item"),
            ("$(A", "write $(NAME)"),
            ("a.example,http://user:hunter2@b", "a separate item"),
            ("10.0.0.1-", "no label may start or end with a hyphen"),
            ("10.0.0.1-x.9", "is not an IPv4 address"),
            ("10.0.0.0/33", "0 to 32"),
            ("10.0.0.0/8/8", "prefix length"),
            ("10.0.0.0/", "prefix length"),
            ("10.0.0.0/08", "prefix length"),
            ("user:hunter2@proxy/path", "without a path"),
            ("fe80::1%eth0", "without brackets, zone or port"),
            ("::1::", "is not an IPv6 address"),
            ("example.com:", "1 to 65535"),
            ("example.com:0", "1 to 65535"),
            ("example.com:+80", "1 to 65535"),
            ("example.com:080", "1 to 65535"),
            ("example.com:http", "1 to 65535"),
            ("example.com:65536", "1 to 65535"),
            ("user:hunter2", "1 to 65535"),
            ("example.*", "write .example.com for"),
            ("**", "only *"),
            ("*:80", "only *"),
            ("10.0.0.256", "four numbers"),
            ("10.0.0.01", "four numbers"),
            ("10.0.0.1.", "four numbers"),
            ("10.0.0", "four numbers"),
            (".", "is not a DNS name"),
            ("..example.com", "is not a DNS name"),
            ("a..b", "is not a DNS name"),
            ("a.example..", "is not a DNS name"),
            ("-a.example", "is not a DNS name"),
            (&long_label, "up to 63"),
            (&long_name, "is not a DNS name"),
        ] {
            let fault = NoProxyEntry::parse(item).expect_err(item);
            assert!(fault.contains(fix), "{item}: {fault}");
            assert!(!fault.contains("hunter2"), "{fault}");
        }
    }
}
