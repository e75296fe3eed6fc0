//! A shipped mapping for who has no time: its limits are those of a test, and nothing else is changed.

use crate::fakes::trouble::{Fault, Trouble};
use scimshim::{
    mapping::{
        self,
        plan::{Operation, Plan, Step},
    },
    yaml::{self, Kind, Node},
};
use std::{collections::BTreeMap, fs, path::PathBuf};

/// One try and one repetition of each call, two seconds for each, as many calls as are made.
const IMPATIENT: &str = "  timeout: 2s\n  retries: { times: 1, first: 1ms, longest: 2ms }\n";

/// The shipped mapping of this name without limits, in a file of its own.
pub fn impatient(name: &str) -> PathBuf {
    let text = forgetful(&fs::read_to_string(shipped(name)).unwrap());
    let limits = regex::Regex::new(r"(?m)^  limits: \{.*\}\n").unwrap();
    let text = limits.replace(&text, IMPATIENT);
    let text = match text.contains(IMPATIENT) {
        true => text.into_owned(),
        false => text.replacen("\nupstream:\n", &format!("\nupstream:\n{IMPATIENT}"), 1),
    };
    let folder = std::env::temp_dir().join(format!("scimshim-matrix-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{name}.yaml"));
    fs::write(&path, text).unwrap();
    path
}

/// With lookups that are asked each time: what is remembered no fault strikes.
fn forgetful(text: &str) -> String {
    let cache = regex::Regex::new(r"(?m)^    cache: .*\n").unwrap();
    let call = regex::Regex::new(r"(?m)^    call: .*\n").unwrap();
    let Some((head, rest)) = text.split_once("\nlookups:\n") else { return text.to_owned() };
    let end = rest.find("\n\n").map_or(rest.len(), |end| end + 1);
    let (lookups, rest) = rest.split_at(end);
    let lookups = cache.replace_all(lookups, "");
    let lookups = call.replace_all(&lookups, "${0}    cache: 1ms\n");
    format!("{head}\nlookups:\n{lookups}{rest}")
}

fn shipped(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("mappings/{name}.yaml"))
}

/// The steps of a mapping, by what a call of theirs is named in the log.
pub struct Steps {
    plan: Plan,
    /// What stands before each path: that of `base_url`.
    base: String,
}

impl Steps {
    /// Of the shipped mapping, whose API is at `url`.
    pub fn of(name: &str, url: &str) -> Self {
        let text = fs::read_to_string(shipped(name)).unwrap();
        let plan = mapping::load(name, &text).plan.unwrap();
        let root = yaml::parse(&name.into(), &text).unwrap();
        let base_url = root.get("upstream").and_then(|upstream| upstream.get("base_url"));
        let Some(Node { kind: Kind::Text(base_url), .. }) = base_url else { panic!("no base_url") };
        let at_url = url::Url::parse(url).unwrap().path().trim_end_matches('/').to_owned();
        let behind = base_url.split_once('}').map(|(_, path)| path).unwrap_or_default();
        Self { plan, base: format!("{at_url}{behind}") }
    }

    /// Every step, and every call of a lookup.
    pub fn labels(&self) -> Vec<String> {
        self.all().keys().cloned().collect()
    }

    fn all(&self) -> BTreeMap<String, (String, String)> {
        let operations = self.plan.resources.iter().flat_map(|kind| kind.operations.all());
        let steps = operations.flat_map(|operation: &Operation| &operation.steps);
        let lookups = self.plan.lookups.iter();
        let lookups = lookups.flat_map(|lookup| lookup.steps().collect::<Vec<_>>());
        let told = |step: &Step| {
            let line = (step.method.to_string(), step.path.as_written().to_owned());
            (step.label.clone(), line)
        };
        steps.chain(lookups).map(told).collect()
    }

    /// What calls of a step look like: its path with a star in the place of each hole.
    pub fn line(&self, label: &str) -> String {
        let all = self.all();
        let (method, path) = all.get(label).unwrap_or_else(|| panic!("no step `{label}`"));
        let starred = path.split('/').map(|part| if part.contains('{') { "*" } else { part });
        format!("{method} {}{}", self.base, starred.collect::<Vec<_>>().join("/"))
    }

    /// Trouble in the calls of a step, and of those that look the same.
    pub fn trouble(&self, label: &str, fault: Fault) -> Trouble {
        Trouble::on(&self.line(label), fault)
    }

    /// Whether a step is of an update whose failure costs the client nothing, and is told to the operator.
    pub fn may_fail(&self, label: &str) -> bool {
        let updates = self.plan.resources.iter().flat_map(|kind| &kind.operations.update);
        let mut may = updates.filter(|update| update.may_fail);
        may.any(|update| update.operation.steps.iter().any(|step| step.label == label))
    }

    /// Whether a step asks for the resource itself, or looks as if it did: a 404 of it is a resource that is not there.
    pub fn asks_for_itself(&self, label: &str) -> bool {
        let kinds = self.plan.resources.iter();
        let gets = kinds.filter_map(|kind| kind.operations.get.as_ref());
        let main = gets.filter_map(|get| {
            get.steps.iter().find(|step| step.record.is_some() && step.into.is_none())
        });
        main.into_iter().any(|step| self.line(&step.label) == self.line(label))
    }
}
