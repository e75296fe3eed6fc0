//! Diary: what the vendor writes down of each call, a line of JSON each, in a file that outlives whoever called. The
//! lines stand in the order in which things happened, and are all that the judge knows of the vendor.

use super::people::Person;
use crate::instant::Instant;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::Path,
};

/// What happened, and when.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Line {
    /// The call that it belongs to: they are numbered from 1.
    pub call: u64,
    pub at: Instant,
    #[serde(flatten)]
    pub event: Event,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was read; the mood says what it is in for.
    Called { method: String, path: String, body: Value, mood: String },
    /// A write was carried out: whom it was about, as he is from then on.
    Applied {
        verb: Verb,
        person: Person,
        /// He was not so before.
        changed: bool,
    },
    /// This status was sent.
    Answered(u16),
    /// It ended without an answer, or with half of one.
    Cut,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    Create,
    Change,
    Retire,
    Return,
    Note,
    Welcome,
    Unwelcome,
    Delete,
}

pub struct Diary(File);

impl Diary {
    pub fn begin(path: &Path) -> Self {
        Self(OpenOptions::new().create(true).append(true).open(path).unwrap())
    }

    pub fn write(&self, call: u64, event: Event) {
        let line = Line { call, at: Instant::now(), event };
        let text = serde_json::to_string(&line).unwrap() + "\n";
        (&self.0).write_all(text.as_bytes()).unwrap();
    }
}

/// All of it.
pub fn read(path: &Path) -> Vec<Line> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
