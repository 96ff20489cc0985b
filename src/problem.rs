//! What is wrong with a JSON text, and where.

use crate::json::Reader;

/// A value that is not what it should be, at a byte position of the text it stands in.
///
/// The message never quotes the value: it may be a credential.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where the value starts.
    pub at: usize,
    /// What is wrong and what would be right, to be read behind the value's path.
    pub message: String,
}

impl Problem {
    pub fn new(at: usize, message: impl Into<String>) -> Self {
        Problem {
            at,
            message: message.into(),
        }
    }

    /// A field of the settings that is none.
    pub fn unknown_field(at: usize) -> Self {
        Problem::new(at, "is no field of these settings; remove it or mend its spelling")
    }
}

/// Joins the problems of the value in front of `root` into one message: `httpProxy: …; noProxy[2]: …`.
pub fn describe(mut root: Reader, problems: &mut [Problem]) -> String {
    problems.sort_by_key(|problem| problem.at);
    let mut description = Description {
        path: String::new(),
        pending: problems,
        described: Vec::with_capacity(problems.len()),
    };
    description.value(&mut root);
    // Where the text is broken, the way ends before the problem.
    description.before(usize::MAX);
    description.described.join("; ")
}

struct Description<'p> {
    /// The way to the value at hand.
    path: String,
    pending: &'p [Problem],
    described: Vec<String>,
}

impl Description<'_> {
    /// Describes the problems of the value in front of `reader`, and of what is in it.
    fn value(&mut self, reader: &mut Reader) {
        let start = reader.position();
        self.before(start + 1);
        let length = self.path.len();
        let mut index = 0;
        let walked = if self.pending.is_empty() {
            reader.skip()
        } else if reader.is_object() {
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

    /// Describes the problems in front of a position.
    fn before(&mut self, position: usize) {
        while let [problem, rest @ ..] = self.pending
            && problem.at < position
        {
            let separator = if self.path.is_empty() { "" } else { ": " };
            self.described.push([&self.path, separator, &problem.message].concat());
            self.pending = rest;
        }
    }
}

/// A field's name in a message. What cannot be one may be a mistaken paste: of a URL with its password, say, or of a line of a
/// certificate, which has 64 characters or 76.
pub fn presentable(key: &str) -> &str {
    let name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    // Longer ones are of annotations and labels, and have a domain.
    let most = if key.contains('.') { 128 } else { 63 };
    if key.len() <= most && key.bytes().all(name) {
        key
    } else {
        "(a name that is not shown)"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("2}", "(a name that is not shown): x"),
        ] {
            let problem = Problem::new(text.find(value).unwrap(), "x");
            assert_eq!(describe(Reader::new(text), &mut [problem]), path);
        }
    }

    #[test]
    fn problems_are_described_in_the_order_of_the_text() {
        let text = r#"{"a": [1, 2], "b": 3, "c": "#;
        let mut problems = ["3", "2", "1"].map(|value| Problem::new(text.find(value).unwrap(), value));
        assert_eq!(describe(Reader::new(text), &mut problems), "a[0]: 1; a[1]: 2; b: 3");
        let mut broken = [Problem::new(text.len(), "x")];
        assert_eq!(describe(Reader::new(text), &mut broken), "c: x");
    }
}
