//! A create that nobody came back for: what it did is taken back where all of it can be, else it is finished where
//! nothing secret is wanting, else it is a dead letter that its client's repeat finishes all the same.

use super::{
    super::{
        Context,
        audited::Delivery,
        begun,
        birth::{self, Stopped},
        create,
        error::Failure,
        journal::{
            gathered::gathered,
            letters, making, promised, queue, unborn,
            underway::Underway,
            verdict::{self, Verdict},
        },
        meets,
        outside::{self, Place},
        outsider, resume, since,
        trace::in_brief,
    },
    turn,
};
use crate::{
    mapping::{
        expr::Name,
        plan::{ExtraValue, Operation, Rule, Target},
        translate::units,
    },
    scim::{
        attribute::AttributePath,
        intent::{self, Intent},
        message::Action,
        resource::Resource,
    },
    store::{Change, Entry, Stage},
    upstream::error::Kind,
};

/// What came of one.
enum Came {
    /// All of it is done, and this is written with its end.
    Done(Vec<Change>),
    /// Nothing of it is there any more: whoever asks again begins afresh.
    Nothing,
    /// It is tried again.
    Later(Failure),
    /// It cannot be gone on with: why, and in a word for the metrics.
    Stuck(String, &'static str),
}

/// Carries out what is due of a provisional id; whether nothing waits there any more.
pub async fn carry_out(cx: &Context<'_>, id: &str) -> Result<bool, Failure> {
    let Some(wanted) = due(cx, id).await?.and_then(|entry| wanted(&entry)) else {
        let turn = cx.turn_of(id).await?;
        let cx = cx.within(&turn);
        turn::clear(&cx, id, None).await?;
        return Ok(queue::waiting(&cx, id).await?.is_empty());
    };
    let names = begun::names(cx, &wanted);
    let turns = create::turns(cx, &names).await?;
    // Its names may be others by now, as the mapping may.
    let own = match names.iter().any(|name| name.provisional() == id) {
        true => None,
        false => Some(cx.turn_of(id).await?),
    };
    let turn =
        own.as_ref().or_else(|| turns.iter().find(|turn| turn.is_of(&cx.plan.kind.name, id)));
    let cx = match turn {
        Some(turn) => cx.within(turn),
        None => cx.about(cx.plan),
    };
    // Only now nobody else is at work on it.
    if let Some(entry) = due(&cx, id).await? {
        let entry = gathered(&cx, entry).await?;
        one(&cx, entry, &wanted, &names).await?;
    }
    turn::clear(&cx, id, None).await?;
    Ok(queue::waiting(&cx, id).await?.is_empty())
}

fn wanted(entry: &Entry) -> Option<Resource> {
    match Intent::action(&entry.intent, "")? {
        Action::Create(wanted) => Some(wanted),
        _ => None,
    }
}

/// The create of this id for which nobody is waited any longer.
async fn due(cx: &Context<'_>, id: &str) -> Result<Option<Entry>, Failure> {
    let waiting = queue::waiting(cx, id).await?;
    let due = |entry: &Entry| entry.stage == Stage::Waiting && cx.waits(entry).is_none();
    Ok(waiting.into_iter().find(|entry| unborn::is(entry) && due(entry)))
}

/// Brings one to its end, or to its next try.
async fn one(
    cx: &Context<'_>,
    entry: Entry,
    wanted: &Resource,
    names: &[begun::Name],
) -> Result<(), Failure> {
    let cx = &cx.under(&Underway::of(entry));
    let Some(birth) = making::of(cx) else { return Ok(()) };
    let action = Action::Create(wanted.clone());
    let delivery = Delivery::begin(cx, birth.number(), &action);
    let came = Box::pin(come(cx, birth, wanted, names)).await;
    let came = came.unwrap_or_else(|it| stopped(cx, birth, it));
    if let Some(delivery) = delivery {
        delivery.end(status(cx, &came)).await;
    }
    match came {
        Came::Done(kept) => {
            unborn::ends(cx, birth, kept).await?;
            letters::delivered(cx, birth);
            Ok(())
        }
        Came::Nothing => {
            let kept = begun::ending(cx, names, begun::End::Nothing);
            birth.ends_with(cx, kept).await
        }
        Came::Stuck(words, reason) => {
            let brief = match making::is_blank(birth) {
                true => "a create is not carried out",
                false => "a create is half done",
            };
            letters::bury(cx, birth, reason, words, brief).await;
            Ok(())
        }
        Came::Later(failure) => Err(Failure::behind(promised::put_off(cx, birth, &failure).await?)),
    }
}

/// What its client would have been answered.
fn status(cx: &Context<'_>, came: &Came) -> u16 {
    match came {
        Came::Done(_) => 201,
        Came::Later(failure) => cx.judge(failure.clone()).status,
        Came::Nothing | Came::Stuck(..) => 502,
    }
}

/// Brings it forward, as far as it gets now.
async fn come(
    cx: &Context<'_>,
    birth: &Underway,
    wanted: &Resource,
    names: &[begun::Name],
) -> Result<Came, Stopped> {
    let Some(operation) = &cx.plan.operations.create else {
        return Ok(Came::Stuck("the mapping makes nobody any more".to_owned(), "plan"));
    };
    since::is_over(cx)?;
    if let Some(key) = making::made(birth) {
        meets::yields(cx, &key).await.map_err(Stopped::Between)?;
    }
    let said = making::said(birth);
    if resume::forgets(cx).await && said.known {
        // What his client says now counts.
        if said.ended || !making::is_promised(birth) {
            return Ok(Came::Nothing);
        }
        let words = "he was made, and is there no more, though a client has written to him and has not deleted him";
        return Ok(Came::Stuck(words.to_owned(), "refused"));
    }
    resume::resume(cx, operation, wanted, names).await?;
    let promised = making::is_promised(birth);
    if making::is_blank(birth)
        && let Some(came) = not_begun(cx, birth, wanted, names, said).await?
    {
        return Ok(came);
    }
    if making::made(birth).is_none() && !promised {
        if making::may_be_another(birth) && !making::is_known(birth) {
            let words = "whether its first call was carried out is not known: somebody has the name of whom it makes, who may be \
                         another one; the client's repeat takes him for the same and makes what is left";
            return Ok(Came::Stuck(words.to_owned(), "half_done"));
        }
        if resume::can_be_taken_back(cx, birth, operation, wanted).await? {
            resume::take_back(cx, operation, wanted).await?;
            if making::is_blank(birth) {
                return Ok(Came::Nothing);
            }
            let words = "half done, and the vendor does not let it be taken back: the client's repeat finishes it";
            return Ok(Came::Stuck(words.to_owned(), "half_done"));
        }
    }
    if let Some(what) = wanting(cx, birth, operation, wanted).await.map_err(Stopped::Between)? {
        let (so_far, next) = match making::is_blank(birth) {
            true => ("not made", "making"),
            false => ("half done", "finishing"),
        };
        let words = format!(
            "{so_far}, and {next} it asks for `{what}`, which is held nowhere: the client's repeat brings it"
        );
        return Ok(Came::Stuck(words, "half_done"));
    }
    let all = !(making::is_known(birth) && making::may_be_another(birth));
    match create::finish(cx, operation, wanted, names, all).await {
        Ok(_) if promised && !all && unborn::is_followed(cx, operation, wanted) => {
            let words = "somebody has the name of whom it makes, who may be another one and was written to since: what follows its \
                         own calls is not written over that; the client's repeat takes him for the same";
            Ok(Came::Stuck(words.to_owned(), "half_done"))
        }
        Ok(kept) => Ok(Came::Done(kept)),
        Err(_) if making::is_blank(birth) && !promised => Ok(Came::Nothing),
        Err(stopped) => Err(stopped),
    }
}

/// One of which nothing is done: it ends unless somebody was promised it, who is made now if he is still to be.
async fn not_begun(
    cx: &Context<'_>,
    birth: &Underway,
    wanted: &Resource,
    names: &[begun::Name],
    said: making::Said,
) -> Result<Option<Came>, Stopped> {
    if !making::is_promised(birth) {
        return Ok(Some(Came::Nothing));
    }
    // Where he belongs may be another place by now, by the mapping or by who has come since.
    match outside::place(cx, wanted).map_err(Stopped::Between)? {
        Place::Inside => {}
        Place::Refused(error) => return Err(Stopped::Nothing(error.into())),
        Place::Outside(_) => {
            let words = "the mapping says by now that he is held here, and his client did not come back to say so";
            return Ok(Some(Came::Stuck(words.to_owned(), "refused")));
        }
    }
    outsider::taken(cx, names, "").await.map_err(Stopped::Nothing)?;
    if !said.known {
        return Ok(None);
    }
    making::is_said(birth, said);
    // A client has written since to somebody who had one of its names, whom nothing is written over. Where he has it no more the
    // name is free, unless it is he who was to be made, and is to be no more.
    let Some(found) = birth::seek(cx, wanted).await.map_err(Stopped::Between)? else {
        if said.ended {
            let words =
                "nobody is made: somebody of the same name was deleted since it was received";
            return Ok(Some(Came::Stuck(words.to_owned(), "refused")));
        }
        making::is_said(birth, making::Said::default());
        return Ok(None);
    };
    meets::leaves(cx, &found.who.id).await.map_err(Stopped::Between)?;
    let id = &found.who.id;
    let words = format!(
        "nobody is made: `{id}` has one of his names, and was written to since it was received"
    );
    Ok(Some(Came::Stuck(words, "refused")))
}

/// What becomes of one that was stopped.
fn stopped(cx: &Context<'_>, birth: &Underway, stopped: Stopped) -> Came {
    let failure = match stopped {
        Stopped::Stuck(words, reason) => return Came::Stuck(words, reason),
        Stopped::Nothing(failure) | Stopped::Between(failure) => failure,
    };
    // What a person can mend is waited for where somebody was promised it.
    let promised = making::is_promised(birth);
    let waits = || promised && !is_nowhere(cx, birth, &failure);
    let passes = passes(&failure) || waits() && verdict::of(&failure) != Verdict::Refused;
    match (passes, promised && making::is_blank(birth)) {
        (true, _) => Came::Later(failure),
        (false, true) => {
            let why = cx.judge(failure).detail;
            Came::Stuck(format!("nobody was made: {why}"), "refused")
        }
        (false, false) => {
            let why = in_brief(&failure);
            let words =
                format!("half done, and not finished: {why}; the client's repeat tries it again");
            Came::Stuck(words, "half_done")
        }
    }
}

/// Whether the vendor has said that somebody was made, and nobody knows who: he does not show, though he had the time.
fn is_nowhere(cx: &Context<'_>, birth: &Underway, failure: &Failure) -> bool {
    let had_time = making::shows(cx, birth).is_none_or(|shows| cx.left_until(shows).is_none());
    making::is_nameless(birth) && had_time && matches!(failure.bare(), Failure::Shape { .. })
}

/// Whether it may go better by itself. What the mapping or the vendor's answer has wrong does not.
fn passes(failure: &Failure) -> bool {
    match failure.bare() {
        Failure::Shape { .. } | Failure::Expression { .. } | Failure::Untrue { .. } => false,
        Failure::Silent { error, .. } => error.kind != Kind::Invalid,
        _ => verdict::of(failure) != Verdict::Refused,
    }
}

/// What finishing it asks for that is held nowhere: a secret of the client's, or one that was made up.
async fn wanting(
    cx: &Context<'_>,
    birth: &Underway,
    operation: &Operation,
    wanted: &Resource,
) -> Result<Option<String>, Failure> {
    let sent = birth.progress(|progress| progress.birth.as_ref().is_some_and(|birth| birth.secret));
    let secrets = || cx.plan.rules.iter().enumerate().filter(|(_, rule)| is_secret(cx, rule));
    let claims = birth::claims(cx);
    // An update would have to say it.
    let mut later = secrets().filter(|(index, rule)| {
        sent && rule.writable() && !rule.only_create && !units::created(cx.plan, claims, *index)
    });
    if let Some((_, rule)) = later.next() {
        return Ok(Some(rule.target.to_string()));
    }
    if making::made(birth).is_some() {
        return Ok(None);
    }
    let (_, open) = resume::deeds(cx, birth, operation, wanted).await?;
    let open = open.unwrap_or(operation.steps.len());
    let asked = operation.steps.iter().skip(open).flat_map(|step| step.names());
    let attributes: Vec<String> =
        secrets().filter(|_| sent).map(|(_, rule)| top(&rule.target)).collect();
    // Whose making has not begun has another one made up.
    let held = !making::is_blank(birth);
    let made_up = |rule: &Rule| held && rule.generate.is_some();
    let rules = cx.plan.rules.iter().filter(|rule| made_up(rule) || sent && is_secret(cx, rule));
    let extra = cx.plan.fields.iter();
    let extra = extra.filter(|extra| held && matches!(extra.value, ExtraValue::Generate(_)));
    let fields = rules.filter_map(Rule::field).chain(extra.map(|extra| &extra.field));
    let fields: Vec<String> = fields.filter_map(|field| field.top().map(str::to_owned)).collect();
    let is_wanting = |name: &Name| {
        let among = |all: &[String]| match name.path.first() {
            Some(first) => all.contains(first),
            None => !all.is_empty(),
        };
        match name.root.as_str() {
            "resource" => among(&attributes),
            "fields" => among(&fields),
            _ => false,
        }
    };
    let Some(name) = asked.into_iter().find(is_wanting) else { return Ok(None) };
    // Where a call asks for all of them at once, the first that is wanting.
    let among = |all: Vec<String>| name.path.is_empty().then(|| all.into_iter().next()).flatten();
    let first = among(if name.root == "fields" { fields } else { attributes });
    Ok(Some(std::iter::once(name.root).chain(first).chain(name.path).collect::<Vec<_>>().join(".")))
}

/// The member of a Resource in which it stands.
fn top(target: &Target) -> String {
    let AttributePath { urn, name, .. } = target.attribute();
    urn.unwrap_or(name)
}

/// Whether nobody may read it.
fn is_secret(cx: &Context<'_>, rule: &Rule) -> bool {
    intent::is_secret(rule.target.path(), &cx.plan.kind)
}
