//! What the input says of the cluster, in little memory: pods that differ in nothing that counts are one group.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::net::IpAddr;

use anyhow::{Result, bail};
use explain::input::Source;
use explain::kinds::Role;
use explain::namespaces::{Label, Namespaces};
use explain::object::Owners;
use ipnet::IpNet;
use serde_json::{Value, json};

use crate::odd::{self, Odd};
use crate::pods::{Parts, Pods, deciding_labels, parse, strip};
use crate::report::Object;
use crate::scan::{self, Found};
use crate::service::{Service, parsed};
use crate::stream;

/// A longer value of a ConfigMap is kept as the destinations in it alone. In bytes.
const KEPT_VALUE: usize = 1024;

/// So many lists within lists are read.
const MAX_LISTS: usize = 8;

/// A namespace and a name in it.
pub(crate) type Key = (String, String);

/// What the input says of the cluster.
#[derive(Default)]
pub struct Dump {
    pub(crate) namespaces: Namespaces,
    pub(crate) namespace_names: BTreeSet<String>,
    pub(crate) services: BTreeMap<Key, Service>,
    pub(crate) nodes: BTreeMap<String, Vec<IpAddr>>,
    pub(crate) pod_networks: BTreeSet<IpNet>,
    pub(crate) service_networks: BTreeSet<IpNet>,
    /// The addresses by which nodes are called from outside the cluster, with the node's name.
    pub(crate) outside: BTreeMap<IpAddr, String>,
    pub(crate) api_endpoints: BTreeSet<IpAddr>,
    pub(crate) config_maps: BTreeMap<Key, BTreeMap<String, ConfigValue>>,
    /// The keys of ConfigMaps, also those of binary values, which no container has in its environment.
    pub(crate) config_map_keys: BTreeMap<Key, BTreeSet<String>>,
    /// The keys of Secrets. Their values are never kept.
    pub(crate) secrets: BTreeMap<Key, BTreeSet<String>>,
    pub(crate) pods: Pods,
    /// Workloads that no other workload of Kubernetes owns, by name.
    pub(crate) workloads: BTreeMap<Object, Workload>,
    pub(crate) owners: Owners,
    /// How many objects of each kind there are.
    pub(crate) kinds: BTreeMap<String, usize>,
    /// What could not be read, file by file.
    pub(crate) unread: Vec<String>,
}

/// A workload.
pub(crate) struct Workload {
    text: Box<str>,
    /// How many pods it wants; 0 where it does not say.
    pub(crate) replicas: u64,
    /// Whether it is an old revision that its owner keeps for a rollback.
    pub(crate) is_replaced: bool,
}

impl Workload {
    pub(crate) fn object(&self) -> Value {
        parse(&self.text)
    }
}

/// The value of a key of a ConfigMap.
#[derive(Debug)]
pub(crate) enum ConfigValue {
    Text(String),
    Destinations(Vec<Found>),
}

impl ConfigValue {
    /// The value, unless it is long.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            ConfigValue::Text(text) => Some(text),
            ConfigValue::Destinations(_) => None,
        }
    }
}

impl Dump {
    /// For a survey of this policy: pods that its selectors tell apart are kept apart.
    pub fn for_policy(source: &Source) -> Self {
        let mut dump = Dump::default();
        dump.pods.deciding = deciding_labels(source);
        dump
    }

    /// Reads JSON as a stream. What is no Kubernetes object is skipped, and noted.
    pub(crate) fn read_json(
        &mut self,
        reader: impl Read,
        odd: &mut Odd,
        progress: &mut dyn FnMut(usize),
    ) -> Result<()> {
        let mut sink = |raw: &str, kind: Option<&str>| {
            let faults = self.add_all(raw, kind)?;
            progress(self.pods.count);
            Ok(faults)
        };
        stream::read(reader, &mut sink, odd)
    }

    /// Reads a text that is held in memory: YAML, several documents.
    pub(crate) fn read_yaml(&mut self, text: &str, odd: &mut Odd) -> Result<()> {
        for document in documents::parse(text)? {
            let raw = document.value.to_string();
            for fault in self.add_all(&raw, None)? {
                odd.add(document.line(), &fault);
            }
        }
        Ok(())
    }

    /// What was not read, in sentences.
    pub fn unread(&self) -> &[String] {
        &self.unread
    }

