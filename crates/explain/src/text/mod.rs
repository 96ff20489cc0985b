//! The explanation as text for a terminal.

pub mod diff;
mod shown;
pub mod table;

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use crate::answer::Verdict;
use crate::cluster::ObjectExplanation;
use crate::input::Report;

/// No style.
pub const PLAIN: Style = Style::new();
/// The style of headings.
pub const BOLD: Style = Style::new().bold();
/// The style of what breaks, or is rejected.
pub const RED: Style = AnsiColor::Red.on_default();
/// The style of what someone should look at.
pub const YELLOW: Style = AnsiColor::Yellow.on_default();
/// The style of what is new.
pub const GREEN: Style = AnsiColor::Green.on_default();

/// A space at which no line breaks, while text is laid out.
const NO_BREAK: &str = "\u{a0}";

/// How wide text is for a pipe.
pub const DEFAULT_WIDTH: usize = 80;

/// How text is laid out. It always has escape codes for colours, which the writer takes out where they are not wanted.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Columns.
    pub width: usize,
    /// Whether characters outside of ASCII may be used.
    pub unicode: bool,
    /// Whether long values are written whole.
    pub verbose: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Layout {
            width: DEFAULT_WIDTH,
            unicode: true,
            verbose: false,
        }
    }
}

impl Layout {
    /// The layout of the terminal that the environment describes. `width` is the terminal's; `None` for a pipe.
    pub fn of_environment(width: Option<usize>, verbose: bool) -> Self {
        let variables = ["LC_ALL", "LC_CTYPE", "LANG"];
        let locale = variables
            .iter()
            .filter_map(|name| std::env::var(name).ok())
            .find(|value| !value.is_empty());
        let encoding = locale.unwrap_or_default().to_ascii_uppercase();
        Layout {
            width: width.unwrap_or(DEFAULT_WIDTH).max(40),
            unicode: encoding.contains("UTF-8") || encoding.contains("UTF8"),
            verbose,
        }
    }

    /// Replaces what is not to be used.
    pub fn finish(self, text: String) -> String {
        if self.unicode {
            text
        } else {
            text.replace('…', "...").replace('→', "->")
        }
    }

    /// The lines of a text after an indent of that many columns. Values are never broken.
    pub fn wrap(self, text: &str, indent: usize) -> Vec<String> {
        let options = textwrap::Options::new(self.width.saturating_sub(indent).max(20))
            .break_words(false)
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .word_splitter(textwrap::WordSplitter::NoHyphenation)
            .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit);
        textwrap::wrap(text, options)
            .into_iter()
            .map(|line| line.replace(NO_BREAK, " "))
            .collect()
    }
}

/// An object's block: what it is, what becomes of it and why, and what changes.
pub fn object(explained: &ObjectExplanation, layout: Layout) -> String {
    let mut text = String::new();
    let style = if explained.verdict == Verdict::Rejected {
        RED
    } else {
        PLAIN
    };
    let word = explained.verdict.word();
    styled(
        &mut text,
        &[(BOLD, &format!("{}:", explained.object)), (PLAIN, " "), (style, word)],
    );
    facts(&mut text, explained, layout);
    let is_shown = explained.verdict == Verdict::Changed || layout.verbose;
    if is_shown && !explained.containers.is_empty() {
        line(&mut text, "");
        table::write(&mut text, explained, layout);
    }
    for warning in &explained.warnings {
        let label = [(PLAIN, "  "), (YELLOW, "warning:"), (PLAIN, " ")];
        hanging(&mut text, &label, 11, &[warning], layout);
    }
    if let Some(change) = &explained.change {
        line(&mut text, "");
        diff::write(&mut text, explained, change, layout);
    }
    layout.finish(text)
}

/// The blocks of all objects, and the summary.
pub fn report(report: &Report, layout: Layout) -> String {
    let mut text = String::new();
    let mut summary = Summary::default();
    for explained in &report.objects {
        summary.add(explained);
        text += &object(explained, layout);
        line(&mut text, "");
    }
    let style = if summary.rejected > 0 { RED } else { PLAIN };
    styled(&mut text, &[(style, &summary.to_string())]);
    text
}

