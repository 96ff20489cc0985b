//! Which kinds of objects are pods, make pods, or neither.

use serde_json::Value;

/// A kind of Kubernetes' own that makes pods from a template.
#[derive(Debug)]
pub struct Workload {
    pub group: &'static str,
    pub kind: &'static str,
    /// The resource, as rules name it.
    pub resource: &'static str,
    /// The JSON pointer to the template for pods.
    pub template: &'static str,
}

/// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/>
pub const WORKLOADS: [Workload; 8] = [
    workload("", "PodTemplate", "podtemplates", "/template"),
    workload("", "ReplicationController", "replicationcontrollers", "/spec/template"),
    workload("apps", "Deployment", "deployments", "/spec/template"),
    workload("apps", "ReplicaSet", "replicasets", "/spec/template"),
    workload("apps", "StatefulSet", "statefulsets", "/spec/template"),
    workload("apps", "DaemonSet", "daemonsets", "/spec/template"),
    workload("batch", "Job", "jobs", "/spec/template"),
    workload("batch", "CronJob", "cronjobs", "/spec/jobTemplate/spec/template"),
];

const fn workload(group: &'static str, kind: &'static str, resource: &'static str, template: &'static str) -> Workload {
    Workload {
        group,
        kind,
        resource,
        template,
    }
}

impl Workload {
    /// Whether its controller creates pods. A PodTemplate has none.
    pub fn creates_pods(&self) -> bool {
        self.kind != "PodTemplate"
    }
}

/// What an object is to the policy.
#[derive(Debug)]
pub enum Role {
    Pod,
    Workload(&'static Workload),
    Namespace,
    /// A kind that is not Kubernetes' own, and whose controller makes pods or workloads.
    MakesPods,
    /// Neither a pod nor something that pods are made from.
    Other,
}

impl Role {
    /// Tells by group and kind, and for kinds that are not Kubernetes' own by a list of the common ones, or by a pod template at
    /// the usual place.
    pub fn of(object: &Value) -> Self {
        let (group, _) = group_and_version(object);
        let kind = object["kind"].as_str().unwrap_or_default();
        if let Some(workload) = WORKLOADS
            .iter()
            .find(|known| (known.group, known.kind) == (group, kind))
        {
            return Role::Workload(workload);
        }
        match (group, kind) {
            ("", "Pod") => Role::Pod,
            ("", "Namespace") => Role::Namespace,
            _ if !is_kubernetes(group) && makes_pods(group, kind, object) => Role::MakesPods,
            _ => Role::Other,
        }
    }
}

/// The group and version of `apiVersion`; the core group is empty.
pub fn group_and_version(object: &Value) -> (&str, &str) {
    let api_version = object["apiVersion"].as_str().unwrap_or_default();
    api_version.split_once('/').unwrap_or(("", api_version))
}

/// Whether a group is one of Kubernetes' own.
fn is_kubernetes(group: &str) -> bool {
    !group.contains('.') || group.ends_with(".k8s.io") && group != "sparkoperator.k8s.io"
}

/// Kinds that make pods although nothing in them looks like a pod template.
const MAKERS: [(&str, &[&str]); 13] = [
    (
        "apps.kruise.io",
        &[
            "CloneSet",
            "StatefulSet",
            "DaemonSet",
            "AdvancedCronJob",
            "BroadcastJob",
        ],
    ),
    ("argoproj.io", &["Rollout", "Workflow", "CronWorkflow"]),
    ("apps.openshift.io", &["DeploymentConfig"]),
    ("jobset.x-k8s.io", &["JobSet"]),
    ("keda.sh", &["ScaledJob"]),
    ("kubevirt.io", &["VirtualMachine", "VirtualMachineInstance"]),
    (
        "monitoring.coreos.com",
        &["Prometheus", "Alertmanager", "ThanosRuler", "PrometheusAgent"],
    ),
    ("opentelemetry.io", &["OpenTelemetryCollector"]),
    ("postgresql.cnpg.io", &["Cluster"]),
    ("ray.io", &["RayCluster", "RayJob", "RayService"]),
    ("serving.knative.dev", &["Service", "Configuration", "Revision"]),
    (
        "sparkoperator.k8s.io",
        &["SparkApplication", "ScheduledSparkApplication"],
    ),
    ("tekton.dev", &["PipelineRun", "TaskRun"]),
];

fn makes_pods(group: &str, kind: &str, object: &Value) -> bool {
    let is_known = MAKERS
        .iter()
        .any(|(known, kinds)| *known == group && kinds.contains(&kind));
    let templates = ["/spec/template/spec/containers", "/spec/podTemplate/spec/containers"];
    is_known
        || templates
            .iter()
            .any(|pointer| object.pointer(pointer).is_some_and(Value::is_array))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_kind_is_told_by_its_group_as_well() {
        let of = |api_version: &str, kind: &str| Role::of(&json!({"apiVersion": api_version, "kind": kind}));
        assert!(matches!(of("v1", "Pod"), Role::Pod));
        assert!(matches!(of("apps/v1", "Deployment"), Role::Workload(_)));
        assert!(matches!(of("example.com/v1", "Deployment"), Role::Other));
        assert!(matches!(of("v1", "Service"), Role::Other));
        assert!(matches!(of("serving.knative.dev/v1", "Service"), Role::MakesPods));
        assert!(matches!(of("argoproj.io/v1alpha1", "Rollout"), Role::MakesPods));
    }

    #[test]
    fn an_unknown_kind_with_a_pod_template_makes_pods() {
        let object =
            json!({"apiVersion": "example.com/v1", "kind": "App", "spec": {"template": {"spec": {"containers": []}}}});
        assert!(matches!(Role::of(&object), Role::MakesPods));
    }

    #[test]
    fn each_kind_of_the_list_makes_pods_and_no_other_kind_of_its_group() {
        for (group, kinds) in MAKERS {
            for kind in kinds {
                let role = Role::of(&json!({"apiVersion": format!("{group}/v1"), "kind": kind}));
                assert!(matches!(role, Role::MakesPods), "{group} {kind}");
            }
            let role = Role::of(&json!({"apiVersion": format!("{group}/v1"), "kind": "Other"}));
            assert!(matches!(role, Role::Other), "{group}");
        }
    }

    #[test]
    fn a_kind_of_kubernetes_own_makes_no_pods_whatever_it_looks_like() {
        let spec = json!({"template": {"spec": {"containers": []}}});
        for (group, makes_pods) in [
            ("policy", false),
            ("networking.k8s.io", false),
            ("leaderworkerset.x-k8s.io", true),
            ("example.com", true),
        ] {
            let object = json!({"apiVersion": format!("{group}/v1"), "kind": "Other", "spec": spec});
            assert_eq!(matches!(Role::of(&object), Role::MakesPods), makes_pods, "{group}");
        }
        let object =
            json!({"apiVersion": "example.com/v1", "kind": "A", "spec": {"podTemplate": {"spec": {"containers": []}}}});
        assert!(matches!(Role::of(&object), Role::MakesPods));
    }
}
