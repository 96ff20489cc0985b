//! Which of the proxy variables a container sets itself.

use crate::injection::names::{ALL_PROXY, HTTP_PROXY, HTTPS_PROXY, NO_PROXY, Pair};
use crate::kubernetes::EnvVar;
use crate::values::Os;

/// The maximum number of spellings of a name that count on Windows: nobody mixes more.
const MAX_SPELLINGS: usize = 4;

/// The entries of a container's `env` that set one pair, by index, in the order in which their values are merged. If
/// several entries have the same name, the last one counts.
///
/// On Linux, these are the entries of the lower-case and of the upper-case name. On Windows, where the two names in any
/// spelling are one variable, the last entry counts, and earlier entries with different spellings are treated like it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct OwnPair([Option<usize>; MAX_SPELLINGS]);

impl OwnPair {
    pub(super) fn is_set(self) -> bool {
        self.indices().next().is_some()
    }

    /// The entries in the order in which their values are merged.
    pub(super) fn indices(self) -> impl DoubleEndedIterator<Item = usize> {
        self.0.into_iter().flatten()
    }

    /// The entries in the order of the pair's names, upper case first.
    pub(super) fn by_name(self) -> impl Iterator<Item = usize> {
        self.indices().rev()
    }

    /// The names of the pair that the container does not set, upper case first.
    pub(super) fn missing(self, pair: &'static Pair, os: Os) -> impl Iterator<Item = &'static str> {
        let (upper, lower) = match os {
            Os::Linux => (self.0[1].is_none(), self.0[0].is_none()),
            Os::Windows => (!self.is_set(), false),
        };
        let names = [upper.then(|| pair.upper()), lower.then(|| pair.lower())];
        names.into_iter().flatten()
    }

    fn add(&mut self, env: &[EnvVar], index: usize, pair: &Pair, os: Os) {
        let name = &*env[index].name;
        match os {
            Os::Linux if name == pair.lower() => self.0[0] = Some(index),
            Os::Linux if name == pair.upper() => self.0[1] = Some(index),
            Os::Windows if name.eq_ignore_ascii_case(pair.upper()) => {
                let others = self.indices().filter(|other| env[*other].name != name);
                let mut entries = std::iter::once(index).chain(others);
                self.0 = std::array::from_fn(|_| entries.next());
            }
            _ => {}
        }
    }
}

/// Which of the proxy variables a container sets itself.
#[derive(Default)]
pub(crate) struct OwnVariables {
    pub(super) http_proxy: OwnPair,
    pub(super) https_proxy: OwnPair,
    pub(super) no_proxy: OwnPair,
    /// Whether `ALL_PROXY` or `all_proxy` has a value that is not empty.
    pub(super) all_proxy: bool,
}

impl OwnVariables {
    pub(crate) fn find(env: &[EnvVar], os: Os) -> Self {
        let mut own = OwnVariables::default();
        for (index, variable) in env.iter().enumerate() {
            let name = &*variable.name;
            // Each pair has names of a different length.
            match name.len() {
                8 => own.no_proxy.add(env, index, &NO_PROXY, os),
                9 => {
                    let is_named_so = os.same_name(name, ALL_PROXY.upper()) || os.same_name(name, ALL_PROXY.lower());
                    own.all_proxy |= is_named_so && variable.literal() != Some("");
                }
                10 => own.http_proxy.add(env, index, &HTTP_PROXY, os),
                11 => own.https_proxy.add(env, index, &HTTPS_PROXY, os),
                _ => {}
            }
        }
        own
    }
}
