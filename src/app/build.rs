//! Builds what a tenant runs on: mapping, variables and vendor become one [`Live`], or findings.

use super::{
    callers,
    source::{Source, finding},
    tenant::Tenant,
    variables::{self, Given, Variables},
};
use crate::{
    diagnostic::{Diagnostic, Place},
    gateway::{Live, withheld::Withheld},
    mapping::{
        self,
        expr::{Name, Scope},
        plan::Plan,
    },
    metrics::Metrics,
    scim::profile::Profile,
    server::settings::Digest,
    upstream::{Upstream, client::Client, reach, request::Travel, settings::Settings},
    yaml::file::{self, Unread},
};
use serde_json::{Map, Value};
use std::{path::Path, sync::Arc};

/// What was built, with the findings that do not stand in its way; or those that do.
pub type Built = Result<(Live, Vec<Diagnostic>), Vec<Diagnostic>>;

/// The tenant `name` as its files say now. `source` finds places in the configuration; `stored` says
/// that it names a store. What runs `before` hands on what it knows of the vendor: its limits, and a
/// refresh token that took the configured one's place.
pub fn live(
    name: &str,
    tenant: &Tenant,
    source: &Source,
    metrics: &Arc<Metrics>,
    stored: bool,
    before: Option<&Live>,
) -> Built {
    let Checked { plan, text, findings, .. } = checked(name, tenant, source, stored)?;
    let refuse = |code, variable: Option<&str>, message: String, help: &str| {
        let place = variable_place(name, source, variable);
        vec![finding(code, place, message, Some(help.to_owned()))]
    };
    let variables = variables::values(&plan, &tenant.vars).map_err(|wrong| {
        let help = "calls cannot be made without it; the mapping's `tenant:` says what it takes";
        refuse("C024", Some(wrong.variable.as_str()), wrong.message, help)
    })?;
    let before_upstream = before.map(|before| &*before.upstream);
    let client = client(name, &plan, &variables, metrics, before_upstream)
        .map_err(|message| refuse("C025", None, message, ADDRESS))?;
    let generation = before.map_or(1, |before| before.generation + 1);
    let digest = digest(&text, &plan, &variables, tenant.profile);
    let live = running(plan, client, variables, tenant.profile, generation).known_by(digest);
    Ok((live, findings))
}

/// Of all that a tenant is served by, but for its secrets: a key that was renewed asks the same vendor the same. Other
/// replicas see it, so it is short: what it was made of cannot be guessed from it.
fn digest(text: &str, plan: &Plan, variables: &Value, profile: Profile) -> Arc<str> {
    let shown = plan.variables.iter().filter(|variable| !variable.secret);
    let shown: Vec<_> = shown.map(|one| (&one.name, variables.get(&one.name))).collect();
    let whole = Digest::of(format!("{text}\0{shown:?}\0{profile:?}").as_bytes()).to_string();
    whole.chars().take(12).collect::<String>().into()
}

/// What is wrong with a tenant's files, and what is worth knowing of them: the mapping's notes, and the
/// variables of the environment that are not set here. No secret is read.
pub fn findings(
    name: &str,
    tenant: &Tenant,
    source: &Source,
    stored: bool,
) -> (Vec<Diagnostic>, Vec<Diagnostic>) {
    match checked(name, tenant, source, stored) {
        Ok(Checked { findings, mut notes, .. }) => {
            notes.extend(tenant.vars.iter().filter_map(|(variable, given)| {
                let why = given.unset()?;
                let place = variable_place(name, source, Some(variable));
                Some(Diagnostic::note("C024", place, format!("variable `{variable}`: {why}")))
            }));
            (findings, notes)
        }
        Err(findings) => (findings, Vec::new()),
    }
}

/// What to do about an address that the variables make.
const ADDRESS: &str = "the mapping's `base_url`, with `vars:` put in, must come to an address such as `https://api.acme.example`";

/// Where a tenant's variable stands, or all of them.
fn variable_place(name: &str, source: &Source, variable: Option<&str>) -> Place {
    let path = ["tenants", name, "vars"].into_iter().chain(variable);
    source.place(&path.collect::<Vec<_>>())
}

/// A mapping that a tenant can be served by.
struct Checked {
    plan: Plan,
    text: String,
    findings: Vec<Diagnostic>,
    notes: Vec<Diagnostic>,
}

