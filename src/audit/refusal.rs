//! Why there is no audit log to write to.

/// Why an audit log cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What is at fault.
    pub part: Part,
    /// What was found; names the file, never the key.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// What of the `audit:` section is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// `path`
    File,
    /// `key`
    Key,
}

impl Refusal {
    /// The file is at fault.
    pub fn of_file(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { part: Part::File, message: message.into(), help: help.into() }
    }

    /// The key is at fault.
    pub fn of_key(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { part: Part::Key, message: message.into(), help: help.into() }
    }
}
