//! What was found, as tables with sentences, or as JSON.

use anyhow::Result;
use serde_json::{Value, json};
use url::Url;

use crate::args::ProbeOutput;
use crate::probe::exchange::Outcome;
use crate::probe::fault::{Fault, Peer};
use crate::probe::tls::Verdict;
use crate::proxy_address::ProxyAddress;

/// What the settings of the top level or of a profile lead to.
pub struct Section {
    /// None for the top level.
    pub profile: Option<String>,
    pub asked: Vec<Asked>,
    /// The time that each exchange had.
    pub seconds: u64,
}

/// A destination, and what became of it.
pub struct Asked {
    pub url: Url,
    pub through: Through,
    pub outcome: Outcome,
}

/// The way to a destination.
pub enum Through {
    Proxy(ProxyAddress),
    /// Directly, for this reason.
    Nothing(String),
}

const HEADINGS: [&str; 5] = ["DESTINATION", "THROUGH", "CREDENTIALS", "TLS", "RESULT"];

impl Section {
    pub fn has_failed(&self) -> bool {
        self.asked.iter().any(|asked| asked.outcome.result.is_err())
    }
}

/// All of it, in the form that the user wants.
pub fn text(sections: &[Section], output: ProbeOutput) -> Result<String> {
    match output {
        ProbeOutput::Text => Ok(sections
            .iter()
            .map(|section| table(section, sections.len() > 1))
            .collect()),
        ProbeOutput::Json => {
            let sections: Vec<Value> = sections.iter().map(section_json).collect();
            Ok(format!(
                "{}\n",
                serde_json::to_string_pretty(&json!({"profiles": sections}))?
            ))
        }
    }
}

fn table(section: &Section, has_others: bool) -> String {
    let rows: Vec<[String; 5]> = section.asked.iter().map(Asked::cells).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].len());
        cells.chain([HEADINGS[column].len()]).max().unwrap_or_default()
    };
    let widths: [usize; 5] = std::array::from_fn(width);
    let line = |cells: [&str; 5]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        let padded: Vec<String> = padded.collect();
        format!("{}\n", padded.join("  ").trim_end())
    };
    let mut text = match &section.profile {
        Some(name) => format!("profile {name}:\n"),
        None if has_others => "top level:\n".to_owned(),
        None => String::new(),
    };
    text += &line(HEADINGS);
    text.extend(rows.iter().map(|row| line(row.each_ref().map(String::as_str))));
    let sentences = section.asked.iter().filter_map(|asked| {
        let sentence = asked.sentence(section.seconds)?;
        Some(format!("{}: {sentence}\n", asked.url))
    });
    text.extend(sentences);
    text
}

fn section_json(section: &Section) -> Value {
    let destination = |asked: &Asked| {
        let (through, reason) = match &asked.through {
            Through::Proxy(address) => (Some(address.to_string()), None),
            Through::Nothing(reason) => (None, Some(reason)),
        };
        let outcome = &asked.outcome;
        let issuer = match &outcome.verdict {
            Some(Verdict::Settings(issuer)) => Some(issuer),
            _ => None,
        };
        json!({
            "url": asked.url.as_str(),
            "through": through,
            "direct": reason,
            "credentials": asked.credentials(),
            "tls": asked.tls(),
            "issuer": issuer,
            "reached": outcome.result.is_ok(),
            "status": outcome.result.as_ref().ok(),
            "fault": outcome.result.as_ref().err().map(Fault::word),
            "advice": outcome.result.as_ref().err().and_then(|_| asked.sentence(section.seconds)),
        })
    };
    json!({
        "profile": section.profile,
        "destinations": section.asked.iter().map(destination).collect::<Vec<Value>>(),
    })
}

impl Asked {
    fn cells(&self) -> [String; 5] {
        let through = match &self.through {
            Through::Proxy(address) => address.to_string(),
            Through::Nothing(_) => "-".to_owned(),
        };
        let result = match &self.outcome.result {
            Ok(status) => format!("reached (status {status})"),
            Err(fault) => fault.word().to_owned(),
        };
        let result = match &self.through {
            Through::Proxy(_) => result,
            Through::Nothing(reason) => format!("{result}, not proxied ({reason})"),
        };
        let or_dash = |text: Option<&str>| text.unwrap_or("-").to_owned();
        [
            self.url.to_string(),
            through,
            or_dash(self.credentials()),
            or_dash(self.tls()),
            result,
        ]
    }

