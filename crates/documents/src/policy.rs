//! A policy manifest.

use serde_json::{Value, json};

const KINDS: [&str; 4] = [
    "ClusterAdmissionPolicy",
    "AdmissionPolicy",
    "ClusterAdmissionPolicyGroup",
    "AdmissionPolicyGroup",
];

/// What the manifest of a policy, or of a group of policies, says.
#[derive(Clone, Debug)]
pub struct Policy {
    /// `ClusterAdmissionPolicy`, `AdmissionPolicy`, `ClusterAdmissionPolicyGroup` or `AdmissionPolicyGroup`, however the manifest
    /// spells it.
    pub kind: String,
    /// `metadata.name`; empty where the manifest has none.
    pub name: String,
    /// The one policy, or the members of a group; without those whose module is another policy's.
    pub members: Vec<Member>,
}

/// A module and its settings.
#[derive(Clone, Debug)]
pub struct Member {
    /// Where the settings are in the manifest: `spec.settings`, or `spec.policies.NAME.settings` in a group.
    pub path: String,
    /// `module`; empty where the manifest has none.
    pub module: String,
    /// `settings`; an empty object where the manifest has none.
    pub settings: Value,
}

impl Member {
    /// Whether the module is another one than this policy's, as far as its name tells. A file, as kwctl and policy servers take it, may
    /// be this one.
    fn is_of_another_policy(&self) -> bool {
        let repository = self.module.split(['@']).next().unwrap_or_default();
        let name = repository.rsplit('/').next().unwrap_or_default();
        let name = name.split(':').next().unwrap_or_default();
        !self.module.is_empty() && !name.contains("http-proxy") && !name.ends_with(".wasm")
    }
}

impl Policy {
    pub(crate) fn read(manifest: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let kind = text(&manifest["kind"]);
        let kind = KINDS.iter().find(|known| known.eq_ignore_ascii_case(&kind))?;
        // With a wrong version or kind, or without a version, it is a policy all the same: `check` says what is wrong.
        let is_kubewarden = match &manifest["apiVersion"] {
            Value::Null => manifest["spec"].is_object(),
            version => text(version).contains("kubewarden.io/"),
        };
        if !is_kubewarden {
            return None;
        }
        let spec = &manifest["spec"];
        Some(Policy {
            members: members(spec, kind.ends_with("Group")),
            kind: (*kind).to_owned(),
            name: text(&manifest["metadata"]["name"]),
        })
    }

    /// Whether it is a group of policies.
    pub fn is_group(&self) -> bool {
        self.kind.ends_with("Group")
    }
}

fn members(spec: &Value, is_group: bool) -> Vec<Member> {
    let member = |path: String, member: &Value| Member {
        path,
        module: member["module"].as_str().unwrap_or_default().to_owned(),
        settings: match &member["settings"] {
            Value::Null => json!({}),
            settings => settings.clone(),
        },
    };
    let mut members = if is_group {
        let members = spec["policies"].as_object().into_iter().flatten();
        let members = members.map(|(name, value)| member(format!("spec.policies.{name}.settings"), value));
        members.collect()
    } else {
        vec![member("spec.settings".to_owned(), spec)]
    };
    members.retain(|member| !member.is_of_another_policy());
    members
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_told_apart_by_their_module() {
        for (module, is_other) in [
            ("ghcr.io/http-proxy-policy/http-proxy-policy:v0.1.0", false),
            (
                "registry://mirror.example:5000/kubewarden/http-proxy-policy@sha256:00",
                false,
            ),
            ("file:///policies/policy.wasm", false),
            ("", false),
            ("registry://ghcr.io/kubewarden/policies/psp-capabilities:v1.0.0", true),
            ("ghcr.io/http-proxy-policy/another:v1", true),
        ] {
            let member = Member {
                path: String::new(),
                module: module.to_owned(),
                settings: Value::Null,
            };
            assert_eq!(member.is_of_another_policy(), is_other, "{module}");
        }
    }
}
