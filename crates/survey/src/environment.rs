//! What a container has in its environment, as far as the input says.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::dump::{ConfigValue, Dump};

/// The value of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EnvValue {
    Text(String),
    /// Of a Secret, a long ConfigMap, or of a ConfigMap that is not in the input.
    Unseen,
    /// A field of the pod: `status.hostIP`.
    Field(String),
}

/// The variables of a container by name.
pub(crate) struct Environment<'d> {
    values: BTreeMap<String, EnvValue>,
    dump: &'d Dump,
    namespace: &'d str,
}

/// What a host with references stands for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Host {
    Text(String),
    /// The IP address of the node that a pod is on.
    OwnNode,
    Unknown,
}

impl<'d> Environment<'d> {
    pub(crate) fn new(container: &Value, namespace: &'d str, dump: &'d Dump) -> Self {
        let mut values = BTreeMap::new();
        for source in container["envFrom"].as_array().into_iter().flatten() {
            let prefix = source["prefix"].as_str().unwrap_or_default();
            let name = source["configMapRef"]["name"].as_str().unwrap_or_default();
            let entries = dump.config_maps.get(&(namespace.to_owned(), name.to_owned()));
            for (key, value) in entries.into_iter().flatten() {
                values.insert(format!("{prefix}{key}"), EnvValue::of(value));
            }
            let name = source["secretRef"]["name"].as_str().unwrap_or_default();
            let keys = dump.secrets.get(&(namespace.to_owned(), name.to_owned()));
            for key in keys.into_iter().flatten() {
                values.insert(format!("{prefix}{key}"), EnvValue::Unseen);
            }
        }
        for variable in container["env"].as_array().into_iter().flatten() {
            let Some(name) = variable["name"].as_str() else {
                continue;
            };
            values.insert(name.to_owned(), Self::value(variable, namespace, dump));
        }
        Environment {
            values,
            dump,
            namespace,
        }
    }

    fn value(variable: &Value, namespace: &str, dump: &Dump) -> EnvValue {
        let from = &variable["valueFrom"];
        if let Some(path) = from["fieldRef"]["fieldPath"].as_str() {
            return EnvValue::Field(path.to_owned());
        }
        if let Some(name) = from["configMapKeyRef"]["name"].as_str() {
            let config_map = dump.config_maps.get(&(namespace.to_owned(), name.to_owned()));
            let key = from["configMapKeyRef"]["key"].as_str().unwrap_or_default();
            return config_map
                .and_then(|values| values.get(key))
                .map_or(EnvValue::Unseen, EnvValue::of);
        }
        if from.is_object() {
            return EnvValue::Unseen;
        }
        EnvValue::Text(variable["value"].as_str().unwrap_or_default().to_owned())
    }

    /// The variable that is set first of those named, as a client reads them. On Windows, names differ in case alone.
    pub(crate) fn first(&self, names: &[String], is_windows: bool) -> Option<&EnvValue> {
        names.iter().find_map(|name| {
            let other = || self.values.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
            let value = self.values.get(name);
            value
                .or_else(|| other().filter(|_| is_windows).map(|(_, value)| value))
                .filter(|value| !matches!(value, EnvValue::Text(text) if text.is_empty()))
        })
    }

    /// The value of a variable, if it is known.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.values.get(name)? {
            EnvValue::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// Replaces `$(NAME)` and `${NAME}` where the value is known.
    pub(crate) fn expand(&self, text: &str) -> String {
        let mut expanded = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            let (before, reference) = rest.split_at(at);
            expanded += before;
            let parsed = name_of(reference);
            match parsed.and_then(|(name, length)| Some((self.lookup(name)?, length))) {
                Some((value, length)) => {
                    expanded += &value;
                    rest = &reference[length..];
                }
                None => {
                    expanded.push('$');
                    rest = &reference[1..];
                }
            }
        }
        expanded + rest
    }

    /// What a host with references stands for.
    pub(crate) fn host(&self, host: &str) -> Host {
        if !host.contains('$') {
            return Host::Text(host.to_owned());
        }
        if let Some((name, length)) = name_of(host)
            && length == host.len()
            && let Some(EnvValue::Field(path)) = self.values.get(name)
        {
            return if path == "status.hostIP" || path == "spec.nodeName" {
                Host::OwnNode
            } else {
                Host::Unknown
            };
        }
        let expanded = self.expand(host);
        if expanded.contains('$') || expanded.contains('/') {
            Host::Unknown
        } else {
            Host::Text(expanded)
        }
    }

    /// The value of a variable, also of those that the kubelet adds for Services.
    /// <https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables>
    fn lookup(&self, name: &str) -> Option<String> {
        if let Some(value) = self.values.get(name) {
            return match value {
                EnvValue::Text(text) if !text.contains('$') => Some(text.clone()),
                _ => None,
            };
        }
        let (service, is_host) = match name.strip_suffix("_SERVICE_HOST") {
            Some(service) => (service, true),
            None => (name.strip_suffix("_SERVICE_PORT")?, false),
        };
        let namespace = if service == "KUBERNETES" {
            "default"
        } else {
            self.namespace
        };
        let first = (namespace.to_owned(), String::new());
        let mut of_namespace = self.dump.services.range(first..);
        let (_, service) = of_namespace
            .by_ref()
            .take_while(|((of, _), _)| of == namespace)
            .find(|((_, name), _)| name.to_ascii_uppercase().replace('-', "_") == service)?;
        if is_host {
            service.cluster_ips.first().map(ToString::to_string)
        } else {
            service.ports.first().map(ToString::to_string)
        }
    }
}

