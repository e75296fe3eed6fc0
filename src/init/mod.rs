//! The first draft of a mapping and its tests: from nothing but a name, or what a vendor's OpenAPI 3
//! document says, by fixed rules. Pure: the same document gives the same draft.

mod openapi;
mod start;
mod survey;
mod write;

pub use openapi::LARGEST;
pub use start::draft as start;

/// What `init` writes, and what it tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The mapping.
    pub mapping: String,
    /// The tests beside it.
    pub tests: String,
    /// What was found, guessed and not found, a line each.
    pub told: Vec<String>,
}

/// Whether a text can name a mapping. Names of files end well below 64 characters more.
pub fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=64).contains(&text.len()) && text.chars().all(fits) && !text.starts_with('-')
}

/// A draft out of an OpenAPI document. `file` is how the user named it; what cannot be used is told
/// with its place and the remedy.
pub fn from_openapi(name: &str, file: &str, text: &str) -> Result<Draft, String> {
    let document = openapi::read(file, text)?;
    let survey = survey::of(&document, name).map_err(|why| format!("{file}: {why}"))?;
    Ok(write::draft(name, &survey, &document))
}
