//! Gateway: the real program as a process, which may die at any time and is started again over the same store.

use crate::{port::free_port, wire};
use scimshim::server::settings::Digest;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    io::{BufRead, BufReader, Write},
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};
use tokio_postgres::NoTls;

pub const TOKEN: &str = "token";
const MAPPING: &str = include_str!("mapping.yaml");
/// For a process that starts or ends on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(120);

/// Of a replica, in place of five seconds; milliseconds.
pub const LEASE: u64 = 600;
/// So long the client of a create is waited for that stopped half-way: the repeats of most are there by then, and not of
/// all. Milliseconds.
const FOR_A_CLIENT: u64 = 400;

/// What all lives of one gateway share.
pub struct Setting {
    pub folder: PathBuf,
    pub port: u16,
    pub admin: u16,
    /// Mechanisms that are left out (`SCIMSHIM_OFF`).
    pub off: &'static str,
    /// Its vendor carries out many calls late: lives are long enough for that to show.
    pub lags: bool,
    /// Where PostgreSQL listens, if that is the store.
    pub database: Option<String>,
}

impl Setting {
    /// In `folder`, in front of the vendor at `vendor`; `store` is what stands below `store:`.
    pub fn new(folder: &Path, vendor: u16, profile: &str, store: &Store) -> Self {
        let (port, admin) = (free_port(), free_port());
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join("crash.yaml"), MAPPING).unwrap();
        let told = store.told();
        let digest = Digest::of(TOKEN.as_bytes());
        // Whoever waits behind somebody else's write is answered while the run lasts.
        let config = format!(
            "server: {{ listen: \"127.0.0.1:{port}\", limits: {{ request: 2s }} }}\n\
             admin: {{ listen: \"127.0.0.1:{admin}\" }}\n\
             log: {{ format: json }}\nstore: {told}\nreload: {{ every: 12h }}\ntenants:\n  crash:\n    \
             mapping: crash.yaml\n    profile: {profile}\n    \
             vars: {{ url: \"http://127.0.0.1:{vendor}\", key: {{ env: VENDOR_KEY }} }}\n    \
             clients: {{ writers: {{ bearer: [{{ sha256: \"{digest}\" }}] }} }}\n"
        );
        fs::write(folder.join("scimshim.yaml"), config).unwrap();
        let database = store.address();
        Self { folder: folder.to_owned(), port, admin, off: "", lags: false, database }
    }

    /// The same with so many seconds for a request.
    pub fn within(self, seconds: u64) -> Self {
        let file = self.folder.join("scimshim.yaml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(file, text.replace("request: 2s", &format!("request: {seconds}s"))).unwrap();
        self
    }

    /// The same by a mapping that has some calls repeated at once.
    pub fn retrying(self) -> Self {
        self.mapped(|mapping| mapping.replace("times: 0 }", "times: 2 }"))
    }

    /// The same of a vendor that lags.
    pub fn lagging(self) -> Self {
        let patient = self.mapped(|mapping| mapping.replace("settle: 1s ", "settle: 3s "));
        Self { lags: true, ..patient }
    }

    /// The same of a vendor that knows a note again by its key.
    pub fn keyed(self) -> Self {
        let note = "body: { text: left } }";
        self.mapped(|mapping| {
            mapping.replace(note, "body: { text: left }, idempotency_key: Idempotency-Key }")
        })
    }

    /// The same by a mapping that does not say that somebody may be welcomed twice.
    pub fn once(self) -> Self {
        self.mapped(|mapping| mapping.replace("/welcome\", repeat: safe,", "/welcome\","))
    }

    /// The same by a mapping that has people made without their clients.
    pub fn lasting(self) -> Self {
        self.mapped(|mapping| mapping.replace("create:\n", "create:\n        durable: true\n"))
    }

    /// The same by a mapping in which a leaving is one call, which may not be made twice.
    pub fn unrepeatable(self) -> Self {
        self.mapped(|mapping| {
            let (before, _) = mapping.split_once("        - name: leave\n").unwrap();
            let (_, after) = mapping.split_once("body: { text: left } }\n").unwrap();
            let call = "call: \"POST /users/{key}/retire\"";
            let leave = format!("- {{ name: leave, claims: [active becomes false], {call} }}");
            format!("{before}        {leave}\n{after}")
        })
    }

    /// Whether it is one.
    pub fn is_once(&self) -> bool {
        !self.mapping().contains("/welcome\", repeat: safe,")
    }

    fn mapping(&self) -> String {
        fs::read_to_string(self.folder.join("crash.yaml")).unwrap()
    }

    fn mapped(self, change: impl FnOnce(&str) -> String) -> Self {
        let mapping = self.mapping();
        let changed = change(&mapping);
        assert_ne!(mapping, changed);
        fs::write(self.folder.join("crash.yaml"), changed).unwrap();
        self
    }

    /// The same by a mapping that acknowledges a leaving early.
    pub fn early(self) -> Self {
        let leaving = "[active becomes false]   # EARLY";
        self.mapped(|mapping| {
            let mapping = mapping
                .replace(leaving, "[active becomes false]\n          acknowledge: early")
                .replace("users/{key}\" }   # EARLY", "users/{key}\", acknowledge: early }");
            assert_eq!(mapping.matches("acknowledge: early").count(), 2);
            mapping
        })
    }

    /// Whether its mapping acknowledges early.
    pub fn is_early(&self) -> bool {
        self.mapping().contains("acknowledge: early")
    }

    /// The command, with what it may be told for the sake of a proof.
    pub fn command(&self, orders: &str) -> Command {
        // A file that may not grow fails the write and does not end the process.
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_scimshim")]);
        command.args(["serve", "--config"]).arg(self.folder.join("scimshim.yaml"));
        command.env("SCIMSHIM_CRASH", orders).env("SCIMSHIM_OFF", self.off);
        self.equip(&mut command);
        command
    }

    /// Gives a command the variables that the configuration names.
    pub fn equip(&self, command: &mut Command) {
        command.env("VENDOR_KEY", "key");
        command.env("SCIMSHIM_LEASE_MS", LEASE.to_string());
        command.env("SCIMSHIM_PATIENCE_MS", FOR_A_CLIENT.to_string());
        if let Some(url) = &self.database {
            command.env("DATABASE_URL", url);
        }
    }

    /// What the admin listener says of entries in this state; none where it says nothing of them.
    pub fn entries(&self, state: &str) -> u64 {
        let shown = wire::ask(self.admin, "GET /metrics", "", "").expect("it serves").text;
        let state = format!("state=\"{state}\"");
        let counted = shown
            .lines()
            .filter(|line| line.starts_with("scimshim_journal_entries{") && line.contains(&state));
        counted.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum()
    }

    /// The number of each dead letter, and whose it is.
    pub fn dead(&self) -> BTreeMap<String, String> {
        let line = format!("GET /journal?state=dead&limit={}", u32::MAX);
        let shown = wire::ask(self.admin, &line, "", "").expect("it serves");
        let text = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
        let entries = shown.body.as_array().unwrap().iter();
        entries.map(|entry| (text(entry, "number"), text(entry, "id"))).collect()
    }

    /// Waits until nothing that was promised is still to be delivered.
    pub fn rest(&self) {
        let since = Instant::now();
        while self.entries("pending") > 0 {
            assert!(
                since.elapsed() < PATIENCE,
                "what was promised is not delivered: {}",
                self.log()
            );
            // There is no event to wait for: a metric has to be asked.
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until nothing is still to be delivered but creates, whose clients are waited for.
    pub fn delivers(&self) {
        let since = Instant::now();
        let line = format!("GET /journal?state=pending&limit={}", u32::MAX);
        let waits = || {
            let shown = wire::ask(self.admin, &line, "", "").expect("it serves");
            let entries = shown.body.as_array().unwrap().iter();
            entries.filter(|entry| !entry["id"].as_str().unwrap().starts_with('~')).count()
        };
        while waits() > 0 {
            assert!(since.elapsed() < PATIENCE, "nobody delivers it: {}", self.log());
            // There is no event to wait for: the journal has to be asked.
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// What is still watched, and kept for that, in the store that it shares.
    pub fn watched(&self) -> i64 {
        let Some(url) = &self.database else { return 0 };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
            tokio::spawn(connection);
            let both = "SELECT (SELECT count(*) FROM scimshim.watch)
                             + (SELECT count(*) FROM scimshim.watched)";
            client.query_one(both, &[]).await.unwrap().get(0)
        })
    }

    /// Waits until nobody watches any more what a dead one, or one that stood still, may send.
    pub fn looks(&self) {
        let since = Instant::now();
        while self.watched() > 0 {
            assert!(since.elapsed() < PATIENCE, "a watch does not end: {}", self.log());
            // There is no event to wait for: the store has to be asked.
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// The last of what all lives said.
    pub fn log(&self) -> String {
        let text = fs::read_to_string(self.folder.join("gateway.log")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().rev().take(12).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

/// Where it keeps what it must not forget.
#[derive(Debug, Clone)]
pub enum Store {
    /// A file of this name in the folder.
    Sqlite(String),
    /// A database at this address.
    Postgres(String),
}

impl Store {
    fn told(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("{{ sqlite: {{ path: \"{path}\" }} }}"),
            Self::Postgres(_) => "{ postgres: { url: { env: DATABASE_URL } } }".to_owned(),
        }
    }

    fn address(&self) -> Option<String> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(url) => Some(url.clone()),
        }
    }
}

/// One life.
pub struct Gateway {
    child: Child,
    // What it says comes to an end with it.
    said: Receiver<()>,
}

impl Gateway {
    /// One that serves; or how it ended before that.
    pub fn start(setting: &Setting, orders: &str) -> Result<Self, ExitStatus> {
        Self::over(setting, setting.command(orders))
    }

    /// The same by a command that says more.
    pub fn over(setting: &Setting, mut command: Command) -> Result<Self, ExitStatus> {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap());
        let log = setting.folder.join("gateway.log");
        let mut log = OpenOptions::new().create(true).append(true).open(log).unwrap();
        let (tell, said) = channel();
        thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                writeln!(log, "{line}").unwrap();
                if line.contains("\"message\":\"serving\"") {
                    let _ = tell.send(());
                }
            }
        });
        let mut gateway = Self { child, said };
        match gateway.said.recv_timeout(PATIENCE) {
            Ok(()) => Ok(gateway),
            Err(RecvTimeoutError::Disconnected) => Err(gateway.child.wait().unwrap()),
            Err(RecvTimeoutError::Timeout) => {
                panic!("it does not begin to serve: {}", setting.log())
            }
        }
    }

    /// Whether it dies by itself within this time.
    pub fn dies_within(&mut self, time: Duration) -> bool {
        let died = matches!(self.said.recv_timeout(time), Err(RecvTimeoutError::Disconnected));
        if died {
            let status = self.child.wait().unwrap();
            assert!(is_by_order(status), "it ended by itself: {status}");
        }
        died
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGSTOP; returns when it stands still. One that had orders to die may have carried them out just before.
    pub fn pause(&self) {
        self.signal("-STOP");
        while !matches!(self.state(), Some('T' | 'Z')) {
            // Nobody tells when a process stands still.
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// SIGCONT.
    pub fn resume(&self) {
        self.signal("-CONT");
    }

    /// What the kernel says of it.
    pub fn stands_still(&self) -> bool {
        self.state() == Some('T')
    }

    fn state(&self) -> Option<char> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.id())).unwrap();
        stat.rsplit(") ").next().unwrap().chars().next()
    }

    fn signal(&self, signal: &str) {
        let id = self.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and how it ended.
    pub fn stop(mut self) -> ExitStatus {
        self.signal("-TERM");
        self.child.wait().unwrap()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether a process ended at a point of its orders, and not for a fault of its own.
pub fn is_by_order(status: ExitStatus) -> bool {
    const SIGABRT: i32 = 6;
    status.signal() == Some(SIGABRT)
}
