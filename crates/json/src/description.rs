//! Turns the positions of problems into paths.

use std::fmt;

use crate::{Problem, Reader};

/// A problem with its place, shown as `noProxy[2]: is empty; remove it`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// The path of the value, such as `profiles[1].noProxy[3]`; empty for the whole text.
    pub path: String,
    /// What is wrong and what to write. It has no line break, and shows no value that may be a secret.
    pub message: String,
}

impl Described {
    /// A problem of the whole text.
    pub fn of_whole(message: &str) -> Self {
        Described {
            path: String::new(),
            message: message.to_owned(),
        }
    }

    /// Problems, one to a line.
    pub fn lines(problems: &[Self]) -> String {
        let lines: Vec<String> = problems.iter().map(Described::to_string).collect();
        lines.join("\n")
    }
}

impl fmt::Display for Described {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let separator = if self.path.is_empty() { "" } else { ": " };
        formatter.write_str(&[&self.path, separator, &self.message].concat())
    }
}

/// The problems of the value at `root`, in the order of the text.
pub fn describe(mut root: Reader, mut problems: Vec<Problem>) -> Vec<Described> {
    problems.sort_by_key(Problem::at);
    let mut description = Description {
        path: String::new(),
        pending: &problems,
        described: Vec::with_capacity(problems.len()),
    };
    description.value(&mut root);
    // If the text is not valid JSON, the walk ends before the problem.
    description.before(usize::MAX);
    description.described
}

struct Description<'p> {
    /// The path of the current value.
    path: String,
    pending: &'p [Problem],
    described: Vec<Described>,
}

impl Description<'_> {
    /// Describes the problems of the next value, and of the values in it.
    fn value(&mut self, reader: &mut Reader) {
        let start = reader.position();
        self.before(start + 1);
        // Only values with a problem are walked into, so the depth of the others does not matter.
        let Some(next) = self.pending.first().map(Problem::at) else {
            return;
        };
        let mut behind = *reader;
        if behind.skip().is_ok() && next >= behind.position() {
            *reader = behind;
            return;
        }
        let length = self.path.len();
        let mut index = 0;
        let walked = if reader.is_object() {
            let walked = reader.object(|reader, key| {
                let dot = if length == 0 { "" } else { "." };
                self.path.extend([dot, presentable(key)]);
                self.value(reader);
                self.path.truncate(length);
                Ok(())
            });
            walked.map(drop)
        } else if reader.is_array() {
            let walked = reader.array(|reader| {
                self.path.push_str(&format!("[{index}]"));
                self.value(reader);
                self.path.truncate(length);
                index += 1;
                Ok(())
            });
            walked.map(drop)
        } else {
            reader.skip()
        };
        if walked.is_ok() {
            self.before(reader.position());
        }
    }

    /// Describes the problems before a position.
    fn before(&mut self, position: usize) {
        while let [problem, rest @ ..] = self.pending
            && problem.at() < position
        {
            self.described.push(Described {
                path: self.path.clone(),
                message: problem.message().to_owned(),
            });
            self.pending = rest;
        }
    }
}

/// A field's name in a message. A text that cannot be a name may have been pasted by mistake, for example a URL with
/// its password, or a line of a certificate, which has 64 or 76 characters.
pub fn presentable(key: &str) -> &str {
    let name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    // Only annotations and labels have longer names, with a domain.
    let most = if key.contains('.') { 128 } else { 63 };
    if key.len() <= most && key.bytes().all(name) {
        key
    } else {
        "(name hidden)"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(root: Reader, problems: Vec<Problem>) -> Vec<String> {
        describe(root, problems).iter().map(Described::to_string).collect()
    }

    #[test]
    fn a_problem_is_described_by_the_path_of_its_value() {
        let text = r#"{"a": {"b": [0, {"c": []}], "e": {}}, "d": [[], [1]], "http://u:hunter2@p": 2}"#;
        for (value, path) in [
            ("{\"a\"", "x"),
            ("{\"b\"", "a: x"),
            ("[0", "a.b: x"),
            ("0", "a.b[0]: x"),
            ("[]}", "a.b[1].c: x"),
            ("{}}", "a.e: x"),
            ("[[]", "d: x"),
            ("[], ", "d[0]: x"),
            ("1]", "d[1][0]: x"),
            ("2}", "(name hidden): x"),
        ] {
            let problem = Problem::new(text.find(value).unwrap(), "x");
            assert_eq!(shown(Reader::new(text), vec![problem]), [path]);
        }
    }

    #[test]
    fn problems_are_described_in_the_order_of_the_text() {
        let text = r#"{"a": [1, 2], "b": 3, "c": "#;
        let problems = ["3", "2", "1"].map(|value| Problem::new(text.find(value).unwrap(), value));
        assert_eq!(
            shown(Reader::new(text), problems.into()),
            ["a[0]: 1", "a[1]: 2", "b: 3"]
        );
        let broken = vec![Problem::new(text.len(), "x")];
        assert_eq!(shown(Reader::new(text), broken), ["c: x"]);
    }
}
