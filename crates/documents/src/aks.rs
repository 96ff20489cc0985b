//! What of an AKS cluster concerns its proxy.

use serde_json::{Map, Value};

/// The fields of `http_proxy_config` in Terraform, and of AKS's `httpProxyConfig`.
const FIELDS: [(&str, &str); 4] = [
    ("http_proxy", "httpProxy"),
    ("https_proxy", "httpsProxy"),
    ("no_proxy", "noProxy"),
    ("trusted_ca", "trustedCa"),
];

/// Terraform's field for the certificates that nodes trust.
const TERRAFORM_CERTIFICATES: &str = "custom_ca_trust_certificates_base64";

/// The parts of an AKS cluster that concern its proxy.
#[derive(Clone, Debug)]
pub struct Aks {
    /// Where `httpProxyConfig` is in the document.
    pub path: String,
    /// `httpProxyConfig` with AKS's names; `None` where the cluster has none.
    pub http_proxy_config: Option<Value>,
    /// `securityProfile.customCATrustCertificates`, in any case, and Terraform's `custom_ca_trust_certificates_base64`: lists of
    /// base64 of PEM, with the names of their fields. Empty where the cluster has none.
    pub custom_ca_trust_certificates: Vec<(String, Value)>,
    /// The networks of pods and services: `networkProfile.podCidrs`, `podCidr`, `serviceCidrs`, `serviceCidr`, each once.
    pub networks: Vec<String>,
    /// The names of the API server: `fqdn`, `privateFqdn`.
    pub api_server_names: Vec<String>,
}

impl Aks {
    /// The fields of `httpProxyConfig`, the read-only ones included. `trustedCA` is how some of its documents spell it.
    pub const FIELDS: [&'static str; 8] = [
        "enabled",
        "httpProxy",
        "httpsProxy",
        "noProxy",
        "effectiveNoProxy",
        "effectiveNoProxyUrls",
        "trustedCa",
        "trustedCA",
    ];

    /// Whether a document on its own is a configuration.
    pub fn is_config(config: &Value) -> bool {
        let fields = config.as_object();
        fields.is_some_and(|fields| fields.keys().any(|field| Aks::FIELDS.contains(&&**field)))
    }

    /// A configuration on its own: `az aks show --query httpProxyConfig` prints one.
    pub fn of_config(http_proxy_config: Value) -> Self {
        Aks {
            path: String::new(),
            http_proxy_config: Some(http_proxy_config),
            custom_ca_trust_certificates: Vec::new(),
            networks: Vec::new(),
            api_server_names: Vec::new(),
        }
    }

    /// How the document calls a field of its configuration: `httpProxyConfig.noProxy`, or `http_proxy_config.no_proxy` in Terraform.
    pub fn name_of(&self, field: &str) -> String {
        let config = if is_terraform(&self.path) {
            "http_proxy_config"
        } else {
            "httpProxyConfig"
        };
        format!("{config}.{}", Aks::name_at(&self.path, field))
    }

    /// How a configuration at a path calls a field of AKS's: `no_proxy` for `noProxy` in Terraform. What follows the field, as in
    /// `noProxy[3]`, stays.
    pub fn name_at(path: &str, field: &str) -> String {
        let end = field.find(['.', '[']).unwrap_or(field.len());
        let (name, rest) = field.split_at(end);
        let known = FIELDS.iter().find(|(_, aks)| *aks == name && is_terraform(path));
        known.map_or(name, |(terraform, _)| terraform).to_owned() + rest
    }

    /// Reads the properties of a cluster, which are at `path` (with its dot) in their document.
    pub fn read(properties: &Value, path: &str) -> Self {
        let dynamic = &properties["dynamic"]["http_proxy_config"]["content"];
        let (field, config) = match properties.get("http_proxy_config") {
            Some(config) => terraform_config(config),
            None if !dynamic.is_null() => terraform_config(dynamic),
            // An expression for all properties is one for each.
            None if properties.is_string() => ("httpProxyConfig", properties.clone()),
            None => ("httpProxyConfig", properties["httpProxyConfig"].clone()),
        };
        let network = &properties["networkProfile"];
        let networks = strings(
            ["podCidrs", "podCidr", "serviceCidrs", "serviceCidr"]
                .iter()
                .map(|field| &network[*field]),
        );
        Aks {
            path: format!("{path}{field}"),
            http_proxy_config: (!config.is_null()).then_some(config),
            custom_ca_trust_certificates: custom_ca_trust_certificates(properties),
            networks,
            api_server_names: strings(["fqdn", "privateFqdn"].iter().map(|field| &properties[*field])),
        }
    }
}

/// The lists of certificates that the nodes trust in addition to `trustedCa`. Azure ignores the case of names: `az aks show` prints
/// `customCaTrustCertificates`, while templates have `customCATrustCertificates`.
fn custom_ca_trust_certificates(properties: &Value) -> Vec<(String, Value)> {
    let profile = properties["securityProfile"].as_object().into_iter().flatten();
    let of_azure = profile
        .filter(|(field, _)| field.eq_ignore_ascii_case("customCATrustCertificates"))
        .map(|(field, value)| (format!("securityProfile.{field}"), value));
    let of_terraform = properties
        .get(TERRAFORM_CERTIFICATES)
        .map(|value| (TERRAFORM_CERTIFICATES.to_owned(), value));
    let found = of_azure.chain(of_terraform).filter(|(_, value)| !value.is_null());
    found.map(|(field, value)| (field, value.clone())).collect()
}

/// Whether the configuration at a path is Terraform's.
fn is_terraform(path: &str) -> bool {
    path.contains("http_proxy_config")
}

/// The strings among values and lists of values, each once, without empty ones.
fn strings<'a>(values: impl Iterator<Item = &'a Value>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for value in values {
        let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for text in items.iter().filter_map(Value::as_str) {
            if !text.is_empty() && !found.iter().any(|known| known == text) {
                found.push(text.to_owned());
            }
        }
    }
    found
}

/// Terraform's block, a list of one in its state, with AKS's names.
fn terraform_config(config: &Value) -> (&'static str, Value) {
    let (path, block) = match config {
        Value::Array(items) => ("http_proxy_config[0]", items.first().unwrap_or(&Value::Null)),
        block => ("http_proxy_config", block),
    };
    let Value::Object(fields) = block else {
        return (path, block.clone());
    };
    let renamed = fields.iter().map(|(name, value)| {
        let known = FIELDS.iter().find(|(terraform, _)| terraform == name);
        let name = known.map_or(&**name, |(_, name)| name);
        (name.to_owned(), value.clone())
    });
    (path, Value::Object(renamed.collect::<Map<_, _>>()))
}
