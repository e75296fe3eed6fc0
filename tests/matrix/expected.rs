//! What a client is told of a failure: `README.md`, *What a failure becomes*, for the client `okta`.

use crate::{
    act::Act,
    fakes::trouble::{Fault, Gate},
};

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

/// The vendor says something about its state that is not so: what it says is all that there is to go by.
pub fn lies(fault: &Fault) -> bool {
    matches!(fault, Fault::Status(404 | 410) | Fault::Denied | Fault::Answer(..))
}

/// What may be told in place of success.
pub fn statuses(fault: &Fault, itself: bool, act: Act) -> &'static [u16] {
    match fault {
        Fault::Status(400 | 422) => &[400, 409],
        // Ours is refused, or the client's own.
        Fault::Status(401) => &[502, 401],
        Fault::Status(403) => &[502, 403],
        // Of who was made a moment ago it is no answer; a lookup's call may look the same, and names somebody else.
        Fault::Status(404 | 410) if itself => &[404, 502, 400],
        Fault::Status(404 | 410) if matches!(act, Act::Delete | Act::DeleteGroup) => {
            &[404, 502, 400]
        }
        // What was named is not there; or nothing was named, and the address is wrong.
        Fault::Status(404 | 410) => &[400, 502],
        // Where a conflict counts as done, the record tells that it is not.
        Fault::Status(409) => &[409, 502],
        Fault::Status(503) | Fault::TooMany(_) => &[429],
        Fault::Status(_) | Fault::Html | Fault::Answer(..) => &[502],
        Fault::Denied => &[400, 403, 409, 502],
        Fault::Reset | Fault::Delay(_) | Fault::Drip(_) => &[504],
        Fault::HalfBody => &[502, 504],
        Fault::Unfiltered => &[502],
    }
}
