//! `explain`: the vendor calls that a SCIM request would cause, before anything is sent; or the
//! whole plan in words.

use super::{DONE, FINDINGS, could_not_run, exchange, runtime, say};
use crate::{
    diagnostic::{Diagnostic, render_human},
    gateway::{Live, rehearsal},
    mapping::{self, explain, plan::Plan},
    secret::Reference,
    upstream::{
        Answer, Call, Client, Error, Upstream,
        call::Pending,
        curl::curl,
        error::Kind,
        script::{Expected, Script},
        settings::Settings,
    },
};
use http::Method;
use serde_json::{Map, Value};
use std::{
    io::Read,
    path::PathBuf,
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
    /// A request with the answers to its reads, as in `x.test.yaml`; `-` reads stdin. Left out: the
    /// whole plan in words
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,
    /// Ask the vendor itself, GETs only; writes are shown and not sent. The file's `tenant:` says
    /// who we are: `{ env: NAME }`, `{ file: PATH }` or a value
    #[arg(long, requires = "request")]
    live_reads: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> ExitCode {
    let name = arguments.mapping.display().to_string();
    let text = match std::fs::read_to_string(&arguments.mapping) {
        Ok(text) => text,
        Err(error) => return could_not_run(format!("{name}: {error}")),
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
    let file = match exchange::read(&name, &text) {
        Ok(file) => file,
        Err(findings) => return refused(&findings),
    };
    let runtime = match runtime(1) {
        Ok(runtime) => runtime,
        Err(error) => return could_not_run(format!("cannot start: {error}")),
    };
    match runtime.block_on(requests(plan, &file, arguments.live_reads)) {
        Ok(()) => ExitCode::from(DONE),
        Err(why) => could_not_run(why),
    }
}

fn refused(findings: &[Diagnostic]) -> ExitCode {
    eprintln!("{}", render_human(findings, |file| std::fs::read_to_string(file).ok()));
    ExitCode::from(FINDINGS)
}

fn written(file: &PathBuf) -> Result<(String, String), String> {
    if file.as_os_str() == "-" {
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text);
        read.map_err(|error| format!("stdin cannot be read: {error}"))?;
        return Ok(("stdin".to_owned(), text));
    }
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|error| format!("{name}: {error}"))?;
    Ok((name, text))
}

/// Every request of the file, with the calls that it causes.
async fn requests(plan: Plan, file: &exchange::File, live_reads: bool) -> Result<(), String> {
    let plan = Arc::new(plan);
    for exchange in &file.exchanges {
        let mut given = file.tenant.clone();
        given.extend(exchange.tenant.clone());
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
        let shown = Arc::new(Shown { world, settings, live_reads, stopped: Mutex::default() });
        say(format!("{} {}", exchange.request.method, exchange.request.address));
        let live = Live {
            plan: Arc::clone(&plan),
            upstream: Arc::clone(&shown) as Arc<dyn Upstream>,
            variables: Arc::new(variables),
            profile: exchange.client,
            generation: 1,
        };
        let (wire, _) = rehearsal::rehearse(live, &exchange.request, file.now).await;
        if shown.stopped() {
            say("  what follows depends on that answer, which is not given\n");
            continue;
        }
        say(format!("  -> {}", wire.status));
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
                    return Err(format!("tenant `{}` is missing in the file", variable.name));
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

/// An Upstream that shows each call before it goes on, and stops where an answer is not known.
struct Shown {
    world: Arc<dyn Upstream>,
    settings: Settings,
    live_reads: bool,
    // A std mutex: set and read, never held across an await.
    stopped: Mutex<bool>,
}

impl Shown {
    fn stopped(&self) -> bool {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stop(&self) {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }

    async fn ask(&self, call: &Call, deadline: Instant) -> Result<Answer, Error> {
        if !self.stopped() {
            say(format!("  {}", curl(call, &self.settings.base_url, &self.settings.auth)));
            say(format!("     {} at {}", call.name, call.place));
        }
        if self.live_reads && call.method != Method::GET {
            self.stop();
            let message = "a write is shown and not sent".to_owned();
            return Err(Error { kind: Kind::Invalid, message });
        }
        let answer = self.world.call(call, 1, deadline).await;
        if !self.live_reads && answer.as_ref().is_err_and(|error| error.kind == Kind::Invalid) {
            self.stop();
        }
        answer
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
