//! The cluster that an object would come into: the policy, and the namespaces.

use std::collections::BTreeMap;

use anyhow::Result;
use http_proxy_policy::explanation::{ChosenProfile, ContainerExplanation};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::admission::{self, KUBEWARDEN_NAMESPACES, Manifest, Path, Request, Stopped};
use crate::agreement;
use crate::answer::{self, Policy, Verdict};
use crate::kinds::{Role, Workload};
use crate::namespaces::Namespaces;
use crate::object::{ObjectName, Owners, Place, namespace};
use crate::request::{self, Operation};
use crate::workload;

/// The policy and what is known of the cluster. Objects are explained one by one, so that there may be any number of them.
pub struct Cluster {
    /// The settings, as JSON.
    pub settings: String,
    /// Whether the settings have `mode: Report`.
    pub(crate) reports: bool,
    /// Whether the settings, or a profile, have a trusted CA.
    has_ca: bool,
    /// Without a manifest, every pod is sent.
    pub manifest: Option<Manifest>,
    pub namespaces: Namespaces,
    pub owners: Owners,
    /// What is done to the objects. The pods of workloads are created.
    pub operation: Operation,
    /// The namespaces that Kubewarden may be installed in.
    pub kubewarden: Vec<String>,
}

/// What becomes of an object, and why.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectExplanation {
    pub object: ObjectName,
    pub sent: bool,
    pub verdict: Verdict,
    /// The reason of every verdict but `changed`.
    pub reason: Option<String>,
    /// What the namespace or the object has, where the reason does not say it.
    pub detail: Option<String>,
    /// The profile that applies; `None` for the top-level settings, and where none applies.
    #[serde(serialize_with = "named_profile")]
    pub profile: Option<ChosenProfile>,
    pub containers: Vec<ContainerExplanation>,
    pub warnings: Vec<String>,
    /// What would turn `sent` round.
    pub unless: Vec<String>,
    /// What was assumed, or not evaluated.
    pub assumed: Vec<String>,
    /// The option that says what the namespace's labels are, where they decide and are not known.
    #[serde(skip)]
    pub option: Option<String>,
    /// Whether there is a trusted CA that its containers could have.
    #[serde(skip)]
    pub has_ca: bool,
    /// The object before, and the changed object.
    #[serde(skip)]
    pub change: Option<Change>,
    /// On what the compiled module and this explanation disagree, where they were compared.
    #[serde(skip)]
    pub disagreement: Option<String>,
}

/// The two states of an object, as JSON.
#[derive(Clone, Debug)]
pub struct Change {
    pub before: String,
    pub after: Box<RawValue>,
    /// The entries of `NO_PROXY` that the policy adds, before it resolves references to variables.
    pub no_proxy: String,
}

impl Cluster {
    /// A cluster of which nothing is known but the policy.
    pub fn new(settings: String, manifest: Option<Manifest>) -> Self {
        let parsed: Value = serde_json::from_str(&settings).unwrap_or_default();
        Cluster {
            reports: parsed["mode"] == "Report",
            has_ca: ["trustedCa", "trustedCA", "trustedCaFrom"]
                .iter()
                .any(|field| settings.contains(&format!("\"{field}\""))),
            settings,
            manifest,
            namespaces: Namespaces::default(),
            owners: Owners::default(),
            operation: Operation::default(),
            kubewarden: KUBEWARDEN_NAMESPACES.map(str::to_owned).to_vec(),
        }
    }

    /// Explains an object: a pod; of a workload the pod that it creates, and the workload itself where rules send it; a note for a kind
    /// that makes pods and is not Kubernetes' own. Nothing for other kinds.
    ///
    /// # Errors
    /// The module traps.
    pub fn explain(&self, object: &Value, place: &Place, policy: &dyn Policy) -> Result<Vec<ObjectExplanation>> {
        let name = ObjectName::of(object, &self.owners, place);
        match Role::of(object) {
            Role::Pod => Ok(vec![self.explain_one(name, object, self.operation, policy)?]),
            Role::Workload(workload) => self.explain_workload(workload, name, object, policy),
            Role::MakesPods => Ok(vec![of_another_controller(name)]),
            Role::Namespace | Role::Other => Ok(Vec::new()),
        }
    }

