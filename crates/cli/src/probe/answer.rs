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
}
