//! The mechanisms of the protocol, each with the ways in which it could be left out (`broken.rs` does).

/// The journal's protocol. [`Protocol::OURS`] is the one that is built; a row of the broken ones changes one field.
#[derive(Clone, Copy, Debug)]
pub struct Protocol {
    /// A durable write is in the store before anything else happens.
    pub journals: bool,
    /// When the client is told that it is done.
    pub tells: Tells,
    /// What a call that may still land holds back.
    pub settles: Settles,
    /// An entry found with `sent` counts as one whose call was given up.
    pub doubts_what_it_finds: bool,
    /// A given-up call is remembered when the vendor refuses the next one for now.
    pub remembers_doubt: bool,
    /// A call that may not be repeated waits for the given-up ones of the same intent, too.
    pub unsafe_waits: bool,
    /// A dead entry's given-up call is waited for too.
    pub dead_settles: bool,
    /// The next call of an operation waits for the given-up ones before it.
    pub steps_settle: bool,
    /// `sent` is committed before a call that may not be repeated.
    pub marks_unsafe: bool,
    /// What is done about a call that may not be repeated, shows, and was found `sent`.
    pub reads: Reads,
    /// A call that may not be repeated and does not show is a dead letter once it was found `sent`.
    pub unknown_is_dead: bool,
    /// Commits of a holder are refused once its lease was taken.
    pub fences: bool,
    /// How the lease is asked before a call.
    pub checks: Checks,
    /// The claim locks first and decides in the next statement.
    pub locks_first: bool,
    pub order: Order,
    /// A dead letter holds back what comes after it.
    pub dead_blocks: bool,
    /// When an operation of several calls goes on at the next call, whatever a read shows.
    pub resumes: Resumes,
    /// In the background a refusal for good is a dead letter.
    pub buries: bool,
    /// A refusal strikes an entry only where nobody but its own request counts on it.
    pub counts_sharers: bool,
    /// A request whose strike looks failed promises that its write will be done.
    pub promises_in_doubt: bool,
    /// Which entry a write joins is decided under the lock in which it joins it.
    pub joins_under_lock: bool,
    /// What asks for the same as a dead letter that was done in part, or may have been, ends as it did, untried.
    pub dead_answers: bool,
    /// An operation of several calls that has begun is finished or a dead letter, whoever asked for it.
    pub finishes: bool,
    /// Only a durable entry is joined.
    pub joins_durable_only: bool,
    /// What was done under a lease that was taken is looked at once more.
    pub looks: Looks,
    /// What finds nothing to do is kept for that as well.
    pub keeps_noops: bool,
    /// The watch is longer than any pause between the look at the lease and the call.
    pub outlasts: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Looks {
    /// At once where something was reported, and when the watch is over, which alone ends it.
    AtTheEnd,
    /// A look that was caused by a report ends the watch.
    EarlyEnds,
    Never,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tells {
    AfterEnd,
    /// The vendor has answered, and the end is not committed.
    BeforeEnd,
    /// The entry is committed, and nothing is done.
    Early,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Settles {
    /// Another entry is not begun, and the vendor not read for it.
    BeforeReading,
    /// Another entry's call is not sent; that it has nothing to do is believed.
    BeforeCalling,
    /// Only while the entry is not ended.
    WithEntry,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reads {
    /// After it has settled.
    Settled,
    AtOnce,
    Never,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Checks {
    /// In the instant of the send.
    AtSend,
    /// A pause may fall between the check and the send.
    BeforeSend,
    Never,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// What was begun first, then by number.
    BegunFirst,
    /// By number alone.
    Number,
    NewestFirst,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resumes {
    /// Once a call of it may have left.
    Begun,
    /// While a call is marked `sent`, or one is known to be done.
    Sent,
    Never,
}

impl Protocol {
    pub const OURS: Self = Self {
        journals: true,
        tells: Tells::AfterEnd,
        settles: Settles::BeforeReading,
        doubts_what_it_finds: true,
        remembers_doubt: true,
        unsafe_waits: true,
        dead_settles: true,
        steps_settle: true,
        marks_unsafe: true,
        reads: Reads::Settled,
        unknown_is_dead: true,
        fences: true,
        checks: Checks::AtSend,
        locks_first: true,
        order: Order::BegunFirst,
        dead_blocks: false,
        resumes: Resumes::Begun,
        buries: true,
        counts_sharers: true,
        promises_in_doubt: false,
        joins_under_lock: true,
        dead_answers: true,
        finishes: true,
        joins_durable_only: true,
        looks: Looks::AtTheEnd,
        keeps_noops: true,
        outlasts: true,
    };
}