/// The lines between the header and the table.
fn facts(text: &mut String, explained: &ObjectExplanation, layout: Layout) {
    if let Some(sent) = sent(explained) {
        fact(text, "sent", &sent, layout);
    }
    if let Some(profile) = explained
        .profile
        .as_ref()
        .filter(|_| explained.verdict == Verdict::Changed)
    {
        let shown = match &profile.name {
            None => "none: the top-level settings".to_owned(),
            Some(name) => format!("{name} ({})", profile.because),
        };
        fact(text, "profile", &[shown], layout);
    }
    if let Some(reason) = &explained.reason {
        let lines: Vec<String> = [reason].into_iter().chain(&explained.detail).cloned().collect();
        fact(text, "why", &lines, layout);
    }
}

/// Whether it is sent, where that depends on something.
fn sent(explained: &ObjectExplanation) -> Option<Vec<String>> {
    let word = if explained.sent { "yes" } else { "no" };
    let mut lines = Vec::new();
    if !explained.unless.is_empty() {
        lines.push(format!("{word}, unless {}", explained.unless.join(", or ")));
    }
    if let Some(option) = &explained.option {
        let option = option.replace(' ', NO_BREAK);
        lines.push(format!("its labels are not in the input; give them: {option}"));
    }
    // What was assumed about labels, the lines above say.
    let others = explained
        .assumed
        .iter()
        .filter(|assumed| !assumed.starts_with("namespace "));
    for assumed in others {
        let start = if lines.is_empty() {
            format!("{word}, if ")
        } else {
            "and if ".to_owned()
        };
        lines.push(start + assumed);
    }
    (!lines.is_empty()).then_some(lines)
}

fn fact(text: &mut String, name: &str, lines: &[String], layout: Layout) {
    let lines: Vec<&String> = lines.iter().collect();
    hanging(text, &[(PLAIN, &format!("  {name:<9}"))], 11, &lines, layout);
}

/// Lines after a label that is `indent` columns wide.
fn hanging(text: &mut String, label: &[Span], indent: usize, lines: &[&String], layout: Layout) {
    let margin = " ".repeat(indent);
    let wrapped = lines.iter().flat_map(|line| layout.wrap(line, indent));
    for (index, wrapped) in wrapped.enumerate() {
        let label = if index == 0 { label } else { &[(PLAIN, &*margin)] };
        styled(text, &[label, &[(PLAIN, &wrapped)]].concat());
    }
}

/// Adds a line, without white space at its end. It stays one line, read from left to right, for any names in it.
pub fn line(text: &mut String, line: &str) {
    styled(text, &[(PLAIN, line)]);
}

/// A part of a line, and its style.
pub type Span<'s> = (Style, &'s str);

/// Adds a line as [`line()`] does, of parts with styles. Only the styles give it escape codes: those of names in it are replaced.
pub fn styled(text: &mut String, spans: &[Span]) {
    let misleads = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut line = String::new();
    for (style, span) in spans {
        // Writing to a string does not fail.
        let _ = write!(line, "{style}{}{style:#}", span.replace(misleads, "\u{fffd}"));
    }
    let _ = writeln!(text, "{}", line.trim_end());
}

/// How many objects there were of each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub changed: usize,
    pub unchanged: usize,
    pub rejected: usize,
    pub not_sent: usize,
    pub warnings: usize,
}

impl Summary {
    pub fn add(&mut self, explained: &ObjectExplanation) {
        *match explained.verdict {
            Verdict::Changed => &mut self.changed,
            Verdict::Unchanged => &mut self.unchanged,
            Verdict::Rejected => &mut self.rejected,
            Verdict::NotSent => &mut self.not_sent,
        } += 1;
        self.warnings += explained.warnings.len();
    }
}

/// `2 objects: 1 changed, 0 unchanged, 0 rejected, 1 not sent`: always the four words, in this order.
impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Summary {
            changed,
            unchanged,
            rejected,
            not_sent,
            warnings,
        } = self;
        let objects = counted(changed + unchanged + rejected + not_sent, "object");
        write!(
            f,
            "{objects}: {changed} changed, {unchanged} unchanged, {rejected} rejected, {not_sent} not sent"
        )?;
        if *warnings > 0 {
            write!(f, "; {}", counted(*warnings, "warning"))?;
        }
        Ok(())
    }
}

/// `1 pod`, `2 pods`
pub fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests;
