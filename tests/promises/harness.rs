//! The gateway as it is run: a process of its own over a configuration, with a store on the disk.

use crate::{
    fakes::{route::Vendor, server::Fake},
    okta::Okta,
};
use scimshim::server::settings::Digest;
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    thread::{self, JoinHandle},
};

/// Where a tenant without a path of its own speaks SCIM 2.0.
const BASE: &str = "/scim/v2";

/// One tenant of the configuration.
pub struct Tenant {
    name: String,
    mapping: PathBuf,
    /// In YAML.
    vars: Vec<(&'static str, String)>,
    secrets: Vec<(&'static str, &'static str)>,
    path: Option<&'static str>,
    profile: &'static str,
    /// The vendor's, which its client shows and the gateway passes on.
    credential: Option<&'static str>,
}

impl Tenant {
    /// Of the shipped mapping with this name, whose vendor is at `url`.
    pub fn of(mapping: &str, url: &str) -> Self {
        let file = format!("mappings/{mapping}.yaml");
        Self {
            name: mapping.to_owned(),
            mapping: Path::new(env!("CARGO_MANIFEST_DIR")).join(file),
            vars: vec![("url", Value::from(url).to_string())],
            secrets: Vec::new(),
            path: None,
            profile: "okta",
            credential: None,
        }
    }

    /// The same with another mapping in its place.
    pub fn mapped(self, mapping: PathBuf) -> Self {
        Self { mapping, ..self }
    }

    pub fn named(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    pub fn var(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.vars.push((name, value.into().to_string()));
        self
    }

    /// A secret goes by the environment.
    pub fn secret(mut self, name: &'static str, value: &'static str) -> Self {
        self.secrets.push((name, value));
        self
    }

    /// What nobody may be shown.
    pub fn secrets(&self) -> impl Iterator<Item = &'static str> {
        self.secrets.iter().map(|(_, value)| *value).chain(self.credential)
    }

    /// It has a path of its own.
    pub fn at(self, path: &'static str) -> Self {
        Self { path: Some(path), ..self }
    }

    /// Its client has other habits.
    pub fn profile(self, profile: &'static str) -> Self {
        Self { profile, ..self }
    }

    /// It has no clients: who comes shows what the vendor takes.
    pub fn passing(self, credential: &'static str) -> Self {
        Self { credential: Some(credential), ..self }
    }

    fn variable(&self, secret: &str) -> String {
        format!("{}_{secret}", self.name).replace('-', "_").to_uppercase()
    }

    /// What its client shows.
    fn token(&self) -> String {
        self.credential.map_or_else(|| format!("token-of-{}", self.name), str::to_owned)
    }

    /// Its Okta, at this address.
    fn okta(&self, address: &str) -> Okta {
        let base = self.path.unwrap_or(BASE);
        Okta::new(address, base, format!("Bearer {}", self.token()))
    }

    fn configured(&self) -> String {
        let mut vars: Vec<String> =
            self.vars.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let secret =
            |(name, _): &(&str, &str)| format!("{name}: {{ env: {} }}", self.variable(name));
        vars.extend(self.secrets.iter().map(secret));
        let mut lines = vec![
            format!("  {}:", self.name),
            format!("mapping: {}", self.mapping.display()),
            format!("profile: {}", self.profile),
            format!("vars: {{ {} }}", vars.join(", ")),
        ];
        lines.extend(self.path.map(|path| format!("path: {path}")));
        if self.credential.is_none() {
            let digest = Digest::of(self.token().as_bytes());
            lines.push(format!("clients: {{ okta: {{ bearer: [{{ sha256: \"{digest}\" }}] }} }}"));
        }
        lines.join("\n    ") + "\n"
    }
}

/// Ports of its own, told in the log, and a store beside the file.
const PROCESS: &str = r#"server: { listen: "127.0.0.1:0" }
admin: { listen: "127.0.0.1:0" }
log: { format: json, level: "info,scimshim::upstream=debug" }
reload: { every: 12h }
store: { sqlite: { path: kept.db } }
"#;

/// A process that serves some tenants.
pub struct Gateway {
    process: Child,
    address: String,
    tenants: Vec<Tenant>,
    log: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
    folder: PathBuf,
}

impl Gateway {
    pub fn one(tenant: Tenant) -> Self {
        Self::start(vec![tenant])
    }

    pub fn start(tenants: Vec<Tenant>) -> Self {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let folder = format!("scimshim-promises-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        fs::create_dir_all(&folder).unwrap();
        let configured: String = tenants.iter().map(Tenant::configured).collect();
        let file = folder.join("scimshim.yaml");
        fs::write(&file, format!("{PROCESS}tenants:\n{configured}")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_scimshim"));
        command.arg("serve").arg("--config").arg(&file).stderr(Stdio::piped());
        for tenant in &tenants {
            for (name, value) in &tenant.secrets {
                command.env(tenant.variable(name), value);
            }
        }
        let mut process = command.spawn().unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap());
        let log = Arc::new(Mutex::new(String::new()));
        let address = until_served(&mut lines, &log);
        let kept = Arc::clone(&log);
        let reader = thread::spawn(move || while keep_line(&mut lines, &kept).is_some() {});
        Self { process, address, tenants, log, reader: Some(reader), folder }
    }

    /// The Okta of the only tenant.
    pub fn okta(&self) -> Okta {
        self.tenants[0].okta(&self.address)
    }

    /// That of a tenant with this name; of a name that nobody has, with a token that nobody has.
    pub fn okta_of(&self, tenant: &str) -> Okta {
        Okta::new(&self.address, BASE, format!("Bearer token-of-{tenant}"))
    }

    /// The log up to now.
    pub fn told(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Stops, and gives the whole log, in which no secret stands.
    pub fn ended(mut self) -> String {
        self.stop();
        let log = self.log.lock().unwrap().clone();
        for tenant in &self.tenants {
            let shown = tenant.secrets.iter().find(|(_, value)| log.contains(value));
            assert!(shown.is_none(), "{shown:?} stands in\n{log}");
            assert!(!log.contains(&tenant.token()), "the client's token stands in\n{log}");
        }
        log
    }

    fn stop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        self.reader.take().map(JoinHandle::join);
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.stop();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn until_served(lines: &mut BufReader<ChildStderr>, log: &Mutex<String>) -> String {
    loop {
        let Some(line) = keep_line(lines, log) else { panic!("{}", log.lock().unwrap()) };
        if line["message"] == "serving" {
            return line["scim"].as_str().unwrap().to_owned();
        }
    }
}

/// The next line, which the log then has too; none at its end.
fn keep_line(lines: &mut BufReader<ChildStderr>, log: &Mutex<String>) -> Option<Value> {
    let mut line = String::new();
    if lines.read_line(&mut line).ok()? == 0 {
        return None;
    }
    log.lock().unwrap().push_str(&line);
    Some(serde_json::from_str(&line).unwrap_or_default())
}

/// The bodies of the calls with this method and path that a vendor has seen.
pub fn sent<V: Vendor>(vendor: &Fake<V>, line: &str) -> Vec<Value> {
    let calls = vendor.calls();
    calls.iter().filter(|call| call.line() == line).map(|call| call.json()).collect()
}

/// All calls that were no GET.
pub fn writes<V: Vendor>(vendor: &Fake<V>) -> Vec<String> {
    vendor.lines().into_iter().filter(|line| !line.starts_with("GET ")).collect()
}
