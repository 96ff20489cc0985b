//! The requests that the API server would send to the policy.

use serde_json::{Value, json};

use crate::admission::rules::Resource;
use crate::kinds::{Role, group_and_version};
use crate::object::{namespace, version};

/// What is done to an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Operation {
    #[default]
    Create,
    /// A change of an object; of a pod with ephemeral containers, `kubectl debug` adding them.
    Update,
    Delete,
}

impl Operation {
    /// As requests and rules have it.
    pub fn word(self) -> &'static str {
        match self {
            Operation::Create => "CREATE",
            Operation::Update => "UPDATE",
            Operation::Delete => "DELETE",
        }
    }

    /// Reads `CREATE`, `UPDATE` or `DELETE`, in any case.
    pub fn of_word(word: &str) -> Option<Self> {
        let all = [Operation::Create, Operation::Update, Operation::Delete];
        all.into_iter()
            .find(|operation| operation.word().eq_ignore_ascii_case(word))
    }
}

/// What a request about an object is about. `None` for a kind that the policy does not know.
pub(crate) fn resource(object: &Value, operation: Operation) -> Option<Resource<'_>> {
    let (group, resource) = match Role::of(object) {
        Role::Pod => ("", "pods"),
        Role::Workload(workload) => (workload.group, workload.resource),
        _ => return None,
    };
    Some(Resource {
        operation: operation.word(),
        group,
        version: version(object),
        resource,
        subresource: if adds_ephemeral_containers(object, operation) {
            "ephemeralcontainers"
        } else {
            ""
        },
    })
}

/// The only update of a pod that concerns its environment.
fn adds_ephemeral_containers(object: &Value, operation: Operation) -> bool {
    let containers = object["spec"]["ephemeralContainers"].as_array();
    operation == Operation::Update && object["kind"] == "Pod" && containers.is_some_and(|list| !list.is_empty())
}

/// What `validate` takes: the request about an object whose text is `raw`, and the text of the settings.
///
/// An update has no old object: whether it changes a template is not known, so it is taken to. Where it adds ephemeral containers,
/// the old pod has none.
pub(crate) fn payload(object: &Value, raw: &str, operation: Operation, settings: &str) -> String {
    let (group, version) = group_and_version(object);
    let kind = json!({"group": group, "version": version, "kind": object["kind"]});
    let name = &object["metadata"]["name"];
    let namespace = json!(namespace(object));
    let about = resource(object, operation);
    let resource = about
        .as_ref()
        .map(|about| json!({"group": about.group, "version": about.version, "resource": about.resource}));
    let resource = resource.unwrap_or_default();
    let subresource = json!(about.map_or("", |about| about.subresource));
    let (raw, old) = match operation {
        Operation::Create => (raw, "null".to_owned()),
        Operation::Update if subresource != "" => (raw, without_ephemeral_containers(object)),
        Operation::Update => (raw, "null".to_owned()),
        Operation::Delete => ("null", raw.to_owned()),
    };
    format!(
        r#"{{"request":{{"uid":"00000000-0000-0000-0000-000000000000","kind":{kind},"resource":{resource},"subResource":{subresource},"name":{name},"namespace":{namespace},"operation":"{operation}","object":{raw},"oldObject":{old}}},"settings":{settings}}}"#,
        operation = operation.word(),
    )
}

fn without_ephemeral_containers(object: &Value) -> String {
    let mut old = object.clone();
    old["spec"]["ephemeralContainers"] = json!([]);
    old.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_json_with_the_object_as_it_is_written() {
        let object =
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}});
        let raw = r#"{"spec": 1.50}"#;
        let payload = payload(&object, raw, Operation::Create, r#"{"mode": "Inject"}"#);
        assert!(payload.contains(raw), "{payload}");
        let payload: Value = serde_json::from_str(&payload).unwrap();
        let request = &payload["request"];
        assert_eq!(
            request["kind"],
            json!({"group": "apps", "version": "v1", "kind": "Deployment"})
        );
        assert_eq!(request["resource"]["resource"], "deployments");
        assert_eq!(
            (&request["namespace"], &request["operation"]),
            (&json!("shop"), &json!("CREATE"))
        );
        assert_eq!(payload["settings"], json!({"mode": "Inject"}));
    }

    #[test]
    fn an_update_with_ephemeral_containers_is_what_kubectl_debug_sends() {
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "spec": {"ephemeralContainers": [{"name": "debug"}]}});
        assert_eq!(resource(&pod, Operation::Create).unwrap().subresource, "");
        assert_eq!(
            resource(&pod, Operation::Update).unwrap().subresource,
            "ephemeralcontainers"
        );
        let payload = payload(&pod, &pod.to_string(), Operation::Update, "{}");
        let payload: Value = serde_json::from_str(&payload).unwrap();
        assert_eq!(
            payload["request"]["oldObject"]["spec"]["ephemeralContainers"],
            json!([])
        );
    }

    #[test]
    fn each_operation_has_the_objects_that_it_is_about() {
        let plain =
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"ephemeralContainers": []}});
        let mut debugged = plain.clone();
        debugged["spec"]["ephemeralContainers"] = json!([{"name": "debug"}]);
        let other = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}});
        for (object, operation, subresource, has_object, old) in [
            (&plain, Operation::Create, "", true, &Value::Null),
            (&plain, Operation::Update, "", true, &Value::Null),
            (&plain, Operation::Delete, "", false, &plain),
            (&debugged, Operation::Create, "", true, &Value::Null),
            (&debugged, Operation::Update, "ephemeralcontainers", true, &plain),
            (&debugged, Operation::Delete, "", false, &debugged),
            (&other, Operation::Create, "", true, &Value::Null),
        ] {
            let payload = payload(object, &object.to_string(), operation, "{}");
            let request = serde_json::from_str::<Value>(&payload).unwrap()["request"].take();
            let expected = if has_object { object } else { &Value::Null };
            assert_eq!(
                (&request["object"], &request["oldObject"]),
                (expected, old),
                "{operation:?}"
            );
            assert_eq!(request["subResource"], subresource);
            assert_eq!(request["resource"].is_null(), object["kind"] == "Service");
            assert_eq!(
                (&request["name"], &request["namespace"]),
                (&json!("a"), &json!("default"))
            );
        }
        let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"ephemeralContainers": [{}]}});
        assert_eq!(resource(&deployment, Operation::Update).unwrap().subresource, "");
    }

    #[test]
    fn an_operation_is_read_in_any_case() {
        for (word, expected) in [
            ("CREATE", Some(Operation::Create)),
            ("update", Some(Operation::Update)),
            ("Delete", Some(Operation::Delete)),
            ("CONNECT", None),
            ("", None),
        ] {
            assert_eq!(Operation::of_word(word), expected);
            assert!(expected.is_none_or(|operation| operation.word().eq_ignore_ascii_case(word)));
        }
    }
}
