//! The table of the fields.
//!
//! To add a field: add it to `src/settings/fields.rs`, and here to the function of its group.

use serde_json::{Value, json};

use crate::kubernetes::{self, cluster_trust_bundle, key_selector, label_selector, labels, name_like_a_label};
use crate::{Field, shape};

/// A proxy's URL up to its user-info and host, which the policy reads.
const HTTP_URL: &str = "^http://[^\\s/?#]+/?$";
const HTTP_OR_HTTPS_URL: &str = "^https?://[^\\s/?#]+/?$";

/// No list, no scheme, no brackets, and a slash only before the length of a network's prefix.
const NO_PROXY_ENTRY: &str = "^\\s*[^\\s,;|\\[\\]{}/]+(/[0-9]+)?\\s*$";

const DNS_NAME: &str = "^[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?$";

/// ASCII without white space, quotes and backslashes.
const PASSWORD: &str = "^[!#-&(-\\[\\]-~]+$";

const BASE64: &str = "^[A-Za-z0-9+/=\\s]+$";

/// Every field of the settings, in the order of the documentation.
pub fn fields() -> Vec<Field> {
    [
        proxies(),
        destinations(),
        trusted_ca(),
        containers(),
        profiles(),
        operation(),
    ]
    .concat()
}

fn proxies() -> Vec<Field> {
    let secret = || {
        let key = "The key whose value is the URL, with user name and password.";
        let reference = key_selector("The name of the Secret.", key, Vec::new());
        shape::object(&[Field::new(
            "secretKeyRef",
            not_null(reference),
            "A key of a Secret in the pod's namespace.",
        )
        .required()])
    };
    let from = |key: &str| json!({"secretKeyRef": {"name": "http-proxy", "key": key}});
    vec![
        Field::new(
            "httpProxy",
            shape::text_like(HTTP_URL),
            "The proxy for http destinations, and for https destinations unless httpsProxy is set.",
        )
        .example(json!("http://proxy.example.com:3128/"))
        .in_profiles(),
        Field::new(
            "httpsProxy",
            shape::text_like(HTTP_OR_HTTPS_URL),
            "The proxy for https destinations. Its URL nearly always starts with http://. Default: the http proxy.",
        )
        .example(json!("http://proxy.example.com:3128/"))
        .in_profiles(),
        Field::new(
            "httpProxyFrom",
            secret(),
            "The http proxy's URL from a Secret in the pod's namespace, instead of httpProxy.",
        )
        .example(from("url"))
        .in_profiles(),
        Field::new(
            "httpsProxyFrom",
            secret(),
            "The https proxy's URL from a Secret in the pod's namespace, instead of httpsProxy.",
        )
        .example(from("https-url"))
        .in_profiles(),
    ]
}

fn destinations() -> Vec<Field> {
    let entry = json!({"type": "string", "pattern": NO_PROXY_ENTRY});
    vec![
        Field::new(
            "noProxy",
            shape::list(entry),
            "Destinations that bypass the proxy: names, .domains, addresses, networks, $(VARIABLE)s, or * alone.",
        )
        .default(json!([]))
        .example(json!([
            "corp.example.com",
            ".corp.example.com",
            "10.0.0.0/8",
            "$(NODE_IP)"
        ]))
        .in_profiles(),
        Field::new(
            "noProxyDefaults",
            shape::boolean(),
            "Whether localhost, services, the API server and cloud metadata services also bypass the proxy.",
        )
        .default(json!(true))
        .in_profiles(),
        Field::new(
            "clusterDomain",
            shape::text_like(DNS_NAME),
            "The domain of the cluster's services, without a dot at either end.",
        )
        .default(json!("cluster.local"))
        .example(json!("k8s.example.com")),
        Field::new(
            "expandCidrs",
            shape::integer(0, 4096),
            "Networks of up to this many addresses are also listed address by address.",
        )
        .default(json!(0))
        .example(json!(16)),
    ]
}

fn trusted_ca() -> Vec<Field> {
    vec![
        Field::new(
            "trustedCa",
            shape::text_like(BASE64),
            "Certificate authorities for pods to trust: base64 of PEM (base64 -w0 ca.crt), at most 20 certificates and 48 KiB.",
        )
        .in_profiles(),
        Field::new(
            "trustedCaFrom",
            trusted_ca_from(),
            "The certificate authorities from elsewhere, instead of trustedCa: a complete bundle, including the public ones.",
        )
        .example(json!({"configMapKeyRef": {"name": "trusted-ca", "key": "ca-bundle.crt"}}))
        .example(json!({"clusterTrustBundle": {"name": "corporate-ca"}}))
        .example(json!({"image": {"reference": "registry.example.com/trust/ca:2026"}}))
        .in_profiles(),
        Field::new(
            "trustedCaUse",
            shape::choice(["Append", "Replace", "Mount"]),
            "Append adds the CA to the roots of the image, Replace uses it instead of them, Mount only mounts the file. Default: \
             Append with trustedCa, Replace with trustedCaFrom.",
        )
        .in_profiles(),
        Field::new(
            "trustStorePassword",
            shape::text_like(PASSWORD),
            "The password of the PKCS#12 trust store. It protects nothing, but Java asks for it.",
        )
        .default(json!("changeit"))
        .in_profiles(),
    ]
}

