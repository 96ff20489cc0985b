//! Schemas of what Kubernetes defines: names, references to objects, selectors.

use serde_json::{Value, json};

use crate::{Field, shape};

/// As `IsDNS1123Subdomain`.
pub(crate) const OBJECT_NAME: &str = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

/// As `IsConfigMapKey`, but for `.` and a leading `..`.
const KEY: &str = "^[-._a-zA-Z0-9]+$";

/// A label's value.
const LABEL_VALUE: &str = "^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$";

/// A label's key, with or without a prefix.
const LABEL_KEY: &str = "^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$";

/// The name of a namespace, as `IsDNS1123Label`.
pub(crate) fn namespace() -> Value {
    required_text("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", 63)
}

fn required_text(pattern: &str, most: u32) -> Value {
    json!({"type": "string", "pattern": pattern, "maxLength": most})
}

/// A key of a ConfigMap, which may be omitted.
pub(crate) fn key() -> Value {
    json!({"type": ["string", "null"], "pattern": KEY, "maxLength": 253})
}

/// The value of a label, which is not empty.
pub(crate) fn name_like_a_label() -> Value {
    json!({"type": "string", "pattern": LABEL_VALUE, "minLength": 1, "maxLength": 63})
}

/// `{name, key, optional?}` of a Secret or ConfigMap, with further members.
pub(crate) fn key_selector(name: &'static str, key: &'static str, others: Vec<Field>) -> Value {
    let mut members = vec![
        Field::new("name", required_text(OBJECT_NAME, 253), name).required(),
        Field::new("key", required_text(KEY, 253), key).required(),
        optional(),
    ];
    members.extend(others);
    shape::object(&members)
}

fn optional() -> Field {
    let description = "Whether pods start without it if it is missing.";
    Field::new("optional", shape::boolean(), description).default(json!(false))
}

/// `{name, optional?}`, or `{signerName, labelSelector, optional?}`.
pub(crate) fn cluster_trust_bundle() -> Value {
    shape::one_of(&[
        Field::new("name", shape::text(), "The name of the ClusterTrustBundle."),
        Field::new(
            "signerName",
            shape::text_like("^[^/]+/[^/]+$"),
            "The signer whose bundles are used. Needs labelSelector.",
        ),
        Field::new(
            "labelSelector",
            label_selector(),
            "Which of the signer's bundles are used; {} for all of them.",
        ),
        optional(),
    ])
}

/// A map of labels.
pub(crate) fn labels() -> Value {
    json!({
        "type": ["object", "null"],
        "propertyNames": {"pattern": LABEL_KEY},
        "additionalProperties": {"type": "string", "pattern": LABEL_VALUE, "maxLength": 63},
    })
}

pub(crate) fn label_selector() -> Value {
    let operators = ["In", "NotIn", "Exists", "DoesNotExist"];
    let values = json!({"type": "string", "pattern": LABEL_VALUE, "maxLength": 63});
    let mut requirement = shape::object(&[
        Field::new(
            "key",
            json!({"type": "string", "pattern": LABEL_KEY}),
            "The label's key.",
        )
        .required(),
        Field::new("operator", json!({"enum": operators}), "How the label is compared.").required(),
        Field::new("values", shape::list(values), "The values for In and NotIn."),
    ]);
    requirement["type"] = "object".into();
    shape::object(&[
        Field::new(
            "matchLabels",
            labels(),
            "Labels that must all be there, with these values.",
        ),
        Field::new(
            "matchExpressions",
            shape::list(requirement),
            "Requirements that must all hold.",
        ),
    ])
}
