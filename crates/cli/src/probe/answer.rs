//! Whose answer is it? One that the proxy made itself is no success, regardless of its status.

use url::{Position, Url};

use crate::probe::fault::{Answer, Credentials, Fault};
use crate::probe::http::Head;

/// Judges the answer to `CONNECT`, which is always the proxy's.
///
/// # Errors
/// It does not open the tunnel.
pub fn judge_connect(head: &Head, with_credentials: bool) -> Result<(), Fault> {
    match head.status {
        200..300 => Ok(()),
        407 => Err(unauthenticated(head, with_credentials)),
        // What a web server says to a method that it does not have.
        400 | 404 | 405 | 501 if !head.is_of_proxy => Err(Fault::NotAProxy),
        401 | 403 | 451 => Err(Answer::Refused(head.reason()).into()),
        502..=504 => Err(Answer::Unreachable(head.reason()).into()),
        _ => Err(Answer::Own(head.reason(), redirect_host(head, None)).into()),
    }
}

/// Judges the answer to a request for http, which is the destination's or the proxy's.
///
/// # Errors
/// It is the proxy's own, or nothing tells whose it is.
pub fn judge_forwarded(head: &Head, destination: &Url, with_credentials: bool) -> Result<(), Fault> {
    match head.status {
        407 => Err(unauthenticated(head, with_credentials)),
        502..=504 => Err(Answer::Unreachable(head.reason()).into()),
        _ => judge_unclear(head, destination),
    }
}

/// Judges an answer within TLS that the proxy may have opened. There, a server's request for a sign-in (401) and its limits (429) are
/// its own: a proxy asks before the tunnel.
///
/// # Errors
/// As [`judge_forwarded`].
pub fn judge_inspected(head: &Head, destination: &Url) -> Result<(), Fault> {
    match head.status {
        502..=504 if head.is_of_proxy => Err(Answer::Unreachable(head.reason()).into()),
        401 | 429 | 500.. if !head.is_of_proxy && head.status != 511 => Ok(()),
        _ => judge_unclear(head, destination),
    }
}

fn judge_unclear(head: &Head, destination: &Url) -> Result<(), Fault> {
    if let Some(host) = redirect_host(head, Some(destination)) {
        return Err(Answer::Redirect(host).into());
    }
    match head.status {
        403 | 451 if head.is_of_proxy => Err(Answer::Refused(head.reason()).into()),
        _ if head.is_of_proxy => Err(Answer::Own(head.reason(), None).into()),
        // RFC 6585: only a network sends it, never a destination.
        511 => Err(Answer::Own(head.reason(), None).into()),
        401 | 403 | 407 | 429 | 451 | 500.. => Err(Answer::Unclear(head.status).into()),
        _ => Ok(()),
    }
}

fn unauthenticated(head: &Head, with_credentials: bool) -> Fault {
    if with_credentials {
        Credentials::Refused.into()
    } else {
        Credentials::Missing(head.schemes.clone()).into()
    }
}

/// The host that an answer redirects to, if it is another one than the destination's. `www.` in front makes no other one.
fn redirect_host(head: &Head, destination: Option<&Url>) -> Option<String> {
    if !(300..400).contains(&head.status) {
        return None;
    }
    let base = destination
        .cloned()
        .or_else(|| Url::parse("http://http-proxy-probe.invalid/").ok())?;
    let target = base.join(head.location.as_deref()?).ok()?;
    let name = |url: &Url| {
        url[Position::BeforeHost..Position::AfterHost]
            .trim_start_matches("www.")
            .to_owned()
    };
    let is_other = destination.is_none_or(|destination| name(destination) != name(&target));
    is_other.then(|| target.host_str().unwrap_or_default().to_owned())
}

