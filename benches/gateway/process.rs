//! The processes under measurement, and what the kernel says of them.

use super::load::{self, Shot};
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

#[path = "../../tests/serve/port.rs"]
mod port;
pub use port::free_port;

/// A running process; it ends with this value.
pub struct Process {
    child: Child,
    /// Where it listens.
    pub url: String,
}

/// What a gateway is started with.
pub struct Served<'a> {
    pub mapping: &'a str,
    pub store: Option<&'a Path>,
    /// Port of its metrics.
    pub admin: u16,
}

impl Process {
    /// This binary in another role; it prints its URL first.
    pub fn role(role: &str, environment: &[(&str, &str)]) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .env("SCIMSHIM_BENCH_ROLE", role)
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            // As the gateway's own: a log line costs its making and its call of the kernel, nothing else.
            .stderr(if role == "owed" { Stdio::null() } else { Stdio::inherit() })
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Self { child, url: url.trim().to_owned() }
    }

    /// `scimshim serve` over the vendor, and the time from its start to its first 200.
    pub fn gateway(vendor: &str) -> (Self, Duration) {
        let served =
            Served { mapping: include_str!("bench.yaml"), store: None, admin: free_port() };
        Self::serving(vendor, &served)
    }

    /// The same with another mapping or a store.
    pub fn serving(vendor: &str, served: &Served<'_>) -> (Self, Duration) {
        let Served { mapping, store, admin } = served;
        let folder = std::env::temp_dir().join(format!("scimshim-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("bench.yaml"), mapping).unwrap();
        let port = free_port();
        let store = store.map_or_else(String::new, |file| {
            format!("store: {{ sqlite: {{ path: \"{}\" }} }}\n", file.display())
        });
        let config = format!(
            "server: {{ listen: \"127.0.0.1:{port}\" }}\nadmin: {{ listen: \"127.0.0.1:{admin}\" }}\n\
             {store}tenants:\n  bench:\n    mapping: bench.yaml\n    vars: {{ url: \"{vendor}\", token: {{ env: BENCH_TOKEN }} }}\n    \
             clients: {{ okta: {{ bearer: [{{ sha256: \"{}\" }}] }} }}\n",
            scimshim::server::settings::Digest::of(b"t0ken")
        );
        let file = folder.join("scimshim.yaml");
        std::fs::write(&file, config).unwrap();
        let begun = Instant::now();
        let child = Command::new(env!("CARGO_BIN_EXE_scimshim"))
            .args(["serve", "--config"])
            .arg(&file)
            .env("BENCH_TOKEN", "t0ken")
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let url = format!("http://127.0.0.1:{port}");
        let types =
            Shot { method: "GET", path: "/scim/v2/ResourceTypes".into(), body: String::new() };
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "the gateway does not start");
            std::thread::yield_now();
        }
        assert_eq!(load::one(&url, &types).0, 200);
        let first = begun.elapsed();
        let _ = std::fs::remove_dir_all(folder);
        (Self { child, url }, first)
    }

    /// CPU of all its threads so far, user and system.
    pub fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        // The name in parentheses may hold blanks: count from behind it.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        Duration::from_millis(ticks * 10)
    }

    /// MiB that it has in memory.
    pub fn resident(&self) -> f64 {
        self.memory("VmRSS")
    }

    /// MiB, in the kernel's word for what is meant.
    pub fn memory(&self, word: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(word)).unwrap();
        let kib: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kib / 1024.0
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
