//! Truth: what an answer says was so while it was asked for. A 2xx is what the vendor was; a 404, that he was not.

use super::{Case, history::History};
use crate::{
    vendor::people::Person,
    write::{Attempt, Outcome, Told, Verb},
};

pub fn faults(case: &Case) -> Vec<String> {
    case.evidence.client.iter().filter_map(|attempt| fault(case, attempt)).collect()
}

fn fault(case: &Case, attempt: &Attempt) -> Option<String> {
    let told = match &attempt.outcome {
        Outcome::Done(told) => told.as_ref(),
        Outcome::Refused(404) => return absent(case, attempt),
        _ => return None,
    };
    let id = told.map(|told| &told.id).or(attempt.id.as_ref())?;
    let Some(history) = case.histories.iter().find(|history| history.id == id) else {
        return Some(format!("a 2xx about {id}, whom the vendor never had: {attempt:?}"));
    };
    let was = |so: &dyn Fn(&Person) -> bool| history.between(attempt.begin, attempt.end).any(so);
    let true_ = match (attempt.write.verb, told) {
        (Verb::Delete, _) => was(&|person| person.gone),
        // Not before all of it is done.
        (Verb::Create, Some(told)) => was(&|one| one.welcome && !one.gone && is_shown(one, told)),
        (_, Some(told)) => was(&|person| !person.gone && is_shown(person, told)),
        (_, None) => was(&|person| is_done(person, attempt)),
    };
    // What decides about access may not come out otherwise, however truly that is told.
    let access = told.zip(attempt.write.active).is_none_or(|(told, active)| told.active == active);
    let lie =
        format!("a 2xx that the vendor was never in the state of: {}", shown(attempt, history));
    (!true_ || !access).then_some(lie)
}

fn is_shown(person: &Person, told: &Told) -> bool {
    let active = person.state == "on";
    person.title == told.title && person.nick == told.nick && active == told.active
}

fn is_done(person: &Person, attempt: &Attempt) -> bool {
    let write = &attempt.write;
    let says = |said: &Option<String>, held: &String| said.as_ref().is_none_or(|one| one == held);
    let active = write.active.is_none_or(|active| active == (person.state == "on"));
    !person.gone && says(&write.title, &person.title) && says(&write.nick, &person.nick) && active
}

fn absent(case: &Case, attempt: &Attempt) -> Option<String> {
    let id = attempt.id.as_ref()?;
    let history = case.histories.iter().find(|history| history.id == id)?;
    let was = history.between(attempt.begin, attempt.end).any(|person| person.gone);
    // Who was told that he is deleted is told nothing else, though the vendor has him still.
    let deleted = case.evidence.client.iter().any(|one| {
        one.write.verb == Verb::Delete
            && one.id.as_deref() == Some(id)
            && one.begin <= attempt.end
            && is_acknowledged(case, one, history)
    });
    (!was && !deleted)
        .then(|| format!("a 404 about somebody who is there: {}", shown(attempt, history)))
}

/// Whether it was acknowledged before the vendor had it. Of one whose answer died with its gateway that shows later: it is
/// carried out, or a dead letter.
fn is_acknowledged(case: &Case, attempt: &Attempt, history: &History) -> bool {
    let is_dead = || case.evidence.dead.values().any(|id| id == history.id);
    match attempt.outcome {
        Outcome::Acknowledged(_) => true,
        Outcome::Open(None) => case.evidence.early && (history.at_rest().gone || is_dead()),
        _ => false,
    }
}

fn shown(attempt: &Attempt, history: &History) -> String {
    let was: Vec<&Person> = history.between(attempt.begin, attempt.end).collect();
    format!("{attempt:?}; he was {was:?}")
}
