//! The JSON Schema of the settings, for editors and for the chart.
//!
//! [`mod@fields`] is the table that it is made of: one entry for each field, with its description, default and examples.
//! It is draft 7, which every validator that meets it knows: Helm from version 3.0, and the language servers of editors. It refers to
//! nothing outside of itself.
//!
//! It is no second implementation of the policy's rules. It refuses only what the policy refuses, too, and less: the policy's own
//! messages are better than those of a validator.

mod field;
mod fields;
mod kubernetes;
mod shape;
mod values;

use serde_json::{Map, Value, json};

pub use field::Field;
pub use fields::fields;
pub use values::{ChartValue, chart_values, values};

/// The dialect of the schemas.
const DIALECT: &str = "http://json-schema.org/draft-07/schema#";

/// The fields that AKS computes, which the policy ignores.
const COMPUTED: [&str; 2] = ["effectiveNoProxy", "effectiveNoProxyUrls"];

/// The fields of a profile. What it does not set it inherits, so none has a default.
fn profile_fields() -> Vec<Field> {
    let mut all = fields::of_profiles_only();
    all.extend(fields().into_iter().filter(|field| field.in_profiles));
    all.iter_mut().for_each(|field| field.default = None);
    all
}

/// `settings.schema.json`: the schema of a settings document. `url` is where it is published.
pub fn settings(url: &str) -> Value {
    let mut schema = definitions();
    let Some(Value::Object(mut settings)) = schema.remove("settings") else {
        unreachable!("definitions() makes an object of it");
    };
    settings.insert("$schema".to_owned(), DIALECT.into());
    settings.insert("$id".to_owned(), url.into());
    settings.insert("title".to_owned(), "Settings of http-proxy-policy".into());
    settings.insert("definitions".to_owned(), schema.into());
    settings.into()
}

/// The schemas of the settings and of a profile, which refers to nothing else.
fn definitions() -> Map<String, Value> {
    let mut settings = config(&fields());
    settings["type"] = "object".into();
    settings["description"] = "The settings of http-proxy-policy. AKS's httpProxyConfig is valid unchanged.".into();
    let mut profile = config(&profile_fields());
    profile["type"] = "object".into();
    let mut definitions = Map::new();
    definitions.insert("settings".to_owned(), settings);
    definitions.insert("profile".to_owned(), profile);
    definitions
}

/// An object with these fields, and with AKS's other names.
fn config(fields: &[Field]) -> Value {
    let mut schema = shape::object(fields);
    let properties = &mut schema["properties"];
    let trusted_ca = fields.iter().find(|field| field.name == "trustedCa");
    if let Some(field) = trusted_ca {
        properties["trustedCA"] = field.schema();
        properties["trustedCA"]["description"] = "Another spelling of trustedCa.".into();
    }
    for name in COMPUTED {
        properties[name] = json!({"description": "Computed by AKS. The policy ignores it."});
    }
    schema["allOf"] = [
        ("httpProxy", "httpProxyFrom"),
        ("httpsProxy", "httpsProxyFrom"),
        ("trustedCa", "trustedCaFrom"),
    ]
    .map(|(text, object)| shape::not_both((text, "string"), (object, "object")))
    .into();
    schema
}
