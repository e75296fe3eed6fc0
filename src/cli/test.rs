//! `test`: the exchanges written beside a mapping, run by the production engine over a Script.

use super::{
    COULD_NOT_RUN, DONE, FINDINGS, TESTS_FAILED,
    call::WrittenCall,
    compare::{self, Difference},
    could_not_run,
    exchange::{self, Exchange, File},
    holding, runtime, say,
    source::{self, Unread},
    suite,
};
use crate::{
    diagnostic::{Diagnostic, Severity, render_human},
    gateway::{Live, rehearsal},
    mapping::{self, plan::Plan},
    upstream::script::{Expected, Script},
};
use serde_json::{Map, Value};
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
    for path in &mappings {
        match runtime.block_on(mapping_tests(path, arguments.update)) {
            Ok(more) => counts.add(&more),
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
    say(&counts);
    ExitCode::from(if counts.failed > 0 { TESTS_FAILED } else { worst })
}

/// How the tests ended.
#[derive(Debug, Default)]
struct Counts {
    passed: usize,
    rewritten: usize,
    failed: usize,
}

impl Counts {
    fn add(&mut self, more: &Counts) {
        self.passed += more.passed;
        self.rewritten += more.rewritten;
        self.failed += more.failed;
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, ", self.passed)?;
        if self.rewritten > 0 {
            write!(f, "{} rewritten, ", self.rewritten)?;
        }
        write!(f, "{} failed", self.failed)
    }
}

enum Trouble {
    Findings(Vec<Diagnostic>),
    Circumstance(String),
}

/// `x.test.yaml` beside `x.yaml`.
fn beside(mapping: &Path) -> PathBuf {
    mapping.with_extension("test.yaml")
}

async fn mapping_tests(path: &Path, update: bool) -> Result<Counts, Trouble> {
    let tests = beside(path);
    say(tests.display());
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
    let file = exchange::read(&name, &written).map_err(Trouble::Findings)?;
    let findings = suite::findings(&file, &plan, path);
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(Trouble::Findings(findings));
    }
    findings.iter().for_each(|finding| eprintln!("{finding}"));
    let (mut counts, mut noted) = (Counts::default(), 0);
    let mut called = BTreeSet::new();
    let mut renewed = super::update::Renewed::of(&name, &written);
    for exchange in &file.exchanges {
        let outcome = one(&plan, &file, exchange).await;
        called.extend(outcome.called.iter().cloned());
        if outcome.differences.is_empty() {
            say(format!("  ok    {}", exchange.name));
            counts.passed += 1;
            continue;
        }
        say(format!("  FAIL  {}", exchange.name));
        for difference in &outcome.differences {
            say(format!("        {}: {}", difference.place, difference.message));
        }
        // A response that came of the wrong calls is not what the test should expect.
        if outcome.calls_differ {
            if update {
                say("        not rewritten: its calls differ");
            }
        } else if renewed.note(exchange, &outcome.wire, &outcome.held) {
            noted += 1;
        }
        counts.failed += 1;
    }
    exercised(&plan, &called);
    if update && let Some(text) = renewed.text(&name) {
        std::fs::write(&tests, text)
            .map_err(|error| Trouble::Circumstance(format!("{name}: {error}")))?;
        say(format!("  {name}: {noted} rewritten; read the change before you keep it"));
        counts.failed -= noted;
        counts.rewritten += noted;
    }
    Ok(counts)
}

/// What came of one exchange.
struct Outcome {
    differences: Vec<Difference>,
    /// The vendor was asked otherwise than written.
    calls_differ: bool,
    /// The names of the calls that were made.
    called: Vec<String>,
    wire: crate::scim::encode::Wire,
    /// What the store holds then.
    held: Value,
}

async fn one(plan: &Arc<Plan>, file: &File, exchange: &Exchange) -> Outcome {
    let variables = variables(plan, file, exchange);
    let script = Arc::new(Script::new(exchange.calls.iter().map(expected).collect()));
    let live = Live {
        plan: Arc::clone(plan),
        upstream: Arc::clone(&script) as Arc<dyn crate::upstream::Upstream>,
        variables: Arc::new(Value::Object(variables.clone())),
        profile: exchange.client,
        generation: 1,
    };
    let rows = exchange.rows(plan, file.now);
    let rehearsed = rehearsal::rehearse(live, rows, &exchange.request, file.now).await;
    let (wire, held) = (rehearsed.wire, holding::told(&rehearsed.held));
    let mut differences = Vec::new();
    let settings = plan.settings(&Value::Object(variables)).unwrap_or_default();
    for (call, entry) in script.asked() {
        match entry.and_then(|entry| exchange.calls.get(entry)) {
            Some(written) => differences.extend(compare::call(written, &call, &settings)),
            None => {
                let message = format!(
                    "{} {} was called and is not written here",
                    call.method,
                    address(&call)
                );
                differences.push(Difference { place: exchange.place.clone(), message });
            }
        }
    }
    for entry in script.unused() {
        if let Some(written) = exchange.calls.get(entry) {
            let message = format!("{} {} was not called", written.method, written.path);
            differences.push(Difference { place: written.place.clone(), message });
        }
    }
    let calls_differ = !differences.is_empty();
    // What was called and not written had no answer: the response only says so again.
    let unanswered = script.asked().iter().any(|(_, entry)| entry.is_none());
    if !unanswered {
        differences.extend(compare::response(&exchange.response, &wire));
        let rows = exchange.store_after.iter();
        differences.extend(rows.flat_map(|rows| compare::store(rows, &held)));
    }
    let called = script.asked().into_iter().map(|(call, _)| call.name).collect();
    Outcome { differences, calls_differ, called, wire, held }
}

/// How many of the mapping's calls the tests made (M702).
fn exercised(plan: &Plan, called: &BTreeSet<String>) {
    let operations = plan.resources.iter().flat_map(|resource| resource.operations.all());
    let all: BTreeSet<&str> =
        operations.flat_map(|operation| &operation.steps).map(|step| step.label.as_str()).collect();
    let missing: Vec<&str> = all.iter().copied().filter(|label| !called.contains(*label)).collect();
    let not = match missing.as_slice() {
        [] => String::new(),
        some => format!("; not {}", some.join(", ")),
    };
    say(format!("  {} of {} calls are exercised{not}", all.len() - missing.len(), all.len()));
}

/// The file's variables, the exchange's over them, and the mapping's defaults below.
fn variables(plan: &Plan, file: &File, exchange: &Exchange) -> Map<String, Value> {
    let mut variables: Map<String, Value> = plan
        .variables
        .iter()
        .filter_map(|variable| Some((variable.name.clone(), variable.default.clone()?)))
        .collect();
    variables.extend(file.tenant.clone());
    variables.extend(exchange.tenant.clone());
    variables
}

fn expected(call: &WrittenCall) -> Expected {
    Expected {
        method: call.method.clone(),
        path: call.path.clone(),
        query: call.query.clone(),
        answer: call.answer.clone(),
        times: call.times,
    }
}

fn address(call: &crate::upstream::Call) -> String {
    let query: Vec<String> =
        call.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    if query.is_empty() { call.path.clone() } else { format!("{}?{}", call.path, query.join("&")) }
}
