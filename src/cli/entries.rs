//! Entries of the journal, as the running process tells of them and as people read them.

use crate::scim::intent::is_access;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

/// One, as it is answered.
#[derive(Debug, Clone, Deserialize)]
pub struct Entry {
    /// By which it is asked for.
    pub number: String,
    /// Whose.
    pub tenant: String,
    kind: String,
    id: String,
    verb: Option<String>,
    paths: Vec<String>,
    active: Option<bool>,
    durable: bool,
    acknowledged: bool,
    /// `pending`, `settling` or `dead`.
    pub state: String,
    accepted: Instant,
    due: Instant,
    attempts: u32,
    error: Option<String>,
}

/// What of one has left for the vendor.
#[derive(Debug, Deserialize)]
pub struct Progress {
    sent: Option<Sent>,
    operation: Option<Operation>,
    done: usize,
    until: Option<Instant>,
}

/// An instant, as it is answered.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct Instant(Timestamp);

impl TryFrom<String> for Instant {
    type Error = jiff::Error;

    fn try_from(text: String) -> Result<Self, jiff::Error> {
        text.parse().map(Self)
    }
}

#[derive(Debug, Deserialize)]
struct Sent {
    call: String,
    at: Instant,
}

#[derive(Debug, Deserialize)]
struct Operation {
    calls: usize,
}

/// Of the last error in a table; `journal show` has all of it.
const OF_AN_ERROR: usize = 80;

impl Entry {
    /// Whose what it is: `User 17 of acme`.
    pub fn whose(&self) -> String {
        clean(&format!("{} {} of {}", self.kind, self.id, self.tenant))
    }

    /// What it wants: `patch title, active=false`.
    pub fn wants(&self) -> String {
        let verb = self.verb.as_deref().unwrap_or("nothing that can be read");
        let access = self.active.map(|active| format!("active={active}"));
        let plain = self.paths.iter().filter(|path| access.is_none() || !is_access(path)).cloned();
        let names: Vec<String> = plain.chain(access.clone()).collect();
        clean(&format!("{verb} {}", names.join(", "))).trim_end().to_owned()
    }

    /// When it was received: `2026-11-26T10:00:00Z, 3h ago`.
    pub fn received(&self, now: Timestamp) -> String {
        format!("{}, {} ago", self.accepted.0, span(now.duration_since(self.accepted.0)))
    }

    /// Its state, with what its client was told where that is more than to come back: `pending, acknowledged`.
    fn stage(&self) -> String {
        match self.acknowledged {
            true => format!("{}, acknowledged", self.state),
            false => self.state.clone(),
        }
    }

    fn next(&self, now: Timestamp) -> String {
        let left = self.due.0.duration_since(now);
        match self.state.as_str() {
            "dead" => "never".to_owned(),
            _ if left.is_positive() => format!("in {}", span(left)),
            _ => "now".to_owned(),
        }
    }
}

