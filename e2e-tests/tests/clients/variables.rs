//! Which variables the clients read, and which of two counts.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::Result;
use clients::Variables;

use crate::client::{Client, Environment};
use crate::proxy::Proxy;

/// Where the proxies of the variables listen, each at a port of its own.
pub const PROXIES: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 200, 0, 4));

const PAIRS: [[&str; 2]; 3] = [
    ["http_proxy", "HTTP_PROXY"],
    ["https_proxy", "HTTPS_PROXY"],
    ["no_proxy", "NO_PROXY"],
];

/// Requested with a list that has the name in the variable of that case alone.
const OUTSIDE: [&str; 2] = ["http://outside.test/", "https://outside.test/"];

struct Proxies(BTreeMap<&'static str, (SocketAddr, Proxy)>);

impl Proxies {
    fn start() -> Result<Self> {
        let names = PAIRS[..2].iter().flatten().zip(3131..);
        let proxies = names.map(|(name, port)| {
            let address = SocketAddr::new(PROXIES, port);
            Ok((*name, (address, Proxy::start(address)?)))
        });
        Ok(Proxies(proxies.collect::<Result<_>>()?))
    }

    /// What a container has in its environment that sets the variables of these cases (0: lower, 1: upper).
    fn environment(&self, cases: &[usize], no_proxy: &[usize]) -> Environment {
        let mut environment = Environment::from([("NODE_USE_ENV_PROXY".to_owned(), "1".to_owned())]);
        for pair in &PAIRS[..2] {
            for name in cases.iter().map(|case| pair[*case]) {
                environment.insert(name.to_owned(), format!("http://{}/", self.0[name].0));
            }
        }
        for case in no_proxy {
            environment.insert(PAIRS[2][*case].to_owned(), listed(*case).to_owned());
        }
        environment
    }

    /// For each URL the variable whose proxy was asked.
    fn ask(&mut self, client: &Client, environment: &Environment, urls: &[&str]) -> Result<Vec<Option<&'static str>>> {
        client.ask(environment, urls)?;
        let mut asked = BTreeMap::new();
        for (name, (_, proxy)) in &mut self.0 {
            asked.insert(*name, proxy.take()?);
        }
        let of = |url: &&str| -> Result<Option<&'static str>> {
            let destination = crate::proxy::host_and_port(url)?;
            Ok(asked
                .iter()
                .find(|(_, asked)| asked.contains(&destination))
                .map(|(name, _)| *name))
        };
        urls.iter().map(of).collect()
    }
}

/// The entry of the list in the variable of this case.
fn listed(case: usize) -> &'static str {
    ["exact.test", "kubernetes.default.svc"][case]
}

/// The variables that each client reads.
pub fn measure(clients: &[(&'static Client, String)]) -> Result<BTreeMap<&'static str, Variables>> {
    let mut proxies = Proxies::start()?;
    clients
        .iter()
        .map(|(client, _)| Ok((client.name, proxies.variables(client)?)))
        .collect()
}

impl Proxies {
    fn variables(&mut self, client: &Client) -> Result<Variables> {
        // With both, the first counts; with one alone, it counts if it is read at all.
        let mut read: [Vec<String>; 2] = Default::default();
        for cases in [&[0, 1][..], &[0], &[1]] {
            let environment = self.environment(cases, &[]);
            for (read, name) in read.iter_mut().zip(self.ask(client, &environment, &OUTSIDE)?) {
                read.extend(name.map(str::to_owned).filter(|name| !read.contains(name)));
            }
        }
        let [http, https] = read;
        let no_proxy = if http.is_empty() && https.is_empty() {
            Vec::new()
        } else {
            self.no_proxy(client)?
        };
        Ok(Variables { http, https, no_proxy })
    }

    fn no_proxy(&mut self, client: &Client) -> Result<Vec<String>> {
        let urls = [0, 1].map(|case| format!("https://{}/", listed(case)));
        let mut read = Vec::new();
        for cases in [&[0, 1][..], &[0], &[1]] {
            let environment = self.environment(&[0, 1], cases);
            let asked = self.ask(client, &environment, &urls.each_ref().map(String::as_str))?;
            let listed: BTreeSet<usize> = (0..2)
                .filter(|case| cases.contains(case) && asked[*case].is_none())
                .collect();
            for case in listed {
                let name = PAIRS[2][case].to_owned();
                if !read.contains(&name) {
                    read.push(name);
                }
            }
        }
        Ok(read)
    }
}
