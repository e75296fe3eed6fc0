//! Vendor: a process of its own, so that a gateway's death leaves it and what it has written down as they are.

pub mod diary;
pub mod mood;
pub mod people;
mod role;

use crate::wire;
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
};

/// Where the child writes its diary; told to a child alone.
const DIARY: &str = "CRASH_VENDOR_DIARY";
/// What it is like. None: it is good to everybody.
const SEED: &str = "CRASH_VENDOR_SEED";
/// There: many of its calls are carried out late.
const LAGS: &str = "CRASH_VENDOR_LAGS";

/// A vendor that runs. It ends with this process, whichever way that goes.
pub struct Vendor {
    pub port: u16,
    pub diary: PathBuf,
    child: Child,
    // It ends when its input does.
    _leash: ChildStdin,
}

impl Vendor {
    /// One with the moods of `seed`.
    pub fn start(folder: &Path, seed: Option<u64>) -> Self {
        Self::of(folder, seed, false)
    }

    /// The same, which carries out many calls later than they are waited for.
    pub fn lagging(folder: &Path, seed: u64) -> Self {
        Self::of(folder, Some(seed), true)
    }

    fn of(folder: &Path, seed: Option<u64>, lags: bool) -> Self {
        let diary = folder.join("vendor.log");
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "vendor::role::role_serves", "--nocapture", "--test-threads=1"]);
        command.env(DIARY, &diary).stdin(Stdio::piped()).stdout(Stdio::piped());
        if let Some(seed) = seed {
            command.env(SEED, seed.to_string());
        }
        if lags {
            command.env(LAGS, "");
        }
        let mut child = command.spawn().unwrap();
        let leash = child.stdin.take().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let port = lines.find_map(|line| line.strip_prefix("listening ")?.parse().ok());
        Self { port: port.expect("the vendor starts"), diary, child, _leash: leash }
    }

    /// Nobody is answered until [`Self::up`].
    pub fn down(&self) {
        self.told("down");
    }

    pub fn up(&self) {
        self.told("up");
    }

    /// The next change of a profile is not taken.
    pub fn short(&self) {
        self.told("short");
    }

    /// It is good to everybody from now on.
    pub fn heal(&self) {
        self.told("heal");
    }

    /// It has its moods again.
    pub fn sour(&self) {
        self.told("sour");
    }

    /// Returns when nothing that it was told is still to be done.
    pub fn idle(&self) {
        self.told("idle");
    }

    fn told(&self, word: &str) {
        let answer = wire::ask(self.port, &format!("POST /control/{word}"), "", "");
        assert_eq!(answer.map(|answer| answer.status), Some(200), "{word}");
    }
}

impl Drop for Vendor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
