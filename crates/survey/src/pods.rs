//! Pods that differ in nothing that counts are one group: its pods are judged once.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;

use explain::input::Source;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::fingerprint::{self, Counts};
use crate::odd;

/// Labels and fields that a controller or the scheduler gives each pod. They decide nothing, unless a selector names the label.
const OWN_LABELS: [&str; 2] = ["apps.kubernetes.io/pod-index", "statefulset.kubernetes.io/pod-name"];
const OWN_FIELDS: [&str; 2] = ["hostname", "nodeName"];
/// The controller of a DaemonSet replaces the affinity of each of its pods by the pod's node.
const OWN_FIELDS_OF_DAEMON_SET: [&str; 3] = ["hostname", "nodeName", "affinity"];

/// The annotations that the policy reads. Others are often different for each pod: what networks and meshes note.
const READ_ANNOTATIONS: [&str; 3] = [
    "http-proxy.kubewarden.io/",
    "kubernetes.azure.com/",
    "kubernetes.io/config.",
];

/// The volume with a pod's token, whose name ends in five random characters.
const TOKEN_VOLUME: &str = "kube-api-access-";

/// The pods of the input.
#[derive(Default)]
pub(crate) struct Pods {
    pub(crate) count: usize,
    pub(crate) groups: Vec<PodGroup>,
    index: HashMap<u64, usize>,
    /// A number for the name of each, so that one which the input has twice counts once.
    names: HashSet<u64>,
    /// Those of [`OWN_LABELS`] that a selector names.
    pub(crate) deciding: Vec<&'static str>,
    /// How many are in the input again.
    pub(crate) repeated: usize,
    /// How many have finished: they send no more requests.
    pub(crate) finished: usize,
    /// The pods' own IP addresses; not those of their nodes.
    pub(crate) addresses: BTreeSet<IpAddr>,
}

/// Pods of one owner that differ in nothing that counts.
pub(crate) struct PodGroup {
    /// The first of them, as JSON.
    text: Box<str>,
    pub(crate) count: usize,
}

impl PodGroup {
    pub(crate) fn object(&self) -> Value {
        parse(&self.text)
    }
}

/// JSON that this crate wrote.
pub(crate) fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// The parts of an object, most of them unread.
#[derive(Deserialize)]
pub(crate) struct Parts<'p> {
    pub(crate) kind: Option<String>,
    #[serde(borrow, default)]
    pub(crate) metadata: Metadata<'p>,
    #[serde(borrow)]
    spec: Option<&'p RawValue>,
    #[serde(borrow)]
    status: Option<&'p RawValue>,
    #[serde(borrow)]
    items: Option<&'p RawValue>,
}

impl<'p> Parts<'p> {
    /// The items of a list; `None` of anything else.
    pub(crate) fn items(&self) -> Option<Vec<&'p RawValue>> {
        serde_json::from_str(self.items?.get()).ok()
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Metadata<'p> {
    pub(crate) name: Option<String>,
    pub(crate) namespace: Option<String>,
    deletion_timestamp: Option<IgnoredAny>,
    #[serde(borrow)]
    labels: Option<&'p RawValue>,
    #[serde(borrow)]
    annotations: Option<&'p RawValue>,
    pub(crate) owner_references: Option<Vec<Owner>>,
}

#[derive(Deserialize, Hash, Serialize)]
pub(crate) struct Owner {
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) controller: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    phase: Option<String>,
    #[serde(rename = "hostIP")]
    host_ip: Option<IpAddr>,
    #[serde(rename = "podIPs")]
    pod_ips: Option<Vec<PodIp>>,
}

#[derive(Deserialize)]
struct PodIp {
    ip: Option<IpAddr>,
}

