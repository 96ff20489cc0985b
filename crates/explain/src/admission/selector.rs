//! Label selectors, as the API server evaluates them.
//!
//! See <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>.

use std::fmt;

use documents::spelled;
use http_proxy_policy::companion::{is_label_key, is_label_value};
use serde_json::Value;

const NO_KEY: &str = "must be a label key such as app or example.com/app, with a lower-case prefix";
const NO_VALUE: &str =
    "must be a label value: up to 63 letters, digits, -, _ and ., starting and ending with a letter or digit";

/// The conditions of a label selector. All must hold; without any, it selects everything.
#[derive(Clone, Debug, Default)]
pub struct Selector {
    pub requirements: Vec<Requirement>,
    /// The conditions that the API server refuses; they are not among the others.
    pub faults: Vec<Fault>,
}

/// What is wrong with a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The path in the selector: `matchExpressions[0].operator`; empty for the selector as a whole.
    pub path: String,
    /// What to write.
    pub message: &'static str,
}

impl Fault {
    /// The fault by its path in what holds the selector.
    pub fn below(self, path: &str) -> Self {
        let separator = if self.path.is_empty() { "" } else { "." };
        Fault {
            path: format!("{path}{separator}{}", self.path),
            ..self
        }
    }
}

/// One condition of a selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The path in the selector: `matchLabels.team`, `matchExpressions[0]`.
    pub path: String,
    pub key: String,
    pub operator: Operator,
    pub values: Vec<String>,
    /// Whether it is from `matchLabels`.
    pub is_label: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

impl Selector {
    /// Reads a selector. `null` is the empty one.
    pub fn read(selector: &Value) -> Self {
        let mut read = Selector {
            faults: wrong_fields(selector),
            ..Selector::default()
        };
        for (key, value) in selector["matchLabels"].as_object().into_iter().flatten() {
            let path = format!("matchLabels.{key}");
            let fault = match value.as_str() {
                None => Some("must be a string; put it in quotes"),
                Some(_) if !is_label_key(key) => Some(NO_KEY),
                Some(value) if !is_label_value(value) => Some(NO_VALUE),
                Some(_) => None,
            };
            read.add(match fault {
                None => Ok(Requirement {
                    path,
                    key: key.clone(),
                    operator: Operator::In,
                    values: value.as_str().into_iter().map(str::to_owned).collect(),
                    is_label: true,
                }),
                Some(message) => Err(Fault { path, message }),
            });
        }
        let expressions = selector["matchExpressions"].as_array().into_iter().flatten();
        for (index, value) in expressions.enumerate() {
            read.add(expression(format!("matchExpressions[{index}]"), value));
        }
        read
    }

    fn add(&mut self, read: Result<Requirement, Fault>) {
        match read {
            Ok(requirement) => self.requirements.push(requirement),
            Err(fault) => self.faults.push(fault),
        }
    }
}

/// The fields of a selector that are unknown or of the wrong type.
fn wrong_fields(selector: &Value) -> Vec<Fault> {
    let fault = |path: &str, message| Fault {
        path: path.to_owned(),
        message,
    };
    let Some(fields) = selector.as_object() else {
        let is_left_out = selector.is_null();
        return (!is_left_out)
            .then(|| fault("", "must be a label selector"))
            .into_iter()
            .collect();
    };
    let judge = |(field, value): (&String, &Value)| match (&**field, value) {
        ("matchLabels", Value::Object(_) | Value::Null) | ("matchExpressions", Value::Array(_) | Value::Null) => None,
        ("matchLabels", _) => Some(fault(field, "must be a mapping of labels to values")),
        ("matchExpressions", _) => Some(fault(field, "must be a list of key, operator and values")),
        _ => Some(fault(field, "unknown field; use matchLabels or matchExpressions")),
    };
    fields.iter().filter_map(judge).collect()
}

fn expression(path: String, expression: &Value) -> Result<Requirement, Fault> {
    let fault = |field: &str, message| Fault {
        path: format!("{path}.{field}"),
        message,
    };
    let key = expression["key"].as_str().filter(|key| is_label_key(key));
    let key = key.ok_or_else(|| fault("key", NO_KEY))?.to_owned();
    let operator = match expression["operator"].as_str().unwrap_or_default() {
        "In" => Operator::In,
        "NotIn" => Operator::NotIn,
        "Exists" => Operator::Exists,
        "DoesNotExist" => Operator::DoesNotExist,
        _ => return Err(fault("operator", "must be In, NotIn, Exists or DoesNotExist")),
    };
    let items = expression["values"].as_array().map(Vec::as_slice).unwrap_or_default();
    let values: Vec<String> = items.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let takes_values = matches!(operator, Operator::In | Operator::NotIn);
    if values.len() < items.len() {
        return Err(fault("values", "must be strings; put each in quotes"));
    }
    if !values.iter().all(|value| is_label_value(value)) {
        return Err(fault("values", NO_VALUE));
    }
    if takes_values && values.is_empty() {
        return Err(fault("values", "must list at least one value"));
    }
    if !takes_values && !values.is_empty() {
        return Err(fault("values", "must be omitted with Exists and DoesNotExist"));
    }
    Ok(Requirement {
        path,
        key,
        operator,
        values,
        is_label: false,
    })
}

impl Requirement {
    /// Whether it holds for an object that has this value of the label, or lacks the label.
    pub fn holds(&self, value: Option<&str>) -> bool {
        let is_listed = value.is_some_and(|value| self.values.iter().any(|listed| listed == value));
        match self.operator {
            Operator::In => is_listed,
            Operator::NotIn => !is_listed,
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
        }
    }