/// Some in columns as wide as what stands in them.
pub fn table(entries: &[Entry], now: Timestamp) -> String {
    let heads = [
        "NUMBER",
        "TENANT",
        "STATE",
        "AGE",
        "RESOURCE",
        "WANTS",
        "TRIES",
        "NEXT TRY",
        "LAST ERROR",
    ];
    let rows = entries.iter().map(|entry| {
        let error = clean(entry.error.as_deref().unwrap_or("-"));
        [
            entry.number.clone(),
            entry.tenant.clone(),
            entry.stage(),
            span(now.duration_since(entry.accepted.0)),
            clean(&format!("{}/{}", entry.kind, entry.id)),
            entry.wants(),
            entry.attempts.to_string(),
            entry.next(now),
            cut(&error),
        ]
    });
    let rows: Vec<[String; 9]> = std::iter::once(heads.map(str::to_owned)).chain(rows).collect();
    let mut widths = [0; 9];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let line = |row: &[String; 9]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// One with all that is known of it.
pub fn page(entry: &Entry, progress: &Progress, now: Timestamp) -> String {
    let Progress { sent, operation, done, until } = progress;
    let durable = match (entry.state.as_str(), entry.durable) {
        ("dead", _) => "no more: `retry` or `drop`",
        (_, true) => "until it is done",
        (_, false) => "only because it has begun",
    };
    let mut lines = vec![
        format!("{}: {}", entry.whose(), entry.wants()),
        format!("number:     {}", entry.number),
        format!("received:   {}", entry.received(now)),
        format!("state:      {}", entry.state),
        format!("carried on: {durable}"),
        format!("tries:      {}, the next {}", entry.attempts, entry.next(now)),
    ];
    if entry.acknowledged {
        lines.push("told:       its client, that it is done".to_owned());
    }
    if let Some(Sent { call, at }) = sent {
        lines.push(format!("sent:       {call} at {}, and nobody knows what came of it", at.0));
    }
    if *done > 0 {
        lines.push(format!("done:       {done} operations"));
    }
    if let Some(Operation { calls }) = operation {
        lines.push(format!("under way:  an operation of several calls, {calls} of them done"));
    }
    if let Some(until) = until.map(|until| until.0).filter(|until| *until > now) {
        lines.push(format!("settling:   until {until} a call that was given up may still come"));
    }
    if let Some(error) = &entry.error {
        lines.push(format!("last error: {}", clean(error)));
    }
    lines.join("\n")
}

/// In one unit: nobody needs the seconds of a day.
fn span(long: SignedDuration) -> String {
    match long.as_secs().max(0) {
        seconds @ ..120 => format!("{seconds}s"),
        seconds @ ..7_200 => format!("{}m", seconds / 60),
        seconds @ ..172_800 => format!("{}h", seconds / 3_600),
        seconds => format!("{}d", seconds / 86_400),
    }
}

/// What is left out of an error is not left out in silence.
fn cut(error: &str) -> String {
    match error.char_indices().nth(OF_AN_ERROR) {
        Some(_) => error.chars().take(OF_AN_ERROR - 1).chain(['…']).collect(),
        None => error.to_owned(),
    }
}

/// A vendor's words are not to move a terminal's cursor.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(state: &str, error: Option<&str>) -> Entry {
        Entry {
            number: "n-1".to_owned(),
            tenant: "acme".to_owned(),
            kind: "User".to_owned(),
            id: "17".to_owned(),
            verb: Some("patch".to_owned()),
            paths: vec!["active".to_owned(), "title".to_owned()],
            active: Some(false),
            durable: true,
            acknowledged: false,
            state: state.to_owned(),
            accepted: Instant(Timestamp::from_second(1_000).unwrap()),
            due: Instant(Timestamp::from_second(10_030).unwrap()),
            attempts: 3,
            error: error.map(str::to_owned),
        }
    }

    #[test]
    fn a_table_is_as_wide_as_what_stands_in_it() {
        let now = Timestamp::from_second(10_000).unwrap();
        let long = format!("away\u{1b}[2J{}", "x".repeat(200));
        let shown = table(
            &[entry("pending", Some(&long)), Entry { acknowledged: true, ..entry("dead", None) }],
            now,
        );
        let error = format!("away [2J{}…", "x".repeat(71));
        let expected = [
            "NUMBER  TENANT  STATE               AGE  RESOURCE  WANTS                      TRIES  NEXT TRY  LAST ERROR"
                .to_owned(),
            format!(
                "n-1     acme    pending             2h   User/17   patch title, active=false  3      in 30s    {error}"
            ),
            "n-1     acme    dead, acknowledged  2h   User/17   patch title, active=false  3      never     -".to_owned(),
        ];
        assert_eq!(shown, expected.join("\n"));
    }

    #[test]
    fn a_span_is_in_one_unit() {
        for (seconds, expected) in [
            (-5, "0s"),
            (119, "119s"),
            (120, "2m"),
            (7_200, "2h"),
            (172_799, "47h"),
            (172_800, "2d"),
        ] {
            assert_eq!(span(SignedDuration::from_secs(seconds)), expected);
        }
    }
}
