//! The `env` that a container is to have: the author's variables and the policy's, each in its place.

use std::collections::HashSet;
use std::rc::Rc;

use super::assignments::NewVariable;
use super::{Assignments, AuthorsEnv, Value};
use crate::injection::names::is_proxy_variable;
use crate::injection::record::{Claim, Origin, written_claims};
use crate::json::Reader;
use crate::kubernetes::{EnvValue, EnvVar, references};

/// The variables that a container is to have, in order.
pub(crate) struct DesiredEnv {
    variables: Vec<DesiredVariable>,
    /// The indices of the current entries that are left out.
    removed: Vec<usize>,
}

/// One variable of the list.
struct DesiredVariable {
    /// The index of the entry in the current list.
    current: Option<usize>,
    content: Content,
}

enum Content {
    /// An entry of the author's, unchanged.
    Own,
    /// An entry of the author's, with the value from before the policy set it.
    Restored(String),
    /// An entry of the author's with a new value: the index of the assignment.
    Set(Value, Origin, usize),
    /// An entry of the policy's.
    New(&'static str, Value),
}

/// How the current and the desired list differ: the names of variables.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Difference<'d> {
    pub missing: Vec<&'d str>,
    pub out_of_date: Vec<&'d str>,
    pub no_longer_set: Vec<&'d str>,
}

impl DesiredEnv {
    /// Joins the author's variables and what the policy sets. New variables go in front of the author's variable
    /// `new_at`, unless they can stay where they are.
    pub(crate) fn new(current: &[EnvVar], authors: &AuthorsEnv, assignments: Assignments, new_at: usize) -> Self {
        let own = authors.variables.len();
        let at = in_place(current, authors, &assignments, new_at).unwrap_or(new_at);
        let Assignments { set, new } = assignments;
        let authors_variable = |index| {
            // There are only a few, at most one for each name.
            let content = match set.iter().position(|assignment| assignment.index == index) {
                Some(place) => Content::Set(set[place].value.clone(), set[place].origin.clone(), place),
                None if authors.restored.contains(&index) => {
                    let text = authors.variables[index].literal().unwrap_or_default();
                    Content::Restored(text.to_owned())
                }
                None => Content::Own,
            };
            let current = Some(authors.current_index(index));
            DesiredVariable { current, content }
        };
        let mut unused = authors.added_by_policy.clone();
        let mut new_variable = |variable: &NewVariable| {
            let found = unused.iter().rposition(|index| current[*index].name == variable.name);
            DesiredVariable {
                current: found.map(|found| unused.remove(found)),
                content: Content::New(variable.name, variable.value.clone()),
            }
        };
        let is_last = |variable: &&NewVariable| variable.at_the_end;
        let mut variables = Vec::with_capacity(own + new.len());
        variables.extend((0..at).map(authors_variable));
        variables.extend(new.iter().filter(|variable| !is_last(variable)).map(&mut new_variable));
        variables.extend((at..own).map(authors_variable));
        variables.extend(new.iter().filter(is_last).map(&mut new_variable));
        DesiredEnv {
            variables,
            removed: unused,
        }
    }

    /// The policy's claims on the list: first what it added, then what it set, in the order of the pairs.
    pub(crate) fn claims<'c>(&'c self, current: &'c [EnvVar]) -> Vec<Claim<'c>> {
        let mut claims = Vec::with_capacity(self.variables.len() - current.len().min(self.variables.len()));
        let mut set = Vec::new();
        for variable in &self.variables {
            match (&variable.content, variable.current) {
                (Content::New(name, value), _) => claims.push(Claim {
                    name,
                    digest: value.digest(),
                    origin: Origin::Added,
                }),
                (Content::Set(value, origin, place), Some(index)) => {
                    let (name, digest, origin) = (&*current[index].name, value.digest(), origin.clone());
                    let earlier = set.partition_point(|(other, _)| other < place);
                    set.insert(earlier, (*place, Claim { name, digest, origin }));
                }
                _ => {}
            }
        }
        claims.extend(set.into_iter().map(|(_, claim)| claim));
        claims
    }

