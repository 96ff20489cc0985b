//! What a user's documents say: the policy, and the objects to explain.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow, bail};
use documents::{Content, Document};
use http_proxy_policy::companion;
use serde::Serialize;
use serde_json::Value;

use crate::admission::Manifest;
use crate::answer::Policy;
use crate::cluster::{Cluster, ObjectExplanation};
use crate::kinds::Role;
use crate::namespaces::Label;
use crate::object::{Place, no_string};

/// The policy's settings, and the manifest that they are from.
pub struct Source {
    /// As JSON.
    pub settings: Value,
    pub manifest: Option<Manifest>,
    /// What the user should know: a policy that is not explained.
    pub notes: Vec<String>,
    file: String,
    document: Document,
    /// The path of the settings in the document.
    path: String,
}

/// The policy of one document.
struct Candidate<'d> {
    document: &'d Document,
    content: Content,
    path: String,
    settings: Value,
}

impl Candidate<'_> {
    fn name(&self) -> &str {
        match &self.content {
            Content::Policy(policy) => &policy.name,
            _ => "",
        }
    }

    /// Whether it changes anything, as far as its manifest goes.
    fn is_mutating(&self) -> bool {
        !matches!(self.content, Content::Policy(_)) || self.document.value["spec"]["mutating"] == true
    }
}

impl Source {
    /// Finds the policy in the documents of a file. Of several, the one with the given name, or the only one that is mutating.
    ///
    /// # Errors
    /// There is none, or it is not clear which one is meant, or it is in a policy group.
    pub fn find(file: &str, documents: &[Document], name: Option<&str>) -> Result<Self> {
        let mut candidates: Vec<Candidate> = documents.iter().flat_map(candidates).collect();
        if let Some(name) = name {
            candidates.retain(|candidate| candidate.name() == name);
            if candidates.is_empty() {
                bail!("{file}: --policy {name}: there is no policy of this name with this module");
            }
        }
        let mut notes = Vec::new();
        if candidates.iter().filter(|candidate| candidate.is_mutating()).count() == 1 {
            let others = candidates.iter().filter(|candidate| !candidate.is_mutating());
            let note = |other: &Candidate| {
                let line = other.document.line();
                format!(
                    "{file}:{line}: {} is not explained: it is not mutating; --policy {0} explains it",
                    other.name()
                )
            };
            notes = others.map(note).collect();
            candidates.retain(Candidate::is_mutating);
        }
        let lines: Vec<String> = candidates
            .iter()
            .map(|candidate| candidate.document.line().to_string())
            .collect();
        let mut candidates = candidates.into_iter();
        let Some(chosen) = candidates.next() else {
            bail!(
                "{file}: contains no settings for http-proxy-policy; pass settings, a policy manifest or the output of az aks show"
            );
        };
        if candidates.next().is_some() {
            let lines = lines.join(", ");
            bail!("{file}: several documents have settings, on lines {lines}; choose a policy with --policy NAME");
        }
        Source::of(file, chosen, notes)
    }

    fn of(file: &str, chosen: Candidate, notes: Vec<String>) -> Result<Self> {
        let document = chosen.document.clone();
        let place = |path: &str| format!("{file}:{}", document.line_of(path));
        let manifest = match &chosen.content {
            Content::Policy(policy) if policy.kind.ends_with("Group") => bail!(
                "{}: a {} only accepts and rejects, so it never changes a pod; pass a ClusterAdmissionPolicy or an AdmissionPolicy",
                place("kind"),
                policy.kind
            ),
            Content::Policy(_) => Some(Manifest::read(&document.value, &place)),
            _ => None,
        };
        Ok(Source {
            settings: chosen.settings,
            manifest,
            notes,
            file: file.to_owned(),
            path: chosen.path,
            document,
        })
    }

    /// Every problem of the settings, and of the manifest's selectors: `policy.yaml:29: spec.settings.httpProxy: what is wrong; what to write`.
    pub fn problems(&self) -> Vec<String> {
        self.faults().iter().map(|fault| fault.in_file(&self.file)).collect()
    }

    /// The same, in parts.
    pub fn faults(&self) -> Vec<Fault> {
        let problems = companion::problems(&self.settings.to_string());
        let located = problems.iter().map(|problem| self.at(&problem.path, &problem.message));
        // The API server refuses a manifest with them.
        let of_manifest = self.manifest.iter().flat_map(|manifest| &manifest.faults);
        let of_manifest = of_manifest.map(|fault| Fault {
            line: self.document.line_of(&fault.path),
            path: fault.path.clone(),
            message: fault.message.to_owned(),
        });
        located.chain(of_manifest).collect()
    }