    fn explain_workload(
        &self,
        workload: &Workload,
        name: ObjectName,
        object: &Value,
        policy: &dyn Policy,
    ) -> Result<Vec<ObjectExplanation>> {
        let mut explained = Vec::new();
        let pod_name = ObjectName::created_by(&name);
        let mut pod =
            workload::pod(workload, object).filter(|_| self.operation != Operation::Delete && workload.creates_pods());
        if self.rules_send(object) || pod.is_none() {
            let itself = self.explain_one(name, object, self.operation, policy)?;
            // The pods are made from the changed template.
            if let Some(change) = &itself.change {
                let changed: Value = serde_json::from_str(change.after.get())?;
                pod = pod.and_then(|_| workload::pod(workload, &changed));
            }
            explained.push(itself);
        }
        if let Some(pod) = pod {
            explained.push(self.explain_one(pod_name, &pod, Operation::Create, policy)?);
        }
        Ok(explained)
    }

    fn rules_send(&self, object: &Value) -> bool {
        let resource = request::resource(object, self.operation);
        let rules = self.manifest.as_ref().map(|manifest| &manifest.rules.value);
        rules
            .zip(resource)
            .is_some_and(|(rules, resource)| admission::rules::matches(rules, &resource))
    }

    fn explain_one(
        &self,
        name: ObjectName,
        object: &Value,
        operation: Operation,
        policy: &dyn Policy,
    ) -> Result<ObjectExplanation> {
        let mut path = self.path(object, operation);
        if let Some(stopped) = path.stopped.take() {
            return Ok(stopped_on(path, name, stopped));
        }
        let raw = object.to_string();
        let payload = request::payload(object, &raw, operation, &self.settings);
        let decided = answer::decide(&payload, self, policy)?;
        let differs = decided.differs;
        let mut explained = ObjectExplanation {
            object: name,
            sent: true,
            verdict: decided.verdict,
            reason: decided.reason,
            detail: None,
            profile: decided.explanation.profile,
            containers: decided.explanation.containers,
            warnings: decided.warnings,
            unless: path.unless,
            assumed: path.assumed,
            option: path.option,
            has_ca: self.has_ca,
            change: decided.mutated.map(|after| Change {
                before: raw,
                after,
                no_proxy: decided.explanation.no_proxy,
            }),
            disagreement: None,
        };
        if policy.is_compared() {
            let found = explained.disagreement_with_change(object)?;
            explained.disagreement = found.or_else(|| differs.then(|| "its answer".to_owned()));
        }
        Ok(explained)
    }

    fn path(&self, object: &Value, operation: Operation) -> Path {
        let (Some(manifest), Some(resource)) = (&self.manifest, request::resource(object, operation)) else {
            return Path::default();
        };
        let labels = object["metadata"]["labels"].as_object().into_iter().flatten();
        let labels: BTreeMap<&str, &str> = labels
            .filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
            .collect();
        let request = Request {
            resource,
            namespace: namespace(object),
            labels: &labels,
        };
        admission::path(manifest, &self.namespaces, &self.kubewarden, &request)
    }
}

impl ObjectExplanation {
    fn disagreement_with_change(&self, object: &Value) -> Result<Option<String>> {
        let after = self.change.as_ref();
        let after = after
            .map(|change| serde_json::from_str(change.after.get()))
            .transpose()?;
        Ok(agreement::disagreement(self, object, after.as_ref()))
    }
}

fn stopped_on(path: Path, object: ObjectName, stopped: Stopped) -> ObjectExplanation {
    ObjectExplanation {
        detail: stopped.detail,
        unless: path.unless,
        assumed: path.assumed,
        option: path.option,
        ..not_sent(object, stopped.reason)
    }
}

fn not_sent(object: ObjectName, reason: String) -> ObjectExplanation {
    ObjectExplanation {
        object,
        sent: false,
        verdict: Verdict::NotSent,
        reason: Some(reason),
        detail: None,
        profile: None,
        containers: Vec::new(),
        warnings: Vec::new(),
        unless: Vec::new(),
        assumed: Vec::new(),
        option: None,
        has_ca: false,
        change: None,
        disagreement: None,
    }
}

