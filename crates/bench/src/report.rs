//! The tables, in Markdown that can also be read on a terminal.

use std::time::Duration;

use testkit::cases::{self, Case};

use crate::candidate::Role;
use crate::figures::{Costs, Figures, Row};
use crate::server;
use crate::timing::Ratio;

/// The goals, and whether they are reached.
pub fn goals(figures: &Figures) -> String {
    let instructions = |what: &str, case: Case, most: u64| {
        let costs = figures.row(&case).of(Role::Policy);
        at_most(
            what,
            costs.expect("this policy does all cases").instructions,
            most,
            "instructions",
        )
    };
    let module = figures.modules.iter().find(|module| module.role == Role::Policy);
    let bytes = module.expect("this policy is measured").bytes as u64;
    table(
        ["what", "goal", "reached", ""],
        [
            instructions("typical pod", cases::typical(), 100_000),
            instructions("100 containers", cases::containers(100), 3_200_000),
            instructions("opted-out pod", cases::opted_out(), 40_000),
            instructions("1000 `noProxy` entries", cases::no_proxy_entries(1000), 1_700_000),
            instructions("CA of 20 certificates", cases::certificates(20), 1_200_000),
            instructions("50 profiles, of which the last matches", cases::profiles(50), 450_000),
            at_most(
                "`validate_settings`, the worst settings",
                figures.worst_settings.instructions,
                100_000_000,
                "instructions",
            ),
            at_most(
                "memory, the worst request of 2 MiB",
                figures.worst_memory as u64 >> 20,
                64,
                "MiB",
            ),
            at_most("module", bytes / 1000, 700, "KB"),
            through_server(figures),
        ],
    )
}

/// The typical pod through a policy server, as a share of the ready-made answer.
fn through_server(figures: &Figures) -> [String; 4] {
    const LEAST: f64 = 0.97;
    let ratio = figures.served.first().and_then(|served| served.ratio(Role::Policy));
    let (reached, verdict) = match ratio {
        Some(Ratio { median, .. }) if median >= LEAST => (format!("{median:.2}"), "reached"),
        Some(Ratio { median, .. }) => (format!("{median:.2}"), "missed"),
        None => (none(), "not measured"),
    };
    [
        "typical pods a second through a policy server, ready-made answer = 1".to_owned(),
        format!("at least {LEAST}"),
        reached,
        verdict.to_owned(),
    ]
}

fn at_most(what: &str, reached: u64, most: u64, unit: &str) -> [String; 4] {
    let verdict = if reached <= most { "reached" } else { "missed" };
    let with_unit = |number| format!("{} {unit}", grouped(number));
    [
        what.to_owned(),
        format!("at most {}", with_unit(most)),
        with_unit(reached),
        verdict.to_owned(),
    ]
}

/// What is the same on every machine.
pub fn counts(figures: &Figures) -> String {
    table(
        [
            "case",
            "request",
            "this policy",
            "typed",
            "memory: this policy",
            "typed",
        ],
        figures.cases.iter().map(|row| {
            let instructions = |role| cell(row, role, |costs| grouped(costs.instructions));
            let memory = |role| {
                cell(row, role, |costs| {
                    format!("{} KiB", grouped(costs.memory as u64 / 1024))
                })
            };
            [
                row.case.clone(),
                kilobytes(row.request_bytes),
                instructions(Role::Policy),
                instructions(Role::Reference),
                memory(Role::Policy),
                memory(Role::Reference),
            ]
        }),
    )
}

/// What differs from machine to machine, and its ratios, which differ less.
pub fn times(figures: &Figures) -> String {
    table(
        [
            "case",
            "ready-made answer",
            "this policy",
            "typed",
            "this : ready-made",
            "typed : ready-made",
        ],
        figures.cases.iter().map(|row| {
            let time = |role| cell(row, role, |costs| microseconds(costs.times.total()));
            [
                row.case.clone(),
                time(Role::Floor),
                time(Role::Policy),
                time(Role::Reference),
                to_floor(row, Role::Policy),
                to_floor(row, Role::Reference),
            ]
        }),
    )
}

