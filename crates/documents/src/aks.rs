//! What Azure says of a cluster.

use serde_json::Value;

/// The type of a cluster in an ARM template.
const MANAGED_CLUSTER: &str = "Microsoft.ContainerService/managedClusters";

/// The parts of an AKS cluster that concern its proxy.
#[derive(Clone, Debug)]
pub struct Aks {
    /// Where `httpProxyConfig` is in the document.
    pub path: String,
    /// `httpProxyConfig`; `None` where the cluster has none.
    pub http_proxy_config: Option<Value>,
    /// `securityProfile.customCaTrustCertificates`: base64 of PEM each.
    pub custom_ca_trust_certificates: Vec<String>,
}

impl Aks {
    /// Finds the cluster in what `az aks show` prints, in the ARM resource of a cluster, and in an ARM template.
    pub(crate) fn find(document: &Value) -> Option<Self> {
        if let Some(resources) = document["resources"].as_array() {
            let is_cluster = |resource: &Value| {
                let name = resource["type"].as_str();
                name.is_some_and(|name| name.eq_ignore_ascii_case(MANAGED_CLUSTER))
            };
            let index = resources.iter().position(is_cluster)?;
            return Some(Aks::read(
                &resources[index]["properties"],
                &format!("resources[{index}].properties."),
            ));
        }
        let properties = &document["properties"];
        if properties.is_object() {
            return Some(Aks::read(properties, "properties."));
        }
        let is_cluster = document.get("httpProxyConfig").is_some() || document.get("agentPoolProfiles").is_some();
        is_cluster.then(|| Aks::read(document, ""))
    }

    fn read(properties: &Value, path: &str) -> Self {
        let config = &properties["httpProxyConfig"];
        let certificates = properties["securityProfile"]["customCaTrustCertificates"].as_array();
        let texts = certificates.into_iter().flatten().filter_map(Value::as_str);
        Aks {
            path: format!("{path}httpProxyConfig"),
            http_proxy_config: (!config.is_null()).then(|| config.clone()),
            custom_ca_trust_certificates: texts.map(str::to_owned).collect(),
        }
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
        ] {
            assert!(Aks::find(&document).unwrap().http_proxy_config.is_none(), "{document}");
        }
        assert!(Aks::find(&json!({"httpProxy": "http://proxy"})).is_none());
    }

    #[test]
    fn certificates_of_the_security_profile_are_found() {
        let cluster =
            json!({"httpProxyConfig": {}, "securityProfile": {"customCaTrustCertificates": ["YQ==", "Yg=="]}});
        assert_eq!(
            Aks::find(&cluster).unwrap().custom_ca_trust_certificates,
            ["YQ==", "Yg=="]
        );
    }
}
