//! Kubernetes manifests as strict as the schemas of their kinds, of which this has what the examples and pages use.
//!
//! Kubewarden's are from `charts/kubewarden-crds` of <https://github.com/kubewarden/adm-controller>.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// A manifest whose kind is known here.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", deny_unknown_fields)]
pub enum Manifest {
    ClusterAdmissionPolicy(Object<PolicySpec>),
    AdmissionPolicy(Object<PolicySpec>),
    PolicyServer(Object<PolicyServerSpec>),
    ServiceEntry(Object<ServiceEntrySpec>),
    PrometheusRule(Object<PrometheusRuleSpec>),
    Bundle(Object<Value>),
    Pod(Object<Value>),
    Deployment(Object<Value>),
    CronJob(Object<Value>),
    DaemonSet(Object<Value>),
    Job(Object<Value>),
    Secret(Secret),
    /// One of [`OTHER_KINDS`].
    #[serde(skip)]
    Other,
}

/// Kinds of which only kind and version are checked.
const OTHER_KINDS: [(&str, &str); 10] = [
    ("Application", "argoproj.io/v1alpha1"),
    ("ClusterTrustBundle", "certificates.k8s.io/v1"),
    ("Component", "kustomize.config.k8s.io/v1alpha1"),
    ("ConfigMap", "v1"),
    ("HelmRelease", "helm.toolkit.fluxcd.io/v2"),
    ("Kustomization", "kustomize.config.k8s.io/v1beta1"),
    ("Kustomization", "kustomize.toolkit.fluxcd.io/v1"),
    ("Namespace", "v1"),
    ("OCIRepository", "source.toolkit.fluxcd.io/v1"),
    ("Service", "v1"),
];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Object<S> {
    pub api_version: String,
    pub metadata: Metadata,
    pub spec: S,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Secret {
    pub api_version: String,
    pub metadata: Metadata,
    pub string_data: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    pub name: String,
    pub namespace: Option<String>,
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicySpec {
    pub module: String,
    pub mutating: bool,
    pub rules: Vec<Rule>,
    pub settings: Value,
    #[serde(default = "yes")]
    pub background_audit: bool,
    #[serde(default)]
    pub mode: Mode,
    pub failure_policy: Option<FailurePolicy>,
    pub policy_server: Option<String>,
    pub timeout_seconds: Option<u8>,
    pub timeout_eval_seconds: Option<u8>,
    #[serde(default)]
    pub match_conditions: Vec<MatchCondition>,
    /// Not in an `AdmissionPolicy`, which is for its own namespace.
    pub namespace_selector: Option<LabelSelector>,
    pub object_selector: Option<LabelSelector>,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    pub api_groups: Vec<String>,
    pub api_versions: Vec<String>,
    pub resources: Vec<String>,
    pub operations: Vec<Operation>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatchCondition {
    pub name: String,
    pub expression: String,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "UPPERCASE")]
pub enum Operation {
    Create,
    Update,
}

#[derive(Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    #[default]
    Protect,
    Monitor,
}

#[derive(Debug, Deserialize)]
pub enum FailurePolicy {
    Fail,
    Ignore,
}

/// Without `matchLabels`, which some versions of the Kubewarden controller drop.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LabelSelector {
    pub match_expressions: Vec<Requirement>,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(tag = "operator", deny_unknown_fields)]
pub enum Requirement {
    In { key: String, values: Vec<String> },
    NotIn { key: String, values: Vec<String> },
    Exists { key: String },
    DoesNotExist { key: String },
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyServerSpec {
    pub image: String,
    pub replicas: u32,
    pub min_available: Option<u32>,
    pub service_account_name: Option<String>,
    #[serde(default)]
    pub env: Vec<EnvVar>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvVar {
    pub name: String,
    pub value: String,
}

/// Istio's.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceEntrySpec {
    pub hosts: Vec<String>,
    #[serde(default)]
    pub addresses: Vec<String>,
    pub ports: Vec<ServicePort>,
    pub location: Location,
    pub resolution: Resolution,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServicePort {
    pub number: u16,
    pub name: String,
    pub protocol: Protocol,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Protocol {
    Tcp,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Location {
    MeshExternal,
    MeshInternal,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Resolution {
    None,
    Static,
    Dns,
}

/// The Prometheus operator's.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrometheusRuleSpec {
    pub groups: Vec<RuleGroup>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleGroup {
    pub name: String,
    pub rules: Vec<Alert>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    pub alert: String,
    pub expr: String,
    #[serde(rename = "for")]
    pub pending: Option<String>,
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
}

fn yes() -> bool {
    true
}

impl Manifest {
    /// # Errors
    /// The kind is none of those above, or the manifest is not as its schema has it.
    pub fn read(manifest: &Value) -> Result<Self, String> {
        let is =
            |(kind, api_version): &(&str, &str)| manifest["kind"] == *kind && manifest["apiVersion"] == *api_version;
        if OTHER_KINDS.iter().any(is) {
            return Ok(Manifest::Other);
        }
        let read = Manifest::deserialize(manifest).map_err(|error| error.to_string())?;
        let (api_version, expected) = match &read {
            Manifest::ClusterAdmissionPolicy(policy) => (&policy.api_version, "policies.kubewarden.io/v1"),
            Manifest::AdmissionPolicy(policy) => {
                if policy.spec.namespace_selector.is_some() {
                    return Err("an AdmissionPolicy has no namespaceSelector".to_owned());
                }
                (&policy.api_version, "policies.kubewarden.io/v1")
            }
            Manifest::PolicyServer(server) => (&server.api_version, "policies.kubewarden.io/v1"),
            Manifest::ServiceEntry(entry) => (&entry.api_version, "networking.istio.io/v1"),
            Manifest::PrometheusRule(rule) => (&rule.api_version, "monitoring.coreos.com/v1"),
            Manifest::Bundle(bundle) => (&bundle.api_version, "trust.cert-manager.io/v1alpha1"),
            Manifest::Pod(pod) => (&pod.api_version, "v1"),
            Manifest::Deployment(deployment) => (&deployment.api_version, "apps/v1"),
            Manifest::CronJob(job) => (&job.api_version, "batch/v1"),
            Manifest::DaemonSet(daemon_set) => (&daemon_set.api_version, "apps/v1"),
            Manifest::Job(job) => (&job.api_version, "batch/v1"),
            Manifest::Secret(secret) => (&secret.api_version, "v1"),
            Manifest::Other => return Ok(read),
        };
        if api_version != expected {
            return Err(format!("apiVersion is {api_version}, not {expected}"));
        }
        Ok(read)
    }

    /// The spec of a policy.
    pub fn policy(&self) -> Option<&PolicySpec> {
        match self {
            Manifest::ClusterAdmissionPolicy(policy) | Manifest::AdmissionPolicy(policy) => Some(&policy.spec),
            _ => None,
        }
    }
}
