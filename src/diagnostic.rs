//! One way to say what is wrong in a file, where, and how to mend it.

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};
use serde_json::{Value, json};
use std::{borrow::Cow, fmt, ops::Range, sync::Arc};

/// A stretch of a source file: byte offsets, and the 1-based line and column where it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// 1-based line of `start`.
    pub line: u32,
    /// 1-based column of `start`, in characters.
    pub column: u32,
}

impl Span {
    /// Where a file begins.
    pub const START: Span = Span { start: 0, end: 0, line: 1, column: 1 };

    /// A place `offset` bytes into it, on its first line.
    pub fn within(&self, offset: usize, length: usize) -> Span {
        let start = self.start.saturating_add(offset).min(self.end);
        let moved = u32::try_from(start - self.start).unwrap_or(0);
        Span {
            start,
            end: start.saturating_add(length).min(self.end.max(start)),
            line: self.line,
            column: self.column.saturating_add(moved),
        }
    }
}

/// A span in a named file: what an error at run time points to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The file as the user named it.
    pub file: Arc<str>,
    /// Where in it.
    pub span: Span,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An empty file, or no file at all: a variable of the environment.
        if self.span.line == 0 {
            return f.write_str(&self.file);
        }
        write!(f, "{}:{}:{}", self.file, self.span.line, self.span.column)
    }
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; changes nothing.
    Note,
    /// Legal and unwise; refused with `--deny-warnings`.
    Warning,
    /// The file is refused.
    Error,
}

impl Severity {
    /// The word that people and programs read.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// Stable, never reused: `M201`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Where it stands.
    pub place: Place,
    /// Lower case, no full stop, the user's text in backticks.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A finding that refuses the file.
    pub fn error(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        let message = legible(message.into());
        Self { code, severity: Severity::Error, place, message, help: None }
    }

    /// A finding that `--deny-warnings` refuses.
    pub fn warning(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, place, message) }
    }

    /// Worth knowing.
    pub fn note(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Note, ..Self::error(code, place, message) }
    }

    /// Says how to mend it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}[{}]: {}", self.place, self.severity.word(), self.code, self.message)?;
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

/// Findings with the lines they stand in, and a count at the end. `source` gives a file's text;
/// without it the place alone is shown.
pub fn render_human(findings: &[Diagnostic], source: impl Fn(&str) -> Option<String>) -> String {
    let renderer = Renderer::plain();
    let mut rendered = String::new();
    // Findings of one file stand together: its text is asked for once.
    let mut read: Option<(Arc<str>, Option<String>)> = None;
    for finding in findings.iter().take(MOST) {
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let title = level.primary_title(finding.message.as_str()).id(finding.code);
        let file = finding.place.file.to_string();
        if read.as_ref().is_none_or(|(name, _)| *name != finding.place.file) {
            read = Some((Arc::clone(&finding.place.file), source(&file)));
        }
        let span = finding.place.span;
        let text = read.as_ref().and_then(|(_, text)| text.as_deref());
        let text = text.filter(|_| span.line > 0);
        let text = text.map(|text| match MAY_BE_SECRET.contains(&finding.code) {
            true => blacked_out(text, span).into(),
            false => Cow::Borrowed(text),
        });
        let line = text.as_ref().and_then(|text| first_line(text, span));
        let mut group = match line {
            Some((line, mark)) => {
                let mark = AnnotationKind::Primary.span(mark);
                let snippet = Snippet::source(line).line_start(span.line as usize);
                title.element(snippet.path(file.as_str()).annotation(mark))
            }
            _ if span.line == 0 => title.element(Origin::path(file.as_str())),
            _ => title.element(
                Origin::path(file.as_str())
                    .line(span.line as usize)
                    .char_column(span.column as usize),
            ),
        };
        if let Some(help) = &finding.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        rendered.push_str(&renderer.render(&[group]));
        rendered.push_str("\n\n");
    }
    if findings.len() > MOST {
        rendered.push_str(&format!("... and {} more\n\n", findings.len() - MOST));
    }
    rendered.push_str(&summary(findings));
    rendered
}

/// The line on which a span begins, and the mark in it. No more is shown: what a finding is about begins there,
/// and the rest of a map or of a file of one line tells nobody anything.
fn first_line(text: &str, span: Span) -> Option<(&str, Range<usize>)> {
    let begin = text.get(..span.start)?.rfind('\n').map_or(0, |before| before + 1);
    let rest = text.get(span.start..)?;
    let end = span.start + rest.find(['\n', '\r']).unwrap_or(rest.len());
    // Of the mark, and behind it, as much as fits on a screen.
    let within = |from: usize, to: usize| {
        let mut signs = text.get(from..to).unwrap_or_default().char_indices();
        signs.nth(WIDTH).map_or(to, |(at, _)| from + at)
    };
    let marked = within(span.start, span.end.clamp(span.start, end));
    let shown = within(marked, end);
    Some((text.get(begin..shown)?, span.start - begin..marked - begin))
}

/// Characters that are marked at most, and shown behind a mark.
const WIDTH: usize = 200;

/// A message is read by people: of a text that is no use to them its beginning and end are enough.
fn legible(message: String) -> String {
    let length = message.chars().count();
    if length <= LEGIBLE {
        return message;
    }
    let begin: String = message.chars().take(LEGIBLE / 2).collect();
    let end: String = message.chars().skip(length - LEGIBLE / 2).collect();
    format!("{begin} ... {end}")
}

/// Characters of a message; those that list a dozen attributes have fewer.
const LEGIBLE: usize = 600;

/// A secret in the open, or a value in a wrong place, which may be one.
const MAY_BE_SECRET: [&str; 3] = ["C002", "C022", "M110"];

