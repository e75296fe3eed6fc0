//! One file of exchanges, both ways: by the engine and client of production, and by the commands that `explain`
//! writes, run by a shell.

use crate::vendor::Vendor;
use scimshim::{
    cli::exchange,
    gateway::{Live, rehearsal},
    mapping::{self, plan::Plan},
    secret::Secret,
    upstream::{
        Answer, Call, Client, Error, Script, Upstream,
        call::Pending,
        credential::Credential,
        script::{Asked, Expected},
    },
};
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};
use tokio::time::Instant;

/// The value of every secret; a shell would stumble over each of its signs.
pub const SECRET: &str = r#"s3cret-"$x`\'-of-the-vendor"#;

/// A mapping that leads to a vendor of ours.
pub struct Mapping {
    pub plan: Arc<Plan>,
    file: PathBuf,
    vendor: Vendor,
    /// Where the vendor lives, for a mapping whose tenant says it.
    url: Option<(String, String)>,
}

impl Mapping {
    /// The mapping of this text, with another host in `base_url`.
    pub fn new(name: &str, text: &str) -> Self {
        let vendor = Vendor::start();
        let base = regex::Regex::new(r#"(?m)^  base_url: "?(.*?)"?(?: # .*)?$"#).unwrap();
        let written = &base.captures(text).expect("a base_url")[1];
        // A path may stand behind the variable.
        let variable = written.strip_prefix("{tenant.").and_then(|rest| rest.split_once('}'));
        let variable = variable.map(|(variable, _)| variable);
        let url = format!("http://{}", vendor.address);
        let (text, url) = match variable {
            Some(variable) => (text.to_owned(), Some((variable.to_owned(), url))),
            None => {
                let mut parts = written.splitn(4, '/').skip(2);
                let (host, path) = (parts.next().unwrap(), parts.next().unwrap_or_default());
                // A variable in the host's name goes on in the path, for it must be used.
                let hole = regex::Regex::new(r"\{.*?\}").unwrap().find(host);
                let hole = hole.map(|hole| format!("/{}", hole.as_str())).unwrap_or_default();
                (text.replacen(written, &format!("{url}{hole}/{path}"), 1), None)
            }
        };
        let folder = std::env::temp_dir().join(format!("scimshim-explain-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join(format!("{name}.yaml"));
        fs::write(&file, &text).unwrap();
        let loaded = mapping::load(&file.display().to_string(), &text);
        let plan = Arc::new(loaded.plan.unwrap_or_else(|| panic!("{:?}", loaded.findings)));
        Self { plan, file, vendor, url }
    }

    /// Runs a file of exchanges both ways, and compares what the vendor got. The calls that were made, each by its
    /// name and line.
    pub fn run(&self, exchanges: &Path) -> BTreeSet<String> {
        let called = self.by_production(exchanges);
        let production = self.vendor.take();
        let script = self.explained(exchanges);
        self.by_a_shell(&script);
        let shell = self.vendor.take();
        for (one, other) in production.iter().zip(&shell) {
            assert_eq!(one, other, "production's and curl's, {}:\n{script}", exchanges.display());
        }
        assert_eq!(production.len(), shell.len(), "{}:\n{script}", exchanges.display());
        assert!(!production.is_empty(), "{} calls nobody", exchanges.display());
        called
    }

    fn by_production(&self, exchanges: &Path) -> BTreeSet<String> {
        let text = fs::read_to_string(exchanges).unwrap();
        let file = exchange::read_request(&exchanges.display().to_string(), &text).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut called = BTreeSet::new();
        for exchange in &file.exchanges {
            let mut tenant = file.tenant.clone();
            tenant.extend(exchange.tenant.clone());
            let variables = self.variables(tenant);
            let settings = self.plan.settings(&variables).unwrap();
            let client = Client::new("production", settings, Arc::default()).unwrap();
            let secret = || Secret::new(SECRET);
            let shown = Credential { sent: secret(), bare: secret() };
            let client = client.on_behalf(&shown).unwrap_or_else(|| Arc::new(client));
            let answers = exchange.calls.iter().map(|call| Expected {
                method: call.method.clone(),
                path: call.path.clone(),
                query: call.query.clone(),
                answer: call.answer.clone(),
                times: call.times,
            });
            let script = Script::new(answers.collect());
            let production = Arc::new(Production { client, script });
            let upstream = Arc::clone(&production) as Arc<dyn Upstream>;
            let (plan, variables) = (Arc::clone(&self.plan), Arc::new(variables));
            let live = Live::new(plan, upstream, variables, exchange.client, 1);
            let rows = exchange.rows(&self.plan, file.now);
            let name = &exchange.name;
            runtime.block_on(rehearsal::rehearse(live, rows, &exchange.request, file.now));
            for Asked { call, entry, .. } in production.script.asked() {
                assert!(entry.is_some(), "{name}: no answer to {} {}", call.method, call.path);
                called.insert(format!("{} at line {}", call.name, call.place.span.line));
            }
        }
        called
    }

    /// All variables: what the file says, the vendor's place, and the secrets.
    fn variables(&self, mut tenant: Map<String, Value>) -> Value {
        if let Some((name, url)) = &self.url {
            tenant.insert(name.clone(), json!(url));
        }
        for variable in &self.plan.variables {
            if variable.secret {
                tenant.insert(variable.name.clone(), json!(SECRET));
            } else if let Some(default) = &variable.default {
                tenant.entry(variable.name.clone()).or_insert_with(|| default.clone());
            }
        }
        Value::Object(tenant)
    }

    /// What `explain` prints; no secret stands in it.
    pub fn explained(&self, exchanges: &Path) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scimshim"));
        command.arg("explain").arg(&self.file).arg("--request").arg(exchanges);
        if let Some((name, url)) = &self.url {
            command.arg("--var").arg(format!("{name}={url}"));
        }
        for variable in self.plan.variables.iter().filter(|variable| variable.secret) {
            // What the file says of it is not needed.
            command.arg("--var").arg(format!(
                "{}={{ env: {} }}",
                variable.name,
                shell(&variable.name)
            ));
        }
        let output = command.output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(!text.contains("of-the-vendor"), "a secret is shown:\n{text}");
        text
    }

    /// All of it, pasted into a shell.
    fn by_a_shell(&self, script: &str) {
        let here = Command::new("curl").arg("--version").stdout(Stdio::null()).status();
        assert!(here.is_ok(), "this test runs curl, which is not here: install it");
        let mut shell_command = Command::new("sh");
        shell_command
            .args(["-e", "-c", script])
            .env("PASSWORD_JSON", "q8Zt1-random")
            .env("PASSWORD_ENCODED", "q8Zt1-random")
            // What the client shows, where that goes on.
            .env(format!("{}_CREDENTIAL", self.plan.name.to_uppercase()), SECRET);
        for variable in self.plan.variables.iter().filter(|variable| variable.secret) {
            let name = shell(&variable.name);
            shell_command.env(&name, SECRET);
            shell_command.env(format!("{name}_ENCODED"), "s3cret-%22%24x%60%5C%27-of-the-vendor");
            shell_command.env(format!("{name}_JSON"), r#"s3cret-\"$x`\\'-of-the-vendor"#);
        }
        let output = shell_command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}\n{script}");
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.file);
    }
}

fn shell(variable: &str) -> String {
    format!("THE_{}", variable.to_uppercase())
}

/// The client of production, whose answers are those of a file.
struct Production {
    client: Arc<dyn Upstream>,
    script: Script,
}

impl Upstream for Production {
    fn call<'a>(
        &'a self,
        call: &'a Call,
        attempt: u32,
        deadline: Instant,
    ) -> Pending<'a, Result<Answer, Error>> {
        Box::pin(async move {
            self.client.call(call, attempt, deadline).await.unwrap();
            self.script.call(call, attempt, deadline).await
        })
    }

    fn wait<'a>(&'a self, _duration: Duration) -> Pending<'a, ()> {
        Box::pin(async {})
    }

    fn ordered(&self) -> bool {
        true
    }
}
