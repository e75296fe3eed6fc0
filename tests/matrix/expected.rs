//! What a client is told of a failure: `README.md`, *What a failure becomes*.

use crate::{
    act::Act,
    fakes::{
        call::Call,
        trouble::{Fault, Gate},
    },
    okta::Reply,
    steps::Known,
};
use percent_encoding::percent_decode_str;
use scimshim::mapping::plan::Meaning;

/// A fault with its name.
#[derive(Clone)]
pub struct Wrong {
    pub name: String,
    pub fault: Fault,
    /// The vendor does what it is asked first.
    pub worked: bool,
}

/// Every fault of the fakes; those that a vendor can have after it did its work, too. What stands together is tried
/// with one process: a vendor that asks for patience gets it, and who does not answer is waited for.
pub fn faults() -> [Vec<Wrong>; 4] {
    let (mut said, mut patience, mut silent, mut broken) = (vec![], vec![], vec![], vec![]);
    let wrong = |name: &str, fault| Wrong { name: name.to_owned(), fault, worked: false };
    for status in [302, 400, 401, 403, 404, 409, 410, 422, 500, 503] {
        said.push(wrong(&status.to_string(), Fault::Status(status)));
    }
    for fault in Fault::each() {
        match fault {
            Fault::Status(_) => {}
            Fault::TooMany(_) => patience.push(wrong("429", Fault::TooMany(Some("0")))),
            Fault::Denied => said.push(wrong("an error as 200", fault)),
            Fault::Html => said.push(wrong("a page as 200", fault)),
            Fault::Answer(..) => said.push(wrong("null as 200", fault)),
            Fault::Unfiltered => said.push(wrong("a search that overlooks its filter", fault)),
            Fault::Reset => {
                let done = Wrong { worked: true, ..wrong("reset, and it is done", Fault::Reset) };
                broken.extend([wrong("reset", fault), done]);
            }
            Fault::HalfBody => broken.push(wrong("half a body", fault)),
            Fault::Delay(_) => {
                let done = wrong("no answer, and it is done", Fault::Delay(Gate::shut()));
                silent.extend([wrong("no answer", fault), Wrong { worked: true, ..done }]);
            }
            Fault::Drip(_) => silent.push(wrong("a body that never ends", fault)),
        }
    }
    [said, patience, silent, broken]
}

/// One call that has gone wrong.
pub struct Struck<'a> {
    pub wrong: &'a Wrong,
    pub step: &'a Known,
    pub act: Act,
    /// What a row of the mapping says of the answer.
    pub row: Option<Meaning>,
    /// The credential is the client's own.
    pub passes: bool,
    /// The client repeats a 429 by itself.
    pub okta: bool,
}

