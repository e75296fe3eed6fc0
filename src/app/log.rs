//! The log: to stderr, one line per event, as text or JSON.

use serde::Deserialize;
use std::io::IsTerminal;
use tracing_subscriber::{EnvFilter, fmt};

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

/// Whether `level` can be read; the error says what can.
pub fn check(level: &str) -> Result<(), String> {
    filter(level).map(drop)
}

fn filter(level: &str) -> Result<EnvFilter, String> {
    EnvFilter::try_new(level).map_err(|_| {
        format!("log level `{level}` is none: write error, warn, info, debug or trace")
    })
}

/// Sends what is logged from here on to stderr. A second call in one process changes nothing.
pub fn begin(settings: &Settings) -> Result<(), String> {
    let log = fmt().with_env_filter(filter(&settings.level)?).with_writer(std::io::stderr);
    // An error means that a log has begun already, as in tests; that one stays.
    let _ = match settings.format {
        Format::Text => log.with_ansi(std::io::stderr().is_terminal()).try_init(),
        Format::Json => log.json().flatten_event(true).try_init(),
    };
    std::panic::set_hook(Box::new(panicked));
    Ok(())
}

/// A panic is a line of the log like any other. Its message is shown only when it stands in our own
/// code word for word: one that was put together at run time may hold personal data.
fn panicked(panic: &std::panic::PanicHookInfo<'_>) {
    let message = panic.payload().downcast_ref::<&'static str>().unwrap_or(&"(not shown)");
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(place, message, "panic: a mistake in scimshim, please report it");
}