/// What the times mean for a cluster.
pub fn capacity(figures: &Figures) -> String {
    let a_second = |case| {
        let costs = figures.row(&case).of(Role::Policy);
        let time = costs.expect("this policy does all cases").times.total();
        rounded(1.0 / time.as_secs_f64())
    };
    format!(
        "At these times, one worker of a policy server could run the policy for {} typical pods a second, or for {} pods with 100 containers. \
         The server's own work for each request comes on top.\n",
        a_second(cases::typical()),
        a_second(cases::containers(100)),
    )
}

/// The modules themselves.
pub fn modules(figures: &Figures) -> String {
    let typical = figures.row(&cases::typical());
    table(
        ["module", "size", "compiled in", "instantiated in"],
        figures.modules.iter().map(|module| {
            [
                module.role.name().to_owned(),
                kilobytes(module.bytes),
                format!("{} ms", rounded(module.compilation.as_secs_f64() * 1e3)),
                cell(typical, module.role, |costs| microseconds(costs.times.instantiation())),
            ]
        }),
    )
}

/// What a policy server makes of it.
pub fn served(figures: &Figures) -> String {
    let Some(version) = server::version() else {
        return "Not measured: there was no `policy-server` on the `PATH`.\n".to_owned();
    };
    let head = [
        "case",
        "module",
        "requests a second",
        "ready-made answer = 1",
        "median latency",
    ];
    let rows = figures.served.iter().flat_map(|served| {
        Role::ALL.into_iter().filter_map(move |role| {
            Some([
                served.case.clone(),
                role.name().to_owned(),
                rounded(served.answers_a_second(role)?),
                spread(served.ratio(role)?),
                microseconds(served.latency(role)?),
            ])
        })
    });
    format!(
        "{version} with {} worker, and {} clients on the same machine, each with one request after the other. Each module had its turn {} times, for {} s.\n\n{}",
        server::WORKERS,
        server::CLIENTS,
        server::ROUNDS,
        server::TURN.as_secs(),
        table(head, rows),
    )
}

fn cell(row: &Row, role: Role, write: impl Fn(&Costs) -> String) -> String {
    row.of(role).map_or_else(none, write)
}

fn to_floor(row: &Row, role: Role) -> String {
    match (row.of(role), row.of(Role::Floor)) {
        (Some(costs), Some(floor)) => spread(costs.times.ratio_to(&floor.times)),
        _ => none(),
    }
}

/// The median, and the quartiles.
fn spread(ratio: Ratio) -> String {
    let Ratio {
        median,
        quartiles: [low, high],
    } = ratio;
    format!("{median:.2} × ({low:.2}–{high:.2})")
}

fn none() -> String {
    "–".to_owned()
}

fn microseconds(time: Duration) -> String {
    format!("{} µs", rounded(time.as_secs_f64() * 1e6))
}

fn kilobytes(bytes: usize) -> String {
    match bytes {
        ..100_000 => format!("{:.1} KB", bytes as f64 / 1e3),
        _ => format!("{} KB", grouped(bytes as u64 / 1000)),
    }
}

/// Two significant digits; what a time has beyond them differs from run to run.
fn rounded(value: f64) -> String {
    let step = 10_f64.powf((value.log10().floor() - 1.0).max(0.0));
    grouped(((value / step).round() * step) as u64)
}

/// With commas between thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&[u8]> = digits.as_bytes().rchunks(3).rev().collect();
    String::from_utf8_lossy(&groups.join(&b',')).into_owned()
}

/// A table whose columns are as wide as their cells; all but the first are flush right.
fn table<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let head = head.map(str::to_owned);
    let rows: Vec<[String; N]> = rows.into_iter().collect();
    let width = |column: usize| {
        let cells = rows.iter().chain([&head]).map(|row| row[column].chars().count());
        cells.max().unwrap_or_default()
    };
    let line = |row: &[String; N]| {
        let cells = row.iter().enumerate().map(|(column, cell)| match column {
            0 => format!(" {cell:<width$} |", width = width(column)),
            _ => format!(" {cell:>width$} |", width = width(column)),
        });
        format!("|{}\n", cells.collect::<String>())
    };
    let rule = (0..N).map(|column| match column {
        0 => format!("{:-<width$}|", "", width = width(column) + 2),
        _ => format!("{:->width$}|", ":", width = width(column) + 2),
    });
    format!(
        "{}|{}\n{}",
        line(&head),
        rule.collect::<String>(),
        rows.iter().map(line).collect::<String>()
    )
}
