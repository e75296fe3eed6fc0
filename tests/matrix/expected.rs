//! What a client is told of a failure: `README.md`, *What a failure becomes*, for the client `okta`.

use crate::{
    act::Act,
    fakes::trouble::{Fault, Gate},
};

/// Every fault of the fakes, with a name; those that a vendor can have after it did its work, too.
pub fn faults() -> Vec<(String, Fault, bool)> {
    let statuses = [302, 400, 401, 403, 404, 409, 410, 422, 500, 503];
    let statuses = statuses.map(|status| (format!("{status}"), Fault::Status(status), false));
    let mut faults: Vec<_> = statuses.into();
    for fault in Fault::each() {
        let name = match &fault {
            Fault::Status(_) => continue,
            // A pause of all calls is no matter of one step.
            Fault::TooMany(_) => {
                faults.push(("429".into(), Fault::TooMany(Some("0")), false));
                continue;
            }
            Fault::Denied => "an error as 200",
            Fault::Html => "a page as 200",
            Fault::Answer(..) => "null as 200",
            Fault::Reset => "reset",
            Fault::Delay(_) => "no answer",
            Fault::HalfBody => "half a body",
            Fault::Drip(_) => "a body that never ends",
            Fault::Unfiltered => "a search that overlooks its filter",
        };
        if matches!(fault, Fault::Reset | Fault::Delay(_)) {
            let again =
                if let Fault::Delay(_) = fault { Fault::Delay(Gate::shut()) } else { Fault::Reset };
            faults.push((format!("{name}, and it is done"), again, true));
        }
        faults.push((name.to_owned(), fault, false));
    }
    faults
}

/// The vendor says something about its state that is not so: what it says is all that there is to go by.
pub fn lies(fault: &Fault) -> bool {
    matches!(fault, Fault::Status(404 | 410) | Fault::Denied | Fault::Answer(..))
}

/// What may be told in place of success.
pub fn statuses(fault: &Fault, itself: bool, act: Act) -> &'static [u16] {
    match fault {
        Fault::Status(400 | 422) => &[400, 409],
        Fault::Status(403) => &[502, 403],
        Fault::Status(404 | 410) if itself => &[404],
        Fault::Status(404 | 410) if matches!(act, Act::Delete | Act::DeleteGroup) => &[404, 502],
        // What was named is not there; or nothing was named, and the address is wrong.
        Fault::Status(404 | 410) => &[400, 502],
        Fault::Status(409) => &[409],
        Fault::Status(503) | Fault::TooMany(_) => &[429],
        Fault::Status(_) | Fault::Html | Fault::Answer(..) => &[502],
        Fault::Denied => &[400, 403, 409, 502],
        Fault::Reset | Fault::Delay(_) | Fault::Drip(_) => &[504],
        Fault::HalfBody => &[502, 504],
        Fault::Unfiltered => &[],
    }
}
