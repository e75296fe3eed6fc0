//! Secrets: from the environment or a file, never printed.
//!
//! A configuration holds only a [`Reference`]; the value is read when it is needed and travels as a
//! [`Secret`], which nothing can print by accident. The memory is not overwritten on drop: doing
//! that so that the optimiser keeps it needs `unsafe`, and the value passes through strings of other
//! crates (headers, TLS buffers) that would keep their copies anyway.

use serde::{Deserialize, Deserializer, de::Error as _};
use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

/// A value that must not be printed: no `Display`, and a blind `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the value out of sight.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value; call it where it is used, and keep no copy.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Where a secret stands: `{ env: NAME }` or `{ file: PATH }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// An environment variable.
    Env(String),
    /// A file, as Kubernetes and systemd mount them; one newline at its end is not part of it.
    File(PathBuf),
}

impl Reference {
    /// Reads the value. The error names the variable or the file and the remedy, never the value.
    pub fn resolve(&self) -> Result<Secret, String> {
        match self {
            Self::Env(name) => value_of_variable(name, std::env::var_os(name)),
            Self::File(path) => value_of_file(path),
        }
    }

    /// Why there is nothing to read, as far as that is told without reading it: a variable that is not
    /// set. A file may be only where it runs.
    pub fn unset(&self) -> Option<String> {
        match self {
            Self::Env(name) if std::env::var_os(name).is_none() => {
                Some(format!("environment variable `{name}` is not set: set it, or use `file:`"))
            }
            _ => None,
        }
    }

    /// The same reference with a relative file taken from `folder`.
    pub fn within(self, folder: &Path) -> Self {
        match self {
            Self::File(path) => Self::File(folder.join(path)),
            Self::Env(name) => Self::Env(name),
        }
    }
}

impl<'de> Deserialize<'de> for Reference {
    /// An error never repeats what was found: it may be the secret itself, written in the open.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Written {
            env: Option<String>,
            file: Option<PathBuf>,
        }
        match Written::deserialize(deserializer) {
            Ok(Written { env: Some(name), file: None }) => Ok(Self::Env(name)),
            Ok(Written { env: None, file: Some(path) }) => Ok(Self::File(path)),
            _ => Err(D::Error::custom("expected `{ env: NAME }` or `{ file: PATH }`")),
        }
    }
}

fn value_of_variable(name: &str, value: Option<std::ffi::OsString>) -> Result<Secret, String> {
    let Some(value) = value else {
        return Err(format!("environment variable `{name}` is not set: set it, or use `file:`"));
    };
    let Ok(value) = value.into_string() else {
        return Err(format!("environment variable `{name}` is not UTF-8: set it to text"));
    };
    if value.is_empty() {
        return Err(format!("environment variable `{name}` is empty: give it the secret"));
    }
    Ok(Secret(value))
}

/// No credential is longer: a device that never ends is none.
const LONGEST: u64 = 64 * 1024;

fn value_of_file(path: &Path) -> Result<Secret, String> {
    let shown = path.display();
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_string(&mut text));
    let size = read.map_err(|error| {
        format!("secret file `{shown}` cannot be read: {error}: mount it, and let us read it")
    })?;
    if size as u64 > LONGEST {
        return Err(format!("secret file `{shown}` has more than {LONGEST} bytes: is it the one?"));
    }
    // Editors and `echo` end a file with a newline that nobody means; a second one is meant.
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    if text.is_empty() {
        return Err(format!("secret file `{shown}` is empty: write the secret into it"));
    }
    Ok(Secret(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_an_end_is_no_secret() {
        let why = value_of_file(Path::new("/dev/zero")).err().unwrap();
        assert!(why.contains("more than 65536 bytes"), "{why}");
    }

    #[test]
    fn a_secret_is_never_printed() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret:?}"), "Secret(..)");
        assert_eq!(secret.expose(), "hunter2");
    }

    #[test]
    fn a_reference_names_one_place_and_an_error_repeats_nothing() {
        let read = |text: &str| serde_json::from_str::<Reference>(text);
        assert_eq!(read(r#"{ "env": "T" }"#).unwrap(), Reference::Env("T".to_owned()));
        assert_eq!(read(r#"{ "file": "t" }"#).unwrap(), Reference::File("t".into()));
        for wrong in
            [r#""hunter2""#, r#"{ "hunter2": "T" }"#, r#"{ "env": "hunter2", "file": "" }"#]
        {
            let message = read(wrong).unwrap_err().to_string();
            assert!(!message.contains("hunter2"), "{message}");
        }
    }

    #[test]
    fn a_variable_is_taken_as_it_is_or_refused_by_name() {
        assert_eq!(value_of_variable("T", Some("a b\n".into())), Ok(Secret::new("a b\n")));
        for (value, expected) in [(None, "`T` is not set"), (Some("".into()), "`T` is empty")] {
            let message = value_of_variable("T", value).unwrap_err();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn a_file_loses_one_newline_and_no_more() {
        let file = std::env::temp_dir().join(format!("scimshim-secret-{}", std::process::id()));
        for (written, read) in [("s", "s"), ("s\n", "s"), ("s\r\n", "s"), ("s\n\n", "s\n")] {
            std::fs::write(&file, written).unwrap();
            let reference = Reference::File(file.clone());
            assert_eq!(reference.resolve(), Ok(Secret::new(read)), "{written:?}");
        }
        std::fs::write(&file, "\n").unwrap();
        let message = Reference::File(file.clone()).resolve().unwrap_err();
        assert!(message.contains("is empty"), "{message}");
        std::fs::remove_file(&file).unwrap();
        let message = Reference::File(file.clone()).resolve().unwrap_err();
        assert!(message.contains(&file.display().to_string()), "{message}");
    }
}
