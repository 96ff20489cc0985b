//! Decides what happens to the variables of a container: the table.

use std::borrow::Cow;

use crate::injection::at::At;
use crate::injection::env::authors::AuthorsEnv;
use crate::injection::env::no_proxy::{Lists, way};
use crate::injection::env::own::OwnPairs;
use crate::injection::env::place::Place;
use crate::injection::env::plan::{Entry, EnvPlan, Plan, Slot};
use crate::injection::env::proxies::Proxies;
use crate::injection::env::references::View;
use crate::injection::env::runtimes::{Given, Runtimes};
use crate::injection::env::urls::Urls;
use crate::injection::env::value::Value;
use crate::injection::names::JAVA_TOOL_OPTIONS;
use crate::injection::reason::Reason;
use crate::kubernetes::EnvFrom;
use crate::settings::ExistingVariables;
use values::{NoProxyList, Os, glob_matches};

/// What a container is to get, before its own variables are looked at.
pub(crate) struct Wanted<'p> {
    pub proxies: &'p Proxies<'p>,
    pub runtimes: &'p Runtimes<'p>,
    /// The variables of the trusted CA.
    pub trusted_ca: &'p [(&'static str, Value)],
    /// Java's options for the trusted CA.
    pub trust_store: Result<&'p str, Reason>,
    /// The container's `envFrom`.
    pub env_from: &'p [EnvFrom<'p>],
    /// Names or patterns of ConfigMaps and Secrets that set proxies.
    pub proxy_env_from: &'p [Cow<'p, str>],
}

impl EnvPlan {
    pub(crate) fn decide<'p>(wanted: &Wanted<'p>, env: &AuthorsEnv<'p>) -> Self {
        let proxies = wanted.proxies;
        let own = OwnPairs::find(env, proxies.os);
        let urls = Urls::decide(proxies, env, &own, wanted.proxies_of_env_from());
        let has_env_from = !wanted.env_from.is_empty();
        let way = way(proxies, env, &own.no_proxy, &urls);
        let given = Given {
            http: urls.http.is_ok(),
            https: urls.https.is_ok(),
        };
        let node = wanted.runtimes.node(env, given);
        let java = wanted.runtimes.java(env, given, wanted.trust_store, has_env_from);
        let trusted_ca = trusted_ca(wanted.trusted_ca, env);

        let urls_and_node = [&urls.http, &urls.https, &node].into_iter().flatten();
        let plans = urls_and_node.chain(trusted_ca.iter().map(|(_, plan)| plan));
        let mut added: Vec<&'static str> = plans.flat_map(Plan::entries).filter_map(new_name).collect();
        added.extend(way.iter().flat_map(|_| own.no_proxy.missing));
        added.extend(java.iter().filter(|java| java.own.is_none()).map(|_| JAVA_TOOL_OPTIONS));

        let view = View::new(env, replaced(proxies, &own, &urls, way.is_ok()));
        let place = Place::find(&view, added);
        let mut lists = Lists::new(&view, &place, &own.no_proxy, proxies, has_env_from);
        let no_proxy = lists.decide(way);
        let mut caveats = lists.caveats;
        let java = java.and_then(|java| {
            let list = no_proxy.list.unwrap_or_else(|| kept_list(proxies, env, &own));
            (wanted.runtimes).java_plan(&java, &view, &place, &list, &mut caveats)
        });
        EnvPlan {
            http_proxy: urls.http.into(),
            https_proxy: urls.https.into(),
            no_proxy: no_proxy.plan,
            node: node.into(),
            java: java.into(),
            trusted_ca,
            new_at: place.at,
            caveats,
        }
    }
}

impl Wanted<'_> {
    /// The reason that an entry of `envFrom` sets the container's proxies, if one does.
    fn proxies_of_env_from(&self) -> Option<Reason> {
        let of_source = |(source, from): (usize, &EnvFrom)| {
            let is_named = |pattern: &Cow<str>| !from.has_prefix && glob_matches(pattern, &from.name);
            let pattern = self.proxy_env_from.iter().position(is_named)?;
            Some(Reason::ProxyEnvFrom { source, pattern })
        };
        self.env_from.iter().enumerate().find_map(of_source)
    }
}