    /// The list as JSON; `None` if it equals the current one.
    pub(crate) fn written(&self, text: &str, current: &[EnvVar]) -> Option<String> {
        let is_current = |(index, variable): (usize, &DesiredVariable)| {
            variable.current == Some(index) && variable.is_as_written(&current[index])
        };
        if self.removed.is_empty() && self.variables.iter().enumerate().all(is_current) {
            return None;
        }
        let bytes: usize = current.iter().map(|variable| variable.span.len() + 1).sum();
        let added: usize = self.variables.iter().map(DesiredVariable::added_bytes).sum();
        let mut list = String::with_capacity(bytes + added + 64 * self.variables.len() + 2);
        for variable in &self.variables {
            list.push(if list.is_empty() { '[' } else { ',' });
            variable.write(text, current, &mut list);
        }
        if list.is_empty() {
            list.push('[');
        }
        list.push(']');
        Some(list)
    }

    /// What is added at the end of the list; `None` if anything else changes as well. `last` is what was added to another
    /// container, which is mostly the same.
    pub(crate) fn additions<'l>(&self, current: &[EnvVar], last: &'l mut Option<Additions>) -> Option<&'l Additions> {
        let (own, added) = self.variables.split_at_checked(current.len())?;
        let is_own = |(index, variable): (usize, &DesiredVariable)| {
            variable.current == Some(index) && matches!(variable.content, Content::Own)
        };
        if !self.removed.is_empty() || added.is_empty() || !own.iter().enumerate().all(is_own) {
            return None;
        }
        if !last.as_ref().is_some_and(|last| last.are(added)) {
            *last = Some(Additions::new(added, written_claims(&self.claims(current))));
        }
        last.as_ref()
    }

    /// How the current list differs from this one.
    pub(crate) fn difference<'d>(&'d self, current: &'d [EnvVar]) -> Difference<'d> {
        let mut difference = Difference::default();
        for variable in &self.variables {
            match (variable.current, &variable.content) {
                (Some(index), _) if variable.is_as_written(&current[index]) => {}
                (Some(index), _) => difference.out_of_date.push(&current[index].name),
                (None, Content::New(name, _)) => difference.missing.push(name),
                (None, _) => {}
            }
        }
        difference.no_longer_set = self.removed.iter().map(|index| &*current[*index].name).collect();
        difference
    }
}

/// Variables that are added at the end of lists, written once for all containers that get the same.
pub(crate) struct Additions {
    variables: Vec<(&'static str, Value)>,
    /// The entries as JSON, separated by commas.
    pub items: Rc<String>,
    /// The policy's claims on them, as the record has them.
    pub claims: String,
}

impl Additions {
    fn new(added: &[DesiredVariable], claims: String) -> Self {
        let bytes: usize = added.iter().map(DesiredVariable::added_bytes).sum();
        let mut items = String::with_capacity(bytes + 64 * added.len());
        for variable in added {
            items.push_str(if items.is_empty() { "" } else { "," });
            variable.write("", &[], &mut items);
        }
        Additions {
            variables: added.iter().filter_map(DesiredVariable::managed).collect(),
            items: Rc::new(items),
            claims,
        }
    }

    /// Whether these are the variables that are added.
    fn are(&self, added: &[DesiredVariable]) -> bool {
        let is = |(known, variable): (&(&'static str, Value), &DesiredVariable)| match &variable.content {
            Content::New(name, value) => known.0 == *name && known.1.is(value),
            _ => false,
        };
        self.variables.len() == added.len() && std::iter::zip(&self.variables, added).all(is)
    }
}

impl DesiredVariable {
    /// Whether the current entry already has its value.
    fn is_as_written(&self, current: &EnvVar) -> bool {
        match &self.content {
            Content::Own => true,
            Content::Restored(text) => current.literal() == Some(text),
            Content::Set(value, ..) | Content::New(_, value) => value.is_set_by(current),
        }
    }

