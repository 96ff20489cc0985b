//! The settings in a user's file.

use anyhow::{Result, anyhow, bail};
use documents::{Aks, Content, Document, label};
use http_proxy_policy::companion::{self, Described, Effective};
use http_proxy_policy::policy::FIELDS;
use serde_json::Value;

use crate::problem::Problem;

/// The settings of a document.
pub struct Settings {
    document: Document,
    /// Where they are in the document, such as `spec.settings`; empty for a document that is nothing else.
    path: String,
    /// JSON
    pub text: String,
}

impl Settings {
    /// The settings of this policy in a document; several in a group of policies, and in a template with several clusters.
    pub fn of(document: &Document, content: &Content) -> Vec<Self> {
        let found = content.settings().into_iter();
        found
            .map(|(path, settings)| Settings {
                document: document.clone(),
                path: path.to_owned(),
                text: settings.to_string(),
            })
            .collect()
    }

    /// Reads a file that has settings in one place.
    ///
    /// # Errors
    /// The file cannot be read; or there are no settings, or several.
    pub fn read(file: &str) -> Result<Self> {
        let documents = documents::read(file)?;
        let mut found = documents
            .iter()
            .flat_map(|document| Settings::of(document, &Content::recognise(&document.value)));
        let settings = found.next().ok_or_else(|| anyhow!("{}: {NO_SETTINGS}", label(file)))?;
        if let Some(other) = found.next() {
            bail!(
                "{0}: several documents have settings, on lines {1} and {2}; put the one to use into a separate file",
                label(file),
                settings.line(),
                other.line()
            );
        }
        Ok(settings)
    }

    /// The file, as messages name it.
    pub fn file(&self) -> &str {
        &self.document.file
    }

    fn line(&self) -> usize {
        self.document.line_of(&self.path)
    }

    /// Every problem, with its place.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = self.located(companion::problems(&self.text));
        problems.extend(self.misplaced());
        problems
    }

    /// Settings next to `settings`, where nothing reads them. `mode` may be the policy's own.
    fn misplaced(&self) -> Vec<Problem> {
        let fields = self.document.value.as_object().filter(|_| self.path == "settings");
        let fields = fields.into_iter().flatten().map(|(field, _)| &**field);
        fields
            .filter(|field| FIELDS.contains(field) && *field != "mode")
            .map(|field| Problem::at(&self.document, field, "belongs in settings; move it there".to_owned()))
            .collect()
    }

    /// What the settings give at the top level or in a profile.
    ///
    /// # Errors
    /// Every problem of the settings; or there is no such profile.
    pub fn effective(&self, profile: Option<&str>) -> Result<Effective> {
        if let Some(problem) = self.misplaced().first() {
            bail!("{problem}");
        }
        companion::effective(&self.text, profile).map_err(|problems| {
            if let [problem] = &problems[..]
                && problem.path.is_empty()
                && problem.message.starts_with("--profile")
            {
                return anyhow!("{}: {}", self.file(), problem.message);
            }
            let problems = self.located(problems).into_iter();
            let lines: Vec<String> = problems.map(|problem| problem.to_string()).collect();
            anyhow!(lines.join("\n"))
        })
    }

    fn located(&self, problems: Vec<Described>) -> Vec<Problem> {
        let locate = |Described { path, message }: Described| {
            let separator = if self.path.is_empty() || path.is_empty() {
                ""
            } else {
                "."
            };
            let path = format!("{}{separator}{}", self.path, Aks::name_at(&self.path, &path));
            Problem::at(&self.document, &path, message)
        };
        problems.into_iter().map(locate).collect()
    }
}

/// What to say of a proxy that clients connect to with TLS: nearly always, the URL was meant to say for what the proxy is.
pub fn https_remark(settings: &Value) -> Option<&'static str> {
    let url = settings["httpsProxy"].as_str()?;
    url.starts_with("https://").then_some(explain::input::HTTPS_PROXY)
}

/// What is wrong with a file that has none.
pub const NO_SETTINGS: &str =
    "contains no settings for http-proxy-policy; pass settings, a policy manifest or the output of az aks show";