    /// Adds an object, or those of a list that is itself an item of a list, as `jq -s` writes it. Returns what is wrong with those that
    /// are not added.
    fn add_all(&mut self, raw: &str, kind_of_list: Option<&str>) -> Result<Vec<String>> {
        let mut faults = Vec::new();
        let mut objects = vec![(raw, kind_of_list.map(str::to_owned), 0)];
        while let Some((raw, kind, depth)) = objects.pop() {
            let parts: Parts = match serde_json::from_str(raw) {
                Ok(parts) => parts,
                Err(error) if error.is_data() => {
                    faults.push(odd::described(raw));
                    continue;
                }
                Err(_) => bail!("not JSON; pass what kubectl get -o json or -o yaml writes"),
            };
            let Some(items) = parts.items() else {
                faults.extend(self.add_json(raw, parts, kind.as_deref()));
                continue;
            };
            if depth == MAX_LISTS {
                faults.push(odd::UNREADABLE.to_owned());
                continue;
            }
            let kind = parts.kind.as_deref().and_then(stream::kind_of_items);
            let items = items.into_iter().rev();
            objects.extend(items.map(|item| (item.get(), kind.map(str::to_owned), depth + 1)));
        }
        Ok(faults)
    }

    /// Adds an object; or returns what is wrong with it.
    fn add_json(&mut self, raw: &str, parts: Parts, kind_of_list: Option<&str>) -> Option<String> {
        let Some(kind) = parts.kind.clone().or(kind_of_list.map(str::to_owned)) else {
            return Some("not a Kubernetes object: kind is missing".to_owned());
        };
        if parts.metadata.name.is_none() && (kind == "Pod" || is_workload(&kind)) {
            return Some("metadata.name is missing".to_owned());
        }
        *self.kinds.entry(kind.clone()).or_default() += 1;
        if kind == "Pod" {
            return self.pods.add(raw, parts).err();
        }
        let metadata = parts.metadata;
        let mut owners = metadata.owner_references.iter().flatten();
        let is_owned = owners.any(|owner| owner.controller == Some(true) && is_workload(&owner.kind));
        if is_owned && ["ReplicaSet", "Job"].contains(&&*kind) {
            let object = json!({"kind": kind, "metadata": {
                "name": metadata.name, "namespace": metadata.namespace, "ownerReferences": metadata.owner_references,
            }});
            self.owners.add(&object);
            return None;
        }
        let is_read = match &*kind {
            "EndpointSlice" => metadata.namespace.as_deref() == Some("default"),
            "Event" | "Endpoints" => false,
            _ => true,
        };
        if !is_read {
            return None;
        }
        self.add_whole(raw, &kind).err()
    }

    /// Adds an object of which more than its metadata is read.
    fn add_whole(&mut self, raw: &str, kind: &str) -> Result<(), String> {
        let mut object: Value = serde_json::from_str(raw).map_err(|_| odd::UNREADABLE.to_owned())?;
        if let Some(fault) = odd::fault(&object) {
            return Err(fault);
        }
        if object["kind"].is_null() {
            object["kind"] = json!(kind);
            let group = explain::kinds::WORKLOADS.iter().find(|workload| workload.kind == kind);
            object["apiVersion"] = match group.map_or("", |workload| workload.group) {
                "" => json!("v1"),
                group => json!(format!("{group}/v1")),
            };
        }
        self.add(object);
        Ok(())
    }

    fn add(&mut self, object: Value) {
        let key = (
            text(&object["metadata"]["namespace"]),
            text(&object["metadata"]["name"]),
        );
        match object["kind"].as_str().unwrap_or_default() {
            "Service" if object["apiVersion"] == "v1" => {
                self.services.insert(key, Service::read(&object));
            }
            "Namespace" => self.add_namespace(&key.1, &object),
            "Node" => self.add_node(key.1, &object),
            "ServiceCIDR" => self.service_networks.extend(parsed::<IpNet>(&object["spec"]["cidrs"])),
            "EndpointSlice" if object["metadata"]["labels"]["kubernetes.io/service-name"] == "kubernetes" => {
                let endpoints = object["endpoints"].as_array().into_iter().flatten();
                self.api_endpoints
                    .extend(endpoints.flat_map(|endpoint| parsed::<IpAddr>(&endpoint["addresses"])));
            }
            "ConfigMap" => {
                let keys = keys(&object, ["data", "binaryData"]);
                self.config_map_keys.insert(key.clone(), keys);
                self.add_config_map(key, &object["data"]);
            }
            "Secret" => {
                self.secrets.insert(key, keys(&object, ["data", "stringData"]));
            }
            _ => self.add_workload(object),
        }
    }

