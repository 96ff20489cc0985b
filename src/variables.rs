//! Which of the proxy variables a container gets.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::env_changes::{EnvChanges, Set};
use crate::pod::{EnvVar, references};
use crate::record::Own;
use crate::resolved_settings::ResolvedSettings;
use crate::runtimes::{JAVA_TOOL_OPTIONS, NODE_USE_ENV_PROXY};
use crate::settings::ExistingVariables;
use crate::trusted_ca_volume;
use crate::value::{Value, fits};
use crate::values::{NoProxyList, Os, no_proxy_entries};

/// The names of one variable. Clients disagree on which of the two they read, so the two go together.
type Pair = [&'static str; 2];

const HTTP_PROXY: Pair = ["HTTP_PROXY", "http_proxy"];
const HTTPS_PROXY: Pair = ["HTTPS_PROXY", "https_proxy"];
const NO_PROXY: Pair = ["NO_PROXY", "no_proxy"];

/// Whether this is one of the six.
pub fn is_proxy_name(name: &str) -> bool {
    [HTTP_PROXY, HTTPS_PROXY, NO_PROXY].as_flattened().contains(&name)
}

/// As [`is_proxy_name`], in any case: on Windows, names have none.
pub fn is_proxy_name_in_any_case(name: &str) -> bool {
    let names = [HTTP_PROXY[0], HTTPS_PROXY[0], NO_PROXY[0]];
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether this is a variable that the policy extends where the container sets it, in any case.
pub fn is_merged_name(name: &str) -> bool {
    let names = [NO_PROXY[0], JAVA_TOOL_OPTIONS];
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether this is a variable that the policy can set, in any case.
pub fn is_known_name(name: &str) -> bool {
    is_proxy_name_in_any_case(name)
        || is_merged_name(name)
        || name.eq_ignore_ascii_case(NODE_USE_ENV_PROXY)
        || trusted_ca_volume::is_variable(name)
}

/// The values for the containers of one pod.
pub struct Variables {
    /// As Kubernetes reads it: `$` doubled.
    http_proxy: Option<Value>,
    https_proxy: Option<Value>,
    no_proxy: Value,
    existing: ExistingVariables,
    windows: bool,
}

impl Variables {
    pub fn new(settings: &ResolvedSettings, no_proxy: &NoProxyList, windows: bool) -> Self {
        Variables {
            http_proxy: settings.http_proxy.as_ref().map(Value::of_proxy),
            https_proxy: settings.https_proxy.as_ref().map(Value::of_proxy),
            no_proxy: Value::literal(no_proxy.value().to_owned()),
            existing: settings.existing_variables,
            windows,
        }
    }

    /// How long the policy's `NO_PROXY` is.
    pub fn no_proxy_len(&self) -> usize {
        self.no_proxy.text().len()
    }

    /// Decides what to change in a container whose own variables are `env`.
    pub fn changes<'v>(&'v self, env: &[EnvVar]) -> EnvChanges<'v> {
        let mut changes = EnvChanges {
            behind: Vec::with_capacity(6),
            ..EnvChanges::default()
        };
        for (pair, value) in [(&HTTP_PROXY, &self.http_proxy), (&HTTPS_PROXY, &self.https_proxy)] {
            if let Some(value) = value
                && self.gives(env, pair)
            {
                self.give(env, pair, value, &mut changes);
            }
        }
        let keeps_own =
            |pair, value: &Option<Value>| self.is_own(env, pair) && !(value.is_some() && self.gives(env, pair));
        let own_proxies = keeps_own(&HTTP_PROXY, &self.http_proxy) && keeps_own(&HTTPS_PROXY, &self.https_proxy);
        let any_proxy = self.http_proxy.is_some() || self.https_proxy.is_some();
        if any_proxy && !own_proxies && !self.no_proxy.text().is_empty() {
            if self.gives(env, &NO_PROXY) {
                self.give(env, &NO_PROXY, &self.no_proxy, &mut changes);
            } else if self.existing == ExistingVariables::Merge {
                self.merge_no_proxy(env, &mut changes);
            }
        }
        // What is replaced refers to nothing any more.
        let replaced = |index| {
            changes
                .set
                .iter()
                .any(|set| set.index == index && set.own == Own::Place)
        };
        let refer_to = |pairs: &[Pair]| {
            env.iter().enumerate().any(|(index, own)| {
                own.references().any(|name| pairs.as_flattened().contains(&name)) && !replaced(index)
            })
        };
        if refer_to(&[HTTP_PROXY, HTTPS_PROXY, NO_PROXY]) {
            // What itself refers to a variable of the container, as a merged NO_PROXY may, must stay behind that.
            let own: HashSet<&str> = env.iter().map(|variable| &*variable.name).collect();
            let refers_to_own = |value: &str| references(value).any(|name| own.contains(name));
            let no_proxy_in_front = refer_to(&[NO_PROXY]);
            (changes.in_front, changes.behind) = changes.behind.into_iter().partition(|(name, value)| {
                !NO_PROXY.contains(name) || no_proxy_in_front || !refers_to_own(value.text())
            });
        }
        changes
    }

    /// Whether a container that sets `name` gets the policy's value in its place.
    pub fn replaces(&self, name: &str) -> bool {
        let is_of = |pair: &Pair| pair[0].eq_ignore_ascii_case(name);
        let any_proxy = self.http_proxy.is_some() || self.https_proxy.is_some();
        self.existing == ExistingVariables::Override
            && (is_of(&HTTP_PROXY) && self.http_proxy.is_some()
                || is_of(&HTTPS_PROXY) && self.https_proxy.is_some()
                || is_of(&NO_PROXY) && any_proxy && !self.no_proxy.text().is_empty())
    }

    /// Windows takes both spellings for one variable, so there a pair has the upper-case name only.
    fn names<'p>(&self, pair: &'p Pair) -> &'p [&'static str] {
        if self.windows { &pair[..1] } else { pair }
    }

    /// The entry that sets `name`: of several, the last one wins.
    pub fn position(&self, env: &[EnvVar], name: &str) -> Option<usize> {
        let os = if self.windows { Os::Windows } else { Os::Linux };
        env.iter().rposition(|variable| os.same_name(&variable.name, name))
    }

    fn is_own(&self, env: &[EnvVar], pair: &Pair) -> bool {
        self.names(pair).iter().any(|name| self.position(env, name).is_some())
    }

    /// Whether the pair gets the policy's value, if there is one.
    fn gives(&self, env: &[EnvVar], pair: &Pair) -> bool {
        self.existing == ExistingVariables::Override || !self.is_own(env, pair)
    }

    /// Whether the container gets the policy's http proxy, and whether its https proxy.
    pub fn given_proxies(&self, env: &[EnvVar]) -> [bool; 2] {
        [(&self.http_proxy, &HTTP_PROXY), (&self.https_proxy, &HTTPS_PROXY)]
            .map(|(value, pair)| value.is_some() && self.gives(env, pair))
    }

    /// The `NO_PROXY` that the container has after the changes; the policy's where it is not known.
    pub fn no_proxy<'v>(&'v self, env: &'v [EnvVar], changes: &'v EnvChanges) -> &'v str {
        let new = changes.new_variables().find(|(name, _)| NO_PROXY.contains(name));
        let own = || {
            let index = self
                .names(&NO_PROXY)
                .iter()
                .rev()
                .find_map(|name| self.position(env, name))?;
            match changes.set.iter().find(|set| set.index == index) {
                Some(set) => Some(set.value.text()),
                None => env[index].literal(),
            }
        };
        new.map(|(_, value)| value.text())
            .or_else(own)
            .unwrap_or_else(|| self.no_proxy.text())
    }

    /// Sets every name of the pair to `value`.
    fn give<'v>(&self, env: &[EnvVar], pair: &Pair, value: &'v Value, changes: &mut EnvChanges<'v>) {
        self.set(env, pair, Cow::Borrowed(value), |_| Own::Place, changes);
    }

    fn set<'v>(
        &self,
        env: &[EnvVar],
        pair: &Pair,
        value: Cow<'v, Value>,
        own: impl Fn(&EnvVar) -> Own,
        changes: &mut EnvChanges<'v>,
    ) {
        if !fits(pair[0], value.text(), self.windows) {
            changes.too_long.push(pair[0]);
            return;
        }
        for name in self.names(pair) {
            match self.position(env, name) {
                Some(index) if value.is_set_by(&env[index]) => {}
                Some(index) => changes.set.push(Set {
                    index,
                    value: value.clone(),
                    own: own(&env[index]),
                }),
                None => changes.behind.push((name, value.clone())),
            }
        }
    }

    /// Puts the policy's entries that it lacks behind those of the container's own `NO_PROXY`, if that can be extended.
    fn merge_no_proxy(&self, env: &[EnvVar], changes: &mut EnvChanges) {
        if let Some(value) = self.merged_no_proxy(env) {
            let own = |variable: &EnvVar| match variable.literal().unwrap_or_default() {
                own if value.starts_with(own) => Own::Part(own.len()),
                own => Own::Was(own.to_owned()),
            };
            let merged = Cow::Owned(Value::literal(value.clone()));
            self.set(env, &NO_PROXY, merged, own, changes);
        }
    }

    /// `None` where the container's own cannot be extended.
    fn merged_no_proxy(&self, env: &[EnvVar]) -> Option<String> {
        let mut texts = Vec::new();
        for name in self.names(&NO_PROXY).iter().rev() {
            if let Some(index) = self.position(env, name) {
                texts.push(env[index].literal()?);
            }
        }
        let mut merged = NoProxyList::default();
        for text in &texts {
            no_proxy_entries(text).next()?;
            merged.push_value(text);
        }
        if merged.is_everything() {
            return None;
        }
        let own = merged.len();
        merged.push_value(self.no_proxy.text());
        if merged.len() == own && texts.iter().all(|text| *text == texts[0]) {
            return Some(texts[0].to_owned());
        }
        if texts.len() == 1 {
            return Some(merged.value().to_owned());
        }
        // As in no_proxy=$(NO_PROXY): the merged list has the other's entries, and would refer to itself.
        let refers_to_itself = |entry: &&str| ["$(NO_PROXY)", "$(no_proxy)"].contains(entry);
        let entries: Vec<&str> = no_proxy_entries(merged.value())
            .filter(|entry| !refers_to_itself(entry))
            .collect();
        Some(entries.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http_proxy_config::HttpProxyConfig;
    use crate::pod::EnvValue;
    use crate::proxy::Proxy;
    use crate::settings::General;
    use crate::values::MAX_VARIABLE_BYTES;
    use crate::values::ProxyUrl;
    use ExistingVariables::{Keep, Merge, Override};

    /// `NAME=value`, or `NAME` for `valueFrom`.
    fn own(env: &[&'static str]) -> Vec<EnvVar<'static>> {
        let variable = |entry: &&'static str| match entry.split_once('=') {
            Some((name, text)) => EnvVar {
                place: 0..0,
                name: name.into(),
                value: EnvValue::Literal {
                    text: text.into(),
                    place: None,
                },
            },
            None => EnvVar {
                place: 0..0,
                name: (*entry).into(),
                value: EnvValue::From { json: "{}" },
            },
        };
        env.iter().map(variable).collect()
    }

    fn list(value: &str) -> NoProxyList {
        let mut list = NoProxyList::default();
        list.push_value(value);
        list
    }

    struct Proxies {
        http: Option<&'static str>,
        https: Option<&'static str>,
    }

    const P: Proxies = Proxies {
        http: Some("http://p"),
        https: Some("http://p"),
    };

    fn resolved(config: HttpProxyConfig, existing_variables: ExistingVariables) -> ResolvedSettings {
        let general = General {
            existing_variables,
            ..General::default()
        };
        ResolvedSettings::new(config, general, 0, &mut Vec::new())
    }

    /// What a container with `env` ends up with, given the proxies and a `NO_PROXY` of `a,b`.
    fn result(proxies: &Proxies, existing: ExistingVariables, windows: bool, env: &[&'static str]) -> Vec<String> {
        let url =
            |url: Option<&'static str>| url.map(|url| Proxy::Url(ProxyUrl::parse(url.into(), &["http"]).unwrap()));
        let config = HttpProxyConfig {
            http_proxy: url(proxies.http),
            https_proxy: url(proxies.https),
            ..HttpProxyConfig::default()
        };
        let settings = resolved(config, existing);
        let no_proxy = list("a,b");
        let variables = Variables::new(&settings, &no_proxy, windows);
        let changes = variables.changes(&own(env));
        assert_eq!(changes.too_long, Vec::<&str>::new());
        let mut result: Vec<String> = env.iter().map(|entry| (*entry).to_owned()).collect();
        for Set { index, value, .. } in changes.set {
            let name = result[index].split('=').next().unwrap().to_owned();
            result[index] = format!("{name}={}", value.text());
        }
        let new = |(name, value): (&str, Cow<Value>)| format!("{name}={}", value.text());
        let mut all: Vec<String> = changes.in_front.into_iter().map(new).collect();
        all.extend(result);
        all.extend(changes.behind.into_iter().map(new));
        all
    }

    #[track_caller]
    fn check(existing: ExistingVariables, env: &[&'static str], expected: &[&str]) {
        assert_eq!(result(&P, existing, false, env), expected);
    }

    #[test]
    fn new_variables_go_behind_the_containers_own_in_order() {
        for existing in [Merge, Keep, Override] {
            check(
                existing,
                &["A=1", "B"],
                &[
                    "A=1",
                    "B",
                    "HTTP_PROXY=http://p",
                    "http_proxy=http://p",
                    "HTTPS_PROXY=http://p",
                    "https_proxy=http://p",
                    "NO_PROXY=a,b",
                    "no_proxy=a,b",
                ],
            );
        }
    }

    const URLS: &str = "HTTP_PROXY=http://p http_proxy=http://p HTTPS_PROXY=http://p https_proxy=http://p";

    /// Own variables, and what stands behind the four URL variables afterwards.
    #[track_caller]
    fn check_no_proxy(env: &[&'static str], changed: &[&'static str], added: &[&'static str]) {
        let mut expected = changed.to_vec();
        expected.extend(URLS.split(' '));
        expected.extend(added);
        check(Merge, env, &expected);
    }

    #[test]
    fn merge_extends_the_containers_no_proxy_in_both_names() {
        check_no_proxy(&["no_proxy=nginx"], &["no_proxy=nginx,a,b"], &["NO_PROXY=nginx,a,b"]);
        check_no_proxy(&["NO_PROXY=nginx"], &["NO_PROXY=nginx,a,b"], &["no_proxy=nginx,a,b"]);
        check_no_proxy(&["NO_PROXY=B,x"], &["NO_PROXY=B,x,a"], &["no_proxy=B,x,a"]);
        check_no_proxy(&["no_proxy= x , y "], &["no_proxy=x,y,a,b"], &["NO_PROXY=x,y,a,b"]);
        // The lower-case name's entries come first.
        check_no_proxy(
            &["NO_PROXY=u,both", "no_proxy=l,both"],
            &["NO_PROXY=l,both,u,a,b", "no_proxy=l,both,u,a,b"],
            &[],
        );
        // Nothing is missing: the value stays as it is written.
        check_no_proxy(&["no_proxy=b, a"], &["no_proxy=b, a"], &["NO_PROXY=b, a"]);
        // Of two entries for one name the last one counts.
        check_no_proxy(
            &["no_proxy=x", "no_proxy=y"],
            &["no_proxy=x", "no_proxy=y,a,b"],
            &["NO_PROXY=y,a,b"],
        );
    }

    #[test]
    fn a_merged_no_proxy_does_not_refer_to_itself() {
        let mut expected: Vec<&str> = URLS.split(' ').collect();
        expected.extend(["NO_PROXY=y,x,a,b", "no_proxy=y,x,a,b"]);
        check(Merge, &["NO_PROXY=x", "no_proxy=$(NO_PROXY),y"], &expected);
    }

    #[test]
    fn merge_keeps_a_no_proxy_that_cannot_be_extended() {
        for own in ["NO_PROXY=*", "no_proxy=x,*", "NO_PROXY=", "no_proxy= ", "no_proxy"] {
            check_no_proxy(&[own], &[own], &[]);
            check_no_proxy(&["no_proxy=x", "NO_PROXY"], &["no_proxy=x", "NO_PROXY"], &[]);
        }
    }

    #[test]
    fn merge_keeps_proxies() {
        for own in ["HTTP_PROXY=http://own", "http_proxy=", "HTTP_PROXY"] {
            check(
                Merge,
                &[own],
                &[
                    own,
                    "HTTPS_PROXY=http://p",
                    "https_proxy=http://p",
                    "NO_PROXY=a,b",
                    "no_proxy=a,b",
                ],
            );
        }
    }

    #[test]
    fn with_proxies_of_its_own_a_container_keeps_its_no_proxy_set_or_not() {
        for existing in [Merge, Keep] {
            check(
                existing,
                &["http_proxy=x", "HTTPS_PROXY"],
                &["http_proxy=x", "HTTPS_PROXY"],
            );
            let all = ["http_proxy=x", "HTTPS_PROXY", "NO_PROXY=y"];
            check(existing, &all, &all);
        }
    }

    #[test]
    fn keep_leaves_any_pair_of_the_container_alone() {
        check(
            Keep,
            &["no_proxy=x", "http_proxy=http://own"],
            &[
                "no_proxy=x",
                "http_proxy=http://own",
                "HTTPS_PROXY=http://p",
                "https_proxy=http://p",
            ],
        );
    }

    #[test]
    fn override_replaces_where_the_name_stands_and_adds_the_other() {
        check(
            Override,
            &["no_proxy=x", "A=1", "HTTP_PROXY", "https_proxy=http://p"],
            &[
                "no_proxy=a,b",
                "A=1",
                "HTTP_PROXY=http://p",
                "https_proxy=http://p",
                "http_proxy=http://p",
                "HTTPS_PROXY=http://p",
                "NO_PROXY=a,b",
            ],
        );
    }

    #[test]
    fn a_pair_without_a_value_is_not_set() {
        let https_only = Proxies { http: None, ..P };
        assert_eq!(
            result(&https_only, Merge, false, &["HTTP_PROXY=http://own"]),
            [
                "HTTP_PROXY=http://own",
                "HTTPS_PROXY=http://p",
                "https_proxy=http://p",
                "NO_PROXY=a,b",
                "no_proxy=a,b"
            ]
        );
        let none = Proxies {
            http: None,
            https: None,
        };
        assert_eq!(result(&none, Merge, false, &["no_proxy=x"]), ["no_proxy=x"]);
    }

    #[test]
    fn references_to_the_six_resolve() {
        let mut expected: Vec<&str> = URLS.split(' ').collect();
        expected.extend(["NO_PROXY=a,b", "no_proxy=a,b", "OPTS=--proxy $(HTTP_PROXY)"]);
        check(Merge, &["OPTS=--proxy $(HTTP_PROXY)"], &expected);
        // An escaped dollar is no reference, and neither is another variable's name.
        for own in [
            "OPTS=$$(HTTP_PROXY)",
            "OPTS=$(HTTP_PROXY",
            "OPTS=$(PROXY)",
            "OPTS=$HTTP_PROXY",
        ] {
            check_no_proxy(&[own], &[own], &["NO_PROXY=a,b", "no_proxy=a,b"]);
        }
    }

    #[test]
    fn a_merged_no_proxy_stays_behind_the_variables_that_it_refers_to() {
        let mut expected: Vec<&str> = URLS.split(' ').collect();
        expected.extend(["X=x", "no_proxy=$(X),a,b", "OPTS=$(HTTP_PROXY)", "NO_PROXY=$(X),a,b"]);
        check(Merge, &["X=x", "no_proxy=$(X)", "OPTS=$(HTTP_PROXY)"], &expected);
    }

    #[test]
    fn windows_has_one_name_for_a_variable_whatever_its_case() {
        assert_eq!(
            result(&P, Merge, true, &["no_proxy=x", "Https_Proxy=http://own"]),
            ["no_proxy=x,a,b", "Https_Proxy=http://own", "HTTP_PROXY=http://p"]
        );
    }

    #[test]
    fn a_dollar_in_a_url_is_escaped() {
        let dollar = Proxies {
            http: Some("http://u:$(A)$@p"),
            https: None,
        };
        let result = result(&dollar, Merge, false, &[]);
        assert_eq!(result[0], "HTTP_PROXY=http://u:$$(A)$$@p");
    }

    #[test]
    fn a_value_over_the_systems_limit_is_not_set() {
        let proxy = ProxyUrl::parse("http://p".into(), &["http"]).unwrap();
        let config = HttpProxyConfig {
            https_proxy: Some(Proxy::Url(proxy)),
            ..HttpProxyConfig::default()
        };
        let settings = resolved(config, Merge);
        let long = format!(
            "no_proxy={}",
            "x".repeat(MAX_VARIABLE_BYTES - "NO_PROXY=".len() - ",a".len())
        );
        let env = own(&[long.leak()]);
        for (policy, too_long) in [("a", vec!["NO_PROXY"]), ("", vec![])] {
            let no_proxy = list(policy);
            let variables = Variables::new(&settings, &no_proxy, false);
            let changes = variables.changes(&env);
            assert_eq!(changes.too_long, too_long);
            assert!(changes.set.is_empty());
        }
    }
}
