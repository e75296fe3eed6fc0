//! `explain`: the vendor calls that a SCIM request would cause, before anything is sent; or the
//! whole plan in words.

use super::{
    DONE, FINDINGS, could_not_run, exchange, runtime, say,
    source::{self, Unread},
};
use crate::{
    diagnostic::{Diagnostic, nearest, render_human},
    gateway::{Live, rehearsal},
    mapping::{
        self, explain,
        plan::{Plan, Variable, VariableKind},
    },
    secret::Reference,
    upstream::{
        Answer, Call, Client, Error, Upstream,
        call::Pending,
        curl::curl,
        error::Kind,
        record::Locator,
        script::{Expected, Script},
        settings::Settings,
    },
    yaml,
};
use http::{HeaderName, HeaderValue, Method};
use serde_json::{Map, Value};
use std::{
    io::Read,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// What `explain` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The mapping
    mapping: PathBuf,
    /// A request (`PATCH /Users/5: body`), or requests with the answers to their calls as in
    /// `x.test.yaml`; `-` reads stdin. Left out: the whole plan in words
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,
    /// Ask the vendor itself, GETs only; writes are shown and not sent. The file's `tenant:` says
    /// who we are: `{ env: NAME }`, `{ file: PATH }` or a value
    #[arg(long, requires = "request")]
    live_reads: bool,
    /// A variable of the tenant's, over the file's: `key=abc`, or a secret by its place,
    /// `key={ env: NAME }`
    #[arg(long = "var", value_name = "NAME=VALUE", requires = "request")]
    variables: Vec<String>,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> ExitCode {
    let name = arguments.mapping.display().to_string();
    let text = match source::text(&arguments.mapping) {
        Ok(text) => text,
        Err(Unread::Circumstance(why)) => return could_not_run(why),
        Err(Unread::Finding(finding)) => return refused(&[*finding]),
    };
    let loaded = mapping::load(&name, &text);
    let Some(plan) = loaded.plan else { return refused(&loaded.findings) };
    let Some(file) = &arguments.request else {
        say(explain::plan(&plan));
        return ExitCode::from(DONE);
    };
    let (name, text) = match written(file) {
        Ok(read) => read,
        Err(why) => return could_not_run(why),
    };
    let file = match exchange::read_request(&name, &text) {
        Ok(file) => file,
        Err(findings) => return refused(&findings),
    };
    let said = match said(&plan, &arguments.variables) {
        Ok(said) => said,
        Err(why) => return could_not_run(why),
    };
    let runtime = match runtime(1) {
        Ok(runtime) => runtime,
        Err(error) => return could_not_run(format!("cannot start: {error}")),
    };
    match runtime.block_on(requests(plan, &file, &said, arguments.live_reads)) {
        Ok(()) => ExitCode::from(DONE),
        Err(why) => could_not_run(why),
    }
}

fn refused(findings: &[Diagnostic]) -> ExitCode {
    eprintln!("{}", render_human(findings, |file| std::fs::read_to_string(file).ok()));
    ExitCode::from(FINDINGS)
}

fn written(file: &Path) -> Result<(String, String), String> {
    if file.as_os_str() == "-" {
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text);
        read.map_err(|error| format!("stdin cannot be read: {error}"))?;
        return Ok(("stdin".to_owned(), text));
    }
    let name = file.display().to_string();
    match source::text(file) {
        Ok(text) => Ok((name, text)),
        Err(Unread::Circumstance(why)) => Err(why),
        Err(Unread::Finding(finding)) => Err(finding.to_string()),
    }
}

