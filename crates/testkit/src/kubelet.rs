//! What a container finds in its environment: the kubelet's reading of `env`.
//!
//! After `makeEnvironmentVariables` of
//! <https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kubelet_pods.go>, and `Expand` of
//! <https://github.com/kubernetes/kubernetes/blob/master/third_party/forked/golang/expansion/expand.go>.

use std::collections::BTreeMap;

use serde_json::Value;

/// What the kubelet makes of a container's `env`.
#[derive(Debug, Default)]
pub struct Environment {
    /// The variables by name. One of `valueFrom` has a text that is the same for the same source.
    pub variables: BTreeMap<String, String>,
    /// References that stay as written, since nothing in front sets them: whose value has them, and the name in them.
    pub unresolved: Vec<(String, String)>,
}

/// Reads `env`, a list or `null`, in its order. `services` are the variables that Kubernetes sets for services, of which a reference
/// is taken where no entry in front sets the name.
pub fn environment(env: &Value, services: &[(&str, &str)]) -> Environment {
    let mut environment = Environment::default();
    for entry in env.as_array().into_iter().flatten() {
        let name = entry["name"].as_str().unwrap_or_default();
        let value = match entry["value"].as_str() {
            Some(value) if !value.is_empty() => {
                let mut unresolved = Vec::new();
                let value = expand(value, |name| {
                    let service = || services.iter().find(|(service, _)| *service == name);
                    let set = environment.variables.get(name).map(String::as_str);
                    let found = set.or_else(|| service().map(|(_, value)| *value));
                    if found.is_none() {
                        unresolved.push(name.to_owned());
                    }
                    found.map(str::to_owned)
                });
                let of_entry = unresolved.into_iter().map(|reference| (name.to_owned(), reference));
                environment.unresolved.extend(of_entry);
                value
            }
            _ if entry["valueFrom"].is_object() => format!("value from {}", entry["valueFrom"]),
            _ => String::new(),
        };
        environment.variables.insert(name.to_owned(), value);
    }
    for (name, value) in services {
        let variable = environment.variables.entry((*name).to_owned());
        variable.or_insert_with(|| (*value).to_owned());
    }
    environment
}

/// The names that a value refers to.
pub fn references(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    expand(text, |name| {
        names.push(name.to_owned());
        None
    });
    names
}

/// Puts values instead of `$(NAME)`. `$$` is a `$`; a reference without a value and a single `$` are unchanged.
fn expand(text: &str, mut value: impl FnMut(&str) -> Option<String>) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((plain, behind)) = rest.split_once('$') {
        expanded.push_str(plain);
        rest = behind;
        if let Some(escaped) = behind.strip_prefix('$') {
            expanded.push('$');
            rest = escaped;
        } else if let Some((name, behind)) = behind.strip_prefix('(').and_then(|opened| opened.split_once(')')) {
            expanded.push_str(&value(name).unwrap_or_else(|| format!("$({name})")));
            rest = behind;
        } else {
            expanded.push('$');
        }
    }
    expanded + rest
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// From the tests of `expand.go`.
    #[test]
    fn a_text_is_expanded_as_kubernetes_tests_it() {
        let known = [
            ("VAR_A", "A"),
            ("VAR_B", "B"),
            ("VAR_C", "C"),
            ("VAR_REF", "$(VAR_A)"),
            ("VAR_EMPTY", ""),
        ];
        for (text, expected) in [
            ("$(VAR_A)", "A"),
            ("___$(VAR_B)___", "___B___"),
            ("$(VAR_A)-1", "A-1"),
            ("$(VAR_EMPTY)", ""),
            ("$(VAR_REF)", "$(VAR_A)"),
            ("%%$(VAR_REF)--$(VAR_REF)%%", "%%$(VAR_A)--$(VAR_A)%%"),
            ("foo$(VAR_EMPTY)bar", "foobar"),
            ("$(VAR_A)$(VAR_B)$", "AB$"),
            ("$VAR_A", "$VAR_A"),
            ("foo$$(VAR_A)", "foo$(VAR_A)"),
            ("foo$$$(VAR_B)", "foo$B"),
            ("$$$$$$$(A)", "$$$$(A)"),
            ("$(MISSING)", "$(MISSING)"),
            ("f000-$$VAR_A", "f000-$VAR_A"),
            ("$$(FOO$(VAR_B)", "$(FOOB"),
            ("$(VAR_A", "$(VAR_A"),
            ("$?", "$?"),
            ("$$", "$"),
            ("$", "$"),
        ] {
            let value = |name: &str| {
                known
                    .iter()
                    .find(|(known, _)| *known == name)
                    .map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(expand(text, value), expected, "{text}");
        }
    }

    #[test]
    fn an_entry_refers_to_what_stands_in_front_of_it() {
        let env = json!([
            {"name": "A", "value": "$(B)-$(S)"},
            {"name": "B", "value": "b"},
            {"name": "C", "value": "$(B)$(A)"},
            {"name": "B"},
            {"name": "S", "valueFrom": {"fieldRef": {}}},
        ]);
        let environment = environment(&env, &[("S", "s"), ("T", "t")]);
        let variables: Vec<_> = environment
            .variables
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(
            variables,
            ["A=$(B)-s", "B=", "C=b$(B)-s", r#"S=value from {"fieldRef":{}}"#, "T=t"]
        );
        assert_eq!(environment.unresolved, [("A".to_owned(), "B".to_owned())]);
    }
}