/// The reason for a kind of which only its controller knows the pods.
fn of_another_controller(name: ObjectName) -> ObjectExplanation {
    let reason = format!("a {} is not sent, its pods are; explain one of those", name.kind);
    not_sent(name, reason)
}

fn named_profile<S: serde::Serializer>(profile: &Option<ChosenProfile>, serializer: S) -> Result<S::Ok, S::Error> {
    profile
        .as_ref()
        .filter(|profile| profile.name.is_some())
        .serialize(serializer)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::answer::Native;

    /// The policy's own code, with something replaced in its answers.
    struct Replacing(&'static str, &'static str);

    impl Policy for Replacing {
        fn validate(&self, payload: &[u8]) -> Result<Vec<u8>> {
            let answer = String::from_utf8(Native.validate(payload)?)?;
            Ok(answer.replace(self.0, self.1).into_bytes())
        }

        fn is_compared(&self) -> bool {
            true
        }
    }

    #[test]
    fn what_the_module_does_otherwise_than_is_explained_is_named() {
        let cluster = Cluster::new(json!({"httpProxy": "http://p.example:1"}).to_string(), None);
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "app"}]}});
        for (policy, expected) in [
            (Replacing("", ""), None),
            (
                Replacing("http://p.example:1", "http://q.example:1"),
                Some("its answer"),
            ),
            (
                Replacing("\"name\":\"HTTP_PROXY\"", "\"name\":\"OTHER\""),
                Some("container app, OTHER: changed, but not explained"),
            ),
        ] {
            let explained = cluster.explain(&pod, &Place::default(), &policy).unwrap();
            assert_eq!(explained[0].disagreement.as_deref(), expected);
        }
        let explained = cluster.explain(&pod, &Place::default(), &Native).unwrap();
        assert_eq!(explained[0].disagreement, None);
    }

    #[test]
    fn the_pods_of_a_workload_are_explained_and_itself_where_it_is_sent() {
        let settings = || json!({"httpProxy": "http://p.example:1"}).to_string();
        let rules = |group: &str, resource: &str| {
            let rule =
                json!({"apiGroups": [group], "apiVersions": ["v1"], "resources": [resource], "operations": ["*"]});
            let spec = json!({"mutating": true, "rules": [rule]});
            Manifest::read(&json!({"spec": spec}), &|path| format!("p.yaml:{path}"))
        };
        let explained = |kind: &str, manifest: Option<Manifest>, operation: Operation| {
            let mut cluster = Cluster::new(settings(), manifest);
            cluster.operation = operation;
            let workload = crate::kinds::WORKLOADS.iter().find(|known| known.kind == kind).unwrap();
            let version = [workload.group, "v1"].join("/");
            let template = json!({"spec": {"containers": [{"name": "app"}]}});
            let mut object =
                json!({"apiVersion": version.trim_start_matches('/'), "kind": kind, "metadata": {"name": "a"}});
            match kind {
                "PodTemplate" => object["template"] = template,
                _ => object["spec"]["template"] = template,
            }
            let found = cluster.explain(&object, &Place::default(), &Native).unwrap();
            let shown = found
                .iter()
                .map(|found| format!("{}: {}", found.object, found.verdict.word()));
            shown.collect::<Vec<String>>()
        };
        let (create, update, delete) = (Operation::Create, Operation::Update, Operation::Delete);
        let pods = "Deployment default/a, the pod it creates: changed";
        assert_eq!(explained("Deployment", None, create), [pods]);
        assert_eq!(explained("Deployment", None, update), [pods]);
        assert_eq!(explained("Deployment", Some(rules("", "pods")), create), [pods]);
        assert_eq!(
            explained("Deployment", Some(rules("apps", "deployments")), create),
            [
                "Deployment default/a: changed",
                "Deployment default/a, the pod it creates: not sent"
            ]
        );
        assert_eq!(
            explained("Deployment", Some(rules("", "pods")), delete),
            ["Deployment default/a: not sent"]
        );
        assert_eq!(
            explained("PodTemplate", Some(rules("", "pods")), create),
            ["PodTemplate default/a: not sent"]
        );
        assert_eq!(explained("PodTemplate", None, create).len(), 1);
    }
}