/// Every request of the file, with the calls that it causes.
async fn requests(
    plan: Plan,
    file: &exchange::File,
    said: &Map<String, Value>,
    live_reads: bool,
) -> Result<(), String> {
    let plan = Arc::new(plan);
    for exchange in &file.exchanges {
        let mut given = file.tenant.clone();
        given.extend(exchange.tenant.clone());
        given.extend(said.clone());
        let variables = supplied(&plan, &given, live_reads)?;
        let settings = plan.settings(&variables)?;
        let script = Script::new(
            exchange
                .calls
                .iter()
                .map(|call| Expected {
                    method: call.method.clone(),
                    path: call.path.clone(),
                    query: call.query.clone(),
                    answer: call.answer.clone(),
                    times: call.times,
                })
                .collect(),
        );
        let world: Arc<dyn Upstream> = match live_reads {
            false => Arc::new(script),
            true => {
                let client = Client::new("explain", settings.clone(), Arc::default());
                Arc::new(client.map_err(|error| error.message)?)
            }
        };
        let shown = Arc::new(Shown {
            world,
            plan: Arc::clone(&plan),
            secrets: secrets(&plan, &variables),
            settings,
            live_reads,
            state: Mutex::default(),
        });
        say(format!("{} {}", exchange.request.method, exchange.request.address));
        let live = Live {
            plan: Arc::clone(&plan),
            upstream: Arc::clone(&shown) as Arc<dyn Upstream>,
            variables: Arc::new(variables),
            profile: exchange.client,
            generation: 1,
        };
        let rows = exchange.rows(&plan, file.now);
        let wire = rehearsal::rehearse(live, rows, &exchange.request, file.now).await.wire;
        match shown.state() {
            State { stopped: true, .. } => {
                say("  what follows depends on that answer, which is not given");
                say(match live_reads {
                    true => "  no write is sent: give its answer under `calls:` in a test file\n",
                    false => {
                        "  give it under `calls:` in a test file, or ask for it with `--live-reads`\n"
                    }
                });
                continue;
            }
            State { assumed: true, .. } => {
                say(
                    "  the response is what the vendor then has, and those answers are not given\n",
                );
                continue;
            }
            _ => {}
        }
        say(format!("  -> {}", wire.status));
        if wire.status >= 500 {
            say("     this request fails: the mapping or the answers do not fit, see the detail");
        }
        if let Some(body) = &wire.body {
            say(format!("     {body}"));
        }
        say("");
    }
    Ok(())
}

/// The tenant's variables. Without live reads a missing secret is a placeholder, never a demand.
fn supplied(plan: &Plan, given: &Map<String, Value>, live: bool) -> Result<Value, String> {
    let mut values = Map::new();
    for variable in &plan.variables {
        let value = match given.get(&variable.name) {
            Some(reference @ Value::Object(_)) if live => {
                let reference = serde_json::from_value::<Reference>(reference.clone());
                let reference =
                    reference.map_err(|error| format!("tenant `{}`: {error}", variable.name))?;
                reference.resolve()?.expose().to_owned().into()
            }
            Some(Value::Object(_)) | None => match &variable.default {
                Some(default) => default.clone(),
                None if live => {
                    return Err(missing(variable));
                }
                None => variable
                    .example
                    .clone()
                    .unwrap_or_else(|| format!("<{}>", variable.name))
                    .into(),
            },
            Some(value) => value.clone(),
        };
        values.insert(variable.name.clone(), value);
    }
    Ok(Value::Object(values))
}

fn missing(variable: &Variable) -> String {
    let name = &variable.name;
    let value = if variable.secret { "{ env: NAME }" } else { "VALUE" };
    format!(
        "tenant variable `{name}` is missing: say `--var '{name}={value}'`, or `tenant:` in the file"
    )
}

/// What `--var` gives, of the kind that the mapping declares.
fn said(plan: &Plan, variables: &[String]) -> Result<Map<String, Value>, String> {
    let mut said = Map::new();
    for variable in variables {
        let Some((name, text)) = variable.split_once('=') else {
            return Err(format!("`--var {variable}`: expected NAME=VALUE"));
        };
        let known = || plan.variables.iter().map(|variable| variable.name.as_str());
        let Some(declared) = plan.variables.iter().find(|variable| variable.name == name) else {
            let help = match nearest(name, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it has {}", known().collect::<Vec<_>>().join(", ")),
            };
            return Err(format!("`--var {name}`: the mapping declares no such variable; {help}"));
        };
        let value = match (text.starts_with('{'), declared.kind) {
            (false, VariableKind::Text) => text.into(),
            // Its text is not repeated: it may be a secret.
            _ => yaml::parse(&"--var".into(), text)
                .map_err(|_| format!("`--var {name}`: the value cannot be read"))?
                .to_json(),
        };
        said.insert(name.to_owned(), value);
    }
    Ok(said)
}