fn trusted_ca_from() -> Value {
    let key = "The key whose value is the certificates, in PEM.";
    let pkcs12_key = Field::new(
        "pkcs12Key",
        kubernetes::key(),
        "The key whose value is a PKCS#12 trust store, for Java.",
    );
    let mut schema = shape::one_of(&[
        Field::new(
            "configMapKeyRef",
            key_selector("The name of the ConfigMap.", key, vec![pkcs12_key]),
            "Keys of a ConfigMap in the pod's namespace.",
        ),
        Field::new(
            "clusterTrustBundle",
            cluster_trust_bundle(),
            "One ClusterTrustBundle of the cluster, or all of a signer. Needs Kubernetes 1.37, or feature gates.",
        ),
        Field::new(
            "image",
            image(),
            "An OCI image that http-proxy trust-image makes. Needs Kubernetes 1.36.",
        ),
    ]);
    let names = ["configMapKeyRef", "clusterTrustBundle", "image"];
    let pairs = [(0, 1), (0, 2), (1, 2)];
    let exclusive = pairs.map(|(one, other)| shape::not_both((names[one], "object"), (names[other], "object")));
    schema["allOf"] = exclusive.into();
    schema
}

/// `{reference, pullPolicy?}`
fn image() -> Value {
    let reference = json!({"type": "string", "pattern": "^[^\\s]+$"});
    shape::object(&[
        Field::new(
            "reference",
            reference,
            "The image: [registry/]repository[:tag][@digest].",
        )
        .required(),
        Field::new(
            "pullPolicy",
            shape::choice(["Always", "IfNotPresent", "Never"]),
            "When a node pulls it. Default: Always for latest or no tag, otherwise IfNotPresent.",
        ),
    ])
}

fn containers() -> Vec<Field> {
    vec![
        Field::new(
            "existingVariables",
            shape::choice(["Merge", "Keep", "Override"]),
            "What happens if a container sets a variable itself. Merge keeps its proxies and extends its NO_PROXY, Keep leaves all \
             of them unchanged, Override replaces them.",
        )
        .default(json!("Merge")),
        Field::new(
            "proxyEnvFrom",
            shape::list(glob()),
            "ConfigMaps and Secrets that set proxies; * stands for any characters. A container whose envFrom names one keeps its \
             proxies.",
        )
        .default(json!([]))
        .example(json!(["proxy-environment-variables"])),
        Field::new(
            "excludeContainers",
            shape::list(glob()),
            "Containers that the policy skips; * stands for any characters. Your list replaces the default list.",
        )
        .default(json!([
            "istio-proxy",
            "istio-init",
            "istio-validation",
            "linkerd-proxy",
            "linkerd-init"
        ]))
        .example(json!(["istio-proxy", "vault-agent*"])),
        Field::new(
            "runtimes",
            shape::object(&[
                Field::new("java", shape::boolean(), "Adds the proxies to JAVA_TOOL_OPTIONS."),
                Field::new("node", shape::boolean(), "Sets NODE_USE_ENV_PROXY."),
            ]),
            "For programs that ignore the proxy variables.",
        )
        .default(json!({"java": false, "node": false}))
        .example(json!({"java": true, "node": true}))
        .in_profiles(),
    ]
}

/// A name, or a pattern of names.
fn glob() -> Value {
    json!({"type": "string", "minLength": 1})
}

fn profiles() -> Vec<Field> {
    let profile = json!({"$ref": "#/definitions/profile"});
    vec![
        Field::new(
            "profiles",
            shape::list(profile),
            "Different proxies for some pods. A pod gets the first profile whose conditions all hold, otherwise the top level. \
             What a profile does not set, it inherits.",
        )
        .default(json!([]))
        .example(json!([{
            "name": "dmz",
            "match": {"nodeSelector": {"kubernetes.azure.com/agentpool": "dmz"}},
            "httpProxy": "http://dmz-proxy.example.com:3128/",
        }])),
    ]
}

fn operation() -> Vec<Field> {
    vec![
        Field::new(
            "enabled",
            shape::choice([json!(true), json!(false), json!("true"), json!("false")]),
            "false: nothing is injected, and what was injected earlier is removed from pods when they are re-created.",
        )
        .default(json!(true))
        .in_profiles(),
        Field::new(
            "mode",
            shape::choice(["Inject", "Report"]),
            "Report changes nothing and rejects pods whose values are out of date. It is for a second policy.",
        )
        .default(json!("Inject")),
    ]
}

/// The fields that only profiles have.
pub(crate) fn of_profiles_only() -> Vec<Field> {
    let conditions = shape::one_of(&[
        Field::new(
            "namespaces",
            shape::list(json!({"type": "string", "pattern": "^[-a-z0-9*]+$"})),
            "Names of namespaces; * stands for any characters.",
        ),
        Field::new("podSelector", label_selector(), "Labels of the pod."),
        Field::new(
            "nodeSelector",
            labels(),
            "Labels of the nodes that the pod is pinned to, by its node selector or by a required node affinity.",
        ),
    ]);
    vec![
        Field::new(
            "name",
            name_like_a_label(),
            "Unique. A pod can choose the profile by this name.",
        )
        .required(),
        Field::new(
            "match",
            not_null(conditions),
            "Which pods the profile is for: all of the conditions must hold.",
        )
        .required(),
    ]
}

fn not_null(mut object: Value) -> Value {
    object["type"] = "object".into();
    object
}
