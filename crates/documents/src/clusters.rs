//! Where the clusters are in what Azure prints, and in what people tell Azure: an ARM template, Bicep's output, Terraform, manifests
//! of Azure's operators.

use serde_json::Value;

use crate::aks::Aks;

/// The type of a cluster in an ARM template.
const MANAGED_CLUSTER: &str = "Microsoft.ContainerService/managedClusters";
/// The type of a template in a template; what Bicep makes of a module.
const DEPLOYMENT: &str = "Microsoft.Resources/deployments";
/// The type of a cluster in Terraform.
const TERRAFORM_CLUSTER: &str = "azurerm_kubernetes_cluster";
/// Kinds of Azure Service Operator and of Cluster API's provider for Azure, and where the cluster is in them.
const MANIFESTS: [(&str, &str, &str); 3] = [
    ("ManagedCluster", "/spec", "spec."),
    ("AzureManagedControlPlane", "/spec", "spec."),
    (
        "AzureManagedControlPlaneTemplate",
        "/spec/template/spec",
        "spec.template.spec.",
    ),
];

/// The clusters of a document that is not a Kubernetes manifest: what `az aks show` prints, the ARM resource of a cluster, an ARM
/// template, Terraform's configuration in JSON, its state, and what `terraform show -json` prints.
pub fn find(document: &Value) -> Vec<Aks> {
    let mut found = Vec::new();
    for root in ["values", "planned_values"] {
        module(
            &document[root]["root_module"],
            &format!("{root}.root_module"),
            &mut found,
        );
    }
    terraform_configuration(&document["resource"], &mut found);
    if !document["resources"].is_null() {
        resources(&document["resources"], "resources", &mut found);
    } else if document["properties"].is_object() {
        found.push(Aks::read(&document["properties"], "properties."));
    } else if ["httpProxyConfig", "http_proxy_config", "agentPoolProfiles"]
        .iter()
        .any(|field| document.get(field).is_some())
    {
        found.push(Aks::read(document, ""));
    }
    found
}

/// The cluster of a manifest of Azure Service Operator or Cluster API, if it is one.
pub fn of_manifest(manifest: &Value) -> Option<Aks> {
    let (_, pointer, path) = MANIFESTS.iter().find(|(kind, ..)| manifest["kind"] == *kind)?;
    Some(Aks::read(manifest.pointer(pointer).unwrap_or(&Value::Null), path))
}

/// The resources of an ARM template, a list or (`languageVersion` 2.0, which Bicep writes) an object; also of Terraform's state.
fn resources(resources: &Value, path: &str, found: &mut Vec<Aks>) {
    let list = resources.as_array().into_iter().flatten().enumerate();
    let list = list.map(|(index, resource)| (format!("{path}[{index}]"), resource));
    let object = resources.as_object().into_iter().flatten();
    let object = object.map(|(name, resource)| (format!("{path}.{name}"), resource));
    for (path, resource) in list.chain(object) {
        // Terraform's azapi writes TYPE@VERSION.
        let kind = resource["type"].as_str().unwrap_or_default();
        let kind = kind.split('@').next().unwrap_or_default();
        // A template only refers to the one, and leaves the other out.
        if resource["existing"] == true || resource["condition"] == false {
            continue;
        }
        if kind.eq_ignore_ascii_case(MANAGED_CLUSTER) {
            found.push(Aks::read(&resource["properties"], &format!("{path}.properties.")));
        } else if kind.eq_ignore_ascii_case(DEPLOYMENT) {
            let template = &resource["properties"]["template"]["resources"];
            self::resources(template, &format!("{path}.properties.template.resources"), found);
        } else {
            terraform_resource(kind, resource, &path, found);
        }
    }
}

/// A module of what `terraform show -json` prints, with the modules in it.
fn module(module: &Value, path: &str, found: &mut Vec<Aks>) {
    if !module["resources"].is_null() {
        resources(&module["resources"], &format!("{path}.resources"), found);
    }
    for (index, child) in module["child_modules"].as_array().into_iter().flatten().enumerate() {
        self::module(child, &format!("{path}.child_modules[{index}]"), found);
    }
}