impl Pods {
    /// Adds a pod. `text` is its JSON.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn add(&mut self, text: &str, parts: Parts) -> Result<(), String> {
        let status = parts.status.and_then(|status| serde_json::from_str(status.get()).ok());
        let status: Status = status.unwrap_or_default();
        let mut name = DefaultHasher::new();
        (&parts.metadata.namespace, &parts.metadata.name).hash(&mut name);
        if !self.names.insert(name.finish()) {
            self.repeated += 1;
            return Ok(());
        }
        if status.has_finished() {
            self.finished += 1;
            return Ok(());
        }
        let hash = self.fingerprint(&parts, &status);
        let at = match self.index.get(&hash) {
            Some(at) => *at,
            None => {
                let object = serde_json::from_str(text).map_err(|_| odd::UNREADABLE)?;
                odd::fault(&object).map_or(Ok(()), Err)?;
                let mut object = strip(object);
                object["kind"] = json!("Pod");
                object["apiVersion"] = json!("v1");
                self.groups.push(PodGroup {
                    text: object.to_string().into(),
                    count: 0,
                });
                self.index.insert(hash, self.groups.len() - 1);
                self.groups.len() - 1
            }
        };
        self.groups[at].count += 1;
        self.count += 1;
        // A pod on its node's network has the node's address.
        let own = status.pod_ips.into_iter().flatten().filter_map(|address| address.ip);
        self.addresses
            .extend(own.filter(|address| Some(*address) != status.host_ip));
        Ok(())
    }

    /// A number for what counts in a pod.
    fn fingerprint(&self, parts: &Parts, status: &Status) -> u64 {
        let metadata = &parts.metadata;
        let mut hasher = DefaultHasher::new();
        metadata.namespace.hash(&mut hasher);
        let mut owners = metadata.owner_references.iter().flatten();
        let owner = owners.find(|owner| owner.controller == Some(true));
        match owner {
            Some(owner) => owner.hash(&mut hasher),
            None => metadata.name.hash(&mut hasher),
        }
        (metadata.deletion_timestamp.is_some(), &status.phase).hash(&mut hasher);
        let own_labels = OWN_LABELS.into_iter().filter(|label| !self.deciding.contains(label));
        let own_labels: Vec<&str> = own_labels.collect();
        let mut add = |part: Option<&RawValue>, counts| {
            if let Some(part) = part {
                fingerprint::add(&mut hasher, part.get(), counts, TOKEN_VOLUME);
            }
        };
        add(metadata.labels, Counts::Without(&own_labels));
        add(metadata.annotations, Counts::Beginning(&READ_ANNOTATIONS));
        let is_of_daemon_set = owner.is_some_and(|owner| owner.kind == "DaemonSet");
        let fields: &[&str] = if is_of_daemon_set {
            &OWN_FIELDS_OF_DAEMON_SET
        } else {
            &OWN_FIELDS
        };
        add(parts.spec, Counts::Without(fields));
        hasher.finish()
    }
}

/// Those of [`OWN_LABELS`] that the policy's selectors name: they tell pods of one owner apart.
pub(crate) fn deciding_labels(source: &Source) -> Vec<&'static str> {
    let selector = source.manifest.iter().flat_map(|manifest| &manifest.object_selector);
    let mut named: Vec<String> = selector.map(|requirement| requirement.value.key.clone()).collect();
    named.push(source.settings["profiles"].to_string());
    let is_named = |label: &&str| named.iter().any(|text| text.contains(*label));
    OWN_LABELS.into_iter().filter(is_named).collect()
}

impl Status {
    fn has_finished(&self) -> bool {
        matches!(self.phase.as_deref(), Some("Succeeded" | "Failed"))
    }
}

