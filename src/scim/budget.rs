//! How much work one request may be.

use super::error::{Error, ScimType};

/// Looks at values that one request may take: a comparison takes one at each element of its list, and at least
/// one. Clients that send operations by the hundred over lists of thousands, or filter ten thousand users,
/// spend a tenth of it; all of it takes about a second.
const LOOKS: usize = 5_000_000;
/// So many bytes weigh as much as one look.
const BYTES: usize = 64;

/// What is left of the work.
#[derive(Debug)]
pub struct Budget {
    left: usize,
    /// What a client is told that wants more.
    refusal: &'static str,
}

impl Budget {
    /// That of all operations of a PATCH. A body of a few megabytes can ask for hours.
    pub fn of_patch() -> Self {
        Self {
            left: LOOKS,
            refusal: "found more operations over longer lists than one request may have, expected \
                      them in several requests",
        }
    }

    /// That of a filter over all resources which it is matched with here.
    pub fn of_search() -> Self {
        Self {
            left: LOOKS,
            refusal: "found more comparisons over more values than one search may have, expected a \
                      narrower filter",
        }
    }

    /// So many looks are about to be taken, or were. 400 tooMany when that is more than is left.
    pub fn looks(&mut self, looks: usize) -> Result<(), Error> {
        let left = self.left.checked_sub(looks);
        self.left = left.ok_or_else(|| Error::bad(ScimType::TooMany, self.refusal))?;
        Ok(())
    }

    /// A value of so many bytes is about to be written into so many elements.
    pub fn copies(&mut self, elements: usize, bytes: usize) -> Result<(), Error> {
        self.looks(elements.saturating_mul(weight(bytes)))
    }
}

/// The looks that it takes to read, or write, so many bytes.
pub fn weight(bytes: usize) -> usize {
    bytes / BYTES
}