/// The tenant's plan with its findings and notes, its variables held against what the mapping declares.
fn checked(
    name: &str,
    tenant: &Tenant,
    source: &Source,
    stored: bool,
) -> Result<Checked, Vec<Diagnostic>> {
    let (file, text) = mapping_text(&tenant.mapping, source.place(&["tenants", name, "mapping"]))?;
    let mapping::Loaded { plan, findings, mut notes } = mapping::load(&file, &text);
    // Read alone a mapping does not know of a store; beside this configuration there is nothing to do.
    for note in notes.iter_mut().filter(|note| stored && note.code == "M505") {
        note.help = Some("the configuration names one".to_owned());
    }
    let Some(plan) = plan else { return Err(findings) };
    let at = |variable: Option<&str>| variable_place(name, source, variable);
    let undeclared = variables::check(&plan, &tenant.vars, at);
    let mut refused = undeclared;
    refused.extend(callers::of_tenant(name, tenant, plan.upstream.passes_on().is_some(), source));
    if !stored {
        refused.extend(unstored(&plan, source.place(&["tenants", name, "mapping"])));
    }
    if refused.is_empty() {
        refused.extend(address(&plan, &tenant.vars, at));
    }
    if refused.is_empty() { Ok(Checked { plan, text, findings, notes }) } else { Err(refused) }
}

/// A `base_url` that the tenant's plain variables make and no call can go to. One that needs what only the
/// environment or a file holds is judged when it is read.
fn address(
    plan: &Plan,
    given: &Variables,
    place: impl Fn(Option<&str>) -> Place,
) -> Option<Diagnostic> {
    let names = plan.upstream.base_url.names();
    let named = names.iter().find_map(|name| name.path.first());
    let plain = plan.variables.iter().filter_map(|variable| match given.get(&variable.name) {
        Some(Given::Plain(value)) => Some((variable.name.clone(), value.clone())),
        Some(Given::Reference(_)) => None,
        None => Some((variable.name.clone(), variable.default.clone()?)),
    });
    let plain: Map<String, Value> = plain.collect();
    let known = |name: &Name| name.path.first().is_some_and(|first| plain.contains_key(first));
    if !names.iter().all(known) {
        return None;
    }
    let variables = Value::Object(plain);
    let base_url = plan.upstream.base_url.text(&Scope::new().with("tenant", &variables)).ok()??;
    let signed = reach::credential(&base_url);
    let error = Travel::new(&Settings { base_url, ..Settings::default() }).err()?;
    let given = named.filter(|name| given.contains_key(*name)).map(String::as_str);
    // What holds a credential is not shown.
    let code = if signed { "C022" } else { "C025" };
    Some(finding(code, place(given), error.message, Some(ADDRESS.to_owned())))
}

/// A mapping that keeps something would answer 2xx for what nobody holds.
fn unstored(plan: &Plan, named: Place) -> Option<Diagnostic> {
    let needs = plan.needs();
    let first = needs.first()?;
    let why: Vec<String> =
        needs.iter().map(|need| format!("{} of {}", need.why.join(", "), need.kind)).collect();
    let message =
        format!("the mapping keeps {} ({}), and there is no store", why.join("; "), first.place);
    let help = "add `store: { sqlite: { path: /data/scimshim.db } }`, on a volume that stays";
    Some(finding("C029", named, message, Some(help.to_owned())))
}

/// What runs `plan` with these variables, over the vendor itself.
pub fn over(
    name: &str,
    plan: Plan,
    variables: Value,
    profile: Profile,
    metrics: &Arc<Metrics>,
    generation: u64,
) -> Result<Live, String> {
    let client = client(name, &plan, &variables, metrics, None)?;
    Ok(running(plan, client, variables, profile, generation))
}

fn client(
    name: &str,
    plan: &Plan,
    variables: &Value,
    metrics: &Arc<Metrics>,
    before: Option<&dyn Upstream>,
) -> Result<Client, String> {
    let made = plan.settings(variables).and_then(|settings| {
        let client = Client::after(before, name, settings, metrics.clone());
        client.map_err(|error| error.message)
    });
    // An address may be told in it, and hold a secret.
    made.map_err(|why| Withheld::of_tenant(plan, variables).black_out(&why))
}

fn running(
    plan: Plan,
    client: Client,
    variables: Value,
    profile: Profile,
    generation: u64,
) -> Live {
    let (plan, variables) = (Arc::new(plan), Arc::new(variables));
    Live::new(plan, Arc::new(client), variables, profile, generation)
}

fn mapping_text(path: &Path, named: Place) -> Result<(String, String), Vec<Diagnostic>> {
    let name = path.display().to_string();
    match file::text(path) {
        Ok(text) => Ok((name, text)),
        Err(Unread::Finding(finding)) => Err(vec![*finding]),
        Err(Unread::Circumstance(why)) => {
            let why = why.strip_prefix(&format!("{name}: ")).unwrap_or(&why);
            let message = format!("mapping `{name}` cannot be read: {why}");
            let help = "the path is taken from the configuration's folder".to_owned();
            Err(vec![finding("C030", named, message, Some(help))])
        }
    }
}
