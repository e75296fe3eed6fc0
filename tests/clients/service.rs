//! `scimshim serve` as a process of its own, with a tenant and a sample vendor for each profile.

use scimshim::{demo::vendor::Vendor, server::settings::Digest};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// The tenants, each of the profile whose name it bears.
pub const PROFILES: [&str; 4] = ["okta", "okta-opp-1.1", "entra", "strict"];

const KEY: &str = "key-of-the-vendor";

/// The process; it ends with the test.
pub struct Service {
    child: Child,
    host: String,
    vendors: BTreeMap<&'static str, (Arc<Vendor>, String)>,
    folder: PathBuf,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Null without a body, or when it is no JSON.
    pub body: Value,
    pub text: String,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The token of a tenant's client.
pub fn token(tenant: &str) -> String {
    format!("token-of-{tenant}")
}

impl Service {
    pub fn start() -> Self {
        // Tests of one process run beside each other.
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let name = format!("scimshim-clients-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();

        let root = env!("CARGO_MANIFEST_DIR");
        let mut config = String::from(
            "server: { listen: \"127.0.0.1:0\" }\nadmin: { listen: \"127.0.0.1:0\" }\n\
             log: { format: json }\ntenants:\n",
        );
        let mut vendors = BTreeMap::new();
        for profile in PROFILES {
            let (vendor, vendor_host) = vendor();
            let digest = |text: &str| Digest::of(text.as_bytes());
            config.push_str(&format!(
                "  {profile}:\n    mapping: {root}/mappings/sample.yaml\n    profile: {profile}\n    \
                 vars: {{ url: \"http://{vendor_host}\", key: {{ env: VENDOR_KEY }} }}\n    \
                 clients: {{ idp: {{ bearer: [{{ sha256: \"{}\" }}], \
                 basic: [{{ user: {profile}, sha256: \"{}\" }}] }} }}\n",
                digest(&token(profile)),
                digest("passw0rd"),
            ));
            vendors.insert(profile, (vendor, vendor_host));
        }
        let file = folder.join("scimshim.yaml");
        std::fs::write(&file, config).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_scimshim"))
            .args(["serve", "--config"])
            .arg(&file)
            .env("VENDOR_KEY", KEY)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut told = Vec::new();
        let host = loop {
            let mut line = String::new();
            assert!(log.read_line(&mut line).unwrap() > 0, "the process has ended: {told:?}");
            let read: Value = serde_json::from_str(&line).unwrap();
            if read["message"] == "serving" {
                break read["scim"].as_str().unwrap().to_owned();
            }
            told.push(line);
        };
        // A pipe that nobody reads would hold the process up.
        thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Self { child, host, vendors, folder }
    }

    /// One request of a tenant's client on a connection of its own. What `headers` say of `authorization` counts.
    pub fn send(
        &self,
        tenant: &str,
        method: &str,
        path: &str,
        headers: &[(&str, String)],
        body: &str,
    ) -> Reply {
        let mut headers = headers.to_vec();
        if !headers.iter().any(|(name, _)| *name == "authorization") {
            headers.push(("authorization", format!("Bearer {}", token(tenant))));
        }
        exchange(&self.host, method, path, &headers, body)
    }

    /// What a tenant's vendor answers to a GET.
    pub fn ask_vendor(&self, tenant: &str, path: &str) -> Reply {
        let (_, host) = self.vendors.get(tenant).unwrap();
        exchange(host, "GET", path, &[("authorization", format!("Bearer {KEY}"))], "")
    }

    /// So many people more at a tenant's vendor; their ids, in order.
    pub fn people(&self, tenant: &str, count: usize) -> Vec<String> {
        let (vendor, _) = self.vendors.get(tenant).unwrap();
        let mut state = vendor.state();
        let mut ids = Vec::new();
        for number in 0..count {
            let key = state.new_key();
            let person = json!({ "login": format!("crowd{number}@acme.example") });
            assert!(state.people.make(key, &person, 0).is_ok());
            ids.push(key.to_string());
        }
        ids
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn vendor() -> (Arc<Vendor>, String) {
    let vendor = Arc::new(Vendor::seeded(KEY));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    listener.set_nonblocking(true).unwrap();
    let serving = Arc::clone(&vendor);
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            serving.serve(tokio::net::TcpListener::from_std(listener).unwrap()).await;
        });
    });
    (vendor, host)
}

fn exchange(host: &str, method: &str, path: &str, headers: &[(&str, String)], body: &str) -> Reply {
    let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    let length = body.len();
    request.push_str(&format!("content-length: {length}\r\nconnection: close\r\n\r\n{body}"));
    let mut stream = TcpStream::connect(host).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines
        .map(|line| line.split_once(':').unwrap())
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let json = serde_json::from_str(body).unwrap_or_default();
    Reply { status, headers, body: json, text: body.to_owned() }
}
