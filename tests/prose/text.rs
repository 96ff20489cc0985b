//! The prose in a file, with its lines.

/// A text in lower case with single spaces, and the line of each of its bytes.
pub struct Text {
    lower: String,
    lines: Vec<usize>,
}

impl Text {
    /// `first` is the number of the first line.
    pub fn new(text: &str, first: usize) -> Self {
        let mut found = Text {
            lower: String::new(),
            lines: Vec::new(),
        };
        for (line, number) in text.lines().zip(first..) {
            for word in line.split_whitespace() {
                found.push(&word.to_lowercase(), number);
            }
        }
        found
    }

    fn push(&mut self, word: &str, line: usize) {
        let space = if self.lower.is_empty() { "" } else { " " };
        self.lower.extend([space, word]);
        self.lines.resize(self.lower.len(), line);
    }

    pub fn lower(&self) -> &str {
        &self.lower
    }

    pub fn line(&self, at: usize) -> usize {
        self.lines[at]
    }

    /// A page without its code. Lines stay where they are.
    pub fn of_markdown(page: &str) -> Self {
        let mut is_code = false;
        let prose = page.lines().map(|line| {
            let is_fence = line.trim_start().starts_with("```");
            is_code ^= is_fence;
            if is_code || is_fence {
                return String::new();
            }
            line.split('`')
                .enumerate()
                .map(|(index, part)| if index % 2 == 0 { part } else { "`" })
                .collect()
        });
        Text::new(&prose.collect::<Vec<String>>().join("\n"), 1)
    }

    /// The strings of a Rust source, and its comments: those on lines that follow each other are one text.
    pub fn of_rust(source: &str) -> Vec<Self> {
        let mut texts: Vec<Text> = Vec::new();
        // The line of the last comment, if the last text is one.
        let mut comment = None;
        let (mut rest, mut line) = (source, 1);
        while !rest.is_empty() {
            let token = token(rest);
            if let Some(text) = token.strip_prefix("//") {
                let text = text.trim_start_matches(['/', '!']);
                match texts.last_mut() {
                    Some(last) if comment == Some(line - 1) => text
                        .split_whitespace()
                        .for_each(|word| last.push(&word.to_lowercase(), line)),
                    _ => texts.push(Text::new(text, line)),
                }
                comment = Some(line);
            } else if token.len() > 1 && token.ends_with(['"', '#']) {
                texts.push(Text::new(&token.replace("\\\n", "\n"), line));
                comment = None;
            }
            line += token.matches('\n').count();
            rest = &rest[token.len()..];
        }
        texts
    }
}

/// The comment, string or character with which Rust's source begins; otherwise one character.
fn token(source: &str) -> &str {
    let end = if source.starts_with("//") {
        source.find('\n')
    } else if let Some(raw) = source.strip_prefix("r#\"") {
        raw.find("\"#").map(|at| at + "r#\"\"#".len())
    } else if source.starts_with('"') {
        end_of_string(source)
    } else if let Some(escaped) = source.strip_prefix("'\\") {
        // The character after the backslash may be a quote.
        escaped
            .char_indices()
            .nth(1)
            .and_then(|(at, _)| escaped[at..].find('\'').map(|end| "'\\".len() + at + end + 1))
    } else if source.starts_with('\'') {
        // Without the closing quote, it is a lifetime.
        source
            .char_indices()
            .nth(2)
            .filter(|(_, c)| *c == '\'')
            .map(|(at, _)| at + 1)
    } else {
        None
    };
    let one = source.chars().next().map_or(0, char::len_utf8);
    &source[..end.unwrap_or(if source.starts_with("//") { source.len() } else { one })]
}

/// Where a string ends that begins at the beginning.
fn end_of_string(source: &str) -> Option<usize> {
    let mut is_escaped = false;
    for (at, c) in source.char_indices().skip(1) {
        if c == '"' && !is_escaped {
            return Some(at + 1);
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    None
}
