//! Made up: logs of runs that went wrong in one way each, and of some that look like it and did not.

use super::{Evidence, birth::unborn, judge};
use crate::{
    instant::Instant,
    vendor::{
        diary::{Event, Line, Verb as Done},
        people::Person,
    },
    write::{Attempt, Outcome, Told, Verb, Write},
};

/// A story about one person, who was made at 1 as `t0`.
struct Story {
    evidence: Evidence,
    person: Person,
    calls: u64,
}

impl Story {
    fn new() -> Self {
        let text = |text: &str| text.to_owned();
        let person = Person {
            id: text("1"),
            email: text("p"),
            title: text("t0"),
            nick: text(""),
            state: text("on"),
            notes: 0,
            welcome: true,
            gone: false,
        };
        Self { evidence: Evidence::default(), person, calls: 0 }.vendor(1, Done::Create, |_| {})
    }

    /// The same, who was never welcomed.
    fn half_made() -> Self {
        Self::new().vendor(2, Done::Unwelcome, |one| one.welcome = false)
    }

    /// A call comes in and is carried out.
    fn vendor(self, at: u64, verb: Done, does: fn(&mut Person)) -> Self {
        self.late(at, at, verb, does)
    }

    /// Both calls of a leaving.
    fn left(self, at: u64) -> Self {
        self.vendor(at, Done::Retire, retire).vendor(at, Done::Note, note)
    }

    /// The same that lies about in between.
    fn late(mut self, came: u64, at: u64, verb: Done, does: fn(&mut Person)) -> Self {
        self.calls += 1;
        let before = self.person.clone();
        does(&mut self.person);
        let (person, changed) = (self.person.clone(), self.person != before);
        let what = if verb == Done::Note { "notes" } else { "any" };
        let path = format!("/users/1/{what}");
        let called = Event::Called {
            method: "POST".to_owned(),
            path,
            body: serde_json::Value::Null,
            mood: "Good".to_owned(),
        };
        let applied = Event::Applied { verb, person, changed };
        self.line(came, called).line(at, applied).line(at, Event::Answered(200))
    }

    fn line(mut self, at: u64, event: Event) -> Self {
        self.evidence.vendor.push(Line { call: self.calls, at: Instant(at), event });
        self
    }

    /// A call that the vendor will never carry out.
    fn no(mut self, at: u64) -> Self {
        self.calls += 1;
        let (method, path) = ("POST".to_owned(), "/users/1/retire".to_owned());
        let (body, mood) = (serde_json::Value::Null, "Good".to_owned());
        let called = Event::Called { method, path, body, mood };
        self.line(at, called).line(at, Event::Answered(422))
    }

    fn client(mut self, begin: u64, end: u64, write: Write, outcome: Outcome) -> Self {
        let (begin, end) = (Instant(begin), Instant(end));
        let id = (write.verb != Verb::Create).then(|| "1".to_owned());
        let attempt = Attempt { write, email: "p".to_owned(), id, begin, end, outcome };
        self.evidence.client.push(attempt);
        self
    }

    /// The create of whom this is the address is a dead letter.
    fn half_dead(mut self, email: &str) -> Self {
        self.evidence.dead.insert("a".to_owned(), unborn(email));
        self
    }

    /// The mapping acknowledges early.
    fn early(mut self) -> Self {
        self.evidence.early = true;
        self
    }

    /// He was deleted by his client.
    fn gone(self) -> Self {
        let deleted = self.client(4, 6, delete(9), Outcome::Done(None));
        deleted.vendor(5, Done::Delete, |one| one.gone = true)
    }

    /// Nobody may be welcomed twice.
    fn once(mut self) -> Self {
        self.evidence.once = true;
        self
    }

    /// What was promised under this name is a dead letter.
    fn dead(mut self, txn: &str) -> Self {
        self.evidence.dead.insert(txn.to_owned(), "1".to_owned());
        self
    }
}

fn create(number: u64) -> Write {
    Write::new(number, Verb::Create)
}

fn patch(number: u64) -> Write {
    Write::new(number, Verb::Patch)
}

