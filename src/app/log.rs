//! The log: to stderr, one line per event, as text or JSON.

use crate::diagnostic::{Diagnostic, did_you_mean, nearest};
use serde::Deserialize;
use std::{fmt, io::IsTerminal};
use tracing::field::Field;
use tracing_subscriber::{
    EnvFilter,
    field::MakeExt,
    fmt::format::{Writer, debug_fn},
};

/// The `log:` section.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a map with `format` and `level`")]
pub struct Settings {
    /// `text` for people, `json` for what collects logs.
    pub format: Format,
    /// `error`, `warn`, `info`, `debug`, `trace`, or filters like `info,scimshim::server=debug`.
    pub level: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self { format: Format::Text, level: "info".to_owned() }
    }
}

/// How a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// The levels; `off` and numbers are read too, and nobody means them.
const LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];

/// Whether `level` can be read; the error says what is wrong and what is meant.
pub fn check(level: &str) -> Result<(), (String, String)> {
    // A bare word that is no level would be the name of a module, and silence everything else.
    let mut words = level.split(',').map(str::trim);
    let odd = words.find(|word| {
        let bare = !word.contains(['=', '[', ':']);
        bare && !LEVELS.iter().chain(&["off"]).any(|level| level.eq_ignore_ascii_case(word))
    });
    let message = |word: &str| format!("log level `{word}` is none");
    let known =
        || format!("write {}, or a filter such as `info,scimshim=debug`", LEVELS.join(", "));
    if let Some(word) = odd {
        let meant = nearest(word, LEVELS).map(did_you_mean);
        return Err((message(word), meant.unwrap_or_else(known)));
    }
    EnvFilter::try_new(level).map(drop).map_err(|_| (message(level), known()))
}

/// Sends what is logged from here on to stderr. A level that is none has been told of, and is read
/// as the default. A second call in one process changes nothing.
pub fn begin(settings: &Settings) {
    let level = match check(&settings.level) {
        Ok(()) => settings.level.clone(),
        Err(_) => Settings::default().level,
    };
    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(level))
        .with_writer(std::io::stderr);
    // An error means that a log has begun already, as in tests; that one stays.
    let _ = match settings.format {
        Format::Text if std::io::stderr().is_terminal() => log.try_init(),
        Format::Text => log.with_ansi(false).fmt_fields(debug_fn(plain).delimited(" ")).try_init(),
        Format::Json => log.json().flatten_event(true).try_init(),
    };
    std::panic::set_hook(Box::new(panicked));
}

/// A field as the crate's own formatter has it, which asks at every name and sign for its colour: half of the
/// time that a line takes.
fn plain(line: &mut Writer<'_>, field: &Field, value: &dyn fmt::Debug) -> fmt::Result {
    match field.name() {
        "message" => write!(line, "{value:?}"),
        name => write!(line, "{name}={value:?}"),
    }
}

/// Tells of a finding that stands in nobody's way. `tenant` is `-` for the configuration itself.
pub fn warn(tenant: &str, finding: &Diagnostic) {
    let Diagnostic { code, place, message, help, .. } = finding;
    tracing::warn!(tenant, code, %place, help = help.as_deref(), "{message}");
}

/// Tells of a finding that stands in the way.
pub fn error(finding: &Diagnostic) {
    let Diagnostic { code, place, message, help, .. } = finding;
    tracing::error!(code, %place, help = help.as_deref(), "{message}");
}

/// A panic is a line of the log like any other. Its message is shown only when it stands in our own
/// code word for word: one that was put together at run time may hold personal data.
fn panicked(panic: &std::panic::PanicHookInfo<'_>) {
    let message = panic.payload().downcast_ref::<&'static str>().unwrap_or(&"(not shown)");
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(place, message, "panic: a mistake in scimshim, please report it");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_one_or_says_what_was_meant() {
        let table = [
            ("info", None),
            ("WARN", None),
            ("off", None),
            ("scimshim=debug", None),
            ("info,scimshim::server=debug", None),
            ("warning", Some("did you mean `warn`?")),
            ("inof", Some("did you mean `info`?")),
            ("loud", Some("write error, warn")),
            ("info, verbose", Some("write error, warn")),
            ("=loud=", Some("write error, warn")),
            ("", Some("write error, warn")),
        ];
        for (level, expected) in table {
            let help = check(level).err().map(|(_, help)| help);
            assert_eq!(help.is_some(), expected.is_some(), "{level}: {help:?}");
            assert!(help.unwrap_or_default().contains(expected.unwrap_or_default()), "{level}");
        }
    }
}
