//! Answers what a translation asked of lookups: out of memory, else of the vendor. A list is read once for
//! all that is asked of it; single names are asked for a few at a time, and each once however many wait.

mod memory;

pub use memory::Remembered;

use super::{Context, error::Failure, exchange, pages::Pages};
use crate::{
    mapping::{
        plan::{LookupPlan, Step},
        translate::{
            names::{Asked, Question, Reply, Way},
            passage::unassigned,
            render,
        },
    },
    upstream::record::text_of,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use memory::{Listed, Pair};
use serde_json::Value;
use std::sync::Arc;

/// Single names asked for at a time; the vendor's own limits hold beside it.
const AT_ONCE: usize = 8;

/// Learns the answers to these for the rest of the request. A call that fails fails the request: nobody
/// knows then whether the vendor knows the name.
pub async fn answer(cx: &Context<'_>, asked: Asked) -> Result<(), Failure> {
    for lookup in &cx.live.plan.lookups {
        if asked.lists.contains(&lookup.name) {
            let list = list(cx, lookup).await?;
            cx.table.learn_list(&lookup.name, list.shown());
        }
        let own = asked.questions.iter().filter(|question| question.lookup == lookup.name);
        let own: Vec<Question> = own.cloned().collect();
        if own.is_empty() {
            continue;
        }
        if !lookup.one {
            listed(cx, lookup, own).await?;
            continue;
        }
        let singles = stream::iter(own).map(|question| single(cx, lookup, question));
        singles.buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    }
    Ok(())
}

/// The whole list, out of memory while it is fresh.
async fn list(cx: &Context<'_>, lookup: &LookupPlan) -> Result<Arc<Listed>, Failure> {
    let known = || cx.recall.names.list(lookup, cx.live.generation, cx.live.upstream.now());
    if let Some(list) = known() {
        return Ok(list);
    }
    let _turn = cx.turn_on(format!("lookup {}", lookup.name)).await?;
    match known() {
        Some(list) => Ok(list),
        None => read(cx, lookup).await,
    }
}

/// Reads the whole list, and keeps it.
async fn read(cx: &Context<'_>, lookup: &LookupPlan) -> Result<Arc<Listed>, Failure> {
    let pairs = all(cx, lookup, &lookup.step, &Value::Null).await?;
    let list = Arc::new(Listed::new(lookup, pairs, cx.live.upstream.now()));
    cx.recall.names.keep(lookup, cx.live.generation, &list);
    Ok(list)
}

/// Answers out of the whole list. A name that it does not have may be new: it is read once more for it.
async fn listed(
    cx: &Context<'_>,
    lookup: &LookupPlan,
    asked: Vec<Question>,
) -> Result<(), Failure> {
    let open = out_of_memory(cx, lookup, asked);
    if open.is_empty() {
        return Ok(());
    }
    // One reads, and all others wait for what it finds.
    let _turn = cx.turn_on(format!("lookup {}", lookup.name)).await?;
    let open = out_of_memory(cx, lookup, open);
    if open.is_empty() {
        return Ok(());
    }
    let memory = &cx.recall.names;
    if memory.just_read(lookup, cx.live.generation, cx.live.upstream.now()) {
        open.into_iter().for_each(|question| cx.table.learn(question, Reply::Nobody));
        return Ok(());
    }
    let list = read(cx, lookup).await?;
    for question in open {
        let reply = list.reply(lookup, &question);
        if reply == Reply::Nobody {
            memory.note(lookup, cx.live.generation, &question, &reply, cx.live.upstream.now());
        }
        learn(cx, question, reply, &list.pairs);
    }
    Ok(())
}

/// Learns what memory knows; the rest is open.
fn out_of_memory(cx: &Context<'_>, lookup: &LookupPlan, asked: Vec<Question>) -> Vec<Question> {
    let (memory, now) = (&cx.recall.names, cx.live.upstream.now());
    let list = memory.list(lookup, cx.live.generation, now);
    let mut open = Vec::new();
    for question in asked {
        match list.as_ref().map(|list| (list.reply(lookup, &question), list)) {
            Some((reply, list)) if reply != Reply::Nobody => {
                learn(cx, question, reply, &list.pairs);
            }
            _ => match memory.reply(lookup, cx.live.generation, &question, now) {
                Some(reply) => cx.table.learn(question, reply),
                None => open.push(question),
            },
        }
    }
    open
}

/// Asks for one name, or one key.
async fn single(cx: &Context<'_>, lookup: &LookupPlan, question: Question) -> Result<(), Failure> {
    let (memory, generation) = (&cx.recall.names, cx.live.generation);
    let known = || memory.reply(lookup, generation, &question, cx.live.upstream.now());
    if let Some(reply) = known() {
        cx.table.learn(question, reply);
        return Ok(());
    }
    let way = if question.way == Way::Key { "name" } else { "key" };
    let text = &question.text;
    let _turn = cx.turn_on(format!("lookup {} {way} {text}", lookup.name)).await?;
    if let Some(reply) = known() {
        cx.table.learn(question, reply);
        return Ok(());
    }
    let step = match (question.way, &lookup.by_key) {
        (Way::Name, Some(by_key)) => by_key,
        _ => &lookup.step,
    };
    let pairs = all(cx, lookup, step, &Value::String(question.text.clone())).await?;
    let found = Listed::new(lookup, pairs, cx.live.upstream.now());
    let reply = found.reply(lookup, &question);
    memory.note(lookup, generation, &question, &reply, found.read);
    // Of a name several may be called so, and this was one of them; a key is one item's.
    if question.way == Way::Key
        && let Some((back, name)) = reverse(&question, &reply, &found.pairs)
    {
        memory.note(lookup, generation, &back, &name, found.read);
    }
    learn(cx, question, reply, &found.pairs);
    Ok(())
}

/// Learns a reply and its reverse: a name that was read of a key is that key when it is written back, and
/// the key of a name is called so.
fn learn(cx: &Context<'_>, question: Question, reply: Reply, pairs: &[Pair]) {
    if let Some(back) = reverse(&question, &reply, pairs) {
        cx.table.learn(back.0, back.1);
    }
    cx.table.learn(question, reply);
}

/// What the item that a reply is of says the other way.
fn reverse(question: &Question, reply: &Reply, pairs: &[Pair]) -> Option<(Question, Reply)> {
    let Reply::One(found) = reply else { return None };
    let text = text_of(found)?;
    let (way, found) = match question.way {
        Way::Name => {
            let pair = pairs.iter().find(|pair| pair.key_text() == question.text)?;
            (Way::Key, pair.key.clone())
        }
        Way::Key => {
            let pair = pairs.iter().find(|pair| pair.key_text() == text)?;
            (Way::Name, pair.name.clone())
        }
    };
    Some((Question { way, text, ..question.clone() }, Reply::One(found)))
}

/// All that a call of a lookup gives, page after page.
async fn all(
    cx: &Context<'_>,
    lookup: &LookupPlan,
    step: &Step,
    value: &Value,
) -> Result<Vec<Pair>, Failure> {
    let broken = |message: String| Failure::Shape { place: step.place.clone(), message };
    let call = render::call(step, &cx.scope().with("value", value))?;
    let call = Arc::new(match &step.paging {
        Some(paging) => paging.first(call),
        None => call,
    });
    let answer = match exchange::perform(cx, step, &call, value.as_str()).await {
        Ok(answer) => answer,
        // Where nothing was named it is no name that is not found.
        Err(failure) if failure.not_found() && value.is_null() => {
            return Err(broken(format!("the list of lookup `{}` is not there", lookup.name)));
        }
        Err(failure) => return Err(failure),
    };
    let mut items = Vec::new();
    if answer.status / 100 != 2 {
        return Ok(Vec::new());
    }
    match &step.record {
        Some(record) => match record.taken(answer.body) {
            Some(found @ Value::Object(_)) => items.push(found),
            _ => return Err(broken(format!("there is no record at `{record}` in the answer"))),
        },
        None => {
            let most = cx.live.plan.upstream.scan;
            let mut pages = Pages::new(step);
            let mut page = Some(pages.page(cx, &call, answer)?);
            while let Some(read) = page {
                items.extend(read.items);
                if items.len() > most {
                    let message = format!(
                        "lookup `{}` has more than {most} items; ask for one name at a time with `{{value}}`, or raise \
                         `limits.scan`",
                        lookup.name
                    );
                    return Err(broken(message));
                }
                page = pages.next(cx).await?;
            }
        }
    }
    let pairs = items.iter().filter_map(|item| {
        let name = lookup.name_at.get(item).filter(|name| !unassigned(name))?;
        let key = lookup.key_at.get(item).filter(|key| !unassigned(key));
        let key = key.ok_or_else(|| {
            broken(format!("an item of lookup `{}` has no key at `{}`", lookup.name, lookup.key_at))
        });
        Some(key.map(|key| Pair { name: name.clone(), key: key.clone() }))
    });
    pairs.collect()
}