/// A resource of Terraform's state (`instances[].attributes`), or of what `terraform show -json` prints (`values`).
fn terraform_resource(kind: &str, resource: &Value, path: &str, found: &mut Vec<Aks>) {
    if resource["mode"] == "data" {
        return;
    }
    let instances = resource["instances"].as_array().into_iter().flatten().enumerate();
    let instances = instances.map(|(index, instance)| {
        let path = format!("{path}.instances[{index}].attributes.");
        (path, &instance["attributes"])
    });
    let values = (resource["values"].is_object()).then(|| (format!("{path}.values."), &resource["values"]));
    for (path, attributes) in instances.chain(values) {
        let azapi = attributes["type"].as_str().unwrap_or_default().split('@').next();
        if kind == TERRAFORM_CLUSTER {
            found.push(Aks::read(attributes, &path));
        } else if azapi.is_some_and(|kind| kind.eq_ignore_ascii_case(MANAGED_CLUSTER)) {
            // Its first version has the body as a text of JSON.
            let text = attributes["body"]
                .as_str()
                .and_then(|text| serde_json::from_str(text).ok());
            let body: &Value = text.as_ref().unwrap_or(&attributes["body"]);
            found.push(Aks::read(&body["properties"], &format!("{path}body.properties.")));
        }
    }
}

/// Terraform's configuration in JSON: `{TYPE: {NAME: {…}}}`, where each of the objects may be a list of such objects.
fn terraform_configuration(resource: &Value, found: &mut Vec<Aks>) {
    for (path, kinds) in blocks(resource, "resource".to_owned()) {
        let path = format!("{path}.{TERRAFORM_CLUSTER}");
        for (path, names) in blocks(&kinds[TERRAFORM_CLUSTER], path) {
            for (name, bodies) in names.as_object().into_iter().flatten() {
                for (path, body) in blocks(bodies, format!("{path}.{name}")) {
                    found.push(Aks::read(body, &format!("{path}.")));
                }
            }
        }
    }
}

