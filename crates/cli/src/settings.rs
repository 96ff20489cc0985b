//! The settings in a user's file.

use anyhow::{Context, Result, anyhow, bail};
use documents::Document;
use http_proxy_policy::companion::{self, Effective};

/// The settings of one document of a file.
pub struct Settings {
    /// What problems are found in: the file, such as `policy.yaml`.
    pub file: String,
    /// Where the settings are in their document, such as `spec.settings`.
    path: String,
    /// JSON
    pub text: String,
}

/// The documents of a file.
///
/// # Errors
/// The file cannot be read, or is neither YAML nor JSON.
pub fn documents(file: &str) -> Result<Vec<Document>> {
    let documents = documents::read(file).with_context(|| label(file).to_owned())?;
    Ok(documents.into_iter().map(Document::recognise).collect())
}

/// How messages name a file.
pub fn label(file: &str) -> &str {
    if file == "-" { "standard input" } else { file }
}

impl Settings {
    /// The settings of a document, if it has any.
    pub fn of(file: &str, document: &Document) -> Option<Self> {
        Some(Settings {
            file: label(file).to_owned(),
            path: document.path().to_owned(),
            text: document.settings()?.to_string(),
        })
    }

    /// Reads a file that has one document with settings.
    ///
    /// # Errors
    /// As [`documents`]; or there are no settings, or several.
    pub fn read(file: &str) -> Result<Self> {
        let documents = documents(file)?;
        let mut found = documents.iter().filter(|document| !is_for_another_module(document));
        let mut found = found.by_ref().filter_map(|document| Settings::of(file, document));
        let settings = found.next().ok_or_else(|| anyhow!("{}: {NO_SETTINGS}", label(file)))?;
        if found.next().is_some() {
            bail!(
                "{}: several documents have settings; put the one to use into a separate file",
                label(file)
            );
        }
        Ok(settings)
    }

    /// Every problem, with its path in the file.
    pub fn problems(&self) -> Vec<String> {
        self.located(companion::problems(&self.text))
    }

    /// What the settings give at the top level or in a profile.
    ///
    /// # Errors
    /// Every problem of the settings; or there is no such profile.
    pub fn effective(&self, profile: Option<&str>) -> Result<Effective> {
        companion::effective(&self.text, profile).map_err(|problems| anyhow!(self.located(problems).join("\n")))
    }

    /// Puts the file, and the way to the settings in it, in front of each problem.
    fn located(&self, problems: Vec<String>) -> Vec<String> {
        let locate = |problem: String| {
            // A problem of the document as a whole has no path of its own.
            let has_path = problem.split_once(": ").is_some_and(|(path, _)| !path.contains(' '));
            let separator = match has_path {
                _ if self.path.is_empty() => "",
                true => ".",
                false => ": ",
            };
            format!("{}: {}{separator}{problem}", self.file, self.path)
        };
        problems.into_iter().map(locate).collect()
    }
}

/// What is wrong with a file that has none.
pub const NO_SETTINGS: &str =
    "no settings of this policy; pass settings, a policy's manifest or the output of az aks show";

/// Whether a document is the manifest of another policy, whose settings are not for this one.
pub fn is_for_another_module(document: &Document) -> bool {
    let Document::Policy(policy) = document else {
        return false;
    };
    let repository = policy.module.split(['@']).next().unwrap_or_default();
    let name = repository.rsplit('/').next().unwrap_or_default();
    let name = name.split(':').next().unwrap_or_default();
    // A file, as kwctl and policy-server take it: file:///policy.wasm.
    !policy.module.is_empty() && !name.contains("http-proxy") && !name.ends_with(".wasm")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
            let document = Document::recognise(json!({
                "apiVersion": "policies.kubewarden.io/v1", "kind": "ClusterAdmissionPolicy", "spec": {"module": module},
            }));
            assert_eq!(is_for_another_module(&document), is_other, "{module}");
        }
    }
}