    /// The name and value of a variable that the policy adds.
    fn managed(&self) -> Option<(&'static str, Value)> {
        match &self.content {
            Content::New(name, value) => Some((name, value.clone())),
            _ => None,
        }
    }

    /// About how many bytes of it are not in the current list.
    fn added_bytes(&self) -> usize {
        match &self.content {
            Content::Own => 0,
            Content::Restored(text) => text.len(),
            Content::Set(value, ..) | Content::New(_, value) => value.member().len(),
        }
    }

    fn write(&self, text: &str, current: &[EnvVar], out: &mut String) {
        let current = self.current.map(|index| &current[index]);
        match (&self.content, current) {
            (_, Some(current)) if self.is_as_written(current) => out.push_str(current.span.of(text)),
            (Content::Restored(own), Some(current)) => {
                push_with_value(text, current, &Value::literal(own), out);
            }
            (Content::Set(value, ..), Some(current)) => push_with_value(text, current, value, out),
            (Content::New(name, value), _) => {
                out.extend(["{\"name\":\"", name, "\",", value.member(), "}"]);
            }
            // The author's variables are all in the current list.
            (Content::Own | Content::Restored(_) | Content::Set(..), _) => {}
        }
    }
}

/// Writes an entry with a new value. Its other fields are kept.
fn push_with_value(text: &str, variable: &EnvVar, value: &Value, out: &mut String) {
    if let (EnvValue::Literal { span: Some(span), .. }, "value") = (&variable.value, value.key()) {
        let part = |start, end| crate::json::Span { start, end }.of(text);
        out.push_str(part(variable.span.start, span.start));
        out.push_str(value.json());
        out.push_str(part(span.end, variable.span.end));
        return;
    }
    // An entry that was read is an object.
    let members = Reader::at(text, variable.span.start).member_spans().unwrap_or_default();
    out.push('{');
    for (key, member) in members {
        if !matches!(&*key, "value" | "valueFrom") {
            out.extend([member.of(text), ","]);
        }
    }
    out.extend([value.member(), "}"]);
}

/// The place of the new variables in the current list, as an index into the author's variables, if they can stay there.
/// They can if all of them are there, in order and without a gap, and no variable between that place and `new_at`
/// refers to them or is one that they refer to. So entries that were added to the list later do not move them.
fn in_place(current: &[EnvVar], authors: &AuthorsEnv, assignments: &Assignments, new_at: usize) -> Option<usize> {
    let there = &authors.added_by_policy;
    let first = *there.first()?;
    let is_named_so = |(index, new): (&usize, &NewVariable)| current[*index].name == new.name;
    let in_order = there.len() == assignments.new.len()
        && there.windows(2).all(|pair| pair[1] == pair[0] + 1)
        && std::iter::zip(there, &assignments.new).all(is_named_so);
    if !in_order || assignments.new.iter().any(|variable| variable.at_the_end) {
        return None;
    }
    let own = authors.variables.len();
    let at = (0..own)
        .find(|index| authors.current_index(*index) > first)
        .unwrap_or(own);
    let between = authors.variables.get(at..new_at)?;
    let is_new = |name: &str| assignments.new.iter().any(|variable| variable.name == name);
    // Earlier settings may have put them in front of a reference that is now overridden.
    let refers_to_new = |own: &EnvVar| own.references().any(|name| is_proxy_variable(name) || is_new(name));
    if between.iter().any(refers_to_new) {
        return None;
    }
    let names: HashSet<&str> = between.iter().map(|variable| &*variable.name).collect();
    let refers_to_own = |value: &Value| references(value.text()).any(|name| names.contains(name));
    let may_stay = names.is_empty() || !assignments.new.iter().any(|variable| refers_to_own(&variable.value));
    may_stay.then_some(at)
}

#[cfg(test)]
pub(in crate::injection) mod tests {
    use super::*;
    use crate::injection::env::{OwnVariables, Place, ProxyVariables};
    use crate::injection::record::Digest;
    use crate::json::Span;
    use crate::settings::{ExistingVariables, ResolvedSettings};
    use crate::values::{NoProxyList, Os};
    use ExistingVariables::{Keep, Merge, Override};

