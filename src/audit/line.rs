//! What a line says, and how it is read again.
//!
//! A line is one JSON object. It ends with `"prev"`, the hash of the line before it, and `"hash"`, its own: that of
//! every byte before `,"hash"`. So nobody who verifies has to write JSON as we do.

use super::chain::{HEX, Head, Key};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of a line at most, for who reads: names of attributes and of calls are the mapping's, so none comes near.
pub const LONGEST: usize = 1024 * 1024;

/// What every line of ours begins with.
pub const BEGINNING: &str = "{\"strand\":\"";

/// What happened.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A process started: a strand begins.
    Begin {
        /// Of the process.
        version: &'static str,
        /// Bytes of a line that a crash had cut off half-way, and that were taken away.
        #[serde(skip_serializing_if = "is_none")]
        torn: u64,
    },
    /// A client's write.
    Write(Box<Write>),
    /// What an operator did by hand.
    Operator(Box<Deed>),
    /// The strand goes on in a new file, because the old one was moved away.
    Continue,
    /// The process ended as it was told to.
    End,
}

/// One write: who, what, which calls, what came of it. No value of a person's stands in it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Write {
    /// Its name in the configuration.
    pub tenant: String,
    /// The client's name in the configuration; nothing where it is carried out without its client.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub client: String,
    /// The request's id, as the log has it; nothing there, too.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub request: String,
    /// The number under which it stands in the journal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub txn: Option<String>,
    /// The client was answered before the vendor had it (`acknowledge: early`).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub early: bool,
    /// `create`, `replace`, `patch` or `delete`.
    pub verb: &'static str,
    /// `User`
    pub kind: String,
    /// The SCIM id; nothing where none was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The attributes that it names, by what is done with them: `set`, `add`, `replace`, `remove`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<&'static str, BTreeSet<String>>,
    /// The one value that is told: whether the account shall be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// What the vendor was asked.
    pub calls: Vec<Call>,
    /// What the client was answered; nothing where the write did not come to an end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The keyword of an error.
    #[serde(rename = "scimType", skip_serializing_if = "Option::is_none")]
    pub scim_type: Option<String>,
    /// How long it took, in milliseconds.
    pub ms: u64,
}

impl From<Write> for Event {
    fn from(write: Write) -> Self {
        Self::Write(Box::new(write))
    }
}

/// What an operator did about the journal or the guard of a tenant.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Deed {
    /// Its name in the configuration.
    pub tenant: String,
    /// `retry` or `drop` of an entry of the journal, `release` of the guard.
    pub deed: &'static str,
    /// The entry's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub txn: Option<String>,
    /// The number of the entry that a dead letter has become.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub became: Option<String>,
    /// `User`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The SCIM id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The operator's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How many had counted for the guard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counted: Option<u64>,
}

/// Calls of one name with one outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Call {
    /// What the mapping's call is called: `User.update.retire`. Its address is not told: it may name a person.
    pub call: String,
    /// HTTP method.
    pub method: String,
    /// What the vendor answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why it did not answer, in a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub silence: Option<&'static str>,
    /// What an answer means that is no success, in a word of the mapping's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub means: Option<&'static str>,
    /// How many there were.
    pub times: u64,
    /// How long they took together, in milliseconds.
    pub ms: u64,
}

fn is_none(bytes: &u64) -> bool {
    *bytes == 0
}

/// Where a line stands.
#[derive(Debug, Clone, Copy)]
pub struct Position<'a> {
    /// Which start of which process.
    pub strand: &'a str,
    /// Counts the lines of the strand, from 1.
    pub n: u64,
    /// The hash of the line before it.
    pub prev: &'a Head,
}

/// A line as it is written.
#[derive(Serialize)]
struct Written<'a> {
    strand: &'a str,
    n: u64,
    time: String,
    #[serde(flatten)]
    event: &'a Event,
    #[serde(skip_serializing_if = "Option::is_none")]
    late: Option<bool>,
    prev: &'a str,
}

/// Writes a line to the end of `text`, with its newline, and gives its hash. `late` says that its client was
/// answered without it.
pub fn write(
    text: &mut String,
    at: Position<'_>,
    time: Timestamp,
    event: &Event,
    late: bool,
    key: &Key,
) -> Head {
    let Position { strand, n, prev } = at;
    let late = late.then_some(true);
    let time = format!("{time:.3}");
    let written = Written { strand, n, time, event, late, prev: prev.as_str() };
    // Names are strings and nothing refuses to be written: it cannot fail.
    let mut line = serde_json::to_string(&written).unwrap_or_default();
    line.truncate(line.len().saturating_sub(1));
    let hash = key.seal(&line);
    text.push_str(&line);
    text.push_str(HASH);
    text.push_str(hash.as_str());
    text.push_str("\"}\n");
    hash
}

const HASH: &str = ",\"hash\":\"";

/// What of a line ties it to others.
#[derive(Debug, Clone)]
pub struct Line {
    /// Which start of which process.
    pub strand: String,
    /// Its number in the strand.
    pub n: u64,
    /// `begin`, `write`, `operator`, `continue`, `end`.
    pub event: String,
    /// The hash of the line before it.
    pub prev: Head,
    /// Its own.
    pub hash: Head,
}

/// Why a line is not to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unbelievable {
    /// It is no line of an audit log.
    Shape,
    /// Its hash is not the one that the key gives for it.
    Hash,
}

/// Reads a line, without its newline, that the key has sealed.
pub fn read(line: &[u8], key: &Key) -> Result<Line, Unbelievable> {
    let text = std::str::from_utf8(line).map_err(|_| Unbelievable::Shape)?;
    let (body, written) = parts(text).ok_or(Unbelievable::Shape)?;
    let hash = key.seal(body);
    // Digit by digit: a line whose hash is written in capitals was touched.
    if hash.as_str() != written {
        return Err(Unbelievable::Hash);
    }
    #[derive(Deserialize)]
    struct Read {
        strand: String,
        n: u64,
        event: String,
        prev: String,
    }
    let Read { strand, n, event, prev } =
        serde_json::from_str(text).map_err(|_| Unbelievable::Shape)?;
    let prev = Head::read(&prev).ok_or(Unbelievable::Shape)?;
    Ok(Line { strand, n, event, prev, hash })
}

/// What is sealed, and the hash that stands behind it.
fn parts(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix(BEGINNING).and(text.strip_suffix("\"}"))?;
    let (body, hash) = rest.split_at_checked(rest.len().checked_sub(HEX)?)?;
    Some((body.strip_suffix(HASH)?, hash))
}
