//! How much work one PATCH may be.

use crate::scim::error::{Error, ScimType};

/// Looks at elements that all operations together may take, each comparison of a filter one. Clients that send operations by the hundred, over lists
/// of thousands, spend a tenth of it; all of it takes about a second.
const VISITS: usize = 5_000_000;
/// So many bytes weigh as much as one look.
const BYTES: usize = 64;

/// What is left of the work.
#[derive(Debug)]
pub struct Budget {
    left: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { left: VISITS }
    }
}

impl Budget {
    /// So many looks at elements are about to be taken. 400 tooMany when that is more than is left: a body of a
    /// few megabytes can ask for hours.
    pub fn visits(&mut self, looks: usize) -> Result<(), Error> {
        let left = self.left.checked_sub(looks).ok_or_else(|| {
            Error::bad(
                ScimType::TooMany,
                "found more operations over longer lists than one request may have, expected \
                 them in several requests",
            )
        })?;
        self.left = left;
        Ok(())
    }

    /// A value of so many bytes is about to be written into so many elements.
    pub fn copies(&mut self, elements: usize, bytes: usize) -> Result<(), Error> {
        self.visits(elements.saturating_mul(bytes / BYTES))
    }
}
