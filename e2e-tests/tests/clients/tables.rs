//! The tables of docs/clients.md: clients as rows, made of their rules.

use clients::{Client, Everything, Networks, Ports, Reach, Support, Way};

use crate::client::Client as Program;
use crate::destination::{Destination, SHOWN_FOR_OLDER};
use crate::no_proxy::Taken;

/// What no entry covers.
const OUTSIDE: &str = SHOWN_FOR_OLDER[2];

/// All that is generated on the page.
pub fn page(clients: &[Client], older: &[(&Program, String)], destinations: &[Destination], taken: &Taken) -> String {
    [
        "### What entries cover\n".to_owned(),
        entries(clients),
        "### Variables and spelling\n".to_owned(),
        spelling(clients),
        "### Clients that need more than the variables\n".to_owned(),
        needs(clients),
        "### Default destinations that still use the proxy\n".to_owned(),
        defaults(clients, destinations, taken),
        "### Older releases\n".to_owned(),
        older_releases(older, taken),
    ]
    .join("\n")
}

fn table(headings: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let row = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let headings: Vec<String> = headings.iter().map(|&heading| heading.to_owned()).collect();
    let ruler = format!("|{}\n", " --- |".repeat(headings.len()));
    row(&headings) + &ruler + &rows.map(|cells| row(&cells)).collect::<String>()
}

fn entries(clients: &[Client]) -> String {
    let headings = [
        "Client",
        "`example.com`",
        "`.example.com`",
        "`10.0.0.0/8`",
        "`fd00::1`",
        "`fd00::/64`",
        "`example.com:8080`",
        "`*`",
    ];
    table(&headings, clients.iter().map(entries_of))
}

fn entries_of(client: &Client) -> Vec<String> {
    let rules = &client.rules;
    if !rules.reads_no_proxy {
        let nothing = std::iter::repeat_n("–".to_owned(), 6);
        return [client.name.clone(), "**no `NO_PROXY`**".to_owned()]
            .into_iter()
            .chain(nothing)
            .collect();
    }
    let cells = [
        reach(rules.name),
        reach(rules.dotted),
        match rules.ipv4_networks {
            Networks::All => "yes",
            Networks::Octets => "/8, /16, /24",
            Networks::None => "**no**",
        },
        support(rules.ipv6_addresses),
        support(rules.ipv6_networks),
        match rules.ports {
            Ports::Compared => "that port",
            Ports::EntryIgnored => "**nothing**",
            Ports::PortIgnored => "**every port**",
        },
        match rules.everything {
            Everything::Anywhere => "yes",
            Everything::Alone => "alone",
            Everything::Never => "**no**",
        },
    ];
    row(client, cells)
}

fn row<const N: usize>(client: &Client, cells: [&str; N]) -> Vec<String> {
    let cells = cells.into_iter().map(str::to_owned);
    [client.name.clone()].into_iter().chain(cells).collect()
}

fn reach(reach: Reach) -> &'static str {
    match reach {
        Reach::Nothing => "**nothing**",
        Reach::Name => "name",
        Reach::Subdomains => "subdomains",
        Reach::NameAndSubdomains => "name, subdomains",
        Reach::Ending => "**every name with this suffix**",
    }
}

fn support(support: Support) -> &'static str {
    match support {
        Support::Full => "yes",
        Support::None => "**no**",
        Support::Fails => "**fails**",
    }
}

fn spelling(clients: &[Client]) -> String {
    let headings = [
        "Client",
        "http",
        "https",
        "List",
        "URL with trailing dot",
        "Entry with trailing dot",
        "Capitals",
        "Never proxied",
    ];
    let rows = clients.iter().map(|client| {
        let (rules, variables) = (&client.rules, &client.variables);
        let ignored = |ignored| if ignored { "ignored" } else { "compared" };
        let no_proxy = rules.reads_no_proxy;
        let cells = [
            names(&variables.http),
            names(&variables.https),
            names(&variables.no_proxy),
            if no_proxy {
                ignored(rules.ignores_trailing_dot_of_destination)
            } else {
                "–"
            }
            .to_owned(),
            if no_proxy {
                ignored(rules.ignores_trailing_dot_of_entry)
            } else {
                "–"
            }
            .to_owned(),
            if no_proxy { ignored(rules.ignores_case) } else { "–" }.to_owned(),
            names(&rules.never_proxied),
        ];
        row(client, cells.each_ref().map(String::as_str))
    });
    table(&headings, rows)
}

fn names(names: &[String]) -> String {
    match names {
        [] => "–".to_owned(),
        names => names
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

fn needs(clients: &[Client]) -> String {
    let rows = clients.iter().filter_map(|client| {
        let need = match client.needs.as_ref()? {
            clients::Need::RuntimesJava => "the setting `runtimes.java`".to_owned(),
            clients::Need::RuntimesNode => "the setting `runtimes.node`".to_owned(),
            clients::Need::Code(code) => format!("`{code}` in the program"),
        };
        Some(row(client, [need.as_str()]))
    });
    table(&["Client", "Needs"], rows)
}

/// For each client that does not understand all defaults: the destinations that miss.
fn defaults(clients: &[Client], destinations: &[Destination], taken: &Taken) -> String {
    let rows = clients
        .iter()
        .filter(|client| client.rules.reads_no_proxy)
        .filter_map(|client| {
            let missed: Vec<String> = destinations
                .iter()
                .filter(|destination| destination.default_entry().is_some())
                .filter(|destination| destination.misses(taken[&(destination.url, client.name.as_str())]))
                .map(|destination| format!("`{}`", destination.url))
                .collect();
            (!missed.is_empty()).then(|| row(client, [missed.join(", ").as_str()]))
        });
    table(&["Client", "Destinations"], rows)
}

fn older_releases(older: &[(&Program, String)], taken: &Taken) -> String {
    let word = |url: &str, way: Way| match way {
        Way::Direct => "direct",
        Way::Proxy if url == OUTSIDE => "proxy",
        Way::Proxy => "**proxy**",
        Way::Fails => "**fails**",
    };
    let rows = older.iter().map(|(client, _)| {
        let ways = SHOWN_FOR_OLDER.map(|url| word(url, taken[&(url, client.name)]).to_owned());
        [client.name.to_owned()].into_iter().chain(ways).collect()
    });
    table(
        &[
            "Client",
            "A listed name, with the defaults",
            "A listed name, `noProxyDefaults: false`",
            "An outside name",
        ],
        rows,
    )
}
