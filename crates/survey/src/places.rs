//! Where a container can have destinations: its variables, its command line, and the ConfigMaps that it uses.

use std::collections::HashSet;

use serde_json::Value;

use crate::dump::{ConfigValue, Dump};
use crate::scan::{self, Found};
use crate::secrets::is_named_like_a_secret;

/// A place in a container, and the destinations there.
pub(crate) struct Place {
    /// `env API_URL`, `args[0]`, `envFrom ConfigMap api-config, LEDGER`
    pub(crate) name: String,
    /// The variable, if it is one.
    pub(crate) variable: Option<String>,
    pub(crate) destinations: Vec<Found>,
    /// Whether it is a file. Text in one that is not a URL is rarely a destination.
    pub(crate) is_file: bool,
    /// Whether the place is named as those are that hold secrets.
    pub(crate) may_be_secret: bool,
    /// Whether it is a command line that calls wget.
    pub(crate) calls_wget: bool,
}

impl Place {
    fn of_variable(name: String, variable: &str, destinations: Vec<Found>) -> Self {
        Place {
            name,
            variable: Some(variable.to_owned()),
            destinations,
            is_file: false,
            may_be_secret: is_named_like_a_secret(variable),
            calls_wget: false,
        }
    }
}

/// The places of a container that have destinations.
pub(crate) fn places(pod: &Value, container: &Value, namespace: &str, dump: &Dump) -> Vec<Place> {
    let mut places = env_from(container, namespace, dump);
    places.extend(env(container, namespace, dump));
    let calls_wget = calls_wget(container);
    for field in ["command", "args"] {
        let items = container[field].as_array().into_iter().flatten().enumerate();
        places.extend(items.filter_map(|(index, item)| {
            Some(Place {
                name: format!("{field}[{index}]"),
                variable: None,
                destinations: scan::destinations(item.as_str()?),
                is_file: false,
                may_be_secret: false,
                calls_wget,
            })
        }));
    }
    places.extend(files(pod, container, namespace, dump));
    places.retain(|place| {
        let is_proxy = place.variable.as_deref().is_some_and(is_proxy_variable);
        !place.destinations.is_empty() && !is_proxy
    });
    places
}

/// Whether a variable says what the proxy is, or what bypasses it. Its value is no destination.
pub(crate) fn is_proxy_variable(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "all_proxy",
        "ftp_proxy",
        "grpc_proxy",
        "no_grpc_proxy",
        "ws_proxy",
        "wss_proxy",
    ]
    .contains(&name.as_str())
}

/// Whether the command line of a container calls wget.
pub(crate) fn calls_wget(container: &Value) -> bool {
    let words = ["command", "args"]
        .into_iter()
        .flat_map(|field| container[field].as_array().into_iter().flatten());
    let mut texts = words.filter_map(Value::as_str);
    texts.any(|text| {
        text.split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| word == "wget")
    })
}

fn found(value: &ConfigValue) -> Vec<Found> {
    match value {
        ConfigValue::Text(text) => scan::destinations(text),
        ConfigValue::Destinations(destinations) => destinations.clone(),
    }
}

fn env_from(container: &Value, namespace: &str, dump: &Dump) -> Vec<Place> {
    let own: HashSet<&str> = container["env"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|variable| variable["name"].as_str())
        .collect();
    let mut places = Vec::new();
    for source in container["envFrom"].as_array().into_iter().flatten() {
        let prefix = source["prefix"].as_str().unwrap_or_default();
        let Some(config_map) = source["configMapRef"]["name"].as_str() else {
            continue;
        };
        let entries = dump.config_maps.get(&(namespace.to_owned(), config_map.to_owned()));
        for (key, value) in entries.into_iter().flatten() {
            let variable = format!("{prefix}{key}");
            if !own.contains(variable.as_str()) {
                let name = format!("envFrom ConfigMap {config_map}, {variable}");
                places.push(Place::of_variable(name, &variable, found(value)));
            }
        }
    }
    places
}

fn env(container: &Value, namespace: &str, dump: &Dump) -> Vec<Place> {
    let variables = container["env"].as_array().into_iter().flatten();
    let place = |variable: &Value| {
        let name = variable["name"].as_str()?;
        if let Some(value) = variable["value"].as_str() {
            return Some(Place::of_variable(
                format!("env {name}"),
                name,
                scan::destinations(value),
            ));
        }
        let from = &variable["valueFrom"]["configMapKeyRef"];
        let (config_map, key) = (from["name"].as_str()?, from["key"].as_str()?);
        let values = dump.config_maps.get(&(namespace.to_owned(), config_map.to_owned()))?;
        let place = format!("env {name} from ConfigMap {config_map}, {key}");
        Some(Place::of_variable(place, name, found(values.get(key)?)))
    };
    variables.filter_map(place).collect()
}

/// The keys of ConfigMaps that the container mounts as files.
fn files(pod: &Value, container: &Value, namespace: &str, dump: &Dump) -> Vec<Place> {
    let mounts = container["volumeMounts"].as_array().into_iter().flatten();
    let mounted: HashSet<&str> = mounts.filter_map(|mount| mount["name"].as_str()).collect();
    let volumes = pod["spec"]["volumes"].as_array().into_iter().flatten();
    let volumes = volumes.filter(|volume| volume["name"].as_str().is_some_and(|name| mounted.contains(name)));
    let mut places = Vec::new();
    for volume in volumes {
        let projected = volume["projected"]["sources"].as_array().into_iter().flatten();
        let sources = [&volume["configMap"]]
            .into_iter()
            .chain(projected.map(|source| &source["configMap"]));
        for source in sources {
            let Some(config_map) = source["name"].as_str() else {
                continue;
            };
            let items: HashSet<&str> = source["items"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|item| item["key"].as_str())
                .collect();
            let entries = dump.config_maps.get(&(namespace.to_owned(), config_map.to_owned()));
            let entries = entries.into_iter().flatten();
            for (key, value) in entries.filter(|(key, _)| items.is_empty() || items.contains(key.as_str())) {
                places.push(Place {
                    name: format!("file of ConfigMap {config_map}, {key}"),
                    variable: None,
                    destinations: found(value),
                    is_file: true,
                    may_be_secret: is_named_like_a_secret(key),
                    calls_wget: false,
                });
            }
        }
    }
    places
}
