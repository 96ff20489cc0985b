//! The head of an answer.

use crate::probe::fault::{Fault, Network};
use crate::probe::stream::Stream;

/// Most bytes of the head of an answer, those before it (`100 Continue`) included.
const MAX_HEAD: usize = 64 * 1024;

/// What an answer says of itself.
pub struct Head {
    pub status: u16,
    /// The schemes of `Proxy-Authenticate`.
    pub schemes: Vec<String>,
    /// Whether the proxy says that the answer is its own.
    pub is_of_proxy: bool,
    /// Why, by its own name: `ERR_ACCESS_DENIED` of squid, say.
    pub error: Option<String>,
    /// `Location`
    pub location: Option<String>,
}

/// Sends a request, given without what all have in common, and reads the head of the answer.
pub fn exchange(stream: &mut (impl Stream + ?Sized), request: &str) -> Result<Head, Fault> {
    let request = format!("{request}User-Agent: http-proxy-probe\r\nAccept: */*\r\nConnection: close\r\n\r\n");
    stream
        .write_all(request.as_bytes())
        .and_then(|()| stream.flush())
        .map_err(Network::Interrupted)?;
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).map_err(Network::Interrupted)?;
        bytes.extend_from_slice(&buffer[..count]);
        match head(&bytes) {
            Ok(Some(head)) => return Ok(head),
            Ok(None) if count == 0 && bytes.is_empty() => {
                return Err(Network::Interrupted(std::io::ErrorKind::UnexpectedEof.into()).into());
            }
            Ok(None) if count > 0 && bytes.len() < MAX_HEAD => {}
            _ => return Err(Fault::NotHttp),
        }
    }
}

/// The head of the answer, once it is there. Interim answers (`100 Continue`, `103 Early Hints`) come before it.
fn head(mut bytes: &[u8]) -> Result<Option<Head>, httparse::Error> {
    loop {
        let mut headers = [httparse::EMPTY_HEADER; 128];
        let mut response = httparse::Response::new(&mut headers);
        let length = match response.parse(bytes)? {
            httparse::Status::Complete(length) => length,
            httparse::Status::Partial => return Ok(None),
        };
        let status = response.code.unwrap_or_default();
        if !(100..200).contains(&status) || status == 101 {
            return Ok(Some(read(status, response.headers)));
        }
        bytes = &bytes[length..];
    }
}

fn read(status: u16, headers: &[httparse::Header]) -> Head {
    let named = |name: &'static str| {
        let headers = headers
            .iter()
            .filter(move |header| header.name.eq_ignore_ascii_case(name));
        headers.map(|header| String::from_utf8_lossy(header.value).into_owned())
    };
    // RFC 9209: an intermediary that forwards an answer may also say so; with `error` it made the answer.
    let has_error = |value: String| value.split([';', ',']).any(|part| part.trim().starts_with("error="));
    Head {
        status,
        schemes: named("Proxy-Authenticate").flat_map(|value| schemes(&value)).collect(),
        is_of_proxy: named("X-Squid-Error").next().is_some() || named("Proxy-Status").any(has_error),
        error: named("X-Squid-Error").find_map(|value| squid_error(&value)),
        location: named("Location").next(),
    }
}

/// squid's name of an error. Anything else that a server puts there is omitted: it is shown to the user.
fn squid_error(value: &str) -> Option<String> {
    let name = value.split_whitespace().next()?;
    let is_name = name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    is_name.then(|| name.to_owned())
}

impl Head {
    /// The status, and the proxy's name of the error if there is one.
    pub fn reason(&self) -> String {
        match &self.error {
            Some(error) => format!("{}, {error}", self.status),
            None => self.status.to_string(),
        }
    }
}