fn off(number: u64) -> Write {
    patch(number).active(false)
}

fn on(number: u64) -> Write {
    patch(number).active(true)
}

fn delete(number: u64) -> Write {
    Write::new(number, Verb::Delete)
}

/// Whoever is made again has another id.
fn again(person: &mut Person) {
    (person.id, person.gone) = ("2".to_owned(), false);
}

fn title(person: &mut Person, title: &str) {
    person.title = title.to_owned();
}

fn retire(person: &mut Person) {
    person.state = "off".to_owned();
}

fn return_(person: &mut Person) {
    person.state = "on".to_owned();
}

fn note(person: &mut Person) {
    person.notes += 1;
}

fn done(title: &str, active: bool) -> Outcome {
    let (id, title, nick) = ("1".to_owned(), title.to_owned(), String::new());
    Outcome::Done(Some(Told { id, title, nick, active }))
}

fn promised(txn: &str) -> Outcome {
    Outcome::Promised(txn.to_owned())
}

fn early(txn: &str) -> Outcome {
    Outcome::Acknowledged(txn.to_owned())
}

const NOTHING: Outcome = Outcome::Open(None);

/// What is wrong, the logs, and words of the fault; without words there is none.
#[rustfmt::skip]
fn stories() -> Vec<(&'static str, Story, &'static str)> {
    let new = Story::new;
    vec![
        ("all is well",
            new().client(10, 20, off(1), done("t0", false)).left(15), ""),
        ("a 2xx and nothing done",
            new().client(10, 20, patch(2).titled(), done("t2", true)), "never in the state of"),
        ("a 2xx before it was done",
            new().client(10, 20, off(1), done("t0", false)).left(25), "never in the state of"),
        ("a 204 and nothing done",
            new().client(10, 20, delete(1), Outcome::Done(None)), "never in the state of"),
        ("a 2xx that shows somebody who is still let in",
            new().client(10, 20, off(1), done("t0", true)).client(21, 22, on(2), done("t0", true)), "never in the state of"),
        ("a 2xx about nobody",
            new().client(10, 20, patch(1).titled(), Outcome::Done(Some(Told { id: "7".into(), title: "t1".into(), nick: String::new(), active: true }))), "whom the vendor never had"),
        ("a 404 about somebody who is there",
            new().client(10, 20, on(1), Outcome::Refused(404)), "a 404 about somebody who is there"),
        ("a 404 about somebody who has gone",
            new().vendor(5, Done::Delete, |one| one.gone = true).client(4, 6, delete(1), NOTHING).client(10, 20, on(2), Outcome::Refused(404)), ""),

        ("a promise that nobody kept",
            new().client(10, 20, off(1), promised("a")), "promised and lost"),
        ("a promise that was kept, by a process that came later",
            new().client(10, 20, off(1), promised("a")).left(90), ""),
        ("a delete that was promised and not made",
            new().client(10, 20, delete(1), promised("a")), "promised and lost"),
        ("a promise whose access was never taken, for all that somebody was switched on again",
            new().client(10, 20, off(1), promised("a")).client(30, 40, on(2), done("t0", true)), "promised and lost"),
        ("a promise that another write was carried out before",
            new().client(10, 20, off(1), promised("a")).client(30, 40, patch(2).titled(), done("t2", true))
                .vendor(35, Done::Change, |one| title(one, "t2")).left(50), "promised and lost"),
        ("a title in a promise that a later write took the place of",
            new().client(10, 20, off(1).titled(), promised("a")).client(30, 40, off(2).titled(), promised("b"))
                .vendor(50, Done::Change, |one| title(one, "t2")).left(51), ""),
        ("a promise that the vendor refused, and nobody says so",
            new().client(10, 20, off(1), promised("a")).no(30), "given up, and no dead letter"),
        ("a promise that the vendor refused, and it is said",
            new().client(10, 20, off(1), promised("a")).no(30).dead("a"), ""),
        ("a promise that the vendor refused, and another one is said to be dead",
            new().client(10, 20, off(1), promised("a")).no(30).dead("b"), "given up, and no dead letter"),
        ("a dead letter that the vendor never refused",
            new().client(10, 20, off(1), promised("a")).dead("a"), "promised and lost"),

        ("a promise of which a part was done, and its note answered to one who died, and it is said",
            new().client(10, 20, off(1).titled(), promised("a")).left(30).client(25, 31, patch(2), NOTHING).dead("a"), ""),
        ("a promise of which a part was done, and its note never left, and it is said",
            new().client(10, 20, off(1).titled(), promised("a")).vendor(30, Done::Retire, retire).dead("a"), ""),
        ("a promise of which a part was done, and its note never left",
            new().client(10, 20, off(1).titled(), promised("a")).vendor(30, Done::Retire, retire), "given up, and no dead letter"),
        ("a promise of which a part was done, and its note answered, and it is said",
            new().client(10, 20, off(1).titled(), promised("a")).left(30).dead("a"), "promised and lost"),

        ("an older title came back",
            new().client(10, 20, patch(1).titled(), done("t1", true)).vendor(15, Done::Change, |one| title(one, "t1"))
                .client(30, 40, patch(2).titled(), done("t2", true)).vendor(35, Done::Change, |one| title(one, "t2"))
                .vendor(50, Done::Change, |one| title(one, "t1")), "Title of 1 is `t1` at rest"),
        ("an older title came back that nobody had an answer for",
            new().client(10, 20, patch(1).titled(), NOTHING)
                .client(30, 40, patch(2).titled(), done("t2", true)).vendor(35, Done::Change, |one| title(one, "t2"))
                .late(15, 50, Done::Change, |one| title(one, "t1")), ""),
        ("a title that nobody asked for",
            new().vendor(50, Done::Change, |one| title(one, "t9")), "Title of 1 is `t9` at rest"),
        ("a promise came behind what was asked for after it",
            new().client(10, 20, off(1).titled(), promised("a"))
                .client(30, 40, patch(2).titled(), done("t2", true)).vendor(35, Done::Change, |one| title(one, "t2"))
                .vendor(50, Done::Change, |one| title(one, "t1")).left(51), "Title of 1 is `t1` at rest"),
        ("a repeat joined what was promised, and the later promise stands",
            new().client(10, 20, off(1).titled(), promised("a")).client(22, 30, off(2).titled(), promised("b"))
                .client(32, 40, off(1).titled(), promised("a"))
                .vendor(50, Done::Change, |one| title(one, "t1")).left(51)
                .vendor(52, Done::Change, |one| title(one, "t2")), ""),
        ("who was deleted is there again",
            new().client(10, 20, delete(1), Outcome::Done(None)).vendor(15, Done::Delete, |one| one.gone = true)
                .vendor(30, Done::Return, |one| one.gone = false), "was deleted and is there"),
        ("somebody has gone whom nobody deleted",
            new().client(2, 4, create(9), done("t0", true)).vendor(15, Done::Delete, |one| one.gone = true).client(10, 20, off(1), Outcome::Refused(404)), "nobody deleted him"),

        ("who was switched off can get in, by a call that was late",
            new().client(10, 20, on(1), NOTHING)
                .client(30, 40, off(2), done("t0", false)).left(35)
                .late(15, 50, Done::Return, return_), "can still get in"),
        ("who was switched off can get in, and it was only a promise",
            new().left(5).client(30, 40, off(2), promised("a"))
                .vendor(50, Done::Return, return_), "can still get in"),
        ("who was switched off was switched on again",
            new().client(30, 40, off(2), done("t0", false)).left(35)
                .client(50, 60, on(3), NOTHING).vendor(55, Done::Return, return_), ""),

        ("two notes about one leaving",
            new().client(10, 20, off(1), done("t0", false)).vendor(15, Done::Retire, retire)
                .vendor(16, Done::Note, note).vendor(17, Done::Note, note), "2 notes of his leaving 1"),
        ("a note about nothing",
            new().vendor(16, Done::Note, note), "1 notes of his leaving 0"),
        ("a note that is late",
            new().client(10, 20, off(1), done("t0", false)).vendor(15, Done::Retire, retire)
                .client(21, 23, on(2), done("t0", true)).vendor(22, Done::Return, return_)
                .client(24, 28, off(3), done("t0", false)).vendor(25, Done::Retire, retire)
                .vendor(26, Done::Note, note).late(16, 40, Done::Note, note), ""),

        ("a leaving that is half done",
            new().client(10, 20, off(1), done("t0", false)).vendor(15, Done::Retire, retire), "has 0 notes of it"),
        ("a leaving that is half done, and a dead letter says so",
            new().client(10, 20, off(1), done("t0", false)).vendor(15, Done::Retire, retire).dead("a"), ""),
        ("two that are half done, and a dead letter of one",
            new().client(10, 20, off(1), done("t0", false)).vendor(15, Done::Retire, retire)
                .client(30, 40, on(2), done("t0", true)).vendor(35, Done::Return, return_)
                .client(50, 60, off(3), done("t0", false)).vendor(55, Done::Retire, retire).dead("a"), "has 0 notes of it"),

        ("somebody is welcomed twice",
            new().once().vendor(5, Done::Welcome, |_| {}).vendor(9, Done::Welcome, |_| {}), "was welcomed 2 times"),
        ("somebody is welcomed twice, which does no harm",
            new().vendor(5, Done::Welcome, |_| {}).vendor(9, Done::Welcome, |_| {}), ""),
        ("somebody is welcomed once more when that was taken back",
            new().once().vendor(5, Done::Welcome, |_| {}).vendor(7, Done::Unwelcome, |_| {}).vendor(9, Done::Welcome, |_| {}), ""),

        ("who is told as made is not welcomed yet",
            Story::half_made().client(10, 20, create(1), done("t0", true)).vendor(30, Done::Welcome, |one| one.welcome = true), "never in the state of"),
        ("who was half made is there",
            Story::half_made(), "was made and never welcomed"),
        ("who was half made is there, and a dead letter says so",
            Story::half_made().half_dead("p"), ""),
        ("who was half made is there, and a dead letter says so of somebody else",
            Story::half_made().half_dead("q"), "was made and never welcomed"),
        ("who was half made is taken back",
            Story::half_made().client(10, 20, create(1), NOTHING).vendor(30, Done::Delete, |one| one.gone = true), ""),
        ("who is known is taken back",
            new().client(10, 20, create(1), done("t0", true)).vendor(30, Done::Delete, |one| one.gone = true), "nobody deleted him"),

        ("what was acknowledged early was never done",
            new().client(10, 20, off(1), early("a")), "promised and lost"),
        ("what was acknowledged early was done later",
            new().client(10, 20, off(1), early("a")).left(30), ""),
        ("a 404 about somebody whose delete was acknowledged",
            new().client(10, 20, delete(1), early("a")).client(25, 27, on(2), Outcome::Refused(404)).vendor(30, Done::Delete, |one| one.gone = true), ""),
        ("a 404 about somebody whose delete was acknowledged by one that died",
            new().early().client(10, 20, delete(1), NOTHING).client(25, 27, on(2), Outcome::Refused(404)).vendor(30, Done::Delete, |one| one.gone = true), ""),
        ("the same, and it is a dead letter",
            new().early().client(10, 20, delete(1), NOTHING).client(25, 27, on(2), Outcome::Refused(404)).dead("a"), ""),
        ("the same, and it is never made",
            new().early().client(10, 20, delete(1), NOTHING).client(25, 27, on(2), Outcome::Refused(404)), "a 404 about somebody who is there"),
        ("the same, and nothing is acknowledged early",
            new().client(10, 20, delete(1), NOTHING).client(25, 27, on(2), Outcome::Refused(404)).vendor(30, Done::Delete, |one| one.gone = true), "a 404 about somebody who is there"),
        ("a delete that was acknowledged and never made",
            new().client(10, 20, delete(1), early("a")), "promised and lost"),

        ("what asks for the same as a dead letter is one",
            new().client(10, 20, off(1), promised("a")).vendor(15, Done::Retire, retire).dead("a")
                .client(21, 26, on(2), done("t0", true)).vendor(24, Done::Return, return_).client(30, 40, off(3), promised("b")).dead("b"), ""),
        ("the same, and that is none",
            new().client(10, 20, off(1), promised("a")).left(15)
                .client(21, 26, on(2), done("t0", true)).vendor(24, Done::Return, return_).client(30, 40, off(3), promised("b")).dead("b"), "promised and lost"),

        ("somebody was promised to be made, and never was",
            new().gone().client(10, 20, create(1), promised("z")), "promised to be made"),
        ("the same, and he was",
            new().gone().client(10, 20, create(1), promised("z")).vendor(30, Done::Create, again), ""),
        ("the same, and he is a dead letter",
            new().gone().client(10, 20, create(1), promised("z")).half_dead("p"), ""),
        ("the same, and his client heard that the vendor does not have him",
            new().gone().client(10, 20, create(1), promised("z")).client(30, 40, create(1), Outcome::Refused(400)), ""),
        ("the same, and another one was refused before",
            new().gone().client(7, 8, create(1), Outcome::Refused(400)).client(10, 20, create(2), promised("z")), "promised to be made"),

        ("what was refused was done later",
            new().client(10, 20, patch(1).titled(), Outcome::Refused(400)).vendor(30, Done::Change, |one| title(one, "t1"))
                .client(40, 50, patch(2).titled(), done("t2", true)).vendor(45, Done::Change, |one| title(one, "t2")), "refused with 400, and carried out later"),
    ]
}

