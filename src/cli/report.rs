//! What came of the tests beside one mapping: for people, and for programs.

use super::{coverage::Coverage, difference::Difference};
use crate::diagnostic::Place;
use serde_json::{Value, json};
use std::fmt;

/// Differences of one test that are shown.
const DIFFERENCES: usize = 10;

/// Of one test file.
#[derive(Debug)]
pub struct Report {
    /// The test file.
    pub file: String,
    /// In file order.
    pub tests: Vec<Tested>,
    /// What of the mapping they exercise.
    pub coverage: Coverage,
}

/// One test.
#[derive(Debug)]
pub struct Tested {
    /// What it shows.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// None is a test that passes.
    pub differences: Vec<Difference>,
    /// What `--update` made of one that fails.
    pub renewal: Renewal,
}

/// What `--update` makes of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// Nothing was asked for, or there is nothing to rewrite.
    None,
    /// What it expects was rewritten.
    Rewritten,
    /// A response that came of other calls is not what a test should expect.
    CallsDiffer,
}

/// How tests ended.
#[derive(Debug, Default)]
pub struct Counts {
    passed: usize,
    rewritten: usize,
    /// Those that are not as written, and were not rewritten.
    pub failed: usize,
    /// Lines of mappings that no test exercises, where that is demanded.
    pub uncovered: usize,
}

impl Report {
    /// For programs.
    pub fn to_json(&self) -> Value {
        let tests = self.tests.iter().map(|test| {
            json!({
                "name": test.name,
                "place": test.place.to_string(),
                "outcome": test.outcome(),
                "differences": test.differences.iter().map(Difference::to_json).collect::<Vec<_>>(),
            })
        });
        json!({
            "file": self.file,
            "tests": tests.collect::<Vec<_>>(),
            "coverage": self.coverage.to_json(),
        })
    }
}

impl Tested {
    /// In one word.
    fn outcome(&self) -> &'static str {
        match self.renewal {
            _ if self.differences.is_empty() => "passed",
            Renewal::Rewritten => "rewritten",
            Renewal::None | Renewal::CallsDiffer => "failed",
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.file)?;
        self.tests.iter().try_for_each(|test| write!(f, "{test}"))?;
        write!(f, "{}", indented(&self.coverage, 2))
    }
}

impl fmt::Display for Tested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.differences.is_empty() {
            return writeln!(f, "  ok    {}", self.name);
        }
        writeln!(f, "  FAIL  {}", self.name)?;
        for difference in self.differences.iter().take(DIFFERENCES) {
            writeln!(f, "{}", indented(difference, 8))?;
        }
        match self.differences.len().saturating_sub(DIFFERENCES) {
            0 => {}
            more => writeln!(f, "        and {more} more")?,
        }
        match self.renewal {
            Renewal::None => Ok(()),
            Renewal::Rewritten => writeln!(f, "        rewritten"),
            Renewal::CallsDiffer => writeln!(f, "        not rewritten: its calls differ"),
        }
    }
}

fn indented(text: &impl fmt::Display, by: usize) -> String {
    let lines = text.to_string();
    let lines = lines.lines().map(|line| format!("{:by$}{line}", ""));
    lines.collect::<Vec<_>>().join("\n")
}

impl Counts {
    /// Adds a file's; `demanded` is whether everything must be exercised.
    pub fn add(&mut self, report: &Report, demanded: bool) {
        for test in &report.tests {
            match test.outcome() {
                "passed" => self.passed += 1,
                "rewritten" => self.rewritten += 1,
                _ => self.failed += 1,
            }
        }
        if demanded {
            self.uncovered += report.coverage.missing();
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, ", self.passed)?;
        if self.rewritten > 0 {
            write!(f, "{} rewritten, ", self.rewritten)?;
        }
        write!(f, "{} failed", self.failed)?;
        match self.uncovered {
            0 => Ok(()),
            lines => write!(f, ", {lines} never exercised"),
        }
    }
}
