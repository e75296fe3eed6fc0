//! One mechanism is missing in each row: a row that holds says that the mechanism is worth nothing, or the row.

use crate::{
    protocol::{self, Checks, Looks, Protocol, Reads, Resumes, Settles, Tells},
    rows::{Row, durable, passing},
    truth::Wrong::{self, Fence, Lie, Lost, Order, Stuck, Twice},
    vendor::Intent::{Blind, Poison, Post, Rekeyed, Set, Through, Two},
};

impl Row {
    fn without(self, caught: Wrong, leave_out: impl Fn(&mut Protocol)) -> Self {
        let mut row = Self { caught: Some(caught), ..self };
        leave_out(&mut row.protocol);
        row
    }
}

pub fn broken() -> Vec<Row> {
    [journal(), settling(), repeating(), turns(), letters(), looks()]
        .into_iter()
        .flatten()
        .collect()
}

fn journal() -> Vec<Row> {
    let set = [durable(Set(1)), durable(Set(0))];
    let repeat = [durable(Set(1)); 2];
    let joins = [passing(Set(1)), durable(Set(1))];
    vec![
        Row::new("nothing is journalled", &set, "busy").without(Lost, |it| it.journals = false),
        Row::new("2xx once it is journalled", &set, "").without(Lie, |it| it.tells = Tells::Early),
        Row::new("2xx before the end is committed", &[durable(Blind(1))], "kill")
            .without(Lie, |it| it.tells = Tells::BeforeEnd),
        Row::new("what is joined is decided before the lock", &repeat, "refuse")
            .concurrent()
            .without(Lie, |it| it.joins_under_lock = false),
        Row::new("a durable write joins a passing one", &joins, "busy")
            .concurrent()
            .without(Lost, |it| it.joins_durable_only = false),
    ]
}

fn settling() -> Vec<Row> {
    let set = [durable(Set(1)), durable(Set(0))];
    let passing_first = [passing(Set(1)), durable(Set(0))];
    let blind = [durable(Blind(1)), durable(Two(2))];
    vec![
        Row::new("settling ends with the entry", &set, "late")
            .without(Order, |it| it.settles = Settles::WithEntry),
        Row::new("a read is believed before it settles", &passing_first, "late")
            .without(Lie, |it| it.settles = Settles::BeforeCalling),
        Row::new("a call found `sent` is not doubted", &set, "kill")
            .without(Order, |it| it.doubts_what_it_finds = false),
        Row::new("a 503 to the repeat ends the doubt", &set, "late busy")
            .without(Order, |it| it.remembers_doubt = false),
        Row::new("a dead letter does not settle", &blind, "late")
            .without(Order, |it| it.dead_settles = false),
        Row::new("a next call does not let the last one settle", &[durable(Through(1))], "late")
            .without(Lie, |it| it.steps_settle = false),
    ]
}

fn repeating() -> Vec<Row> {
    let post = [durable(Post(1))];
    let rekeyed = [durable(Rekeyed(1))];
    let blind = [durable(Blind(1))];
    let two = [durable(Two(1)); 2];
    vec![
        Row::new("no `sent` before an unsafe call", &post, "kill")
            .without(Twice, |it| it.marks_unsafe = false),
        Row::new("an unsafe call is repeated unread", &post, "kill")
            .without(Twice, |it| it.reads = Reads::Never),
        Row::new("an unsafe call is read before it settles", &post, "late")
            .without(Twice, |it| it.reads = Reads::AtOnce),
        Row::new("the client's repeat of one does not wait", &[passing(Post(1)); 2], "late")
            .without(Twice, |it| it.unsafe_waits = false),
        Row::new("a call has another key each time", &rekeyed, "kill").without(Twice, |_| {}),
        Row::new("an unsafe call that nobody sees is repeated", &blind, "kill")
            .without(Twice, |it| it.unknown_is_dead = false),
        Row::new("an operation is resumed by reading alone", &two, "kill")
            .without(Lie, |it| it.resumes = Resumes::Never),
        Row::new("a 503 to the repeat ends what was begun", &two, "busy kill")
            .without(Lie, |it| it.resumes = Resumes::Sent),
        Row::new("a half-done operation ends with its request", &[passing(Two(1)); 2], "busy")
            .without(Lie, |it| it.finishes = false),
    ]
}