/// Whether a server answers for a host that does not exist as it does for one that does: a portal, or a web server.
pub fn is_for_anything(head: &Head, nowhere: &Head) -> bool {
    (200..400).contains(&nowhere.status) || (nowhere.status == head.status && !nowhere.is_of_proxy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(status: u16, location: Option<&str>) -> Head {
        Head {
            status,
            schemes: Vec::new(),
            is_of_proxy: false,
            error: None,
            location: location.map(str::to_owned),
        }
    }

    #[test]
    fn a_redirect_within_a_host_is_the_destination_s() {
        let destination = Url::parse("http://example.com/a").unwrap();
        for (location, is_fine) in [
            ("https://example.com/a", true),
            ("https://www.example.com/", true),
            ("/b", true),
            ("//example.com:8080/", true),
            ("http://portal.example/", false),
            ("https://example.com.portal.example/", false),
        ] {
            let judged = judge_forwarded(&head(302, Some(location)), &destination, false);
            assert_eq!(judged.is_ok(), is_fine, "{location}");
        }
        assert!(judge_forwarded(&head(304, None), &destination, false).is_ok());
    }

    #[test]
    fn within_inspected_tls_a_server_may_ask_for_a_sign_in() {
        let destination = Url::parse("https://registry.example.com/v2/").unwrap();
        for (status, is_fine) in [
            (200, true),
            (401, true),
            (404, true),
            (429, true),
            (503, true),
            (403, false),
            (511, false),
        ] {
            assert_eq!(
                judge_inspected(&head(status, None), &destination).is_ok(),
                is_fine,
                "{status}"
            );
        }
        assert!(judge_forwarded(&head(401, None), &destination, false).is_err());
    }

    /// What is made of an answer, in the words of the table.
    fn word(judged: Result<(), Fault>) -> &'static str {
        judged.map_or_else(|fault| fault.word(), |()| "fine")
    }

    fn of_proxy(status: u16) -> Head {
        Head {
            is_of_proxy: true,
            ..head(status, None)
        }
    }

    #[test]
    fn each_status_is_judged_by_who_answers_where() {
        let destination = Url::parse("https://a.example/").unwrap();
        // Of an answer to CONNECT, to a request for http, and within TLS that is inspected: each first without a sign of the proxy, then
        // with one.
        for (status, connect, forwarded, inspected) in [
            (200, ["fine"; 2], ["fine", OWN], ["fine", OWN]),
            (299, ["fine"; 2], ["fine", OWN], ["fine", OWN]),
            (304, [OWN; 2], ["fine", OWN], ["fine", OWN]),
            (400, ["not a proxy", OWN], ["fine", OWN], ["fine", OWN]),
            (401, ["refused"; 2], ["unclear", OWN], ["fine", OWN]),
            (403, ["refused"; 2], ["unclear", "refused"], ["unclear", "refused"]),
            (404, ["not a proxy", OWN], ["fine", OWN], ["fine", OWN]),
            (407, [ASKS; 2], [ASKS; 2], ["unclear", OWN]),
            (429, [OWN; 2], ["unclear", OWN], ["fine", OWN]),
            (451, ["refused"; 2], ["unclear", "refused"], ["unclear", "refused"]),
            (500, [OWN; 2], ["unclear", OWN], ["fine", OWN]),
            (501, ["not a proxy", OWN], ["unclear", OWN], ["fine", OWN]),
            (502, [LOST; 2], [LOST; 2], ["fine", LOST]),
            (504, [LOST; 2], [LOST; 2], ["fine", LOST]),
            (511, [OWN; 2], [OWN; 2], [OWN; 2]),
        ] {
            let heads = || [head(status, None), of_proxy(status)];
            assert_eq!(
                heads().map(|head| word(judge_connect(&head, false))),
                connect,
                "{status}"
            );
            let judged = heads().map(|head| word(judge_forwarded(&head, &destination, false)));
            assert_eq!(judged, forwarded, "{status}");
            let judged = heads().map(|head| word(judge_inspected(&head, &destination)));
            assert_eq!(judged, inspected, "{status}");
        }
    }

    const OWN: &str = "proxy's own answer";
    const ASKS: &str = "not authenticated";
    const LOST: &str = "not reached";

    #[test]
    fn credentials_are_missing_or_refused() {
        let destination = Url::parse("http://a.example/").unwrap();
        for judge in [
            |head: &Head, _: &Url, sent| judge_connect(head, sent),
            |head: &Head, url: &Url, sent| judge_forwarded(head, url, sent),
        ] {
            let head = Head {
                schemes: vec!["Basic".to_owned()],
                ..head(407, None)
            };
            let missing = judge(&head, &destination, false);
            assert!(matches!(missing, Err(Fault::Credentials(Credentials::Missing(schemes))) if schemes == ["Basic"]));
            let refused = judge(&head, &destination, true);
            assert!(matches!(refused, Err(Fault::Credentials(Credentials::Refused))));
        }
    }

    #[test]
    fn the_host_of_a_redirect_is_named_if_it_is_another_one() {
        let destination = Url::parse("http://a.example/").unwrap();
        for (status, location, to_connect, of_destination) in [
            (
                302,
                Some("https://login.example/?x"),
                Some("login.example"),
                Some("login.example"),
            ),
            (302, Some("https://www.a.example/"), Some("www.a.example"), None),
            (302, None, None, None),
            (200, Some("https://login.example/"), None, None),
            (404, Some("https://login.example/"), None, None),
        ] {
            let head = head(status, location);
            assert_eq!(
                redirect_host(&head, None).as_deref(),
                to_connect,
                "{status} {location:?}"
            );
            let host = redirect_host(&head, Some(&destination));
            assert_eq!(host.as_deref(), of_destination, "{status} {location:?}");
        }
    }

    #[test]
    fn a_proxy_answers_otherwise_for_a_host_that_does_not_exist() {
        for (status, nowhere, is_of_proxy, is_for_anything_too) in [
            (200, 200, false, true),
            (200, 302, false, true),
            (200, 302, true, true),
            (404, 404, false, true),
            (404, 404, true, false),
            (200, 502, false, false),
            (200, 199, false, false),
        ] {
            let nowhere = Head {
                is_of_proxy,
                ..head(nowhere, None)
            };
            let found = is_for_anything(&head(status, None), &nowhere);
            assert_eq!(found, is_for_anything_too, "{status} {} {is_of_proxy}", nowhere.status);
        }
    }
}