    /// What the settings are likely to be wrong about: an `https` proxy is rare, and written by mistake often.
    pub fn doubts(&self) -> Vec<String> {
        let profiles = self.settings["profiles"].as_array().into_iter().flatten().enumerate();
        let profiles = profiles.map(|(index, profile)| (format!("profiles[{index}].httpsProxy"), profile));
        let all = [("httpsProxy".to_owned(), &self.settings)].into_iter().chain(profiles);
        let with_tls = all.filter(|(_, settings)| {
            let url = settings["httpsProxy"].as_str().unwrap_or_default();
            url.get(..8)
                .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"))
        });
        with_tls
            .map(|(path, _)| self.at(&path, HTTPS_PROXY).in_file(&self.file))
            .collect()
    }

    fn at(&self, path: &str, message: &str) -> Fault {
        let separator = if self.path.is_empty() || path.is_empty() {
            ""
        } else {
            "."
        };
        let path = format!("{}{separator}{path}", self.path);
        Fault {
            line: self.document.line_of(&path),
            path,
            message: message.to_owned(),
        }
    }
}

/// Something wrong in a file.
#[derive(Clone, Debug, Serialize)]
pub struct Fault {
    /// From 1.
    pub line: usize,
    /// Of the value in its document, such as `spec.settings.noProxy[3]`; empty for the whole document.
    pub path: String,
    /// What is wrong; what to write.
    pub message: String,
}

impl Fault {
    /// As it is printed: `policy.yaml:29: spec.settings.httpProxy: what is wrong; what to write`.
    fn in_file(&self, file: &str) -> String {
        let Fault { line, path, message } = self;
        let separator = if path.is_empty() { "" } else { ": " };
        format!("{file}:{line}: {path}{separator}{message}")
    }
}

/// What to say of a proxy that clients connect to with TLS: nearly always, the URL was meant to say for what the proxy is.
pub const HTTPS_PROXY: &str = "begins with https://, so clients use TLS to the proxy itself; if it speaks plain HTTP, they fail with \
    \"first record does not look like a TLS handshake\": then write http:// (http-proxy probe tests this)";

fn candidates(document: &Document) -> Vec<Candidate<'_>> {
    let content = Content::recognise(&document.value);
    let settings = content.settings().into_iter();
    let settings: Vec<(String, Value)> = settings
        .map(|(path, settings)| (path.to_owned(), settings.clone()))
        .collect();
    let of_settings = |(path, settings)| Candidate {
        document,
        content: content.clone(),
        path,
        settings,
    };
    settings.into_iter().map(of_settings).collect()
}

/// The explanations of all objects of a user's files.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    pub objects: Vec<ObjectExplanation>,
    pub notes: Vec<String>,
}

/// Adds what documents say of namespaces and owners to what is known of a cluster. `file` is how reasons name the file.
pub fn learn(cluster: &mut Cluster, file: &str, documents: &[Document]) {
    for document in documents {
        let object = &document.value;
        match Role::of(object) {
            Role::Namespace => {
                let labels = object["metadata"]["labels"].as_object().into_iter().flatten();
                let labels = labels.filter_map(|(key, value)| {
                    let line = document.line_of(&format!("metadata.labels.{key}"));
                    let label = Label {
                        value: value.as_str()?.to_owned(),
                        source: format!("{file}:{line}"),
                    };
                    Some((key.clone(), label))
                });
                cluster
                    .namespaces
                    .add(object["metadata"]["name"].as_str().unwrap_or_default(), labels);
            }
            Role::Workload(_) => cluster.owners.add(object),
            _ => {}
        }
    }
}

/// Explains the objects of documents. Workloads whose owner is among them are skipped: the owner stands for them.
///
/// # Errors
/// A document is no Kubernetes object; or the module traps.
pub fn explain(
    cluster: &Cluster,
    file: &str,
    documents: &[Document],
    policy: &dyn Policy,
    passed_over: &mut PassedOver,
) -> Result<Vec<ObjectExplanation>> {
    let mut explained = Vec::new();
    for document in documents {
        let object = &document.value;
        let line = document.line();
        if !object["kind"].is_string() || !object["apiVersion"].is_string() {
            bail!("{file}:{line}: not a Kubernetes object: apiVersion or kind is missing");
        }
        if let Some(path) = no_string(object) {
            let line = document.line_of(&path);
            let separator = if document.path.is_empty() { "" } else { "." };
            bail!(
                "{file}:{line}: {}{separator}{path}: must be a string; put it in quotes",
                document.path
            );
        }
        if cluster.owners.stand_for(object) {
            continue;
        }
        let place = Place {
            file: file.to_owned(),
            line,
        };
        let of_object = cluster
            .explain(object, &place, policy)
            .map_err(|error| anyhow!("{file}:{line}: {error:#}"))?;
        if of_object.is_empty() {
            passed_over.add(object);
        }
        explained.extend(of_object);
    }
    Ok(explained)
}