#[test]
fn each_rule_lets_nothing_pass_that_it_is_there_for() {
    for (name, story, words) in stories() {
        let faults = judge(&story.evidence).faults;
        match words {
            "" => assert!(faults.is_empty(), "{name}: {faults:?}"),
            words => assert!(faults.iter().any(|one| one.contains(words)), "{name}: {faults:?}"),
        }
    }
}

#[test]
fn an_order_that_was_turned_round_is_told_apart() {
    let late = Story::new()
        .client(10, 20, patch(1).titled(), NOTHING)
        .client(30, 40, patch(2).titled(), done("t2", true))
        .vendor(35, Done::Change, |one| title(one, "t2"))
        .late(15, 50, Done::Change, |one| title(one, "t1"));
    let mended = Story::new()
        .client(10, 20, on(1), NOTHING)
        .client(30, 40, off(2), done("t0", false))
        .left(35)
        .late(15, 50, Done::Return, return_)
        .client(60, 70, off(3), done("t0", false))
        .left(65);
    let side_by_side = Story::new()
        .client(10, 45, patch(1).titled(), done("t1", true))
        .client(30, 40, patch(2).titled(), done("t2", true))
        .vendor(35, Done::Change, |one| title(one, "t2"))
        .vendor(43, Done::Change, |one| title(one, "t1"));
    for (story, words) in [
        (late, vec!["Title of 1 became `t1`"]),
        (mended, vec!["Active of 1 became `true`"]),
        (side_by_side, vec![]),
    ] {
        let judgement = judge(&story.evidence);
        assert!(judgement.faults.is_empty(), "{:?}", judgement.faults);
        assert_eq!(judgement.inversions.len(), words.len(), "{:?}", judgement.inversions);
        assert_eq!(judgement.figures.inversions, words.len() as u64);
        let told = judgement.inversions.iter().zip(words);
        told.for_each(|(told, words)| assert!(told.contains(words), "{told}"));
    }
}

#[test]
fn promises_are_counted_by_their_names() {
    let story = Story::new()
        .client(10, 20, off(1), promised("a"))
        .client(30, 40, off(1), promised("a"))
        .client(50, 60, off(2), promised("b"))
        .left(70);
    let figures = judge(&story.evidence).figures;
    assert_eq!((figures.promised, figures.delivered, figures.repeats), (2, 2, 1));
}