/// The values that must not be shown.
fn secrets(plan: &Plan, variables: &Value) -> Vec<String> {
    let declared = plan.variables.iter().filter(|variable| variable.secret);
    let values = declared.filter_map(|variable| variables.get(&variable.name)?.as_str());
    // A shorter one stands in ordinary words too, and blacking those out hides more than it saves.
    values.filter(|value| value.len() >= 4).map(str::to_owned).collect()
}

/// An Upstream that shows each call before it goes on. A write without an answer is taken to have
/// worked, as far as nothing of its answer is needed; where one is needed it stops.
struct Shown {
    world: Arc<dyn Upstream>,
    plan: Arc<Plan>,
    secrets: Vec<String>,
    settings: Settings,
    live_reads: bool,
    // A std mutex: set and read, never held across an await.
    state: Mutex<State>,
}

/// How far the calls can be foretold.
#[derive(Debug, Clone, Copy, Default)]
struct State {
    /// An answer that is needed is not given.
    stopped: bool,
    /// A write was taken to have worked.
    assumed: bool,
}

impl Shown {
    fn state(&self) -> State {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, change: impl Fn(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }

    async fn ask(&self, call: &Call, deadline: Instant) -> Result<Answer, Error> {
        let state = self.state();
        let write = call.method != Method::GET;
        if !state.stopped && (write || !state.assumed) {
            say(format!("  {}", self.curl(call)));
            say(format!("     {} at {}", call.name, call.place));
        }
        if self.live_reads && (write || state.assumed) {
            return self.unanswered(call);
        }
        let answer = self.world.call(call, 1, deadline).await;
        if !self.live_reads && answer.as_ref().is_err_and(|error| error.kind == Kind::Invalid) {
            return self.unanswered(call);
        }
        answer
    }

    /// What comes of a call that is shown and not answered.
    fn unanswered(&self, call: &Call) -> Result<Answer, Error> {
        let write = call.method != Method::GET;
        if write && let Some(body) = self.taken_for_granted(call) {
            self.note(|state| state.assumed = true);
            return Ok(Answer { status: 200, body, ..Answer::default() });
        }
        // After a write the record is read back: that answer is the response itself.
        self.note(|state| state.stopped |= !state.assumed || write);
        let message = "the answer is not given".to_owned();
        Err(Error { kind: Kind::Invalid, message })
    }

    /// The body of a success of which nothing is needed but that it is one: the record, if the step
    /// wants any, is empty. A step that captures feeds later ones, and nobody can say what with.
    fn taken_for_granted(&self, call: &Call) -> Option<Value> {
        let operations = self.plan.resources.iter().flat_map(|resource| resource.operations.all());
        let step = operations
            .flat_map(|operation| &operation.steps)
            .find(|step| step.place == call.place && step.label == call.name)?;
        if !step.capture.is_empty() {
            return None;
        }
        let mut body = Value::Object(Map::new());
        if let Some(Locator::Field(place)) = &step.record {
            place.set(&mut body, Value::Object(Map::new()));
        }
        Some(body)
    }

    /// The call as it would travel, the upstream's headers with it and no secret.
    fn curl(&self, call: &Call) -> String {
        let mut whole = call.clone();
        for (name, value) in &self.settings.headers {
            if let (Ok(name), Ok(value)) =
                (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str()))
            {
                whole.headers.entry(name).or_insert(value);
            }
        }
        let text = curl(&whole, &self.settings.base_url, &self.settings.auth);
        self.secrets.iter().fold(text, |text, secret| text.replace(secret, "***"))
    }
}

impl Upstream for Shown {
    fn call<'a>(
        &'a self,
        call: &'a Call,
        _attempt: u32,
        deadline: Instant,
    ) -> Pending<'a, Result<Answer, Error>> {
        Box::pin(self.ask(call, deadline))
    }

    fn wait<'a>(&'a self, _duration: Duration) -> Pending<'a, ()> {
        Box::pin(async {})
    }
}
