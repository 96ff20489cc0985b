//! How reports look: as text of several widths, and as a page. `GOLDEN=overwrite` renews the files with what is expected.

use std::fs;

use explain::answer::Verdict;
use explain::text::Layout;
use survey::Report;
use survey::report::{
    DestinationTotals, Finding, Kind, NamespaceTotals, Object, ReasonTotals, Remaining, Severity, Suggestion,
    Suggestions, Totals, WorkloadTotals,
};
use testkit::files::project_file;

fn object(kind: &str, name: &str) -> Object {
    let (namespace, name) = name.split_once('/').unwrap_or((name, name));
    Object {
        kind: kind.to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    }
}

/// A finding about a Deployment, as of a container.
fn finding(severity: Severity, kind: Kind, name: &str, place: &str, pods: usize) -> Finding {
    Finding {
        kind,
        severity,
        object: object("Deployment", name),
        container: Some("main".to_owned()),
        place: Some(place.to_owned()),
        value: None,
        why: "It has a reason that is long enough to be wrapped, with an a, and an & in it".to_owned(),
        fix: "Do what is to be done".to_owned(),
        pods,
        notes: Vec::new(),
        entry: None,
        source: None,
        full_name: None,
    }
}

/// A finding with a value, and the two ways to fix it.
fn destination(finding: Finding, value: &str, entry: &str, full_name: &str) -> Finding {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Finding {
        value: some(value),
        entry: some(entry),
        full_name: some(full_name),
        ..finding
    }
}

fn totals(changed: usize, unchanged: usize, rejected: usize, not_sent: usize) -> Totals {
    Totals {
        pods: changed + unchanged + rejected + not_sent,
        changed,
        unchanged,
        rejected,
        not_sent,
    }
}

fn namespace(name: &str, totals: Totals, breaks: usize, checks: usize) -> NamespaceTotals {
    NamespaceTotals {
        name: name.to_owned(),
        totals,
        breaks,
        checks,
    }
}

fn suggestion(entry: &str, source: &str, fixes: usize) -> Suggestion {
    Suggestion {
        entry: entry.to_owned(),
        source: source.to_owned(),
        fixes,
    }
}

fn breaking() -> Vec<Finding> {
    let of = |kind, name, place, pods| finding(Severity::Breaks, kind, name, place, pods);
    let whole = |finding: Finding, kind: &str, place: Option<&str>| Finding {
        object: object(kind, &format!("{}/{}", finding.object.namespace, finding.object.name)),
        container: None,
        place: place.map(str::to_owned),
        ..finding
    };
    let mut noted = destination(
        of(Kind::ShortServiceName, "shop/web", "env API_URL", 3),
        "http://api:8080",
        "api",
        "api.shop.svc",
    );
    noted.notes = vec![
        "the Service has no port 8080, only 80".to_owned(),
        "a longer one of more words than fit in a row of a table, so that it goes on in the next one, and on, and on"
            .to_owned(),
    ];
    let mut called = destination(
        of(Kind::ShortServiceName, "shop/cart-of-a-name-that-is-long", "args[0]", 0),
        "https://shop",
        "shop:8443",
        "shop.shop.svc",
    );
    called.fix = "Call shop.shop.svc, or add shop:8443 to noProxy for clients that read ports: shop alone would cover the public domain .shop, too".to_owned();
    let long = "http://a-service-with-a-long-name.payments.svc.example.org:8080";
    vec![
        whole(of(Kind::Rejected, "shop/bad", "", 1), "Deployment", None),
        whole(of(Kind::Rejected, "shop/worse", "", 0), "CronJob", None),
        whole(of(Kind::MissingObject, "shop/proxy", "", 2), "Secret", Some("key url")),
        noted,
        called,
        destination(
            of(Kind::ServiceName, "shop/web", "env LEDGER", 1),
            long,
            ".svc.example.org",
            "",
        ),
        destination(
            of(Kind::PrivateAddress, "data/db", "command[2]", 12),
            "http://10.0.0.1",
            "",
            "db.data.svc",
        ),
        destination(
            of(
                Kind::PrivateAddress,
                "data/db",
                "file of ConfigMap configuration-of-db, key",
                12,
            ),
            "http://10.0.0.22",
            "10.0.0.0/24",
            "",
        ),
    ]
}