    /// `NAME=value`, or `NAME` for `valueFrom`.
    pub(in crate::injection) fn env<'t>(entries: &[&'t str]) -> Vec<EnvVar<'t>> {
        let variable = |entry: &&'t str| {
            let (name, value) = match entry.split_once('=') {
                Some((name, text)) => (
                    name,
                    EnvValue::Literal {
                        text: text.into(),
                        span: None,
                    },
                ),
                None => (*entry, EnvValue::From { json: "{}" }),
            };
            EnvVar {
                span: Span::default(),
                name: name.into(),
                value,
            }
        };
        entries.iter().map(variable).collect()
    }

    /// The list, an entry as `NAME=value`, or `NAME` for `valueFrom`.
    fn lines(desired: &DesiredEnv, current: &[EnvVar]) -> Vec<String> {
        let line = |variable: &DesiredVariable| {
            let current = variable.current.map(|index| &current[index]);
            let name = current.map(|current| current.name.to_string()).unwrap_or_default();
            match (&variable.content, current.and_then(EnvVar::literal)) {
                (Content::New(name, value), _) => format!("{name}={}", value.text()),
                (Content::Set(value, ..), _) => format!("{name}={}", value.text()),
                (Content::Restored(text), _) => format!("{name}={text}"),
                (Content::Own, Some(text)) => format!("{name}={text}"),
                (Content::Own, None) => name,
            }
        };
        desired.variables.iter().map(line).collect()
    }

    struct Policy {
        settings: ResolvedSettings<'static>,
        no_proxy: NoProxyList,
        os: Os,
    }

    /// A policy with the proxy `http://p:1` for both schemes, unless one is left out.
    fn policy(existing: ExistingVariables, no_proxy: &str) -> Policy {
        let mut list = NoProxyList::default();
        list.push_value(no_proxy);
        Policy {
            settings: ResolvedSettings::of_proxies(Some("http://p:1"), Some("http://p:1"), existing),
            no_proxy: list,
            os: Os::Linux,
        }
    }

    /// What a container with `current` gets, and the warnings.
    fn desired(policy: &Policy, current: &[&str], claims: &[Claim]) -> (Vec<String>, Vec<String>) {
        let current = env(current);
        let proxies = ProxyVariables::new(&policy.settings, &policy.no_proxy, policy.os);
        let authors = AuthorsEnv::new(&current, claims, |name| proxies.overrides(name));
        let own = OwnVariables::find(&authors.variables, policy.os);
        let given = proxies.given(&own);
        let mut assignments = Assignments::default();
        let mut warnings = Vec::new();
        proxies.assign_urls(&authors.variables, &own, given, &mut assignments);
        let is_replaced = |index| proxies.replaces(index, &own, given);
        let place = Place::new(&authors.variables, &|_| false, &is_replaced);
        proxies.assign_no_proxy(&place, &own, given, &mut assignments, &mut warnings);
        let desired = DesiredEnv::new(&current, &authors, assignments, place.new_at);
        (lines(&desired, &current), warnings)
    }

    /// Checks the resulting list. In `expected`, `URLS` stands for the four variables of the URLs.
    #[track_caller]
    fn check(policy: &Policy, current: &[&str], expected: &[&str]) {
        let urls = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"].map(|name| format!("{name}=http://p:1"));
        let expected: Vec<String> = expected
            .iter()
            .flat_map(|entry| match *entry {
                "URLS" => urls.to_vec(),
                entry => vec![entry.to_owned()],
            })
            .collect();
        assert_eq!(desired(policy, current, &[]), (expected, Vec::new()));
    }

    #[test]
    fn new_variables_go_after_the_containers_own_in_order() {
        for existing in [Merge, Keep, Override] {
            let policy = policy(existing, "a,b");
            check(
                &policy,
                &["A=1", "B"],
                &["A=1", "B", "URLS", "NO_PROXY=a,b", "no_proxy=a,b"],
            );
        }
    }

    #[test]
    fn merge_extends_the_containers_no_proxy_in_both_names() {
        let policy = policy(Merge, "a,b");
        for (current, changed, added) in [
            (
                &["no_proxy=nginx"][..],
                &["no_proxy=nginx,a,b"][..],
                Some("NO_PROXY=nginx,a,b"),
            ),
            (&["NO_PROXY=nginx"], &["NO_PROXY=nginx,a,b"], Some("no_proxy=nginx,a,b")),
            (&["NO_PROXY=B,x"], &["NO_PROXY=B,x,a"], Some("no_proxy=B,x,a")),
            (&["no_proxy= x , y "], &["no_proxy=x,y,a,b"], Some("NO_PROXY=x,y,a,b")),
            // The lower-case name's entries come first.
            (
                &["NO_PROXY=u,both", "no_proxy=l,both"],
                &["NO_PROXY=l,both,u,a,b", "no_proxy=l,both,u,a,b"],
                None,
            ),
            // Nothing is missing: the value stays as it is written.
            (&["no_proxy=b, a"], &["no_proxy=b, a"], Some("NO_PROXY=b, a")),
            // Of two entries for one name the last one counts.
            (
                &["no_proxy=x", "no_proxy=y"],
                &["no_proxy=x", "no_proxy=y,a,b"],
                Some("NO_PROXY=y,a,b"),
            ),
            // The merged list has the other's entries, and does not refer to itself.
            (
                &["NO_PROXY=x", "no_proxy=$(NO_PROXY),y"],
                &["NO_PROXY=y,x,a,b", "no_proxy=y,x,a,b"],
                None,
            ),
        ] {
            let refers = current.iter().any(|entry| entry.contains("$("));
            let mut expected = changed.to_vec();
            // What refers to one of the six stands after the new ones.
            expected.insert(if refers { 1 } else { expected.len() }, "URLS");
            expected.extend(added);
            check(&policy, current, &expected);
        }
    }

    #[test]
    fn merge_keeps_a_no_proxy_that_cannot_be_extended() {
        let policy = policy(Merge, "a,b");
        for own in ["NO_PROXY=*", "no_proxy=x,*", "NO_PROXY=", "no_proxy= ", "no_proxy"] {
            check(&policy, &[own], &[own, "URLS"]);
        }
        check(
            &policy,
            &["no_proxy=x", "NO_PROXY"],
            &["no_proxy=x", "NO_PROXY", "URLS"],
        );
    }

    #[test]
    fn a_container_keeps_the_proxies_that_it_sets() {
        let https = [
            "HTTPS_PROXY=http://p:1",
            "https_proxy=http://p:1",
            "NO_PROXY=a,b",
            "no_proxy=a,b",
        ];
        for own in ["HTTP_PROXY=http://own", "http_proxy=", "HTTP_PROXY"] {
            for existing in [Merge, Keep] {
                check(&policy(existing, "a,b"), &[own], &[&[own], &https[..]].concat());
            }
        }
        // With both, its NO_PROXY is its own, set or not; so it is with ALL_PROXY.
        for own in [
            &["http_proxy=x", "HTTPS_PROXY"][..],
            &["http_proxy=x", "HTTPS_PROXY", "NO_PROXY=y"],
            &["ALL_PROXY=socks5h://127.0.0.1:1055"],
            &["all_proxy", "no_proxy=y"],
        ] {
            for existing in [Merge, Keep] {
                check(&policy(existing, "a,b"), own, own);
            }
        }
        check(
            &policy(Merge, "a,b"),
            &["ALL_PROXY="],
            &["ALL_PROXY=", "URLS", "NO_PROXY=a,b", "no_proxy=a,b"],
        );
        check(
            &policy(Override, "a,b"),
            &["ALL_PROXY=x"],
            &["ALL_PROXY=x", "URLS", "NO_PROXY=a,b", "no_proxy=a,b"],
        );
    }

    #[test]
    fn keep_leaves_any_pair_of_the_container_alone() {
        check(
            &policy(Keep, "a,b"),
            &["no_proxy=x", "http_proxy=http://own"],
            &[
                "no_proxy=x",
                "http_proxy=http://own",
                "HTTPS_PROXY=http://p:1",
                "https_proxy=http://p:1",
            ],
        );
    }

    #[test]
    fn override_replaces_where_the_name_stands_and_adds_the_other() {
        check(
            &policy(Override, "a,b"),
            &["no_proxy=x", "A=1", "HTTP_PROXY", "https_proxy=http://p:1"],
            &[
                "no_proxy=a,b",
                "A=1",
                "HTTP_PROXY=http://p:1",
                "https_proxy=http://p:1",
                "http_proxy=http://p:1",
                "HTTPS_PROXY=http://p:1",
                "NO_PROXY=a,b",
            ],
        );
    }

    #[test]
    fn a_pair_without_a_value_is_not_set() {
        let https_only = Policy {
            settings: ResolvedSettings::of_proxies(None, Some("http://p:1"), Merge),
            ..policy(Merge, "a")
        };
        check(
            &https_only,
            &["HTTP_PROXY=http://own"],
            &[
                "HTTP_PROXY=http://own",
                "HTTPS_PROXY=http://p:1",
                "https_proxy=http://p:1",
                "NO_PROXY=a",
                "no_proxy=a",
            ],
        );
        let none = Policy {
            settings: ResolvedSettings::of_proxies(None, None, Merge),
            ..policy(Merge, "a")
        };
        check(&none, &["no_proxy=x"], &["no_proxy=x"]);
    }

    #[test]
    fn references_to_the_six_resolve() {
        let policy = policy(Merge, "$(NODE_IP)");
        let no_proxy = ["NO_PROXY=$(NODE_IP)", "no_proxy=$(NODE_IP)"];
        let opts = "OPTS=--proxy $(HTTP_PROXY)";
        check(&policy, &[opts], &[&["URLS"], &no_proxy[..], &[opts]].concat());
        check(
            &policy,
            &["NODE_IP", "A=1", opts, "B=$(no_proxy)"],
            &[&["NODE_IP", "A=1", "URLS"], &no_proxy[..], &[opts, "B=$(no_proxy)"]].concat(),
        );
        // An escaped dollar is not a reference, and neither is another variable's name.
        for own in [
            "OPTS=$$(HTTP_PROXY)",
            "OPTS=$(HTTP_PROXY",
            "OPTS=$(PROXY)",
            "OPTS=$HTTP_PROXY",
        ] {
            check(&policy, &[own], &[&[own, "URLS"], &no_proxy[..]].concat());
        }
    }

    #[test]
    fn a_reference_to_a_variable_that_is_set_later_is_written_as_its_value() {
        let policy = policy(Merge, "$(NODE_IP),.svc");
        check(
            &policy,
            &["no_proxy=nginx", "NODE_IP=10.0.0.7"],
            &[
                "no_proxy=nginx,10.0.0.7,.svc",
                "NODE_IP=10.0.0.7",
                "URLS",
                "NO_PROXY=nginx,10.0.0.7,.svc",
            ],
        );
        check(
            &policy,
            &["NODE_IP=10.0.0.7", "no_proxy=nginx"],
            &[
                "NODE_IP=10.0.0.7",
                "no_proxy=nginx,$(NODE_IP),.svc",
                "URLS",
                "NO_PROXY=nginx,$(NODE_IP),.svc",
            ],
        );
        let (_, warnings) = desired(&policy, &["no_proxy=nginx", "NODE_IP"], &[]);
        assert_eq!(
            warnings,
            [
                "$(NODE_IP) in NO_PROXY does not resolve, because NODE_IP is defined later in env, with valueFrom; move it to the start of env"
            ]
        );
    }

    #[test]
    fn the_names_of_a_pair_mean_the_same_where_a_reference_means_two_things() {
        let policy = policy(Merge, "a");
        for (current, expected) in [
            // Undefined in front, defined behind.
            (
                &["NO_PROXY=$(X)", "X=x"][..],
                &["NO_PROXY=$(X),a", "X=x", "URLS", "no_proxy=$(NO_PROXY)"][..],
            ),
            (
                &["NO_PROXY=$(X)", "X=x", "no_proxy=$(X)"],
                &["NO_PROXY=$(X),a", "X=x", "no_proxy=$(NO_PROXY)", "URLS"],
            ),
            // The new name must stand in front of what its own list refers to.
            (
                &["OPTS=$(HTTP_PROXY)", "X=x", "no_proxy=$(X)"],
                &["URLS", "NO_PROXY=x,a", "OPTS=$(HTTP_PROXY)", "X=x", "no_proxy=$(X),a"],
            ),
            (
                &["OPTS=$(HTTP_PROXY)", "X", "no_proxy=$(X)"],
                &[
                    "URLS",
                    "OPTS=$(HTTP_PROXY)",
                    "X",
                    "no_proxy=$(X),a",
                    "NO_PROXY=$(no_proxy)",
                ],
            ),
        ] {
            check(&policy, current, expected);
        }
    }

    #[test]
    fn windows_has_one_name_for_a_variable_whatever_its_case() {
        let windows = |existing| Policy {
            os: Os::Windows,
            ..policy(existing, "a,b")
        };
        check(
            &windows(Merge),
            &["no_proxy=x", "Https_Proxy=http://own"],
            &["no_proxy=x,a,b", "Https_Proxy=http://own", "HTTP_PROXY=http://p:1"],
        );
        check(
            &windows(Override),
            &["HTTP_PROXY=x", "http_proxy=x", "Http_Proxy=x"],
            &[
                "HTTP_PROXY=http://p:1",
                "http_proxy=http://p:1",
                "Http_Proxy=http://p:1",
                "HTTPS_PROXY=http://p:1",
                "NO_PROXY=a,b",
            ],
        );
        check(
            &windows(Merge),
            &["NO_PROXY=u", "no_proxy=l", "HTTP_PROXY=x", "HTTPS_PROXY=http://p:1"],
            &["NO_PROXY=u", "no_proxy=l", "HTTP_PROXY=x", "HTTPS_PROXY=http://p:1"],
        );
    }

    #[test]
    fn a_value_over_the_systems_limit_is_not_set() {
        let long = format!("no_proxy={}", "x".repeat(131_072 - "NO_PROXY=".len() - ",a".len()));
        let (lines, warnings) = desired(&policy(Merge, "a"), &[&long], &[]);
        assert_eq!(lines.len(), 5);
        assert_eq!(lines[0], long);
        assert_eq!(
            warnings,
            ["NO_PROXY is left as it is; its new value would be longer than the operating system allows"]
        );
        let (lines, warnings) = desired(&policy(Merge, "x"), &[&long[..long.len() - 1]], &[]);
        assert!(lines[0].ends_with(",x") && warnings.is_empty());
    }

    #[test]
    fn what_a_record_claims_is_renewed_where_it_stands() {
        let claim = |name, value: &str, origin| Claim {
            name,
            digest: Digest::new(value),
            origin,
        };
        let url = |name| claim(name, "http://old", Origin::Added);
        let old = [
            "HTTP_PROXY=http://old",
            "http_proxy=http://old",
            "HTTPS_PROXY=http://old",
            "https_proxy=http://old",
        ];
        let claims: Vec<Claim> = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"]
            .map(url)
            .into();
        let of_no_proxy = [
            claim("NO_PROXY", "x,old", Origin::Extended { own_bytes: 1 }),
            claim("no_proxy", "x,old", Origin::Added),
        ];
        let current = [&["NO_PROXY=x,old"], &old[..], &["no_proxy=x,old", "LATER=1"]].concat();
        let (lines, _) = desired(&policy(Merge, "a"), &current, &[claims, of_no_proxy.into()].concat());
        let new = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"].map(|name| format!("{name}=http://p:1"));
        let expected = [
            &["NO_PROXY=x,a".to_owned()],
            &new[..],
            &["no_proxy=x,a".to_owned(), "LATER=1".to_owned()],
        ]
        .concat();
        assert_eq!(lines, expected);
    }
}