/// The objects that are no pods and make none, counted by kind.
#[derive(Debug, Default)]
pub struct PassedOver {
    kinds: BTreeMap<String, usize>,
}

impl PassedOver {
    fn add(&mut self, object: &Value) {
        // A Namespace is read for its labels.
        if !matches!(Role::of(object), Role::Namespace) {
            let kind = object["kind"].as_str().unwrap_or_default();
            *self.kinds.entry(kind.to_owned()).or_default() += 1;
        }
    }

    /// What they were, if there were any: `2 ConfigMap, 1 Service`.
    pub fn described(&self) -> Option<String> {
        let kinds: Vec<String> = self
            .kinds
            .iter()
            .map(|(kind, count)| format!("{count} {}", documents::kind_label(kind)))
            .collect();
        (!kinds.is_empty()).then(|| kinds.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::answer::Native;
    use crate::namespaces::Known;

    /// The text of a policy of this module.
    fn policy(name: &str, mutating: bool, settings: &str) -> String {
        let module = "ghcr.io/http-proxy-policy/http-proxy-policy:v0.1.0";
        format!(
            "apiVersion: policies.kubewarden.io/v1\nkind: ClusterAdmissionPolicy\nmetadata: {{name: {name}}}\n\
             spec: {{module: '{module}', mutating: {mutating}, settings: {{{settings}}}}}\n"
        )
    }

    fn find(texts: &[String], name: Option<&str>) -> Result<(Value, Vec<String>), String> {
        let documents = documents::parse(&texts.join("---\n")).unwrap();
        let found = Source::find("p.yaml", &documents, name);
        found
            .map(|source| (source.settings["httpProxy"].clone(), source.notes))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn of_several_policies_the_named_or_the_only_mutating_one_counts() {
        let of = |name: &str, mutating| policy(name, mutating, &format!("httpProxy: 'http://{name}.example:1'"));
        let proxy = |name: &str| json!(format!("http://{name}.example:1"));
        let settings = || "httpProxy: http://alone.example:1\n".to_owned();
        let note = "p.yaml:6: b is not explained: it is not mutating; --policy b explains it".to_owned();
        for (texts, name, expected) in [
            (vec![of("a", true)], None, Ok((proxy("a"), vec![]))),
            (vec![of("a", false)], None, Ok((proxy("a"), vec![]))),
            (vec![settings()], None, Ok((proxy("alone"), vec![]))),
            (vec![of("a", true), of("b", false)], None, Ok((proxy("a"), vec![note]))),
            (vec![of("a", true), of("b", false)], Some("b"), Ok((proxy("b"), vec![]))),
            (
                vec![of("a", true), of("b", true)],
                None,
                Err("on lines 1, 6; choose a policy"),
            ),
            (
                vec![of("a", false), of("b", false)],
                None,
                Err("on lines 1, 6; choose a policy"),
            ),
            (
                vec![of("a", true), settings()],
                None,
                Err("on lines 1, 6; choose a policy"),
            ),
            (
                vec![of("a", true)],
                Some("c"),
                Err("--policy c: there is no policy of this name"),
            ),
            (
                vec!["a: 1\n".to_owned()],
                Some("c"),
                Err("--policy c: there is no policy of this name"),
            ),
            (
                vec!["kind: Pod\napiVersion: v1\n".to_owned()],
                None,
                Err("contains no settings"),
            ),
        ] {
            let found = find(&texts, name);
            match expected {
                Ok(expected) => assert_eq!(found, Ok(expected)),
                Err(part) => assert!(
                    found.as_ref().is_err_and(|error| error.contains(part)),
                    "{found:?}: {part}"
                ),
            }
        }
    }

    #[test]
    fn a_problem_and_a_doubt_are_named_with_their_line_and_path() {
        let text = "httpsProxy: HTTPS://a.example:1\nnoProxy: [a b]\nprofiles:\n- name: x\n  match: {namespaces: [a]}\n  \
                    httpsProxy: https://b.example:1\n- name: y\n  match: {namespaces: [b]}\n  httpsProxy: http://b.example:1\n";
        let documents = documents::parse(text).unwrap();
        let source = Source::find("p.yaml", &documents, None).unwrap();
        let doubts = source.doubts();
        let starts: Vec<&str> = doubts
            .iter()
            .map(|doubt| doubt.split(" begins").next().unwrap())
            .collect();
        assert_eq!(starts, ["p.yaml:1: httpsProxy:", "p.yaml:6: profiles[0].httpsProxy:"]);
        let problems = source.problems();
        assert!(
            problems
                .iter()
                .any(|problem| problem.starts_with("p.yaml:2: noProxy[0]: ")),
            "{problems:?}"
        );
        let faulty = policy("a", true, "").replace("mutating", "objectSelector: {matchLabel: {}}, mutating");
        let documents = documents::parse(&faulty).unwrap();
        let problems = Source::find("p.yaml", &documents, None).unwrap().problems();
        let of_selector =
            "p.yaml:4: spec.objectSelector.matchLabel: unknown field; use matchLabels or matchExpressions";
        assert!(problems.iter().any(|problem| problem == of_selector), "{problems:?}");
        let of_whole = problems.iter().find(|problem| !problem.contains("Selector")).unwrap();
        assert!(of_whole.starts_with("p.yaml:4: spec.settings: "), "{of_whole}");
    }

    #[test]
    fn what_makes_no_pods_is_counted_by_kind() {
        let mut passed_over = PassedOver::default();
        assert_eq!(passed_over.described(), None);
        for kind in ["Service", "ConfigMap", "Namespace", "ConfigMap"] {
            passed_over.add(&json!({"apiVersion": "v1", "kind": kind}));
        }
        assert_eq!(passed_over.described().as_deref(), Some("2 ConfigMap, 1 Service"));
    }

    /// What is explained of a file's objects, and what is skipped; or why they cannot be.
    fn explained(text: &str) -> Result<(Vec<String>, Option<String>), String> {
        let mut cluster = Cluster::new(json!({"httpProxy": "http://p.example:1"}).to_string(), None);
        let documents = documents::parse(text).unwrap();
        learn(&mut cluster, "o.yaml", &documents);
        let mut passed_over = PassedOver::default();
        let found = explain(&cluster, "o.yaml", &documents, &Native, &mut passed_over);
        let found = found.map_err(|error| error.to_string())?;
        let shown = found.iter().map(|found| found.object.to_string());
        Ok((shown.collect(), passed_over.described()))
    }

    #[test]
    fn an_owner_stands_for_what_it_owns_and_other_kinds_are_passed_over() {
        let template = "template: {spec: {containers: [{name: app}]}}";
        let deployment =
            format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec: {{{template}}}\n");
        let replica_set = format!(
            "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata:\n  name: web-1\n  ownerReferences: [{{kind: Deployment, name: web, \
             controller: true}}]\nspec: {{{template}}}\n"
        );
        let others = "apiVersion: v1\nkind: Service\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n";
        for (text, object, passed_over) in [
            (
                format!("{replica_set}---\n{deployment}"),
                "Deployment default/web",
                None,
            ),
            (replica_set.clone(), "ReplicaSet default/web-1", None),
            (
                format!("{deployment}---\n{others}"),
                "Deployment default/web",
                Some("1 Service"),
            ),
        ] {
            let expected = vec![format!("{object}, the pod it creates")];
            assert_eq!(explained(&text), Ok((expected, passed_over.map(str::to_owned))));
        }
    }

    #[test]
    fn labels_of_a_namespace_are_known_with_their_lines() {
        let mut cluster = Cluster::new("{}".to_owned(), None);
        let text = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels:\n    team: a\n    stage: 1\n";
        learn(&mut cluster, "o.yaml", &documents::parse(text).unwrap());
        assert_eq!(
            cluster.namespaces.label("shop", "team"),
            Known::Value("a", Some("o.yaml:6"))
        );
        assert_eq!(cluster.namespaces.label("shop", "stage"), Known::Absent);
        assert_eq!(cluster.namespaces.label("other", "team"), Known::No);
    }

    #[test]
    fn what_is_no_object_is_refused_with_its_line() {
        for (text, part) in [
            (
                "kind: Pod\n",
                "o.yaml:1: not a Kubernetes object: apiVersion or kind is missing",
            ),
            (
                "apiVersion: v1\n",
                "o.yaml:1: not a Kubernetes object: apiVersion or kind is missing",
            ),
            (
                "a: 1\n",
                "o.yaml:1: not a Kubernetes object: apiVersion or kind is missing",
            ),
            (
                "apiVersion: v1\nkind: Pod\nmetadata:\n  name: 1\n",
                "o.yaml:4: metadata.name: must be a string; put it in quotes",
            ),
            (
                "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {labels: {a: 1}}\n",
                "o.yaml:6: items[0].metadata.labels.a: must be a string; put it in quotes",
            ),
        ] {
            assert_eq!(explained(text).unwrap_err(), part);
        }
    }
}