fn to_check() -> Vec<Finding> {
    let of = |kind, place| finding(Severity::Check, kind, "shop/worker", place, 2);
    let mut missing = of(Kind::MissingObject, "key ca.crt");
    missing.container = None;
    let mut noted = destination(
        of(Kind::ShortServiceName, "env QUEUE"),
        "queue:8080",
        "queue",
        "queue.shop.svc",
    );
    noted.notes = vec!["on the node's network, with the node's DNS".to_owned()];
    noted.pods = 0;
    noted.fix = "If it is in the cluster, so that it has no need of a proxy, add it to the list, or call it by its full name, as is said in the note on it".to_owned();
    let mut short = of(
        Kind::EnvFromUnseen,
        "a place of so many words that it needs more rows than its reason, which is short, and its fix, which is short",
    );
    (short.why, short.fix) = ("Short".to_owned(), "Short".to_owned());
    vec![
        missing,
        noted,
        destination(of(Kind::ServiceName, "env A"), "http://a.svc", ".svc", ""),
        destination(of(Kind::PrivateAddress, "env B"), "http://192.0.2.1", "192.0.2.1", ""),
        destination(
            of(Kind::EnvFromProxy, "envFrom ConfigMap proxies"),
            "http://old:3128",
            "",
            "",
        ),
        short,
        destination(of(Kind::OwnProxyDiffers, "env HTTP_PROXY"), "http://own:3128", "", ""),
        of(Kind::Java, "image"),
        of(Kind::Node, "image"),
        destination(of(Kind::ClientLimit, "env C"), "http://10.0.0.1", "10.0.0.1", ""),
        of(Kind::ClientLimit, "image"),
    ]
}

fn information() -> Vec<Finding> {
    let of = |kind, name, place| finding(Severity::Info, kind, name, place, 1);
    let mut not_reached = of(Kind::NotReached, "legacy", "");
    not_reached.object.kind = "Namespace".to_owned();
    vec![
        destination(
            of(Kind::EnvFromProxy, "shop/kept", "envFrom ConfigMap kept"),
            "http://kept:3128",
            "",
            "",
        ),
        of(Kind::Windows, "edge/iis", "x"),
        not_reached,
        of(Kind::OwnProxySame, "shop/same", "env HTTP_PROXY, NO_PROXY"),
        of(Kind::OwnProxySame, "shop/same-too", "env http_proxy"),
    ]
}

/// A report with each kind of finding.
fn of_each_kind() -> Report {
    let workload = |kind, name, totals, breaks| WorkloadTotals {
        object: object(kind, name),
        totals,
        breaks,
    };
    Report {
        totals: totals(17, 1, 3, 2),
        namespaces: vec![
            namespace("data", totals(12, 0, 0, 0), 2, 0),
            namespace("edge", totals(0, 1, 0, 0), 0, 0),
            namespace("legacy-with-a-long-name", totals(0, 0, 0, 2), 0, 0),
            namespace("rejected", totals(0, 0, 2, 0), 0, 0),
            namespace("Not a name", totals(1, 0, 0, 0), 0, 1),
            namespace("shop", totals(4, 0, 1, 0), 6, 10),
        ],
        reasons: vec![
            ReasonTotals {
                reason: "the pod opted out with an annotation that takes more than a row of a narrow terminal"
                    .to_owned(),
                pods: 2,
                verdict: Verdict::NotSent,
                examples: vec!["legacy/a".to_owned(), "legacy/b".to_owned()],
            },
            ReasonTotals {
                reason: "it is <excluded>".to_owned(),
                pods: 1,
                verdict: Verdict::Unchanged,
                examples: vec!["edge/iis".to_owned()],
            },
        ],
        findings: [breaking(), to_check(), information()].concat(),
        suggestions: Suggestions {
            no_proxy: vec![
                suggestion("api", "Service shop/api, called by Deployment shop/web", 2),
                suggestion(
                    ".svc.example.org",
                    "names of Services & the domain of a cluster that has a long name",
                    1,
                ),
                suggestion("10.0.0.0/24", "IP addresses of pods, summarised", 0),
            ],
            existing: vec!["a-name-of-mine.example.com".to_owned(), "b<c".to_owned()],
            remaining: Some(Remaining { breaks: 3, checks: 7 }),
        },
        destinations: DestinationTotals {
            breaks: 5,
            checks: 3,
            through_proxy: 31,
            direct: 32,
            not_affected: 33,
        },
        not_judged: vec![
            "dump.json: line 7: metadata must be an object; this object was not read".to_owned(),
            "no nodes in the input: pod networks and addresses of nodes unknown; add nodes".to_owned(),
            "host names without a scheme or a port".to_owned(),
        ],
        unread: 1,
        workloads: vec![
            workload("Deployment", "shop/web", totals(4, 0, 1, 0), 4),
            workload("CronJob", "shop/worse", totals(0, 0, 0, 0), 1),
            workload("Deployment", "data/db", totals(12, 0, 0, 0), 2),
            workload("Deployment", "edge/iis", totals(1, 1, 2, 0), 0),
            workload("Pod", "legacy/a", totals(0, 0, 0, 2), 0),
        ],
    }
}