/// The variables of the CA that the container does not set itself.
fn trusted_ca(wanted: &[(&'static str, Value)], env: &AuthorsEnv) -> Vec<(&'static str, Plan)> {
    let plan = |(name, value): &(&'static str, Value)| {
        let plan = match env.last(name, Os::Linux) {
            Some(at) => Plan::Leave(Reason::Own(at)),
            None => Plan::Set(vec![Entry::new(name, value.clone())]),
        };
        (*name, plan)
    };
    wanted.iter().map(plan).collect()
}

fn new_name(entry: &Entry) -> Option<&'static str> {
    match entry.slot {
        Slot::New(name) | Slot::Last(name) => Some(name),
        Slot::At(_) => None,
    }
}

/// The container's entries whose value is replaced.
fn replaced(proxies: &Proxies, own: &OwnPairs, urls: &Urls, sets_no_proxy: bool) -> Vec<At> {
    if proxies.existing != ExistingVariables::Override {
        return Vec::new();
    }
    let pairs = [
        (&own.http, urls.http.is_ok()),
        (&own.https, urls.https.is_ok()),
        (&own.no_proxy, sets_no_proxy),
    ];
    let replaced = pairs.into_iter().filter(|(_, is_set)| *is_set);
    replaced.flat_map(|(own, _)| own.entries.iter().copied()).collect()
}

/// The list of a container that keeps its own `NO_PROXY`; the policy's list if only the kubelet knows the container's.
fn kept_list<'l>(proxies: &'l Proxies, env: &AuthorsEnv, own: &OwnPairs) -> Cow<'l, NoProxyList> {
    match (own.no_proxy.first().and_then(|at| env.text(at)), &proxies.no_proxy) {
        (Some(own), _) => Cow::Owned(own.into()),
        (None, Ok(policy_list)) => Cow::Borrowed(&policy_list.entries),
        (None, Err(_)) => Cow::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::injection::env::Written;
    use crate::injection::env::testing::env;
    use crate::injection::reason::{Because, Caveat};
    use crate::injection::record::{Claim, Origin};
    use crate::settings::ResolvedSettings;
    use ExistingVariables::{Keep, Merge, Override};
    use values::Digest;

    struct Policy {
        settings: ResolvedSettings<'static>,
        no_proxy: NoProxyList,
        os: Os,
    }

    /// A policy with the proxy `http://p:1` for both schemes, unless one is omitted.
    fn policy(existing: ExistingVariables, no_proxy: &str) -> Policy {
        Policy {
            settings: ResolvedSettings::of_proxies(Some("http://p:1"), Some("http://p:1"), existing),
            no_proxy: no_proxy.into(),
            os: Os::Linux,
        }
    }

    /// What a container with `current` gets, and the caveats.
    fn desired(policy: &Policy, current: &[&str], claims: &[Claim]) -> (Vec<String>, EnvPlan) {
        let current = env(current);
        let proxies = Proxies::new(&policy.settings, Cow::Borrowed(&policy.no_proxy), policy.os);
        let authors = AuthorsEnv::new(&current, claims, &proxies.overridden());
        let wanted = Wanted {
            proxies: &proxies,
            runtimes: &Runtimes::new(&policy.settings, policy.os),
            trusted_ca: &[],
            trust_store: Err(Reason::NoCa),
            env_from: &[],
            proxy_env_from: &[],
        };
        let plan = EnvPlan::decide(&wanted, &authors);
        let lines = Written::new(&authors, &plan).lines();
        (lines, plan)
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
        let (lines, plan) = desired(policy, current, &[]);
        assert_eq!(lines, expected);
        assert_eq!(plan.caveats, []);
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
            // Nothing is missing: the value stays as written.
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
            let expected: Vec<&str> = changed.iter().copied().chain(["URLS"]).chain(added).collect();
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
        let (_, plan) = desired(&policy, &["no_proxy=nginx", "NODE_IP"], &[]);
        assert_eq!(
            plan.caveats,
            [Caveat::Unresolved {
                variable: "NO_PROXY",
                name: "NODE_IP".to_owned(),
                because: Because::Hidden("NODE_IP".to_owned())
            }]
        );
    }

    #[test]
    fn a_warning_names_a_reference_whose_value_is_too_long() {
        let long = format!("A={}", "a".repeat(3000));
        let current = ["NO_PROXY=x", &long, "no_proxy=$(A)1,$(A)2,$(A)3,$(A)4"];
        let (_, plan) = desired(&policy(Merge, "p"), &current, &[]);
        assert_eq!(
            plan.caveats,
            [Caveat::Unresolved {
                variable: "NO_PROXY",
                name: "A".to_owned(),
                because: Because::Budget
            }]
        );
    }

    #[test]
    fn a_list_that_is_too_long_in_front_goes_to_the_end() {
        let long = format!("A={}", "a".repeat(100_000));
        let current = ["OPTS=$(no_proxy)", &long, "NO_PROXY=$(A)b,$(A)c"];
        let (lines, plan) = desired(&policy(Merge, "p"), &current, &[]);
        assert_eq!(lines.last().map(String::as_str), Some("no_proxy=$(NO_PROXY)"));
        assert_eq!(
            plan.caveats,
            [Caveat::AtTheEnd {
                name: "no_proxy",
                because: Because::Budget
            }]
        );
    }

    #[test]
    fn the_names_of_a_pair_mean_the_same_where_a_reference_means_two_things() {
        let policy = policy(Merge, "a");
        for (current, expected) in [
            // Undefined in front, defined after.
            (
                &["NO_PROXY=$(X)", "X=x"][..],
                &["NO_PROXY=$(X),a", "X=x", "URLS", "no_proxy=$(NO_PROXY)"][..],
            ),
            (
                &["NO_PROXY=$(X)", "X=x", "no_proxy=$(X)"],
                &["NO_PROXY=x,$(X),a", "X=x", "no_proxy=$(NO_PROXY)", "URLS"],
            ),
            (
                &["NO_PROXY=y", "X=x", "no_proxy=$(X).z,$(NO_PROXY)"],
                &["NO_PROXY=x.z,y,a", "X=x", "no_proxy=x.z,y,a", "URLS"],
            ),
            // Both names look alike, and the policy adds nothing.
            (
                &["NO_PROXY=$(X)", "X=a", "no_proxy=$(X)"],
                &["NO_PROXY=a,$(X)", "X=a", "no_proxy=$(NO_PROXY)", "URLS"],
            ),
            // The name is there twice.
            (
                &["NO_PROXY=x", "NO_PROXY=$(NO_PROXY),y"],
                &["NO_PROXY=x", "NO_PROXY=$(NO_PROXY),y,a", "URLS", "no_proxy=$(NO_PROXY)"],
            ),
            // The new name must come before what its own list refers to.
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
        let (lines, plan) = desired(&policy(Merge, "a"), &[&long], &[]);
        assert_eq!(lines.len(), 5);
        assert_eq!(lines[0], long);
        assert!(matches!(plan.no_proxy, Plan::Leave(Reason::TooLong)));
        let (lines, plan) = desired(&policy(Merge, "x"), &[&long[..long.len() - 1]], &[]);
        assert!(lines[0].ends_with(",x") && matches!(plan.no_proxy, Plan::Extend(_)));
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