/// The schemes of a challenge, of which one header may have several: `Negotiate, Basic realm="a, b"`. What no scheme is named like is
/// omitted: it is shown to the user.
fn schemes(challenges: &str) -> Vec<String> {
    let mut is_quoted = false;
    let parts = challenges.split(|character| {
        is_quoted ^= character == '"';
        character == ',' && !is_quoted
    });
    let scheme = |part: &str| {
        let word = part.split_whitespace().next()?;
        let is_scheme = word.len() <= 32 && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        is_scheme.then(|| word.to_owned())
    };
    parts.filter_map(scheme).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_header_may_offer_several_schemes() {
        for (challenges, expected) in [
            ("Basic realm=\"a\"", vec!["Basic"]),
            (
                "Negotiate, Basic realm=\"a, Digest b\", NTLM",
                vec!["Negotiate", "Basic", "NTLM"],
            ),
            (
                "Digest realm=\"a\", nonce=\"b\", Basic realm=c",
                vec!["Digest", "Basic"],
            ),
            ("Negotiate YIIabc==", vec!["Negotiate"]),
            ("", vec![]),
        ] {
            assert_eq!(schemes(challenges), expected, "{challenges}");
        }
    }

    #[test]
    fn interim_answers_are_not_the_answer() {
        let text =
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 403 Forbidden\r\n\r\n";
        assert_eq!(head(text).unwrap().unwrap().status, 403);
        assert!(head(&text[..30]).unwrap().is_none());
    }

    #[test]
    fn an_intermediary_s_note_is_not_an_error_of_the_proxy() {
        let is_of_proxy = |line: &str| {
            let text = format!("HTTP/1.1 200 OK\r\n{line}\r\n\r\n");
            head(text.as_bytes()).unwrap().unwrap().is_of_proxy
        };
        assert!(is_of_proxy("X-Squid-Error: ERR_ACCESS_DENIED 0"));
        assert!(is_of_proxy("Proxy-Status: proxy; error=destination_not_found"));
        assert!(!is_of_proxy("Proxy-Status: proxy; next-hop=a.example"));
    }

    /// A server that sends these parts, and then ends the connection.
    struct Canned(Vec<Vec<u8>>, Vec<u8>);

    impl std::io::Read for Canned {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            if self.0.is_empty() {
                return Ok(0);
            }
            let part = self.0.remove(0);
            buffer[..part.len()].copy_from_slice(&part);
            Ok(part.len())
        }
    }

    impl std::io::Write for Canned {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.1.write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn exchanged(parts: &[&[u8]]) -> Result<Head, Fault> {
        let mut server = Canned(parts.iter().map(|part| part.to_vec()).collect(), Vec::new());
        let head = exchange(&mut server, "GET / HTTP/1.1\r\nHost: a.example:80\r\n");
        let expected = "GET / HTTP/1.1\r\nHost: a.example:80\r\nUser-Agent: http-proxy-probe\r\nAccept: */*\r\nConnection: close\r\n\r\n";
        assert_eq!(String::from_utf8(server.1).unwrap(), expected);
        head
    }

    #[test]
    fn a_head_may_come_in_parts_but_must_end() {
        for (parts, status) in [
            (&[&b"HTTP/1.1 200 OK\r\n\r\n"[..]][..], 200),
            (&[b"HTTP/1.1 40", b"3 Forbidden\r\n", b"Server: a\r\n\r\nbody"], 403),
            (&[b"HTTP/1.1 101 Switching Protocols\r\n\r\n"], 101),
        ] {
            assert_eq!(exchanged(parts).unwrap().status, status);
        }
        for (parts, word) in [
            (&[][..], "interrupted"),
            (&[&b"HTTP/1.1 200 OK\r\nServer: a"[..]][..], "not a proxy"),
            (&[b"SSH-2.0-OpenSSH_9.2\r\n"], "not a proxy"),
        ] {
            assert_eq!(exchanged(parts).map(|head| head.status).unwrap_err().word(), word);
        }
    }

    #[test]
    fn a_head_that_does_not_end_is_read_up_to_its_most_bytes() {
        let start = b"HTTP/1.1 200 OK\r\nServer: ";
        let of_length = |length: usize, end: &[u8]| {
            let filler = vec![b'a'; length - start.len() - end.len()];
            [&start[..], &filler, end].concat()
        };
        let read = |text: Vec<u8>| {
            let parts: Vec<&[u8]> = text.chunks(4096).collect();
            exchanged(&parts).is_ok()
        };
        let end = b"\r\n\r\n";
        for (length, is_read) in [
            (MAX_HEAD - 4096, true),
            (MAX_HEAD, true),
            (MAX_HEAD + 1, false),
            (2 * MAX_HEAD, false),
        ] {
            assert_eq!(read(of_length(length, end)), is_read, "{length}");
        }
    }

    #[test]
    fn a_proxy_s_name_of_an_error_is_shown_if_it_is_one() {
        let longest = "E".repeat(64);
        let too_long = "E".repeat(65);
        for (value, shown) in [
            ("ERR_ACCESS_DENIED 0", Some("ERR_ACCESS_DENIED")),
            (&longest, Some(&*longest)),
            (&too_long, None),
            ("ERR_a", None),
            ("403", None),
            ("a\u{1b}[2J", None),
            ("", None),
        ] {
            assert_eq!(squid_error(value).as_deref(), shown, "{value}");
        }
    }

    #[test]
    fn what_is_not_named_like_a_scheme_is_omitted() {
        let longest = "a".repeat(32);
        let too_long = "a".repeat(33);
        for (challenges, expected) in [
            (&*longest, vec![&*longest]),
            (&too_long, vec![]),
            ("SCRAM-SHA-256 realm=a", vec!["SCRAM-SHA-256"]),
            ("a\u{1b}[2J, Basic", vec!["Basic"]),
            ("-", vec!["-"]),
            ("_", vec![]),
        ] {
            assert_eq!(schemes(challenges), expected, "{challenges}");
        }
    }

    #[test]
    fn a_head_is_read_with_what_it_says_of_the_proxy() {
        let text =
            b"HTTP/1.1 407 Asks\r\nproxy-authenticate: NTLM\r\nPROXY-AUTHENTICATE: Negotiate, Basic realm=\"a, b\"\r\n\
                     X-Squid-Error: ERR_CACHE_ACCESS_DENIED 0\r\nLocation: /a\r\n\r\n";
        let head = head(text).unwrap().unwrap();
        assert_eq!(head.schemes, ["NTLM", "Negotiate", "Basic"]);
        assert_eq!(head.location.as_deref(), Some("/a"));
        assert_eq!(head.reason(), "407, ERR_CACHE_ACCESS_DENIED");
        let without = Head { error: None, ..head };
        assert_eq!(without.reason(), "407");
    }
}
