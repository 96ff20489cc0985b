//! The question whose answer is that of `http-proxy explain --output json`.

use explain::answer::Native;
use explain::cluster::Cluster;
use explain::input::{self, PassedOver, Report, Source};
use explain::request::Operation;
use serde::{Deserialize, Serialize};

use crate::state::{OBJECTS, SETTINGS};

/// Two texts, and the rest of the request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Question {
    /// Settings or a policy manifest, as YAML or JSON.
    settings: String,
    /// Pods, workloads and namespaces, as YAML or JSON.
    objects: String,
    /// `NAME=KEY=VALUE,KEY=VALUE`, each of another namespace.
    #[serde(default)]
    namespace_labels: Vec<String>,
    /// `CREATE`, `UPDATE` or `DELETE`.
    #[serde(default)]
    operation: Option<String>,
}

/// A report, or what is wrong with the question.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Answer {
    Report(Report),
    Problems { problems: Vec<String> },
}

/// Answers a question.
pub fn answer(question: Question) -> Answer {
    match report(question) {
        Ok(report) => Answer::Report(report),
        Err(problems) => Answer::Problems { problems },
    }
}

fn report(question: Question) -> Result<Report, Vec<String>> {
    let parse = |name: &str, text: &str| {
        documents::parse(text).map_err(|mut error| {
            error.file = name.to_owned();
            vec![error.to_string()]
        })
    };
    let one = |error: anyhow::Error| vec![format!("{error:#}")];
    let source = Source::find(SETTINGS, &parse(SETTINGS, &question.settings)?, None).map_err(one)?;
    let problems = source.problems();
    if !problems.is_empty() {
        return Err(problems);
    }
    let notes = source.notes.iter().cloned().chain(source.doubts()).collect();
    let mut cluster = Cluster::new(source.settings.to_string(), source.manifest);
    for labels in &question.namespace_labels {
        cluster.namespaces.add_option(labels).map_err(|fault| vec![fault])?;
    }
    if let Some(word) = &question.operation {
        let unknown = || vec![format!("operation: {word} is none; write CREATE, UPDATE or DELETE")];
        cluster.operation = Operation::of_word(word).ok_or_else(unknown)?;
    }
    let documents = parse(OBJECTS, &question.objects)?;
    input::learn(&mut cluster, OBJECTS, &documents);
    let objects = input::explain(&cluster, OBJECTS, &documents, &Native, &mut PassedOver::default()).map_err(one)?;
    Ok(Report { objects, notes })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The answer, as the page gets it.
    fn answered(question: Value) -> Value {
        serde_json::to_value(answer(serde_json::from_value(question).unwrap())).unwrap()
    }

    #[test]
    fn an_answer_is_a_report_or_the_problems() {
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\nspec: {containers: [{name: a}]}\n";
        let policy = std::fs::read_to_string(testkit::files::project_file("examples/opt-in/policy.yaml")).unwrap();
        let question = json!({"settings": policy, "objects": pod});
        let verdict = |more: Value| {
            let mut question = question.clone();
            question
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            let answer = answered(question);
            assert!(answer["objects"].is_array(), "{answer}");
            answer["objects"][0]["verdict"].clone()
        };
        let labels = json!(["shop=http-proxy.kubewarden.io/inject=true"]);
        assert_eq!(verdict(json!({})), "notSent");
        assert_eq!(verdict(json!({"namespaceLabels": labels})), "changed");
        assert_eq!(
            verdict(json!({"namespaceLabels": labels, "operation": "UPDATE"})),
            "notSent"
        );
    }

    #[test]
    fn a_problem_names_its_field() {
        let settings = "httpProxy: http://p:80";
        for (question, problem) in [
            (
                json!({"settings": "httpProxy: ''", "objects": ""}),
                "settings:1: httpProxy: ",
            ),
            (json!({"settings": "a: [", "objects": ""}), "settings:"),
            (json!({"settings": settings, "objects": "a: ["}), "objects:"),
            (
                json!({"settings": settings, "objects": "", "namespaceLabels": ["a"]}),
                "--namespace-labels",
            ),
            (
                json!({"settings": settings, "objects": "", "operation": "PATCH"}),
                "operation: PATCH is none; write CREATE, UPDATE or DELETE",
            ),
        ] {
            let answer = answered(question);
            let said = answer["problems"][0].as_str().unwrap_or_default();
            assert!(said.starts_with(problem), "{problem}: {answer}");
        }
    }
}
