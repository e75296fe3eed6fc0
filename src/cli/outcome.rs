//! One exchange through the production engine over a Script, and what came of it otherwise than written.

use super::{
    call::WrittenCall,
    compare,
    difference::{Difference, Row},
    exchange::{Exchange, File},
    holding,
};
use crate::{
    gateway::{Live, exercised::Use, rehearsal},
    mapping::plan::Plan,
    scim::encode::Wire,
    upstream::{
        Upstream,
        script::{Asked, Script, Times},
    },
    yaml::Node,
};
use serde_json::{Map, Value};
use std::{collections::BTreeSet, sync::Arc};

/// What came of one exchange.
pub struct Outcome {
    /// None is a test that passes.
    pub differences: Vec<Difference>,
    /// The vendor was asked otherwise than written.
    pub calls_differ: bool,
    /// What the client got.
    pub wire: Wire,
    /// What the store holds then.
    pub held: Value,
    /// What of the mapping was used.
    pub uses: BTreeSet<Use>,
}

/// Runs one. `root` is the file that it stands in.
pub async fn of(plan: &Arc<Plan>, file: &File, root: &Node, exchange: &Exchange) -> Outcome {
    let variables = Value::Object(variables(plan, file, exchange));
    let settings = plan.settings(&variables).unwrap_or_default();
    let expected = exchange.calls.iter().map(WrittenCall::expected).collect();
    let script = Arc::new(Script::new(expected).patient(plan.upstream.timeout));
    let upstream = Arc::clone(&script) as Arc<dyn Upstream>;
    let live = Live::new(Arc::clone(plan), upstream, Arc::new(variables), exchange.client, 1);
    let rows = exchange.rows(plan, file.now);
    let rehearsed = rehearsal::rehearse(live, rows, &exchange.request, file.now).await;
    let (wire, held) = (rehearsed.wire, holding::told(&rehearsed.held));

    let asked = script.asked();
    let mut differences: Vec<Difference> = Vec::new();
    let answered = asked.iter().filter_map(|one| Some((exchange.calls.get(one.entry?)?, one)));
    for difference in answered.filter_map(|(written, one)| compare::call(written, one, &settings)) {
        // An attempt that is repeated is sent as it was.
        if !differences.contains(&difference) {
            differences.push(difference);
        }
    }
    let unanswered: Vec<&Asked> = asked.iter().filter(|one| one.entry.is_none()).collect();
    let mut told = Vec::new();
    for one in &unanswered {
        let difference = unwritten(exchange, one, &mut told);
        if !differences.contains(&difference) {
            differences.push(difference);
        }
    }
    differences.extend(unmet(exchange, &script, &told));
    let calls_differ = !differences.is_empty();
    // What was called and not written had no answer: the response only says so again.
    if unanswered.is_empty() {
        differences.extend(compare::response(&exchange.response, &wire));
        let rows = exchange.store_after.as_ref();
        differences.extend(rows.and_then(|rows| compare::store(rows, &held)));
    }
    differences.iter_mut().for_each(|difference| difference.locate(root));
    Outcome { differences, calls_differ, wire, held, uses: rehearsed.uses }
}

/// A call that is not written, or not as the one whose turn it was. The entries that it speaks of are `told`: the first
/// such call takes the turn, and what is called after it is called in vain.
fn unwritten(exchange: &Exchange, asked: &Asked, told: &mut Vec<usize>) -> Difference {
    let call = &asked.call;
    let line = format!("{} {}", call.method, call.target());
    let by = format!("made at {}", call.place);
    let due = exchange.calls.get(asked.turn).filter(|_| told.is_empty());
    let Some(due) = due else {
        let what = format!("{line} was called and is not written; {by}");
        return Difference::new(&exchange.place, what);
    };
    told.push(asked.turn);
    let mut later = exchange.calls.iter().enumerate().skip(asked.turn + 1);
    if let Some((entry, early)) = later.find(|(_, later)| later.expected().fits(call)) {
        told.push(entry);
        let what = format!("{} came before {}; {by}", early.title(), due.title());
        return Difference::new(&due.place, what);
    }
    let what = format!("another call than call {}; {by}", due.number);
    let (path, expected) = (vec!["call".to_owned()], Some(due.line().into()));
    let row = Row { path, expected, found: Some(line.into()), place: due.place.clone() };
    Difference { rows: vec![row], ..Difference::new(&due.place, what) }
}

/// The calls that were not made, or not as often as written; but for what was told of already.
fn unmet(exchange: &Exchange, script: &Script, told: &[usize]) -> Option<Difference> {
    let unused = script.unused();
    let (entry, used) = unused.iter().find(|(entry, _)| !told.contains(entry))?;
    let first = exchange.calls.get(*entry)?;
    let turns = exchange.calls.iter().filter(|call| call.number == first.number).count();
    let how = match first.times {
        // Several answers of one call are several entries.
        _ if first.turn > 1 => format!("was called {} of {turns} times", first.turn - 1),
        Times::Exactly(times) if *used > 0 => format!("was called {used} of {times} times"),
        _ => "was not called".to_owned(),
    };
    let last = exchange.calls.last().map_or(first.number, |call| call.number);
    let behind = match last - first.number {
        0 => String::new(),
        1 => ", nor was the one behind it".to_owned(),
        more => format!(", nor were the {more} behind it"),
    };
    Some(Difference::new(&first.place, format!("{} {how}{behind}", first.title())))
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
