//! Files of the command line: read as text, or told why not.

pub use crate::yaml::file::{Unread, text};