/// A report with as much as is shown at most, and so much more.
fn with_more(more: usize) -> Report {
    let findings = |severity, kind| {
        (0..20 + more).map(move |index| {
            // Half of those to check are names that nobody knows.
            let kind = if severity == Severity::Check && index % 2 == 0 {
                Kind::ShortServiceName
            } else {
                kind
            };
            let found = finding(
                severity,
                kind,
                &format!("ns-{}/web-{index}", index % 3),
                "env URL",
                index % 4,
            );
            // Those of Windows differ in what they say, those of the same proxy in what to do.
            let [why, fix] = match kind {
                Kind::Windows => [index > 0, false],
                Kind::OwnProxySame => [false, index > 0],
                _ => [false, false],
            };
            let found = Finding {
                why: format!("A reason{}", if why { " of its own" } else { "" }),
                fix: format!("A fix{}", if fix { " of its own" } else { "" }),
                ..found
            };
            if severity == Severity::Info {
                return found;
            }
            // The last has no entry, and two have the same.
            let entry = if index == 19 {
                String::new()
            } else {
                format!("api-{}", index.max(1))
            };
            destination(
                found,
                &format!("http://api-{index}"),
                &entry,
                &format!("api-{index}.ns.svc"),
            )
        })
    };
    Report {
        totals: totals(58, 1, 0, 1 + more),
        namespaces: (0..40 + more)
            .map(|index| namespace(&format!("ns-{index}"), totals(1, 0, 0, 0), index % 2, index % 3))
            .collect(),
        findings: findings(Severity::Breaks, Kind::ShortServiceName)
            .chain(findings(Severity::Check, Kind::ClientLimit))
            .chain(findings(Severity::Info, Kind::Windows))
            .chain(findings(Severity::Info, Kind::OwnProxySame))
            .collect(),
        suggestions: Suggestions {
            no_proxy: (0..8 + more)
                .map(|index| suggestion(&format!("api-{index}"), "a Service", 1))
                .collect(),
            ..Suggestions::default()
        },
        workloads: vec![WorkloadTotals {
            object: object("Deployment", "ns-0/web"),
            totals: totals(58, 1, 0, 1 + more),
            breaks: 0,
        }],
        ..Report::default()
    }
}

/// Compares with a file, in which escape codes can be read.
pub(crate) fn is_as_in(file: &str, shown: &str) {
    let path = project_file("crates/survey/tests/fixtures/rendered").join(file);
    let shown = shown.replace('\u{1b}', "␛");
    if std::env::var_os("GOLDEN").is_some_and(|wish| wish == "overwrite") {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &shown).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    let different = golden
        .lines()
        .zip(shown.lines())
        .find(|(golden, shown)| golden != shown);
    assert!(
        golden == shown,
        "{file} differs: {different:?}; GOLDEN=overwrite renews it"
    );
}

fn text(report: &Report, width: usize, verbose: bool) -> String {
    let layout = Layout {
        width,
        verbose,
        ..Layout::default()
    };
    survey::text::report(report, layout, true)
}

/// The page, an element in a line, without what is the same in all pages.
fn page(report: &Report) -> String {
    let page = survey::html::page(report);
    let (style, body) = page.split_once("</style>").unwrap();
    let (_, body) = body.split_once("<header>").unwrap();
    let (body, _) = body.split_once("<script>").unwrap();
    // What depends on the report comes last in the style.
    let filters = style.split_inclusive('}').filter(|rule| rule.contains("#ns option["));
    let filters: String = filters.map(|filter| format!("{}\n", filter.trim())).collect();
    format!("{filters}<header>{body}\n").replace("><", ">\n<")
}

/// The page without what single findings, namespaces and pods add to it.
fn outline(report: &Report) -> String {
    let parts = [
        "<h",
        "<section",
        "<details",
        "<b>",
        "<p",
        "<th>What to do",
        "<mark",
        "<li",
        "<rect",
    ];
    let is_shown = |line: &&str| {
        parts.iter().any(|part| line.starts_with(part)) && (!line.starts_with("<b>") || line.contains("class=\"soft\""))
    };
    let page = page(report);
    let mut lines: Vec<&str> = page.lines().filter(is_shown).collect();
    lines.dedup();
    lines.join("\n") + "\n"
}

#[test]
fn a_report_with_each_kind_of_finding() {
    let report = of_each_kind();
    is_as_in("each-80.txt", &text(&report, 80, false));
    is_as_in("each-120.txt", &text(&report, 120, false));
    is_as_in("each.html", &page(&report));
}

