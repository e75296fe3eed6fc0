//! `test`: the exchanges written beside a mapping, run by the production engine over a Script.

use super::{
    COULD_NOT_RUN, DONE, FINDINGS, TESTS_FAILED, could_not_run,
    coverage::Coverage,
    exchange, outcome,
    report::{Counts, Renewal, Report, Tested},
    runtime, say,
    source::{self, Unread},
    suite,
    update::Renewed,
};
use crate::{
    diagnostic::{Diagnostic, Severity, render_human},
    mapping, yaml,
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

/// What `test` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Mappings; `x.yaml` is tested by `x.test.yaml` beside it. Left out: those in `mappings/`
    mappings: Vec<PathBuf>,
    /// Rewrite the expected responses of failing tests, and what their stores must hold, as they are
    /// now; read the change before you keep it
    #[arg(long)]
    update: bool,
    /// Fail when a rule, an operation, a find, a call or an error row of a mapping is never exercised
    #[arg(long)]
    deny_uncovered: bool,
    /// How outcomes are written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// How outcomes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people, what was expected beside what was found
    Human,
    /// One JSON array, with an object for each mapping
    Json,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> ExitCode {
    let mappings = match super::check::mappings(&arguments.mappings) {
        Ok(mappings) => mappings,
        Err(why) => return could_not_run(why),
    };
    let runtime = match runtime(1) {
        Ok(runtime) => runtime,
        Err(error) => return could_not_run(format!("cannot start: {error}")),
    };
    let (mut counts, mut worst) = (Counts::default(), DONE);
    let mut told = Vec::new();
    for path in &mappings {
        match runtime.block_on(mapping_tests(path, arguments.update)) {
            Ok(report) => {
                counts.add(&report, arguments.deny_uncovered);
                match arguments.format {
                    Format::Human => say(&report),
                    Format::Json => told.push(report.to_json()),
                }
            }
            Err(Trouble::Findings(findings)) => {
                let source = |file: &str| source::text(Path::new(file)).ok();
                eprintln!("{}", render_human(&findings, source));
                worst = worst.max(FINDINGS);
            }
            Err(Trouble::Circumstance(why)) => {
                eprintln!("scimshim: {why}");
                worst = worst.max(COULD_NOT_RUN);
            }
        }
    }
    match arguments.format {
        Format::Human => say(&counts),
        Format::Json => say(Value::Array(told)),
    }
    let failed = counts.failed > 0 || counts.uncovered > 0;
    ExitCode::from(if failed { TESTS_FAILED } else { worst })
}

enum Trouble {
    Findings(Vec<Diagnostic>),
    Circumstance(String),
}

/// `x.test.yaml` beside `x.yaml`.
fn beside(mapping: &Path) -> PathBuf {
    mapping.with_extension("test.yaml")
}

async fn mapping_tests(path: &Path, update: bool) -> Result<Report, Trouble> {
    let tests = beside(path);
    let text = |path: &Path| {
        source::text(path).map_err(|unread| match unread {
            Unread::Circumstance(why) => Trouble::Circumstance(why),
            Unread::Finding(finding) => Trouble::Findings(vec![*finding]),
        })
    };
    let loaded = mapping::load(&path.display().to_string(), &text(path)?);
    let Some(plan) = loaded.plan else { return Err(Trouble::Findings(loaded.findings)) };
    let plan = Arc::new(plan);
    let name = tests.display().to_string();
    if !tests.exists() {
        let why = format!(
            "{name} is not there: write it beside the mapping, as `mappings/README.md` says"
        );
        return Err(Trouble::Circumstance(why));
    }
    let written = text(&tests)?;
    let root = yaml::parse(&name.as_str().into(), &written).map_err(Trouble::Findings)?;
    let file = exchange::read(&name, &written).map_err(Trouble::Findings)?;
    let findings = suite::findings(&file, &plan, path);
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(Trouble::Findings(findings));
    }
    findings.iter().for_each(|finding| eprintln!("{finding}"));

    let (mut ended, mut uses) = (Vec::new(), BTreeSet::new());
    let mut renewed = Renewed::of(&name, &written);
    for exchange in &file.exchanges {
        let outcome = outcome::of(&plan, &file, &root, exchange).await;
        uses.extend(outcome.uses);
        let renewal = match outcome.calls_differ {
            _ if !update || outcome.differences.is_empty() => Renewal::None,
            true => Renewal::CallsDiffer,
            false if renewed.note(exchange, &outcome.wire, &outcome.held) => Renewal::Rewritten,
            false => Renewal::None,
        };
        let (name, place) = (exchange.name.clone(), exchange.place.clone());
        ended.push(Tested { name, place, differences: outcome.differences, renewal });
    }
    if update {
        keep(&mut ended, renewed.text(&name), &tests)?;
    }
    let coverage = Coverage::of(&plan, &uses);
    Ok(Report { file: name, tests: ended, coverage })
}

/// Writes the file anew. Where it could not be read again, nothing was rewritten.
fn keep(tests: &mut [Tested], renewed: Option<String>, file: &Path) -> Result<(), Trouble> {
    let Some(text) = renewed else {
        let rewritten = tests.iter_mut().filter(|test| test.renewal == Renewal::Rewritten);
        rewritten.for_each(|test| test.renewal = Renewal::None);
        return Ok(());
    };
    std::fs::write(file, text)
        .map_err(|error| Trouble::Circumstance(format!("{}: {error}", file.display())))
}