/// The text with what follows a key blacked out on its line, and all of it where `span` is no key: the
/// report goes where logs go. Byte for byte, so that places stay.
fn blacked_out(text: &str, span: Span) -> String {
    let line_end = |from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        from + rest.find('\n').unwrap_or(rest.len())
    };
    let key = text.get(span.end..).is_some_and(|rest| rest.starts_with(':'));
    let (from, to) = match key {
        true => (span.end + 1, line_end(span.end)),
        false => (span.start, line_end(span.end)),
    };
    let (Some(before), Some(hidden), Some(after)) =
        (text.get(..from), text.get(from..to), text.get(to..))
    else {
        return String::new();
    };
    let black = |c: char| if c.is_whitespace() { c.into() } else { "*".repeat(c.len_utf8()) };
    format!("{before}{}{after}", hidden.chars().map(black).collect::<String>())
}

/// Who has a hundred things to mend does not read a hundred and first.
const MOST: usize = 100;

/// `2 errors, 1 warning`
pub fn summary(findings: &[Diagnostic]) -> String {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let said = |count: usize, word: &str| match count {
        1 => format!("1 {word}"),
        count => format!("{count} {word}s"),
    };
    let mut all = format!(
        "{}, {}",
        said(count(Severity::Error), "error"),
        said(count(Severity::Warning), "warning")
    );
    if findings.iter().any(|finding| finding.severity == Severity::Note) {
        all.push_str(&format!(", {}", said(count(Severity::Note), "note")));
    }
    all
}

/// Findings for programs: `[{code, severity, file, line, column, message, help}]`.
pub fn render_json(findings: &[Diagnostic]) -> Value {
    findings
        .iter()
        .map(|finding| {
            json!({
                "code": finding.code,
                "severity": finding.severity.word(),
                "file": &*finding.place.file,
                "line": finding.place.span.line,
                "column": finding.place.span.column,
                "message": finding.message,
                "help": finding.help,
            })
        })
        .collect()
}

/// The remedy for a word that is nearly a known one.
pub fn did_you_mean(known: &str) -> String {
    format!("did you mean `{known}`?")
}

/// Distances are computed in quadratic time; no name of a person's is longer than this.
const LONGEST: usize = 64;

/// "did you mean": the candidate that differs least without case, if it is near enough to be meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    if lower.len() > LONGEST {
        return None;
    }
    let bound = lower.len().div_ceil(3).clamp(1, 3);
    candidates
        .into_iter()
        .map(|candidate| (distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= bound)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many bytes must be put in, taken out, changed or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut left_of_x = None;
    for (row, x) in a.bytes().enumerate() {
        let mut line = vec![row + 1];
        let mut left_of_y = None;
        let (mut corner, mut left) = (row, row + 1);
        for (column, y) in b.bytes().enumerate() {
            let above = last.get(column + 1).copied().unwrap_or(usize::MAX - 1);
            let mut best = (corner + usize::from(x != y)).min(left + 1).min(above + 1);
            if left_of_x == Some(y) && left_of_y == Some(x) {
                let swapped = column.checked_sub(1).and_then(|at| before.get(at));
                best = best.min(swapped.map_or(best, |swapped| swapped + 1));
            }
            line.push(best);
            (corner, left, left_of_y) = (above, best, Some(y));
        }
        before = std::mem::replace(&mut last, line);
        left_of_x = Some(x);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_is_near_enough_to_be_meant() {
        let names = ["userName", "displayName", "active"];
        assert_eq!(nearest("usrName", names), Some("userName"));
        assert_eq!(nearest("username", names), Some("userName"));
        assert_eq!(nearest("activ", names), Some("active"));
        assert_eq!(nearest("acitve", names), Some("active"));
        assert_eq!(nearest("zzz", names), None);
        assert_eq!(nearest("", names), None);
    }

    #[test]
    fn distances_count_swapped_neighbours_once() {
        for (one, other, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("kitten", "sitting", 3),
            ("emial", "email", 1),
            ("a", "a", 0),
        ] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
            assert_eq!(distance(other, one), expected, "{other} {one}");
        }
    }

    #[test]
    fn what_may_be_a_secret_is_blacked_out() {
        let text = "a: 1\ntoken: hunter2 # s\u{e4}\nb: 2\n";
        let key = Span { start: 5, end: 10, line: 2, column: 1 };
        let value = Span { start: 12, end: 19, line: 2, column: 8 };
        for (code, span, shown, hidden) in [
            ("C022", key, "token: *******", true),
            ("C002", value, "token: *******", true),
            ("M110", value, "token: *******", true),
            ("M101", key, "token: hunter2", false),
        ] {
            let place = Place { file: "m.yaml".into(), span };
            let finding = Diagnostic::error(code, place, "wrong");
            let told = render_human(&[finding], |_| Some(text.to_owned()));
            assert!(told.contains(shown), "{told}");
            assert_eq!(!told.contains("hunter2"), hidden, "{told}");
        }
    }

    #[test]
    fn a_finding_shows_its_line_and_how_to_mend_it() {
        let text = "a: 1\nvendr: x\n";
        let place =
            Place { file: "m.yaml".into(), span: Span { start: 5, end: 10, line: 2, column: 1 } };
        let finding =
            Diagnostic::error("M101", place, "unknown key `vendr`").help("did you mean `vendor`?");
        let shown = render_human(std::slice::from_ref(&finding), |_| Some(text.to_owned()));
        for part in [
            "error[M101]: unknown key `vendr`",
            "m.yaml:2:1",
            "vendr: x",
            "^^^^^",
            "did you mean `vendor`?",
            "1 error, 0 warnings",
        ] {
            assert!(shown.contains(part), "{part} is not in\n{shown}");
        }
        assert_eq!(render_json(&[finding])[0]["line"], 2);
    }
}
