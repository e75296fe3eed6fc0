//! `test`: the exchanges written beside a mapping, run by the production engine over a Script.

use super::{
    COULD_NOT_RUN, DONE, FINDINGS, TESTS_FAILED,
    compare::{self, Difference},
    could_not_run,
    exchange::{self, Exchange, File, WrittenCall},
    runtime, say,
};
use crate::{
    diagnostic::{Diagnostic, render_human},
    gateway::{Live, rehearsal},
    mapping::{self, plan::Plan},
    upstream::script::{Expected, Script},
};
use serde_json::{Map, Value};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

/// What `test` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Mappings; `x.yaml` is tested by `x.test.yaml` beside it. Left out: those in `mappings/`
    mappings: Vec<PathBuf>,
    /// Rewrite the expected responses of failing tests as they are now; read the change before you
    /// keep it
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
    let (mut passed, mut failed, mut worst) = (0, 0, DONE);
    for path in &mappings {
        match runtime.block_on(mapping_tests(path, arguments.update)) {
            Ok((ok, wrong)) => {
                passed += ok;
                failed += wrong;
            }
            Err(Trouble::Findings(findings)) => {
                let source = |file: &str| std::fs::read_to_string(file).ok();
                eprintln!("{}", render_human(&findings, source));
                worst = worst.max(FINDINGS);
            }
            Err(Trouble::Circumstance(why)) => {
                eprintln!("scimshim: {why}");
                worst = worst.max(COULD_NOT_RUN);
            }
        }
    }
    say(format!("{passed} passed, {failed} failed"));
    ExitCode::from(if failed > 0 { TESTS_FAILED } else { worst })
}

enum Trouble {
    Findings(Vec<Diagnostic>),
    Circumstance(String),
}

/// `x.test.yaml` beside `x.yaml`.
fn beside(mapping: &Path) -> PathBuf {
    mapping.with_extension("test.yaml")
}

async fn mapping_tests(path: &Path, update: bool) -> Result<(usize, usize), Trouble> {
    let tests = beside(path);
    say(tests.display());
    let text = |path: &Path| {
        std::fs::read_to_string(path)
            .map_err(|error| Trouble::Circumstance(format!("{}: {error}", path.display())))
    };
    let loaded = mapping::load(&path.display().to_string(), &text(path)?);
    let Some(plan) = loaded.plan else { return Err(Trouble::Findings(loaded.findings)) };
    let plan = Arc::new(plan);
    let name = tests.display().to_string();
    let source = text(&tests)?;
    let file = exchange::read(&name, &source).map_err(Trouble::Findings)?;
    let (mut passed, mut failed) = (0, 0);
    let mut renewed = super::update::Renewed::default();
    for exchange in &file.exchanges {
        let outcome = one(&plan, &file, exchange).await;
        if outcome.differences.is_empty() {
            say(format!("  ok    {}", exchange.name));
            passed += 1;
            continue;
        }
        say(format!("  FAIL  {}", exchange.name));
        for difference in &outcome.differences {
            say(format!("        {}: {}", difference.place, difference.message));
        }
        renewed.note(exchange, &outcome.wire);
        failed += 1;
    }
    if update && let Some(text) = renewed.text(&source) {
        std::fs::write(&tests, text)
            .map_err(|error| Trouble::Circumstance(format!("{name}: {error}")))?;
        say(format!("  {name} was rewritten; read the change before you keep it"));
    }
    Ok((passed, failed))
}

/// What came of one exchange.
struct Outcome {
    differences: Vec<Difference>,
    wire: crate::scim::encode::Wire,
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
    let (wire, _) = rehearsal::rehearse(live, &exchange.request, file.now).await;
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
    differences.extend(compare::response(&exchange.response, &wire));
    Outcome { differences, wire }
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