#[test]
fn a_report_with_as_much_as_is_shown() {
    let report = with_more(0);
    is_as_in("most-100.txt", &text(&report, 100, false));
    is_as_in("most.html", &outline(&report));
}

#[test]
fn a_report_with_more_than_is_shown() {
    let report = with_more(3);
    is_as_in("more-80.txt", &text(&report, 80, false));
    is_as_in("more-100-verbose.txt", &text(&report, 100, true));
    is_as_in("more.html", &outline(&report));
}

#[test]
fn a_report_without_anything() {
    let report = Report::default();
    is_as_in("empty.txt", &text(&report, 80, false));
    is_as_in("empty.html", &page(&report));
}

#[test]
fn the_last_line_says_how_to_write_entries_only_if_there_are_any_and_they_can_be_written() {
    let layout = Layout {
        unicode: false,
        width: 200,
        ..Layout::default()
    };
    let last = |report: &Report, suggests| {
        let text = survey::text::report(report, layout, suggests);
        assert!(text.is_ascii(), "{text}");
        text.lines().last().unwrap().to_owned()
    };
    let counts = "8 would break, 11 to check, 2 can be deleted.";
    assert_eq!(last(&of_each_kind(), false), counts);
    assert_eq!(
        last(&of_each_kind(), true),
        format!("{counts} Next: the same command with --write FILE")
    );
    assert_eq!(
        last(&Report::default(), true),
        "0 would break, 0 to check, 0 can be deleted."
    );
}

/// Findings, what each suggested entry fixes, what still breaks with them, and the end of the verdict.
type Case<'c> = (Vec<Finding>, &'c [usize], Option<usize>, &'c str);

#[test]
fn the_verdict_counts_what_breaks_and_what_entries_fix() {
    let of = |value: &str, kind| destination(finding(Severity::Breaks, kind, "shop/web", "env U", 1), value, "", "");
    let named = || of("http://api", Kind::ShortServiceName);
    let missing = || of("", Kind::MissingObject);
    let optional = Finding {
        severity: Severity::Check,
        ..missing()
    };
    let rejected = || of("", Kind::Rejected);
    let entries = |fixes: &[usize]| fixes.iter().map(|fixes| suggestion("a", "b", *fixes)).collect();
    let cases: [Case; 12] = [
        (vec![optional], &[0], Some(0), " Nothing was found that would break."),
        (
            vec![named()],
            &[1],
            Some(0),
            " 1 destination would break, and 1 more noProxy entry fixes it.",
        ),
        (
            vec![named(), named()],
            &[1, 1, 0],
            Some(0),
            " 2 destinations would break, and 2 more noProxy entries fix them all.",
        ),
        (
            vec![named(), named()],
            &[1],
            Some(0),
            " 2 destinations would break, and 1 more noProxy entry fixes them all.",
        ),
        (
            vec![named(), named()],
            &[1],
            Some(1),
            " 2 destinations would break, and 1 more noProxy entry fixes 1 of them.",
        ),
        (vec![named()], &[0], Some(0), " 1 destination would break."),
        (vec![named()], &[1], None, " 1 destination would break."),
        (
            vec![named(), named(), rejected(), missing()],
            &[1],
            Some(2),
            " 2 destinations would break, and 1 more noProxy entry fixes them all. 1 object that the settings name is missing.",
        ),
        (
            vec![named(), named(), rejected()],
            &[1],
            Some(2),
            " 2 destinations would break, and 1 more noProxy entry fixes 1 of them.",
        ),
        (
            vec![missing()],
            &[],
            None,
            " 1 object that the settings name is missing.",
        ),
        (
            vec![missing(), missing()],
            &[1],
            Some(2),
            " 2 objects that the settings name are missing.",
        ),
        (vec![rejected()], &[], None, ""),
    ];
    for (findings, fixes, remaining, expected) in cases {
        let report = Report {
            totals: totals(2, 1, 0, 0),
            findings,
            suggestions: Suggestions {
                no_proxy: entries(fixes),
                remaining: remaining.map(|breaks| Remaining { breaks, checks: 0 }),
                ..Suggestions::default()
            },
            ..Report::default()
        };
        assert_eq!(
            survey::verdict(&report),
            format!("The policy would change 2 of 3 pods.{expected}")
        );
    }
    let rejecting = Report {
        totals: totals(0, 0, 1, 0),
        ..Report::default()
    };
    assert_eq!(
        survey::verdict(&rejecting),
        "The policy would change 0 of 1 pod and reject 1. Nothing was found that would break."
    );
}