    fn add_workload(&mut self, object: Value) {
        let Role::Workload(workload) = Role::of(&object) else {
            return;
        };
        self.owners.add(&object);
        if workload.creates_pods() && !is_finished(&object) {
            let name = Object::of(&object);
            let replicas = object["spec"]["replicas"].as_u64();
            let owners = object["metadata"]["ownerReferences"].as_array();
            let is_owned = owners.is_some_and(|owners| owners.iter().any(|owner| owner["controller"] == true));
            let workload = Workload {
                replicas: replicas.unwrap_or_default(),
                is_replaced: is_owned && replicas == Some(0) && object["kind"] == "ReplicaSet",
                text: strip(object).to_string().into(),
            };
            self.workloads.insert(name, workload);
        }
    }

    fn add_namespace(&mut self, name: &str, object: &Value) {
        let labels = object["metadata"]["labels"].as_object().into_iter().flatten();
        let labels = labels.filter_map(|(key, value)| {
            let value = value.as_str()?.to_owned();
            let source = "input".to_owned();
            Some((key.clone(), Label { value, source }))
        });
        self.namespaces.add(name, labels);
        self.namespace_names.insert(name.to_owned());
    }

    fn add_node(&mut self, name: String, object: &Value) {
        let of_type = |kind: &'static str| {
            let addresses = object["status"]["addresses"].as_array().into_iter().flatten();
            let addresses = addresses.filter(move |address| address["type"] == kind);
            addresses.filter_map(|address| address["address"].as_str()?.parse().ok())
        };
        self.outside
            .extend(of_type("ExternalIP").map(|address| (address, name.clone())));
        self.nodes.insert(name, of_type("InternalIP").collect());
        self.pod_networks.extend(parsed::<IpNet>(&object["spec"]["podCIDRs"]));
        self.pod_networks.extend(
            object["spec"]["podCIDR"]
                .as_str()
                .and_then(|network| network.parse::<IpNet>().ok()),
        );
    }

    fn add_config_map(&mut self, key: Key, data: &Value) {
        let data = data.as_object().into_iter().flatten();
        let values = data.filter_map(|(key, value)| {
            let value = value.as_str()?;
            let kept = if value.len() <= KEPT_VALUE {
                ConfigValue::Text(value.to_owned())
            } else {
                ConfigValue::Destinations(scan::destinations(value))
            };
            Some((key.clone(), kept))
        });
        self.config_maps.insert(key, values.collect());
    }
}

fn keys(object: &Value, fields: [&str; 2]) -> BTreeSet<String> {
    let fields = fields.into_iter().filter_map(|field| object[field].as_object());
    fields.flat_map(|data| data.keys().cloned()).collect()
}

fn is_workload(kind: &str) -> bool {
    explain::kinds::WORKLOADS.iter().any(|workload| workload.kind == kind)
}