    /// A label with which a condition holds that asks for one: `team=a`.
    pub fn example(&self) -> Option<String> {
        match self.operator {
            Operator::In => Some(format!("{}={}", self.key, self.values.first()?)),
            Operator::Exists => Some(format!("{}=true", self.key)),
            Operator::NotIn | Operator::DoesNotExist => None,
        }
    }

    /// What a label would have to be for the opposite of [`holds`](Self::holds): `team: a`, `team: a or b`, `team`.
    pub fn listed(&self) -> String {
        match self.operator {
            Operator::In | Operator::NotIn => {
                let values: Vec<String> = self.values.iter().map(|value| spelled(value)).collect();
                format!("{}: {}", self.key, values.join(" or "))
            }
            Operator::Exists | Operator::DoesNotExist => format!("the label {}", self.key),
        }
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = || {
            self.values
                .iter()
                .map(|value| spelled(value))
                .collect::<Vec<_>>()
                .join(", ")
        };
        match self.operator {
            Operator::In if self.is_label => write!(f, "{}: {}", self.key, values()),
            Operator::In => write!(f, "{} In [{}]", self.key, values()),
            Operator::NotIn => write!(f, "{} NotIn [{}]", self.key, values()),
            Operator::Exists => write!(f, "{} Exists", self.key),
            Operator::DoesNotExist => write!(f, "{} DoesNotExist", self.key),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_operator_holds_as_in_the_api() {
        let holds = |operator: &str, value| {
            let values = if operator.ends_with("In") {
                vec!["a", "b"]
            } else {
                Vec::new()
            };
            let selector =
                Selector::read(&json!({"matchExpressions": [{"key": "k", "operator": operator, "values": values}]}));
            selector.requirements[0].holds(value)
        };
        for (operator, listed, other, absent) in [
            ("In", true, false, false),
            ("NotIn", false, true, true),
            ("Exists", true, true, false),
            ("DoesNotExist", false, false, true),
        ] {
            let actual = (
                holds(operator, Some("b")),
                holds(operator, Some("c")),
                holds(operator, None),
            );
            assert_eq!(actual, (listed, other, absent), "{operator}");
        }
    }

    #[test]
    fn labels_and_expressions_are_one_list_of_conditions() {
        let selector = Selector::read(&json!({
            "matchLabels": {"team": "a"},
            "matchExpressions": [
                {"key": "inject", "operator": "NotIn", "values": ["false", "x"]},
                {"key": "team", "operator": "In", "values": ["a", "b"]},
                {"key": "stage", "operator": "Exists"},
                {"key": "old", "operator": "DoesNotExist"},
            ],
        }));
        let of_all =
            |shown: fn(&Requirement) -> String| selector.requirements.iter().map(shown).collect::<Vec<String>>();
        let expected = [
            "team: a",
            "inject NotIn [\"false\", x]",
            "team In [a, b]",
            "stage Exists",
            "old DoesNotExist",
        ];
        assert_eq!(of_all(Requirement::to_string), expected);
        let expected = [
            "team: a",
            "inject: \"false\" or x",
            "team: a or b",
            "the label stage",
            "the label old",
        ];
        assert_eq!(of_all(Requirement::listed), expected);
        let expected = ["team=a", "", "team=a", "stage=true", ""];
        assert_eq!(
            of_all(|requirement| requirement.example().unwrap_or_default()),
            expected
        );
        assert!(Selector::read(&Value::Null).requirements.is_empty());
    }

    #[test]
    fn what_the_api_server_refuses_is_no_condition_and_is_named() {
        let selector = Selector::read(&json!({
            "matchLabels": {"enabled": true},
            "matchExpressions": [
                {"operator": "Exists"},
                {"key": "a", "operator": "in", "values": ["x"]},
                {"key": "a", "operator": "In"},
                {"key": "a", "operator": "NotIn", "values": [1, "x"]},
                {"key": "a", "operator": "Exists", "values": ["x"]},
            ],
        }));
        assert_eq!(selector.requirements, []);
        let paths: Vec<&str> = selector.faults.iter().map(|fault| &*fault.path).collect();
        let expected = ["[0].key", "[1].operator", "[2].values", "[3].values", "[4].values"];
        let expected = expected.map(|path| format!("matchExpressions{path}"));
        assert_eq!(paths[0], "matchLabels.enabled");
        assert_eq!(paths[1..], expected);
        for (selector, path) in [
            (json!("a"), ""),
            (json!({"matchLabels": ["a"]}), "matchLabels"),
            (
                json!({"matchExpressions": {"key": "a", "operator": "Exists"}}),
                "matchExpressions",
            ),
            (json!({"matchExpression": []}), "matchExpression"),
            (json!({"matchLabels": {"a b": "c"}}), "matchLabels.a b"),
            (json!({"matchLabels": {"a": "b c"}}), "matchLabels.a"),
            (
                json!({"matchExpressions": [{"key": "a b", "operator": "Exists"}]}),
                "matchExpressions[0].key",
            ),
            (
                json!({"matchExpressions": [{"key": "a", "operator": "In", "values": ["a b"]}]}),
                "matchExpressions[0].values",
            ),
        ] {
            let selector = Selector::read(&selector);
            assert_eq!((selector.requirements.len(), &*selector.faults[0].path), (0, path));
        }
        for (selector, message) in [
            (json!({"matchLabels": "a"}), "must be a mapping of labels to values"),
            (
                json!({"matchExpressions": "a"}),
                "must be a list of key, operator and values",
            ),
            (
                json!({"matchLabel": {}}),
                "unknown field; use matchLabels or matchExpressions",
            ),
        ] {
            assert_eq!(Selector::read(&selector).faults[0].message, message);
        }
        let null = json!({"matchLabels": null, "matchExpressions": null});
        assert_eq!(Selector::read(&null).faults, []);
    }
}
