//! What a container of a pod gets: the policy's variables, with the kubelet's expansion.

use admission::create_request;
use anyhow::{Context, Result, bail};
use host::policy::Policy;
use serde_json::{Value, json};

use crate::client::Environment;

/// The API server's cluster IP, which the kubelet puts into every container.
pub const KUBERNETES_SERVICE_HOST: &str = "10.96.0.1";

/// Lets the policy have a pod of one container.
pub fn admit(policy: &Policy, settings: &Value) -> Result<Value> {
    admit_with_no_proxy(policy, settings, None)
}

/// The same, with a container that sets its own list in both cases.
pub fn admit_with_no_proxy(policy: &Policy, settings: &Value, own: Option<&str>) -> Result<Value> {
    let verdict = policy.validate_settings(settings)?;
    if !verdict.valid {
        bail!("the settings are invalid: {}", verdict.message.unwrap_or_default());
    }
    let has_spaces = own.is_some_and(|own| own.contains(' '));
    let own = own
        .into_iter()
        .flat_map(|own| ["no_proxy", "NO_PROXY"].map(|name| json!({"name": name, "value": own})));
    let env: Vec<Value> = own.collect();
    let pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "client", "namespace": "default"},
        "spec": {"containers": [{"name": "client", "image": "client", "env": env}]},
    });
    let answer = policy.validate(&create_request(&pod)?, settings)?;
    // What clients make of a list with spaces is measured too, and the policy warns of such a list.
    let is_expected = |warning: &String| has_spaces && warning.contains("has an entry with white space in it");
    if !answer.warnings.iter().all(is_expected) {
        bail!("unexpected warnings: {:?}", answer.warnings);
    }
    answer.mutated_object.context("the policy changes nothing")
}

/// The variables that the kubelet gives the pod's container, with `secret` for the value of a Secret's key.
pub fn environment(pod: &Value, secret: &dyn Fn(&str, &str) -> Option<String>) -> Result<Environment> {
    let mut environment =
        Environment::from([("KUBERNETES_SERVICE_HOST".to_owned(), KUBERNETES_SERVICE_HOST.to_owned())]);
    for entry in pod["spec"]["containers"][0]["env"].as_array().context("no variables")? {
        let name = entry["name"].as_str().context("a variable without a name")?;
        let reference = &entry["valueFrom"]["secretKeyRef"];
        let value = match (reference["name"].as_str(), reference["key"].as_str()) {
            // As it is: the kubelet expands what stands in the pod alone.
            (Some(name), Some(key)) => secret(name, key).with_context(|| format!("no Secret {name} with {key}"))?,
            _ => expand(entry["value"].as_str().unwrap_or_default(), &environment),
        };
        environment.insert(name.to_owned(), value);
    }
    Ok(environment)
}

/// `$(NAME)` is a variable's value, if there is one; `$$` is a dollar sign.
/// As in https://github.com/kubernetes/kubernetes/blob/master/third_party/forked/golang/expansion/expand.go
fn expand(value: &str, environment: &Environment) -> String {
    let mut expanded = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('$') {
        expanded += before;
        rest = after;
        if let Some(after) = rest.strip_prefix('$') {
            expanded.push('$');
            rest = after;
        } else if let Some((name, after)) = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
            match environment.get(name) {
                Some(value) => expanded += value,
                None => expanded += &format!("$({name})"),
            }
            rest = after;
        } else {
            expanded.push('$');
        }
    }
    expanded + rest
}