/// An object, or the objects of a list, with their paths.
fn blocks(value: &Value, path: String) -> Vec<(String, &Value)> {
    match value {
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.map(|(index, item)| (format!("{path}[{index}]"), item)).collect()
        }
        Value::Object(_) => vec![(path, value)],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_cluster_without_a_configuration_is_a_cluster() {
        for document in [
            json!({"httpProxyConfig": null}),
            json!({"agentPoolProfiles": []}),
            json!({"properties": {}}),
            json!({"resources": [{"type": TERRAFORM_CLUSTER, "instances": [{"attributes": {"http_proxy_config": []}}]}]}),
        ] {
            let clusters = find(&document);
            assert_eq!(clusters.len(), 1, "{document}");
            assert!(clusters[0].http_proxy_config.is_none(), "{document}");
        }
        assert!(find(&json!({"httpProxy": "http://proxy"})).is_empty());
    }

    #[test]
    fn clusters_are_found_wherever_azure_s_tools_put_them() {
        let config = json!({"httpProxy": "http://proxy:3128/"});
        let arm = json!({"type": MANAGED_CLUSTER, "properties": {"httpProxyConfig": config}});
        let attributes = json!({"http_proxy_config": [{"http_proxy": "http://proxy:3128/"}]});
        for (document, path) in [
            (json!({"httpProxyConfig": config}), "httpProxyConfig"),
            (
                json!({"properties": {"httpProxyConfig": config}}),
                "properties.httpProxyConfig",
            ),
            (
                json!({"resources": [{"type": "other"}, arm]}),
                "resources[1].properties.httpProxyConfig",
            ),
            (
                json!({"languageVersion": "2.0", "resources": {"aks": arm}}),
                "resources.aks.properties.httpProxyConfig",
            ),
            (
                json!({"resources": [{"type": DEPLOYMENT, "properties": {"template": {"resources": [arm]}}}]}),
                "resources[0].properties.template.resources[0].properties.httpProxyConfig",
            ),
            (attributes.clone(), "http_proxy_config[0]"),
            (
                json!({"resource": {TERRAFORM_CLUSTER: {"a": {"http_proxy_config": {"http_proxy": "http://proxy:3128/"}}}}}),
                "resource.azurerm_kubernetes_cluster.a.http_proxy_config",
            ),
            (
                json!({"resource": [{TERRAFORM_CLUSTER: [{"a": [attributes]}]}]}),
                "resource[0].azurerm_kubernetes_cluster[0].a[0].http_proxy_config[0]",
            ),
            (
                json!({"version": 4, "resources": [{"type": TERRAFORM_CLUSTER, "instances": [{"attributes": attributes}]}]}),
                "resources[0].instances[0].attributes.http_proxy_config[0]",
            ),
            (
                json!({"values": {"root_module": {"child_modules": [{"resources": [{"type": TERRAFORM_CLUSTER, "values": attributes}]}]}}}),
                "values.root_module.child_modules[0].resources[0].values.http_proxy_config[0]",
            ),
            (
                json!({"resources": [{"type": "azapi_resource", "instances": [{"attributes": {
                    "type": format!("{MANAGED_CLUSTER}@2024-05-01"), "body": {"properties": {"httpProxyConfig": config}},
                }}]}]}),
                "resources[0].instances[0].attributes.body.properties.httpProxyConfig",
            ),
            (
                json!({"resources": [{"type": "azapi_resource", "instances": [{"attributes": {
                    "type": format!("{MANAGED_CLUSTER}@2024-05-01"),
                    "body": json!({"properties": {"httpProxyConfig": config}}).to_string(),
                }}]}]}),
                "resources[0].instances[0].attributes.body.properties.httpProxyConfig",
            ),
        ] {
            let clusters = find(&document);
            assert_eq!(clusters.len(), 1, "{document}");
            assert_eq!(clusters[0].path, path);
            assert_eq!(clusters[0].http_proxy_config.as_ref(), Some(&config), "{document}");
        }
    }

    #[test]
    fn each_cluster_that_a_template_makes_counts() {
        let arm = json!({"type": MANAGED_CLUSTER, "properties": {}});
        assert_eq!(find(&json!({"resources": [arm, arm]})).len(), 2);
        let existing = json!({"type": MANAGED_CLUSTER, "existing": true});
        let left_out = json!({"type": MANAGED_CLUSTER, "condition": false, "properties": {}});
        assert_eq!(find(&json!({"resources": [arm, existing, left_out]})).len(), 1);
    }

    #[test]
    fn an_expression_for_all_properties_is_no_cluster_without_a_proxy() {
        let arm = json!({"resources": [{"type": MANAGED_CLUSTER, "properties": "[variables('properties')]"}]});
        assert_eq!(
            find(&arm)[0].http_proxy_config,
            Some(json!("[variables('properties')]"))
        );
        let block = json!({"dynamic": {"http_proxy_config": {"for_each": "${a}", "content": {"http_proxy": "${b}"}}}});
        let terraform = json!({"resource": {TERRAFORM_CLUSTER: {"a": block}}});
        assert_eq!(
            find(&terraform)[0].http_proxy_config,
            Some(json!({"httpProxy": "${b}"}))
        );
    }

    #[test]
    fn a_template_of_cluster_api_has_the_cluster_further_down() {
        let spec = json!({"httpProxyConfig": {"httpProxy": "http://proxy:3128/"}});
        let manifest = json!({"kind": "AzureManagedControlPlaneTemplate", "spec": {"template": {"spec": spec}}});
        let cluster = of_manifest(&manifest).unwrap();
        assert_eq!(cluster.path, "spec.template.spec.httpProxyConfig");
        assert_eq!(cluster.http_proxy_config.as_ref(), Some(&spec["httpProxyConfig"]));
    }

    #[test]
    fn networks_and_names_are_those_that_nodes_must_reach_directly() {
        let clusters = find(&json!({
            "fqdn": "a.hcp.example", "privateFqdn": "", "httpProxyConfig": {},
            "networkProfile": {"podCidr": "10.244.0.0/16", "podCidrs": ["10.244.0.0/16"], "serviceCidr": "10.0.0.0/16"},
        }));
        assert_eq!(clusters[0].networks, ["10.244.0.0/16", "10.0.0.0/16"]);
        assert_eq!(clusters[0].api_server_names, ["a.hcp.example"]);
    }

    #[test]
    fn certificates_of_nodes_are_found_in_each_spelling() {
        let list = json!(["YQ==", "Yg=="]);
        for spelling in ["customCaTrustCertificates", "customCATrustCertificates"] {
            let profile = json!({"httpProxyConfig": {}, "securityProfile": {spelling: list}});
            let found = &find(&profile)[0].custom_ca_trust_certificates;
            assert_eq!(found, &[(format!("securityProfile.{spelling}"), list.clone())]);
        }
        let attributes = json!({"http_proxy_config": [], "custom_ca_trust_certificates_base64": list});
        let found = &find(&attributes)[0].custom_ca_trust_certificates;
        assert_eq!(found, &[("custom_ca_trust_certificates_base64".to_owned(), list)]);
        let none = json!({"httpProxyConfig": {}, "securityProfile": {"customCaTrustCertificates": null}});
        assert_eq!(find(&none)[0].custom_ca_trust_certificates, []);
    }
}