/// Takes out what is large and decides nothing.
pub(crate) fn strip(mut object: Value) -> Value {
    let phase = object.pointer_mut("/status/phase").map(Value::take).unwrap_or_default();
    if let Some(fields) = object.as_object_mut() {
        fields.remove("status");
        if phase.is_string() {
            fields.insert("status".to_owned(), json!({"phase": phase}));
        }
    }
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.remove("managedFields");
    }
    if let Some(annotations) = object["metadata"]["annotations"].as_object_mut() {
        annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(name: &str, token: &str, value: &str) -> String {
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop", "ownerReferences": [
                {"kind": "ReplicaSet", "name": "web-5f", "controller": true}]},
            "spec": {"nodeName": name, "volumes": [{"name": format!("kube-api-access-{token}")}],
                "containers": [{"name": "web", "env": [{"name": "A", "value": value}]}]},
            "status": {"podIPs": [{"ip": "10.0.0.1"}]}})
        .to_string()
    }

    fn add(pods: &mut Pods, text: &str) {
        pods.add(text, serde_json::from_str(text).unwrap()).unwrap();
    }

    #[test]
    fn pods_that_differ_in_affinity_are_two_groups_unless_a_daemon_set_owns_them() {
        for (kind, groups) in [("ReplicaSet", 2), ("DaemonSet", 1)] {
            let mut pods = Pods::default();
            for name in ["a", "b"] {
                let mut pod: Value = serde_json::from_str(&pod(name, "abcde", "x")).unwrap();
                pod["metadata"]["ownerReferences"][0]["kind"] = json!(kind);
                pod["spec"]["affinity"] = json!({"nodeAffinity": {"x": name}});
                add(&mut pods, &pod.to_string());
            }
            assert_eq!(pods.groups.len(), groups, "{kind}");
        }
    }

    #[test]
    fn pods_that_differ_in_names_and_nodes_alone_are_one_group() {
        let mut pods = Pods::default();
        add(&mut pods, &pod("web-1", "abcde", "x"));
        add(&mut pods, &pod("web-2", "fghij", "x"));
        add(&mut pods, &pod("web-3", "fghij", "y"));
        let counts: Vec<usize> = pods.groups.iter().map(|group| group.count).collect();
        assert_eq!((pods.count, counts), (3, vec![2, 1]));
        assert_eq!(pods.addresses.len(), 1);
    }

    #[test]
    fn labels_of_each_pod_alone_tell_pods_apart_only_if_a_selector_names_them() {
        for (deciding, groups) in [(vec![], 1), (vec![OWN_LABELS[0]], 2), (OWN_LABELS.to_vec(), 2)] {
            let mut pods = Pods {
                deciding,
                ..Pods::default()
            };
            for name in ["a", "b"] {
                let mut pod: Value = serde_json::from_str(&pod(name, "abcde", "x")).unwrap();
                pod["metadata"]["labels"] = json!({OWN_LABELS[0]: name, OWN_LABELS[1]: name, "app": "a"});
                add(&mut pods, &pod.to_string());
            }
            assert_eq!(pods.groups.len(), groups, "{:?}", pods.deciding);
        }
    }

    #[test]
    fn what_decides_tells_pods_of_one_owner_apart() {
        let mut first: Value = serde_json::from_str(&pod("a", "abcde", "x")).unwrap();
        first["metadata"]["labels"] = json!({"app": "a"});
        first["metadata"]["annotations"] = json!({"example.com/note": "a"});
        for (pointer, value, groups) in [
            ("/metadata/namespace", json!("other"), 2),
            ("/metadata/labels", json!({"app": "b"}), 2),
            (
                "/metadata/annotations",
                json!({"http-proxy.kubewarden.io/inject": "false"}),
                2,
            ),
            ("/metadata/annotations", json!({"example.com/note": "x"}), 1),
            ("/metadata/deletionTimestamp", json!("2026-01-01T00:00:00Z"), 2),
            ("/metadata/resourceVersion", json!("2"), 1),
            ("/metadata/ownerReferences/0/name", json!("other"), 2),
            ("/metadata/ownerReferences/0/uid", json!("x"), 1),
            ("/spec/hostname", json!("x"), 1),
            ("/spec/nodeName", json!("x"), 1),
            ("/spec/hostNetwork", json!(true), 2),
            ("/status/phase", json!("Running"), 2),
            ("/status/hostIP", json!("192.0.2.1"), 1),
        ] {
            let mut second = first.clone();
            second["metadata"]["name"] = json!("b");
            let (parent, field) = pointer.rsplit_once('/').unwrap();
            second.pointer_mut(parent).unwrap()[field] = value;
            let mut pods = Pods::default();
            add(&mut pods, &first.to_string());
            add(&mut pods, &second.to_string());
            assert_eq!(pods.groups.len(), groups, "{pointer}");
        }
    }

    #[test]
    fn the_address_of_a_node_is_not_one_of_its_pods() {
        let mut pods = Pods::default();
        for (name, address) in [("a", "192.0.2.1"), ("b", "10.0.0.1"), ("c", "fd00::1")] {
            let mut pod: Value = serde_json::from_str(&pod(name, "abcde", "x")).unwrap();
            pod["status"] = json!({"hostIP": "192.0.2.1", "podIPs": [{"ip": address}, {}]});
            add(&mut pods, &pod.to_string());
        }
        let addresses: Vec<String> = pods.addresses.iter().map(ToString::to_string).collect();
        assert_eq!(addresses, ["10.0.0.1", "fd00::1"]);
    }

    #[test]
    fn an_object_is_kept_without_what_is_large_and_decides_nothing() {
        let last = "kubectl.kubernetes.io/last-applied-configuration";
        let object = json!({"metadata": {"name": "a", "managedFields": [1], "annotations": {last: "{}", "a": "b"}},
            "spec": {"a": 1}, "status": {"phase": "Running", "podIPs": []}});
        let kept = json!({"metadata": {"name": "a", "annotations": {"a": "b"}}, "spec": {"a": 1}, "status": {"phase": "Running"}});
        assert_eq!(strip(object), kept);
        let bare = json!({"metadata": {"annotations": {}}});
        let mut odd = bare.clone();
        odd["status"] = json!({"phase": 1});
        assert_eq!(strip(odd), bare);
    }
}