/// Whether it is a Job that creates no more pods.
fn is_finished(object: &Value) -> bool {
    let conditions = object["status"]["conditions"].as_array().into_iter().flatten();
    let mut ended = conditions.filter(|condition| condition["type"] == "Complete" || condition["type"] == "Failed");
    object["kind"] == "Job" && ended.any(|condition| condition["status"] == "True")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Dump {
        /// What these objects say of a cluster. The tests of other modules use it.
        pub(crate) fn of(objects: &[Value]) -> Self {
            let mut dump = Dump::default();
            let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
            dump.read("dump.json", list.to_string().as_bytes(), &mut |_| {})
                .unwrap();
            dump
        }
    }

    /// An object of the namespace shop, with the fields of `rest`.
    fn object(version: &str, kind: &str, name: &str, rest: &Value) -> Value {
        let mut object = json!({"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": "shop"}});
        let fields = object.as_object_mut().unwrap();
        fields.extend(rest.as_object().unwrap().clone());
        object
    }

    fn owned(mut object: Value, kind: &str, is_controller: bool) -> Value {
        object["metadata"]["ownerReferences"] = json!([{"kind": kind, "name": "owner", "controller": is_controller}]);
        object
    }

    #[test]
    fn workloads_that_no_other_one_makes_are_kept_and_old_revisions_are_marked() {
        let of = |kind, name, replicas: Value| object("apps/v1", kind, name, &json!({"spec": {"replicas": replicas}}));
        let job = |name| object("batch/v1", "Job", name, &json!({"spec": {}}));
        let kept = Dump::of(&[
            of("Deployment", "web", json!(3)),
            of("StatefulSet", "unsaid", Value::Null),
            of("ReplicaSet", "own", json!(0)),
            owned(of("ReplicaSet", "of-deployment", json!(2)), "Deployment", true),
            owned(of("ReplicaSet", "of-deployment-before", json!(0)), "Deployment", true),
            owned(of("ReplicaSet", "of-rollout", json!(2)), "Rollout", true),
            owned(of("ReplicaSet", "of-rollout-before", json!(0)), "Rollout", true),
            owned(of("ReplicaSet", "near-deployment", json!(0)), "Deployment", false),
            owned(of("StatefulSet", "of-operator", json!(0)), "Operator", true),
            owned(job("of-cron-job"), "CronJob", true),
            job("by-hand"),
            object("v1", "PodTemplate", "template", &json!({})),
            object("v1", "Endpoints", "odd", &json!({"spec": {"template": {}}})),
        ]);
        let shown = |(name, workload): (&Object, &Workload)| {
            let mark = if workload.is_replaced { " replaced" } else { "" };
            format!("{} {} {}{mark}", name.kind, name.name, workload.replicas)
        };
        let shown: Vec<String> = kept.workloads.iter().map(shown).collect();
        assert_eq!(
            shown,
            [
                "Deployment web 3",
                "Job by-hand 0",
                "ReplicaSet near-deployment 0",
                "ReplicaSet of-rollout 2",
                "ReplicaSet of-rollout-before 0 replaced",
                "ReplicaSet own 0",
                "StatefulSet of-operator 0",
                "StatefulSet unsaid 0",
            ]
        );
    }

    #[test]
    fn a_list_tells_the_kind_of_its_items_and_so_their_group() {
        let mut kept = Dump::default();
        for kind in ["Deployment", "CronJob", "Service"] {
            let item = json!({"metadata": {"name": "a", "namespace": "shop"}, "spec": {}});
            let list = format!("{{\"kind\": \"{kind}List\", \"items\": [{item}]}}");
            kept.read("a.json", list.as_bytes(), &mut |_| {}).unwrap();
        }
        let workloads: Vec<String> = kept.workloads.keys().map(ToString::to_string).collect();
        assert_eq!(workloads, ["CronJob shop/a", "Deployment shop/a"]);
        assert_eq!(kept.services.len(), 1);
        let kinds: Vec<(&str, usize)> = kept.kinds.iter().map(|(kind, count)| (&**kind, *count)).collect();
        assert_eq!(kinds, [("CronJob", 1), ("Deployment", 1), ("Service", 1)]);
    }

    #[test]
    fn objects_of_other_groups_and_namespaces_are_not_taken_for_those_that_count() {
        let slice = |namespace: &str, service: &str, address: &str| {
            json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
                "metadata": {"name": address, "namespace": namespace, "labels": {"kubernetes.io/service-name": service}},
                "endpoints": [{"addresses": [address]}]})
        };
        let kept = Dump::of(&[
            object("v1", "Service", "api", &json!({})),
            object("serving.knative.dev/v1", "Service", "function", &json!({})),
            slice("default", "kubernetes", "192.0.2.1"),
            slice("default", "other", "192.0.2.2"),
            slice("shop", "kubernetes", "192.0.2.3"),
        ]);
        let services: Vec<&str> = kept.services.keys().map(|(_, name)| &**name).collect();
        assert_eq!(services, ["api"]);
        let addresses: Vec<String> = kept.api_endpoints.iter().map(ToString::to_string).collect();
        assert_eq!(addresses, ["192.0.2.1"]);
    }

    #[test]
    fn what_is_not_needed_of_an_object_cannot_be_wrong_with_it() {
        let odd = |kind: &str, namespace: &str| json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "a", "namespace": namespace, "labels": {"a": 1}}});
        for (object, is_read) in [
            (odd("Event", "shop"), false),
            (odd("Endpoints", "shop"), false),
            (odd("EndpointSlice", "shop"), false),
            (odd("EndpointSlice", "default"), true),
            (odd("Deployment", "shop"), true),
        ] {
            assert_eq!(
                Dump::of(std::slice::from_ref(&object)).unread.len(),
                usize::from(is_read),
                "{object}"
            );
        }
        let nameless = json!({"apiVersion": "apps/v1", "kind": "Deployment", "spec": {}});
        assert_eq!(
            Dump::of(&[nameless]).unread,
            ["dump.json: line 1: metadata.name is missing; this object was not read"]
        );
    }

    #[test]
    fn an_item_that_is_no_json_ends_the_reading() {
        let error = Dump::default()
            .read("dump.json", &b"{\"items\": [{\"kind\": S3cret}]}"[..], &mut |_| {})
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "dump.json: line 1: not JSON; pass what kubectl get -o json or -o yaml writes"
        );
    }
}
