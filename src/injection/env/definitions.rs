//! Where variables are defined, as the kubelet sees them.
//!
//! The kubelet processes `env` in order. It expands `$(NAME)` from the entries before it, or else from the variables of
//! services; otherwise it leaves the text as it is (`makeEnvironmentVariables` of
//! <https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kubelet_pods.go>). So a reference means one thing in front
//! of an entry that sets the variable, and another one after it.

use std::cell::OnceCell;
use std::collections::HashMap;

use crate::kubernetes::EnvVar;
use crate::values::MAX_VARIABLE_BYTES;

/// The maximum length of a chain of references.
const MAX_DEPTH: usize = 16;

/// The entries of an `env` by name.
pub(super) struct Definitions<'e> {
    env: &'e [EnvVar<'e>],
    /// Says whether the value of an entry is replaced. Such a value counts as empty: nothing of it remains.
    is_replaced: &'e dyn Fn(usize) -> bool,
    by_name: OnceCell<HashMap<&'e str, Vec<usize>>>,
}

/// How to write a reference so that it stands for the variable's last value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Resolved {
    /// As a reference: the variable is set in front, or not at all.
    AsReference,
    /// As this text: the variable is set later, to a literal value.
    As(String),
    /// Not possible: the variable is set later, to a value that only the kubelet knows.
    Unknown,
}

impl<'e> Definitions<'e> {
    pub(super) fn new(env: &'e [EnvVar<'e>], is_replaced: &'e dyn Fn(usize) -> bool) -> Self {
        Definitions {
            env,
            is_replaced,
            by_name: OnceCell::new(),
        }
    }

    /// The last entry in front of index `before` that sets `name`.
    pub(super) fn last_before(&self, name: &str, before: usize) -> Option<usize> {
        let by_name = self.by_name.get_or_init(|| {
            let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
            for (index, variable) in self.env.iter().enumerate() {
                by_name.entry(&variable.name).or_default().push(index);
            }
            by_name
        });
        let all = by_name.get(name)?;
        let earlier = all.partition_point(|index| *index < before);
        earlier.checked_sub(1).map(|last| all[last])
    }

    /// The text of an entry; `None` if only the kubelet knows it.
    fn literal(&self, index: usize) -> Option<&'e str> {
        if (self.is_replaced)(index) {
            Some("")
        } else {
            self.env[index].literal()
        }
    }

    /// How to write a reference to `name` in front of index `at`.
    pub(super) fn resolve(&self, name: &str, at: usize) -> Resolved {
        let end = self.env.len();
        if at == end || self.last_before(name, end) == self.last_before(name, at) {
            return Resolved::AsReference;
        }
        let reference = format!("$({name})");
        self.rewrite(&reference, end, at)
            .map_or(Resolved::Unknown, Resolved::As)
    }

    /// Rewrites a value from index `from` so that it means the same at the earlier index `to`; `None` if it refers to a
    /// value that only the kubelet knows.
    pub(super) fn rewrite(&self, value: &str, from: usize, to: usize) -> Option<String> {
        let mut rewritten = String::new();
        self.push_rewritten(value, from, to, MAX_DEPTH, &mut rewritten)?;
        Some(rewritten)
    }

    fn push_rewritten(&self, value: &str, from: usize, to: usize, depth: usize, out: &mut String) -> Option<()> {
        let mut rest = value;
        while let Some((plain, after)) = rest.split_once('$') {
            out.push_str(plain);
            if let Some(escaped) = after.strip_prefix('$') {
                out.push_str("$$");
                rest = escaped;
                continue;
            }
            let Some((name, after)) = after.strip_prefix('(').and_then(|opened| opened.split_once(')')) else {
                out.push('$');
                rest = after;
                continue;
            };
            let definition = self.last_before(name, from);
            if definition == self.last_before(name, to) {
                out.extend(["$(", name, ")"]);
            } else {
                let definition = definition.filter(|_| depth > 0 && out.len() < MAX_VARIABLE_BYTES)?;
                self.push_rewritten(self.literal(definition)?, definition, to, depth - 1, out)?;
            }
            rest = after;
        }
        out.push_str(rest);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::injection::env::desired::tests::env;

    #[test]
    fn a_reference_to_a_later_variable_is_written_as_its_value() {
        let env = env(&["A=1", "B=$(A)", "C=$(B)-$$(B)-$X", "D", "A=2"]);
        let definitions = Definitions::new(&env, &|_| false);
        let as_text = |text: &str| Resolved::As(text.to_owned());
        for (name, at, expected) in [
            ("A", 5, Resolved::AsReference),
            ("A", 1, as_text("2")),
            ("B", 2, Resolved::AsReference),
            ("B", 1, as_text("$(A)")),
            ("B", 0, as_text("1")),
            ("C", 0, as_text("1-$$(B)-$X")),
            ("D", 0, Resolved::Unknown),
            ("D", 4, Resolved::AsReference),
            ("KUBERNETES_SERVICE_HOST", 0, Resolved::AsReference),
        ] {
            assert_eq!(definitions.resolve(name, at), expected, "{name} at {at}");
        }
    }

    #[test]
    fn values_that_grow_without_end_are_not_written() {
        let chain: Vec<String> = (0..20).map(|n| format!("V{}=$(V{n})$(V{n})", n + 1)).collect();
        let mut all = vec!["V0=x"];
        all.extend(chain.iter().map(String::as_str));
        let env = env(&all);
        let definitions = Definitions::new(&env, &|_| false);
        assert_eq!(definitions.resolve("V20", 0), Resolved::Unknown);
        assert_eq!(definitions.resolve("V3", 0), Resolved::As("x".repeat(8)));
    }
}
