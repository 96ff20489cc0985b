//! Rancher's form, `questions-ui.yml`, asks for all the settings there are, and makes valid ones.
//!
//! How [Rancher](https://github.com/rancher/kubewarden-ui/tree/main/pkg/kubewarden/components/Questions) reads it: a default goes into
//! the settings as soon as the form is shown, a question without one leaves them alone. On saving, members that are empty are taken out,
//! but not from within lists. What a field is, its fault tells when the policy is given something else.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use admission::create_request;
use e2e_tests::both::{self, patch};
use http_proxy_policy::policy::FIELDS;
use serde::Deserialize;
use serde_json::{Value, json};
use testkit::files::project_file;

static FORM: LazyLock<Vec<Question>> = LazyLock::new(|| {
    let form = std::fs::read_to_string(project_file("questions-ui.yml")).unwrap();
    serde_json::from_value::<Form>(documents::parse(&form).unwrap().remove(0).value)
        .unwrap()
        .questions
});

/// Fields that refer to a Kubernetes object, how Kubernetes calls that, and its members that the form asks for.
const REFERENCES: [(&str, &str, &[&str]); 5] = [
    ("httpProxyFrom", "secretKeyRef", &["name", "key", "optional"]),
    ("httpsProxyFrom", "secretKeyRef", &["name", "key", "optional"]),
    (
        "trustedCaFrom",
        "configMapKeyRef",
        &["name", "key", "pkcs12Key", "optional"],
    ),
    ("trustedCaFrom", "clusterTrustBundle", &["name", "optional"]),
    ("trustedCaFrom", "image", &["reference", "pullPolicy"]),
];

/// The kind of reference that a profile's draft has. A profile with a ClusterTrustBundle or an image is written by hand.
const DRAFTS: [(&str, &str); 3] = [
    ("httpProxyFrom", "secretKeyRef"),
    ("httpsProxyFrom", "secretKeyRef"),
    ("trustedCaFrom", "configMapKeyRef"),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    questions: Vec<Question>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    /// The path of a field, from the settings or the profile on.
    variable: String,
    label: String,
    description: String,
    #[serde(rename = "type")]
    kind: Kind,
    group: Option<String>,
    /// Rancher leaves `null` out as well.
    default: Option<Value>,
    #[serde(default)]
    options: Vec<Choice>,
    min: Option<u16>,
    max: Option<u16>,
    #[serde(rename = "placeholder")]
    _placeholder: Option<String>,
    #[serde(rename = "required")]
    _required: Option<bool>,
    #[serde(default)]
    hide_input: bool,
    #[serde(default)]
    subquestions: Vec<Question>,
    #[serde(default)]
    sequence_questions: Vec<Question>,
}

/// The types that Rancher knows, as far as they are used here.
#[derive(Deserialize, Debug, PartialEq)]
enum Kind {
    #[serde(rename = "string")]
    String,
    #[serde(rename = "multiline")]
    Multiline,
    #[serde(rename = "boolean")]
    Boolean,
    #[serde(rename = "int")]
    Int,
    #[serde(rename = "enum")]
    Enum,
    #[serde(rename = "array[")]
    Array,
    #[serde(rename = "map[")]
    Map,
    #[serde(rename = "sequence[")]
    Sequence,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Choice {
    Text(String),
    Labelled {
        #[serde(rename = "label")]
        _label: String,
        value: bool,
    },
}

impl Choice {
    fn value(&self) -> Value {
        match self {
            Choice::Text(text) => json!(text),
            Choice::Labelled { value, .. } => json!(value),
        }
    }
}

/// A question and those below it, except for those of profiles.
fn with_subquestions(question: &Question) -> Vec<&Question> {
    let below = question.subquestions.iter().flat_map(with_subquestions);
    [question].into_iter().chain(below).collect()
}

/// All questions outside of profiles.
fn outside() -> Vec<&'static Question> {
    FORM.iter().flat_map(with_subquestions).collect()
}

/// The questions about a profile.
fn profile_questions() -> &'static [Question] {
    &find(&FORM, "profiles").sequence_questions
}

/// All questions within profiles.
fn inside() -> Vec<&'static Question> {
    profile_questions().iter().flat_map(with_subquestions).collect()
}

