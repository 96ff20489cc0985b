//! The namespaces that are known, with their labels.

use std::collections::BTreeMap;

/// The label that the API server gives every namespace: its name.
pub const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// Namespaces by name.
#[derive(Clone, Debug, Default)]
pub struct Namespaces {
    known: BTreeMap<String, BTreeMap<String, Label>>,
}

/// The value of a label, and where it is from: `namespaces.yaml:31`, or an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub value: String,
    pub source: String,
}

/// What is known of a label of a namespace.
#[derive(Debug, PartialEq, Eq)]
pub enum Known<'n> {
    Value(&'n str, Option<&'n str>),
    Absent,
    /// The namespace's labels are not in the input.
    No,
}

impl Namespaces {
    /// Adds a namespace with its labels. Labels of a namespace that is there already are added to it.
    pub fn add(&mut self, name: &str, labels: impl IntoIterator<Item = (String, Label)>) {
        self.known.entry(name.to_owned()).or_default().extend(labels);
    }

    /// What is known of a label. A namespace's name is the label `kubernetes.io/metadata.name`, even if nothing else is known.
    pub fn label<'n>(&'n self, namespace: &'n str, key: &str) -> Known<'n> {
        if key == NAME_LABEL {
            return Known::Value(namespace, None);
        }
        match self.known.get(namespace).map(|labels| labels.get(key)) {
            None => Known::No,
            Some(None) => Known::Absent,
            Some(Some(label)) => Known::Value(&label.value, Some(&label.source)),
        }
    }

    /// Reads `NAME=key=value,key=value`, as `--namespace-labels` takes it; `NAME=` is a namespace without labels.
    ///
    /// # Errors
    /// What is wrong, and what to write.
    pub fn add_option(&mut self, text: &str) -> Result<(), String> {
        let form = || {
            format!("--namespace-labels {text}: must be NAME=KEY=VALUE,KEY=VALUE, such as shop=team=shop,stage=test")
        };
        let (name, labels) = text.split_once('=').ok_or_else(form)?;
        let labels = labels.split(',').map(str::trim).filter(|label| !label.is_empty());
        let labels: Vec<(String, Label)> = labels
            .map(|label| {
                let (key, value) = label.split_once('=').ok_or_else(form)?;
                let label = Label {
                    value: value.to_owned(),
                    source: "--namespace-labels".to_owned(),
                };
                Ok((key.to_owned(), label))
            })
            .collect::<Result<_, String>>()?;
        if name.is_empty() || labels.iter().any(|(key, _)| key.is_empty()) {
            return Err(form());
        }
        self.add(name, labels);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_known_only_of_namespaces_that_are() {
        let mut namespaces = Namespaces::default();
        namespaces.add_option("shop=team=a,stage=").unwrap();
        assert_eq!(
            namespaces.label("shop", "team"),
            Known::Value("a", Some("--namespace-labels"))
        );
        assert_eq!(
            namespaces.label("shop", "stage"),
            Known::Value("", Some("--namespace-labels"))
        );
        assert_eq!(namespaces.label("shop", "other"), Known::Absent);
        assert_eq!(namespaces.label("data", "team"), Known::No);
        assert_eq!(namespaces.label("data", NAME_LABEL), Known::Value("data", None));
    }

    #[test]
    fn an_option_of_another_form_is_refused_with_the_right_one() {
        for text in ["shop", "=team=a", "shop=team", "shop=team=a,=b"] {
            let fault = Namespaces::default().add_option(text).unwrap_err();
            assert!(fault.contains("must be NAME=KEY=VALUE"), "{fault}");
        }
    }
}