impl Struck<'_> {
    /// The vendor says something about its state that is not so, and nobody can know better: what it says is all that
    /// there is to go by. Only of reads; what a write is said to have done can be read back.
    pub fn is_misled(&self) -> bool {
        let says = matches!(
            self.wrong.fault,
            Fault::Status(404 | 410) | Fault::Denied | Fault::Answer(..)
        );
        says && !self.step.changes()
    }

    /// The vendor says that it is done, and has done nothing.
    pub fn says_done(&self) -> bool {
        match self.wrong.fault {
            Fault::Denied | Fault::Answer(..) => true,
            Fault::Status(status) => self.accepts(status),
            _ => false,
        }
    }

    fn accepts(&self, status: u16) -> bool {
        self.step.step.accept.iter().any(|accept| accept.holds(status))
    }

    /// What may be told in place of success.
    pub fn statuses(&self) -> &'static [u16] {
        let Self { wrong: Wrong { fault, .. }, step, act, .. } = self;
        match self.row {
            Some(Meaning::Forbidden) => return &[403],
            Some(Meaning::Invalid) => return &[400],
            Some(Meaning::Conflict) => return &[409],
            _ => {}
        }
        match fault {
            Fault::Status(400 | 422) => &[400],
            // The client's own is refused, or ours.
            Fault::Status(401) if self.passes => &[401],
            Fault::Status(403) if self.passes => &[403],
            Fault::Status(401 | 403) => &[502],
            Fault::Status(404 | 410) if step.itself && !act.makes() => &[404],
            // Of who was made a moment ago it is no answer.
            Fault::Status(404 | 410) if step.itself => &[404, 400, 502],
            // What counts as done is not, as the record tells.
            Fault::Status(status @ (404 | 409 | 410)) if self.accepts(*status) => &[502],
            // What was named is not there; or nothing was named, and the address is wrong.
            Fault::Status(404 | 410) => &[400, 502],
            Fault::Status(409) => &[409],
            Fault::Status(503) if !self.okta => &[503],
            Fault::Status(503) | Fault::TooMany(_) => &[429],
            Fault::Status(_) | Fault::Html | Fault::Answer(..) | Fault::Denied => &[502],
            Fault::Reset | Fault::Delay(_) | Fault::Drip(_) => &[504],
            Fault::HalfBody if step.step.safe => &[502],
            Fault::HalfBody => &[504],
            Fault::Unfiltered => &[502],
        }
    }

    /// What is told of a write that goes on from the journal: only who is to lose access does.
    fn put_off(&self) -> &'static [u16] {
        match (self.act, &self.wrong.fault) {
            (Act::Deactivate | Act::Delete | Act::DeleteGroup, Fault::Status(401 | 403)) => &[502],
            (Act::Deactivate | Act::Delete | Act::DeleteGroup, _) if self.okta => &[429],
            (Act::Deactivate | Act::Delete | Act::DeleteGroup, _) => &[503],
            _ => &[],
        }
    }

    /// Whether a failure is told as what it is: by its status, its type and its words. `call` is the one that has
    /// gone wrong.
    pub fn is_told(&self, told: &Reply, call: &Call) -> Result<(), String> {
        let detail = told.body["detail"].as_str().unwrap_or_default();
        let is = || format!("{} {} {detail:?}", told.status, told.body["scimType"]);
        let goes_on = told.head.to_ascii_lowercase().contains("\r\nset-txn: ");
        let expected = if goes_on { self.put_off() } else { self.statuses() };
        if !expected.contains(&told.status) {
            return Err(format!("{}, not {expected:?}", is()));
        }
        if goes_on && !detail.contains("the change is journalled as") {
            return Err(format!("{}, and not that it goes on", is()));
        }
        // The table's words; RFC 7644 §3.12 has them.
        let scim_type = match told.status {
            400 => Some("invalidValue"),
            409 => Some("uniqueness"),
            _ => None,
        };
        if told.body["scimType"].as_str() != scim_type {
            return Err(format!("{}, and the type is not {scim_type:?}", is()));
        }
        let waits = told.head.to_ascii_lowercase().contains("\r\nretry-after: ");
        if matches!(told.status, 429 | 503) && !waits {
            return Err(format!("{} without Retry-After", told.status));
        }
        if told.status == 400 && matches!(self.wrong.fault, Fault::Status(404 | 410)) {
            let place = format!("({})", self.step.step.place);
            if !detail.contains(&place) {
                return Err(format!("{}, without the mapping's line {place}", is()));
            }
            let named = detail.split('`').nth(1).unwrap_or_default();
            if named.is_empty() || !names(call, named) {
                return Err(format!("{}, and `{named}` was not what it named", is()));
            }
        }
        Ok(())
    }
}

/// Whether a call has this value in it.
fn names(call: &Call, value: &str) -> bool {
    let path = percent_decode_str(&call.path).decode_utf8_lossy();
    let body = String::from_utf8_lossy(&call.body);
    let mut query = call.query.iter();
    path.contains(value) || body.contains(value) || query.any(|(_, given)| given.contains(value))
}

/// Whether a failure says that something was done all the same, or may have been.
pub fn tells_half_done(detail: &str) -> bool {
    let words = [
        "carried out",
        "was made",
        "is not known",
        "outcome is unknown",
        "could not be taken back",
        // It said so, and its record does not show it.
        "the vendor took",
    ];
    words.iter().any(|word| detail.contains(word))
}