/// All questions, with the path by which a fault names the field, and what makes settings with a value there.
fn everywhere() -> impl Iterator<Item = (&'static Question, String, fn(&str, Value) -> Value)> {
    let outside = outside()
        .into_iter()
        .map(|question| (question, "", settings as fn(&str, Value) -> Value));
    let inside = inside().into_iter().map(|question| {
        (
            question,
            "profiles[0].",
            settings_with_profile as fn(&str, Value) -> Value,
        )
    });
    outside
        .chain(inside)
        .map(|(question, place, settings)| (question, format!("{place}{}", question.variable), settings))
}

/// The one of the questions that is about a field.
fn find(questions: &'static [Question], variable: &str) -> &'static Question {
    questions.iter().find(|question| question.variable == variable).unwrap()
}

fn variables(questions: &[Question]) -> BTreeSet<&str> {
    let variables: BTreeSet<&str> = questions.iter().map(|question| &*question.variable).collect();
    assert_eq!(variables.len(), questions.len(), "asked for twice");
    variables
}

/// The names behind the last dot.
fn names(questions: &'static [Question]) -> Vec<&'static str> {
    let name = |question: &'static Question| question.variable.rsplit('.').next().unwrap();
    questions.iter().map(name).collect()
}

/// Sets the value at a path, and makes the objects on the way.
fn set(settings: &mut Value, path: &str, value: Value) {
    let mut place = settings;
    for name in path.split('.') {
        place = &mut place[name];
    }
    *place = value;
}

/// The settings with `value` at `path`, which are otherwise valid.
fn settings(path: &str, value: Value) -> Value {
    let mut settings = json!({"httpProxy": "http://proxy.example.com:3128/"});
    set(&mut settings, path, value);
    settings
}

/// The same for a profile.
fn settings_with_profile(path: &str, value: Value) -> Value {
    let mut profile = json!({"name": "shop", "match": {"namespaces": ["shop"]}});
    set(&mut profile, path, value);
    settings("profiles", json!([profile]))
}

fn fault(settings: &Value) -> Option<String> {
    both::validate_settings(settings).message
}

/// What becomes of `examples/pod.yaml`, to which a network is added that bypasses the proxy.
fn answer(settings: &Value) -> Value {
    let pod = documents::read(project_file("examples/pod.yaml").to_str().unwrap());
    let mut pod = pod.unwrap().remove(0).value;
    pod["metadata"]["annotations"] = json!({"http-proxy.kubewarden.io/no-proxy": "10.9.0.0/30"});
    let request = create_request(&pod).unwrap();
    let answer = both::validate(&request, settings);
    json!({"rejected": answer.message, "warnings": answer.warnings, "patch": patch(&answer, &request)})
}

/// The settings that are in the form as soon as it is shown.
fn untouched_form() -> Value {
    let mut settings = json!({});
    for question in outside() {
        if let Some(default) = &question.default {
            set(&mut settings, &question.variable, default.clone());
        }
    }
    settings
}

/// What of them is saved: without empty members, but with those in lists.
fn saved(settings: &Value) -> Value {
    let Value::Object(members) = settings else {
        return settings.clone();
    };
    let saved = members.iter().map(|(name, value)| (name.clone(), saved(value)));
    saved
        .filter(|(_, value)| ![json!(null), json!(""), json!([]), json!({})].contains(value))
        .collect()
}

#[test]
fn every_field_has_a_question_and_every_question_is_about_a_field() {
    assert_eq!(variables(&FORM), BTreeSet::from_iter(FIELDS.iter().copied()));
}

#[test]
fn a_profile_is_asked_for_all_that_a_profile_takes() {
    let mut fields = BTreeSet::from(["name", "match"]);
    for &field in FIELDS {
        let fault = fault(&settings_with_profile(field, json!(-1))).unwrap();
        if !fault.contains("not allowed in a profile") {
            fields.insert(field);
        }
    }
    assert!(fields.len() < FIELDS.len());
    assert_eq!(variables(profile_questions()), fields);
}

#[test]
fn every_member_of_a_field_has_a_question() {
    let fault_of_runtimes = fault(&settings("runtimes.other", json!(true))).unwrap();
    let fault_of_match = fault(&settings_with_profile("match.other", json!(true))).unwrap();
    let profile = |variable| &find(profile_questions(), variable).subquestions;
    for runtimes in [&find(&FORM, "runtimes").subquestions, profile("runtimes")] {
        let expected = format!("runtimes.other: unknown field; use {}", names(runtimes).join(" or "));
        assert_eq!(fault_of_runtimes, expected);
    }
    let [namespaces, pods, nodes] = names(profile("match"))[..] else {
        panic!("{:?}", names(profile("match")));
    };
    let expected = format!("profiles[0].match.other: unknown field; use {namespaces}, {pods} or {nodes}");
    assert_eq!(fault_of_match, expected);
    for (field, kind) in DRAFTS {
        let asked = variables(&find(&FORM, field).subquestions);
        let references = REFERENCES.iter().filter(|(of, ..)| *of == field);
        let members: Vec<String> = references
            .flat_map(|(_, kind, members)| members.iter().map(move |member| format!("{field}.{kind}.{member}")))
            .collect();
        assert_eq!(asked, members.iter().map(String::as_str).collect());
        assert_eq!(names(profile(field)), [kind]);
    }
}

#[test]
fn every_question_is_of_the_type_of_its_field() {
    for (question, path, settings) in everywhere() {
        let range = question.min.zip(question.max);
        let expected = match (&question.kind, range) {
            (Kind::String, None) if path == "profiles[0].name" => {
                "must be a name: up to 63 letters, digits, -, _ and ., starting and ending with a letter or digit"
                    .to_owned()
            }
            (Kind::String | Kind::Multiline, None) => "must be a string".to_owned(),
            (Kind::Enum, None) if matches!(question.options[0], Choice::Labelled { .. }) => {
                "must be true or false".to_owned()
            }
            (Kind::Enum, None) => "must be a string".to_owned(),
            (Kind::Boolean, None) => "must be true or false".to_owned(),
            (Kind::Int, Some((min, max))) => format!("must be an integer from {min} to {max}"),
            (Kind::Array | Kind::Sequence, None) => "must be a list".to_owned(),
            (Kind::Map, None) => "must be an object".to_owned(),
            other => panic!("{path}: {other:?}"),
        };
        // An object of which only one member is set lacks others, which is a fault as well.
        let found = fault(&settings(&question.variable, json!(-1))).unwrap();
        assert!(found.contains(&format!("{path}: {expected}")), "{path}: {found}");
    }
}

#[test]
fn the_options_of_a_choice_are_all_that_the_policy_takes() {
    let mut choices = 0;
    for (question, path, settings) in everywhere() {
        assert_eq!(question.kind == Kind::Enum, !question.options.is_empty(), "{path}");
        let mut words = Vec::new();
        for option in question.options.iter().map(Choice::value) {
            words.push(option.to_string().replace('"', ""));
            assert_eq!(fault(&settings(&question.variable, option)), None, "{path}");
        }
        let Some((last, others)) = words.split_last() else {
            continue;
        };
        let found = fault(&settings(&question.variable, json!("none of them")));
        let expected = format!("{path}: must be {} or {last}", others.join(", "));
        assert_eq!(found, Some(expected));
        choices += 1;
    }
    assert!(choices > 0);
}

#[test]
fn every_field_is_in_a_group_and_no_group_is_split() {
    let mut groups: Vec<&str> = FORM.iter().map(|question| question.group.as_deref().unwrap()).collect();
    groups.dedup();
    let different: BTreeSet<&&str> = groups.iter().collect();
    assert_eq!(different.len(), groups.len(), "{groups:?}");
}

#[test]
fn every_question_says_what_it_is_about_and_can_be_answered() {
    for question in outside().into_iter().chain(inside()) {
        let variable = &question.variable;
        assert!(
            !question.label.is_empty() && !question.description.is_empty(),
            "{variable}"
        );
        // Rancher shows no description that is the label.
        assert_ne!(question.label, question.description, "{variable}");
        for subquestion in &question.subquestions {
            assert!(subquestion.variable.starts_with(&format!("{variable}.")), "{variable}");
        }
        match question.kind {
            // Rancher adds no item where this is not the default.
            Kind::Sequence => assert_eq!(question.default, Some(json!([])), "{variable}"),
            // Outside of profiles, members have inputs of their own, instead of one for keys and values.
            Kind::Map if !question.subquestions.is_empty() => {
                assert_eq!(
                    question.hide_input,
                    FORM.iter().any(|top| std::ptr::eq(top, question)),
                    "{variable}"
                );
            }
            _ => assert!(question.subquestions.is_empty(), "{variable}"),
        }
    }
}

#[test]
fn an_untouched_form_with_a_proxy_gives_pods_what_the_proxy_alone_gives_them() {
    let expected = answer(&json!({"httpProxy": "http://proxy.example.com:3128/"}));
    assert_ne!(expected["patch"], json!([]));
    let mut form = untouched_form();
    set(&mut form, "httpProxy", json!("http://proxy.example.com:3128/"));
    for settings in [saved(&form), form] {
        assert_eq!(fault(&settings), None, "{settings}");
        assert_eq!(answer(&settings), expected, "{settings}");
    }
}

#[test]
fn a_default_is_injected_own() {
    let expected = answer(&json!({"httpProxy": "http://proxy.example.com:3128/"}));
    let mut defaults = 0;
    for question in outside() {
        let Some(default) = &question.default else {
            continue;
        };
        defaults += 1;
        let variable = &question.variable;
        assert_eq!(answer(&settings(variable, default.clone())), expected, "{variable}");
        let others = match &question.kind {
            Kind::String => vec![json!("other.example.com")],
            Kind::Boolean => vec![json!(!default.as_bool().unwrap())],
            Kind::Int => vec![json!(question.max)],
            Kind::Enum => question.options.iter().map(Choice::value).collect(),
            Kind::Array => vec![json!(["*"])],
            Kind::Sequence => vec![json!([{"name": "a", "match": {"namespaces": ["*"]}, "enabled": false}])],
            Kind::Multiline | Kind::Map => panic!("{variable}"),
        };
        // With any other value, the answer is another: the comparison sees them.
        for other in others.into_iter().filter(|other| other != default) {
            assert_eq!(fault(&settings(variable, other.clone())), None);
            assert_ne!(answer(&settings(variable, other)), expected, "{variable}");
        }
    }
    assert!(defaults > 0);
}

/// An item as Rancher adds it, with the drafts of objects as they are once somebody has changed something in them.
#[test]
fn an_added_profile_changes_nothing_but_what_is_filled_in() {
    let outside = json!({
        "httpProxy": "http://proxy.example.com:3128/",
        "httpsProxy": "http://secure-proxy.example.com:3129/",
        "noProxy": [".corp.example.com"],
        "noProxyDefaults": false,
        "trustedCaFrom": {"configMapKeyRef": {"name": "trusted-ca", "key": "ca-bundle.crt"}},
        "trustedCaUse": "Mount",
        "runtimes": {"java": true, "node": true},
    });
    let with = |profile: &Value| {
        let mut settings = outside.clone();
        settings["profiles"] = json!([profile]);
        settings
    };
    let mut profile = json!({});
    for question in profile_questions() {
        if let Some(default) = &question.default {
            profile[&question.variable] = default.clone();
        }
    }
    profile["name"] = json!("shop");
    profile["match"] = draft("match");
    profile["runtimes"] = draft("runtimes");
    assert_eq!(
        fault(&with(&profile)).as_deref(),
        Some("profiles[0].match: must have namespaces, podSelector or nodeSelector")
    );
    profile["match"]["namespaces"] = json!(["shop"]);
    assert_eq!(fault(&with(&profile)), None);
    assert_eq!(without_origin(&with(&profile)), without_origin(&outside));

    for (field, kind) in DRAFTS {
        let mut changed = profile.clone();
        changed[field] = draft(field);
        for (member, value) in changed[field][kind].as_object_mut().unwrap() {
            assert_eq!(value, "");
            *value = json!(format!("its-{member}"));
        }
        assert_eq!(fault(&with(&changed)), None, "{field}");
        assert_ne!(without_origin(&with(&changed)), without_origin(&outside), "{field}");
    }
}

/// The answer, without the first line of the record, which names the profile.
fn without_origin(settings: &Value) -> Value {
    let mut answer = answer(settings);
    let record = &mut answer["patch"][0]["value"];
    let (_, values) = record.as_str().unwrap().split_once('\n').unwrap();
    *record = json!(values);
    answer
}

/// The YAML that Rancher shows for an object in a profile.
fn draft(variable: &str) -> Value {
    let subquestions = &find(profile_questions(), variable).subquestions;
    let members = names(subquestions).into_iter().zip(subquestions);
    members
        .map(|(name, subquestion)| (name.to_owned(), json!(subquestion.default)))
        .collect()
}