    fn credentials(&self) -> Option<&'static str> {
        match (&self.through, self.outcome.asked, &self.outcome.result) {
            (Through::Nothing(_), ..) => None,
            // The proxy never answered.
            (_, false, Err(Fault::Network(_))) => None,
            (_, false, _) => Some("not requested"),
            (_, true, Err(Fault::Credentials(_))) => Some("not accepted"),
            (_, true, _) => Some("accepted"),
        }
    }

    fn tls(&self) -> Option<&'static str> {
        match (&self.outcome.verdict, &self.through) {
            (None, _) => None,
            (Some(Verdict::Public), _) => Some("not inspected"),
            (Some(Verdict::Settings(_)), Through::Proxy(_)) => Some("inspected or internal"),
            (Some(Verdict::Settings(_)), Through::Nothing(_)) => Some("internal"),
        }
    }

    /// What to do, or who issued the certificate.
    fn sentence(&self, seconds: u64) -> Option<String> {
        let (name, is_proxy) = match &self.through {
            Through::Proxy(address) => (address.to_string(), true),
            Through::Nothing(_) => (self.url.origin().ascii_serialization(), false),
        };
        let peer = Peer {
            name,
            is_proxy,
            seconds,
        };
        match (&self.outcome.result, &self.outcome.verdict) {
            (Err(fault), _) => Some(fault.advice(&peer)),
            (Ok(_), Some(Verdict::Settings(issuer))) => {
                Some(format!("{issuer} issued the certificate, which is in trustedCa"))
            }
            (Ok(_), _) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::fault::{Credentials, Network};

    fn asked(
        url: &str,
        through: Option<&str>,
        asked: bool,
        verdict: Option<Verdict>,
        result: Result<u16, Fault>,
    ) -> Asked {
        Asked {
            url: url.parse().unwrap(),
            through: match through {
                Some(proxy) => Through::Proxy(ProxyAddress::of(proxy).unwrap()),
                None => Through::Nothing("noProxy: b.example".to_owned()),
            },
            outcome: Outcome { asked, verdict, result },
        }
    }

    fn internal() -> Verdict {
        Verdict::Settings("CN=Own".to_owned())
    }

    fn sections() -> Vec<Section> {
        let proxy = Some("http://p.example:3128");
        let refused = || Err(Credentials::Refused.into());
        vec![
            Section {
                profile: None,
                asked: vec![
                    asked("http://a.example/", proxy, false, None, Ok(200)),
                    asked("https://a.example/", proxy, true, Some(Verdict::Public), Ok(204)),
                    asked("https://b.example/", None, false, Some(internal()), Ok(200)),
                ],
                seconds: 7,
            },
            Section {
                profile: Some("own".to_owned()),
                asked: vec![
                    asked("https://a.example/", proxy, true, Some(internal()), Ok(200)),
                    asked("http://a.example/", proxy, true, None, refused()),
                    asked(
                        "http://a.example/",
                        proxy,
                        false,
                        None,
                        Err(Network::UnknownHost.into()),
                    ),
                    asked("http://b.example/", None, false, None, Err(Fault::NotHttp)),
                ],
                seconds: 7,
            },
        ]
    }

    #[test]
    fn a_table_has_a_row_for_each_destination_and_a_sentence_where_there_is_something_to_say() {
        let top = "\
DESTINATION         THROUGH                CREDENTIALS    TLS            RESULT
http://a.example/   http://p.example:3128  not requested  -              reached (status 200)
https://a.example/  http://p.example:3128  accepted       not inspected  reached (status 204)
https://b.example/  -                      -              internal       reached (status 200), not proxied (noProxy: b.example)
https://b.example/: CN=Own issued the certificate, which is in trustedCa
";
        let own = "\
profile own:
DESTINATION         THROUGH                CREDENTIALS   TLS                    RESULT
https://a.example/  http://p.example:3128  accepted      inspected or internal  reached (status 200)
http://a.example/   http://p.example:3128  not accepted  -                      not authenticated
http://a.example/   http://p.example:3128  -             -                      unreachable
http://b.example/   -                      -             -                      not a proxy, not proxied (noProxy: b.example)
https://a.example/: CN=Own issued the certificate, which is in trustedCa
http://a.example/: http://p.example:3128 rejects the credentials; check the user name and password, and percent-encode special characters
http://a.example/: the host of http://p.example:3128 cannot be resolved here; check its spelling, and the DNS of the pods
http://b.example/: http://b.example does not answer with HTTP; check the URL
";
        let sections = sections();
        assert_eq!(
            text(&sections, ProbeOutput::Text).unwrap(),
            format!("top level:\n{top}{own}")
        );
        assert_eq!(text(&sections[..1], ProbeOutput::Text).unwrap(), top);
        assert_eq!(text(&sections[1..], ProbeOutput::Text).unwrap(), own);
        assert_eq!([false, true], [sections[0].has_failed(), sections[1].has_failed()]);
    }

    #[test]
    fn json_has_what_the_table_has() {
        let found: Value = serde_json::from_str(&text(&sections(), ProbeOutput::Json).unwrap()).unwrap();
        assert_eq!(found["profiles"][0]["profile"], Value::Null);
        assert_eq!(found["profiles"][1]["profile"], "own");
        assert_eq!(
            found["profiles"][0]["destinations"][2],
            json!({
                "url": "https://b.example/", "through": null, "direct": "noProxy: b.example", "credentials": null,
                "tls": "internal", "issuer": "CN=Own", "reached": true, "status": 200, "fault": null, "advice": null,
            })
        );
        assert_eq!(
            found["profiles"][1]["destinations"][2],
            json!({
                "url": "http://a.example/", "through": "http://p.example:3128", "direct": null, "credentials": null,
                "tls": null, "issuer": null, "reached": false, "status": null, "fault": "unreachable",
                "advice": "the host of http://p.example:3128 cannot be resolved here; check its spelling, and the DNS of the pods",
            })
        );
    }
}
