//! What a container sets of the proxy variables itself.

use crate::injection::at::At;
use crate::injection::env::authors::AuthorsEnv;
use crate::injection::names::{ALL_PROXY, HTTP_PROXY, HTTPS_PROXY, NO_PROXY, Pair};
use values::Os;

/// What a container sets of one pair.
///
/// On Linux, these are the last entries of the two names. On Windows, where the names in any spelling are one variable, the
/// last entry counts, and earlier entries with different spellings are treated like it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Own {
    /// In the order in which their values are merged.
    pub entries: Vec<At>,
    /// The names to add if the pair is set, upper case first.
    pub missing: &'static [&'static str],
}

/// What a container sets of each pair.
#[derive(Debug)]
pub(crate) struct OwnPairs {
    pub http: Own,
    pub https: Own,
    pub no_proxy: Own,
    /// The last entry of `ALL_PROXY` or `all_proxy`, if it is not empty.
    pub all_proxy: Option<At>,
}

/// The last entries of a pair's two names.
#[derive(Default)]
struct Found {
    upper: Option<At>,
    lower: Option<At>,
    /// On Windows, the last entry of each spelling, the last of all first.
    spellings: Vec<At>,
}

impl Own {
    /// The first of the entries in merging order.
    pub(crate) fn first(&self) -> Option<At> {
        self.entries.first().copied()
    }

    /// The entries in the order of the pair's names, upper case first.
    pub(super) fn by_name(&self) -> impl Iterator<Item = At> {
        self.entries.iter().rev().copied()
    }
}

impl OwnPairs {
    pub(crate) fn find(env: &AuthorsEnv, os: Os) -> Self {
        let mut found: [Found; 4] = Default::default();
        for at in env.authors() {
            let name = env.name(at);
            // The shortest and the longest of the names have 8 and 11 letters.
            if !(8..=11).contains(&name.len()) {
                continue;
            }
            let pairs = [&HTTP_PROXY, &HTTPS_PROXY, &NO_PROXY, &ALL_PROXY];
            for (found, pair) in std::iter::zip(&mut found, pairs) {
                found.add(env, at, pair, os);
            }
        }
        let [http, https, no_proxy, all_proxy] = found;
        let is_not_empty = |at: &At| env.text(*at) != Some("");
        let all_proxy = all_proxy.own(&ALL_PROXY, os).entries;
        OwnPairs {
            http: http.own(&HTTP_PROXY, os),
            https: https.own(&HTTPS_PROXY, os),
            no_proxy: no_proxy.own(&NO_PROXY, os),
            all_proxy: match os {
                Os::Linux => all_proxy.into_iter().find(is_not_empty),
                Os::Windows => all_proxy.into_iter().next().filter(is_not_empty),
            },
        }
    }
}

impl Found {
    fn add(&mut self, env: &AuthorsEnv, at: At, pair: &Pair, os: Os) {
        let name = env.name(at);
        match os {
            Os::Linux if name == pair.lower() => self.lower = Some(at),
            Os::Linux if name == pair.upper() => self.upper = Some(at),
            Os::Windows if name.eq_ignore_ascii_case(pair.upper()) => {
                self.spellings.retain(|other| env.name(*other) != name);
                self.spellings.insert(0, at);
            }
            _ => {}
        }
    }

    fn own(self, pair: &'static Pair, os: Os) -> Own {
        let names = pair.names();
        match os {
            Os::Windows => Own {
                missing: if self.spellings.is_empty() { &names[..1] } else { &[] },
                entries: self.spellings,
            },
            Os::Linux => Own {
                missing: match (self.upper, self.lower) {
                    (None, None) => names,
                    (None, Some(_)) => &names[..1],
                    (Some(_), None) => &names[1..],
                    (Some(_), Some(_)) => &[],
                },
                entries: self.lower.into_iter().chain(self.upper).collect(),
            },
        }
    }
}
