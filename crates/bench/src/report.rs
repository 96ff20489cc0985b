//! The tables, in Markdown that can be read on a terminal as well.

use std::time::Duration;

use testkit::cases;

use crate::candidate::Role;
use crate::figures::{Costs, Figures, Row};

const ROLES: [Role; 3] = [Role::Floor, Role::Policy, Role::Reference];

/// The goals, and whether they are reached.
pub fn goals(figures: &Figures) -> String {
    let costs = |case, role| *figures.row(&case).of(role).expect("they do the cases of the goals");
    let policy = |case| costs(case, Role::Policy);
    let instructions = |what: &str, costs: Costs, most: u64| {
        let reached = costs.instructions;
        goal(
            what,
            format!("at most {} instructions", grouped(most)),
            grouped(reached),
            reached <= most,
        )
    };

    let typical = policy(cases::typical());
    let of_floor = ratio(typical.times.total, costs(cases::typical(), Role::Floor).times.total);
    let of_reference = ratio(costs(cases::typical(), Role::Reference).times.call, typical.times.call);
    let bytes = figures.module(Role::Policy).bytes;
    // What a container costs among 1600, and what among 100.
    let [one, hundred, most] =
        [cases::typical(), cases::containers(100), cases::large()].map(|case| policy(case).instructions as f64);
    let growth = ((most - hundred) / 1500.0) / ((hundred - one) / 99.0);

    table(
        ["what", "goal", "reached", ""],
        [
            instructions("typical pod", typical, 150_000),
            instructions("100 containers", policy(cases::containers(100)), 5_000_000),
            instructions("opted-out pod", policy(cases::opted_out()), 90_000),
            instructions(
                "1000 `noProxy` entries",
                policy(cases::no_proxy_entries(1000)),
                1_500_000,
            ),
            goal(
                "module",
                "at most 300 KB".to_owned(),
                kilobytes(bytes),
                bytes <= 300_000,
            ),
            goal(
                "a container among 1600, to one among 100",
                "at most 1.10 × the instructions".to_owned(),
                format!("{growth:.2} ×"),
                growth <= 1.1,
            ),
            goal(
                "typical pod, instantiation and call",
                "at most 1.40 × the empty policy's time".to_owned(),
                format!("{of_floor:.2} ×"),
                of_floor <= 1.4,
            ),
            goal(
                "typical pod, call",
                "at least 2.50 × as fast as the typed policy".to_owned(),
                format!("{of_reference:.2} ×"),
                of_reference >= 2.5,
            ),
        ],
    )
}

fn goal(what: &str, goal: String, reached: String, met: bool) -> [String; 4] {
    [
        what.to_owned(),
        goal,
        reached,
        if met { "reached" } else { "missed" }.to_owned(),
    ]
}

/// What is the same on every machine.
pub fn counts(figures: &Figures) -> String {
    table(
        [
            "case",
            "request",
            "empty policy",
            "this policy",
            "typed",
            "memory: empty",
            "this",
            "typed",
        ],
        figures.cases.iter().map(|row| {
            let [floor, policy, reference] = each(row, |costs| grouped(costs.instructions));
            let memory = each(row, |costs| format!("{} KiB", grouped(costs.memory as u64 / 1024)));
            let [floor_memory, policy_memory, reference_memory] = memory;
            [
                row.case.clone(),
                kilobytes(row.request_bytes),
                floor,
                policy,
                reference,
                floor_memory,
                policy_memory,
                reference_memory,
            ]
        }),
    )
}

/// What differs from machine to machine, and its ratios, which differ less.
pub fn times(figures: &Figures) -> String {
    table(
        [
            "case",
            "empty policy",
            "this policy",
            "typed",
            "this : empty",
            "call: this",
            "call: typed",
            "typed : this",
        ],
        figures.cases.iter().map(|row| {
            let [floor, policy, reference] = each(row, |costs| microseconds(costs.times.total));
            let [_, call, reference_call] = each(row, |costs| microseconds(costs.times.call));
            [
                row.case.clone(),
                floor,
                policy,
                reference,
                compared(row, Role::Policy, Role::Floor, |costs| costs.times.total),
                call,
                reference_call,
                compared(row, Role::Reference, Role::Policy, |costs| costs.times.call),
            ]
        }),
    )
}

/// The modules themselves.
pub fn modules(figures: &Figures) -> String {
    let typical = figures.row(&cases::typical());
    table(
        ["module", "size", "compiled in", "instantiated in"],
        ROLES.map(|role| {
            let module = figures.module(role);
            [
                ["empty policy", "this policy", "typed"][role as usize].to_owned(),
                kilobytes(module.bytes),
                format!("{} ms", rounded(module.compilation.as_secs_f64() * 1e3)),
                typical
                    .of(role)
                    .map_or_else(none, |costs| microseconds(costs.times.instantiation)),
            ]
        }),
    )
}

fn each(row: &Row, write: fn(&Costs) -> String) -> [String; 3] {
    ROLES.map(|role| row.of(role).map_or_else(none, write))
}

fn compared(row: &Row, role: Role, with: Role, time: fn(&Costs) -> Duration) -> String {
    match (row.of(role), row.of(with)) {
        (Some(costs), Some(with)) => format!("{:.1} ×", ratio(time(costs), time(with))),
        _ => none(),
    }
}

fn ratio(time: Duration, with: Duration) -> f64 {
    time.div_duration_f64(with)
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