impl EnvValue {
    fn of(value: &ConfigValue) -> Self {
        match value {
            ConfigValue::Text(text) => EnvValue::Text(text.clone()),
            ConfigValue::Destinations(_) => EnvValue::Unseen,
        }
    }
}

/// The name in the reference that a text begins with, and the reference's length.
fn name_of(text: &str) -> Option<(&str, usize)> {
    let (open, close) = (text.get(..2)?, text.find([')', '}'])?);
    let is_closed = matches!((open, text.as_bytes()[close]), ("$(", b')') | ("${", b'}'));
    is_closed.then(|| (&text[2..close], close + 1))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cluster() -> Dump {
        let service = |namespace: &str, name: &str, address: &str, port: u16| {
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace},
                "spec": {"clusterIPs": [address], "ports": [{"port": port}, {"port": 1}]}})
        };
        Dump::of(&[
            service("default", "kubernetes", "10.96.0.1", 443),
            service("dev", "api-v2", "10.96.0.2", 81),
            service("shop", "api-v2", "10.96.0.3", 82),
            service("shop", "kubernetes", "10.96.0.4", 83),
            service("zoo", "late", "10.96.0.5", 84),
        ])
    }

    fn container() -> Value {
        let field = |path: &str| json!({"fieldRef": {"fieldPath": path}});
        json!({"env": [
            {"name": "HOST", "value": "api"},
            {"name": "PORT", "value": "8080"},
            {"name": "EMPTY", "value": ""},
            {"name": "PATH", "value": "api/x"},
            {"name": "OTHER", "value": "$(HOST)"},
            {"name": "SECRET", "valueFrom": {"secretKeyRef": {"name": "a", "key": "a"}}},
            {"name": "NODE_IP", "valueFrom": field("status.hostIP")},
            {"name": "NODE", "valueFrom": field("spec.nodeName")},
            {"name": "SELF", "valueFrom": field("metadata.name")},
        ]})
    }

    #[test]
    fn references_to_known_values_are_replaced() {
        let dump = cluster();
        let environment = Environment::new(&container(), "shop", &dump);
        for (text, expected) in [
            ("http://$(HOST):${PORT}/", "http://api:8080/"),
            ("$(HOST)$(HOST)", "apiapi"),
            ("[$(EMPTY)]", "[]"),
            (
                "$(OTHER) $(SECRET) $(NODE) $(NONE)",
                "$(OTHER) $(SECRET) $(NODE) $(NONE)",
            ),
            ("$HOST $(HOST} ${HOST) $", "$HOST $(HOST} ${HOST) $"),
            ("$$(HOST)", "$api"),
            ("$(API_V2_SERVICE_HOST):$(API_V2_SERVICE_PORT)", "10.96.0.3:82"),
            ("$(KUBERNETES_SERVICE_HOST):$(KUBERNETES_SERVICE_PORT)", "10.96.0.1:443"),
            (
                "$(LATE_SERVICE_HOST) $(API_SERVICE_HOST)",
                "$(LATE_SERVICE_HOST) $(API_SERVICE_HOST)",
            ),
        ] {
            assert_eq!(environment.expand(text), expected, "{text}");
        }
    }

    #[test]
    fn a_host_is_a_text_the_own_node_or_unknown() {
        let dump = cluster();
        let environment = Environment::new(&container(), "shop", &dump);
        let text = |text: &str| Host::Text(text.to_owned());
        for (host, expected) in [
            ("api.shop", text("api.shop")),
            ("$(HOST).shop", text("api.shop")),
            ("$(NODE_IP)", Host::OwnNode),
            ("${NODE}", Host::OwnNode),
            ("$(SELF)", Host::Unknown),
            ("$(NODE_IP).x", Host::Unknown),
            ("$(PATH)", Host::Unknown),
            ("$(NONE)", Host::Unknown),
        ] {
            assert_eq!(environment.host(host), expected, "{host}");
        }
    }

    #[test]
    fn the_first_variable_with_a_value_counts_and_on_windows_in_any_case() {
        let dump = cluster();
        let environment = Environment::new(&container(), "shop", &dump);
        let first = |names: &[&str], is_windows| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            environment.first(&names, is_windows)
        };
        let text = |text: &str| EnvValue::Text(text.to_owned());
        assert_eq!(first(&["NONE", "EMPTY", "PORT", "HOST"], false), Some(&text("8080")));
        assert_eq!(first(&["SECRET", "HOST"], false), Some(&EnvValue::Unseen));
        assert_eq!(first(&["host", "PORT"], false), Some(&text("8080")));
        assert_eq!(first(&["host", "PORT"], true), Some(&text("api")));
        assert_eq!(first(&["EMPTY"], true), None);
        let texts = ["HOST", "EMPTY", "SECRET", "NODE", "NONE"].map(|name| environment.text(name));
        assert_eq!(texts, [Some("api"), Some(""), None, None, None]);
    }
}