fn turns() -> Vec<Row> {
    let set = [durable(Set(1)), durable(Set(0))];
    let three = [durable(Set(1)), durable(Set(2)), durable(Set(3))];
    let passing_first = [passing(Set(1)), durable(Set(2))];
    vec![
        Row::new("no fencing", &set, "pause").replicas().without(Fence, |it| it.fences = false),
        Row::new("no look at the lease before a call", &set, "pause")
            .replicas()
            .concurrent()
            .without(Order, |it| it.checks = Checks::Never),
        Row::new("a claim decides before it locks", &set, "")
            .replicas()
            .concurrent()
            .without(Order, |it| it.locks_first = false),
        Row::new("the newest first", &three, "busy")
            .without(Order, |it| it.order = protocol::Order::NewestFirst),
        Row::new("by number, even before what was begun", &passing_first, "kill")
            .concurrent()
            .without(Order, |it| it.order = protocol::Order::Number),
    ]
}

fn letters() -> Vec<Row> {
    let poison = [durable(Poison(3)), durable(Set(1))];
    vec![
        Row::new("a dead letter holds back what follows", &poison, "busy")
            .without(Stuck, |it| it.dead_blocks = true),
        Row::new("a refusal in the background leaves no letter", &poison, "busy")
            .without(Lie, |it| it.buries = false),
        Row::new("a refusal strikes what another counts on", &[durable(Set(1)); 2], "refuse")
            .concurrent()
            .without(Lost, |it| it.counts_sharers = false),
        Row::new("a strike that looks failed is promised", &poison, "store")
            .without(Lost, |it| it.promises_in_doubt = true),
        Row::new("a letter `unknown` lets its repeat pass", &[durable(Blind(1)); 2], "kill")
            .without(Twice, |it| it.dead_answers = false),
        Row::new("a half-done letter lets its repeat pass", &[durable(Two(1)); 2], "refuse")
            .without(Lie, |it| it.dead_answers = false),
    ]
}

fn looks() -> Vec<Row> {
    let set = [durable(Set(1)), durable(Set(0))];
    let pair = [durable(Set(1)), passing(Set(2))];
    let back = [durable(Set(1)), passing(Set(2)), passing(Set(1))];
    vec![
        Row::new("nobody looks once more", &set, "pause")
            .pausing()
            .without(Lie, |it| it.looks = Looks::Never),
        Row::new("a look that was asked for ends the watch", &pair, "late pause")
            .pausing()
            .without(Order, |it| it.looks = Looks::EarlyEnds),
        Row::new("what finds nothing to do is not kept", &back, "pause")
            .pausing()
            .without(Lie, |it| it.keeps_noops = false),
    ]
}

/// What no store can mend: they are caught as well, and the day that one holds this page is to be changed.
pub fn holes() -> Vec<Row> {
    let set = [durable(Set(1)), durable(Set(0))];
    let post = [durable(Post(1)), durable(Set(1))];
    let passing_first = [passing(Set(1)), durable(Set(2))];
    vec![
        // A call cannot be fenced at the vendor. The remedy is a watch that outlives the longest pause.
        Row::new("a pause before the call that outlasts the watch", &set, "pause")
            .pausing()
            .without(Order, |it| it.outlasts = false),
        // It is read before it is made again, and comes later still. The remedy is the vendor's idempotency key.
        Row::new("a pause before a call that may not be repeated", &post, "pause")
            .pausing()
            .without(Twice, |_| ()),
        // Its place is given when it is sent. The remedy is to answer before any client gives up.
        Row::new("a client gives up, and its newer write comes first", &passing_first, "gone")
            .without(Order, |_| ()),
    ]
}
