//! What the pages say is so: the README's mapping and configuration load without a finding, its
//! transcript is what `check` prints, the worked configuration shows every limit with its default,
//! and the pod's manifest fits it.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use scimshim::{
    app::{build, load},
    diagnostic::Severity,
    gateway::guard::Limit,
    mapping,
    server::settings::Limits,
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};

fn page(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The README's blocks of a language, `yaml` or none.
fn blocks(language: &str) -> Vec<String> {
    fenced("README.md", language)
}

/// The same of another page.
fn fenced(name: &str, language: &str) -> Vec<String> {
    let readme = page(name);
    // Every second piece is a block; its first line says the language.
    let blocks = readme.split("```").skip(1).step_by(2);
    let of = blocks.filter_map(|block| block.split_once('\n'));
    of.filter(|(word, _)| *word == language).map(|(_, text)| text.to_owned()).collect()
}

/// A folder that goes with the test, with the README's mapping in `mappings/acme.yaml`.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, mapping: &str) -> Self {
        let path = std::env::temp_dir().join(format!("scimshim-{name}-{}", std::process::id()));
        std::fs::create_dir_all(path.join("mappings")).unwrap();
        std::fs::write(path.join("mappings/acme.yaml"), mapping).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_readmes_mapping_is_sound() {
    let mapping = &blocks("yaml")[0];
    let loaded = mapping::load("README.md", mapping);
    assert_eq!(loaded.findings, []);
    assert!(mapping.lines().count() <= 35, "the README promises a short one");
}

/// What the reference shows in part, in a mapping that has the rest.
#[test]
fn the_references_examples_are_sound() {
    let yaml = fenced("mappings/README.md", "yaml");
    let shown = |beginning: &str, depth: usize| -> String {
        let block = yaml.iter().find(|block| block.starts_with(beginning)).unwrap();
        block.lines().map(|line| format!("{}{line}\n", " ".repeat(depth))).collect()
    };
    let mapping = format!(
        r#"mapping: 1
name: acme
evidence: seen
tenant:
  token: {{ type: text, secret: true }}
upstream:
  base_url: https://api.acme.example/v1
  auth: {{ bearer: {{ token: "{{tenant.token}}" }} }}
schemas:
  urn:acme:scim:schemas:extension:1.0:License:
    name: License
    attributes: {{ seats: {{ type: integer }} }}
resources:
  User:
    key: id
    match: [userName]
    attributes:
      userName: {{ field: email, required: true }}
      nickName: {{ field: nick }}
      active: {{ field: active }}
      roles: {{ field: roles, direction: read, element: {{ value: {{ field: . }} }} }}
{}{}"#,
        shown("operations:", 4),
        shown("Role:", 2),
    );
    let loaded = mapping::load("reference.yaml", &mapping);
    // Notes are not about mistakes.
    let mistakes = loaded.findings.iter().filter(|one| one.severity != Severity::Note);
    assert_eq!(mistakes.map(ToString::to_string).collect::<Vec<_>>(), [""; 0]);
    assert!(loaded.plan.is_some());
}

#[test]
fn the_readme_shows_the_two_commands() {
    let readme = page("README.md");
    for command in ["cargo run --release -- demo", "cargo test"] {
        assert!(readme.contains(&format!("```\n{command}\n```")), "{command}");
    }
}

#[test]
fn the_worked_configuration_shows_the_defaults() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/scimshim.yaml");
    let loaded = load::load(&file).unwrap();
    // Its certificate is where it runs, not here.
    let others: Vec<_> = loaded.findings.iter().filter(|finding| finding.code != "C017").collect();
    assert!(others.is_empty(), "{others:?}");
    let (config, _) = loaded.config.unwrap();
    assert_eq!(config.server.limits, Limits::default());
    assert_eq!(config.reload, scimshim::app::reload::Settings::default());
    assert_eq!(config.tenants["acme"].guard, Some(Limit::default()));
}

#[test]
fn the_readmes_configuration_serves_its_mapping() {
    let yaml = blocks("yaml");
    let folder = Folder::new("readme", &yaml[0]);
    let file = folder.0.join("scimshim.yaml");
    std::fs::write(&file, &yaml[1]).unwrap();
    let loaded = load::load(&file).unwrap();
    assert_eq!(loaded.findings, []);
    let (config, source) = loaded.config.unwrap();
    for (name, tenant) in &config.tenants {
        let (found, _) = build::findings(name, tenant, &source, config.store.is_some());
        assert_eq!(found, []);
    }
}

#[test]
fn the_readmes_transcript_is_what_check_prints() {
    let blocks_without = blocks("");
    let transcript = blocks_without.iter().find(|block| block.starts_with("$ ")).unwrap();
    let (command, expected) = transcript.split_once('\n').unwrap();
    let mapping = blocks("yaml")[0].replace("required: true", "requird: true");
    let folder = Folder::new("transcript", &mapping);
    let mut words = command.split(' ').skip(2);
    let mut check = Command::new(env!("CARGO_BIN_EXE_scimshim"));
    let printed = check.args(&mut words).current_dir(&folder.0).output().unwrap();
    assert_eq!(String::from_utf8(printed.stdout).unwrap(), expected);
}

/// `a/b/../c` as the kernel walks it where no part is a link.
fn tidy(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut tidy, part| {
        match part {
            std::path::Component::ParentDir => {
                tidy.pop();
            }
            part => tidy.push(part),
        }
        tidy
    })
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The names in `{ env: NAME }`, wherever they stand.
fn variables(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| match value {
            Value::String(name) if key == "env" => drop(found.insert(name.clone())),
            value => variables(value, found),
        }),
        Value::Array(items) => items.iter().for_each(|item| variables(item, found)),
        _ => {}
    }
}

#[test]
fn the_pod_fits_the_worked_configuration() {
    let pod: Value = serde_saphyr::from_str(&page("deploy/pod.yaml")).unwrap();
    let config: Value = serde_saphyr::from_str(&page("deploy/scimshim.yaml")).unwrap();
    let named = |items: &[Value], name: &str| -> Value {
        items.iter().find(|item| item["name"] == name).cloned().unwrap()
    };
    let containers = list(&pod, "/spec/containers");
    let (app, scimshim) = (named(containers, "app"), named(containers, "scimshim"));
    let mount = |name: &str| -> PathBuf {
        text(&named(list(&scimshim, "/volumeMounts"), name), "/mountPath").into()
    };
    let volumes = list(&pod, "/spec/volumes");

    // Files: what the configuration names is what is mounted.
    let mounted: BTreeSet<PathBuf> = list(&named(volumes, "config"), "/configMap/items")
        .iter()
        .map(|item| mount("config").join(text(item, "/path")))
        .collect();
    let arguments = list(&scimshim, "/args");
    let at = arguments.iter().position(|argument| argument == "--config").unwrap();
    let file = Path::new(arguments[at + 1].as_str().unwrap());
    let mapping = file.parent().unwrap().join(text(&config, "/tenants/acme/mapping"));
    assert_eq!(mounted, BTreeSet::from([file.to_owned(), tidy(&mapping)]));
    for (key, name) in [("cert", "tls.crt"), ("key", "tls.key")] {
        let named = text(&config, &format!("/server/tls/{key}")).to_owned();
        assert_eq!(Path::new(&named), mount("tls").join(name), "{key}");
    }
    assert_eq!(mount("data"), Path::new("/data"));

    // Environment: all that the configuration reads, nothing that it would take for its own.
    let mut read = BTreeSet::new();
    variables(&config, &mut read);
    let given = list(&scimshim, "/env").iter().map(|one| text(one, "/name").to_owned());
    assert_eq!(given.collect::<BTreeSet<_>>(), read);
    assert_eq!(pod["spec"]["enableServiceLinks"], false);

    // Ports.
    let port = |address: &str| address.rsplit(':').next().unwrap().to_owned();
    let scim = named(list(&scimshim, "/ports"), "scim");
    assert_eq!(scim["containerPort"].to_string(), port(text(&config, "/server/listen")));
    let probe = list(&scimshim, "/livenessProbe/exec/command").last().unwrap().as_str().unwrap();
    let admin = text(&config, "/admin/listen");
    assert_eq!(probe, format!("http://{admin}/healthz"));

    // Users: ours is the image's, the app's is its own.
    let user = scimshim["securityContext"]["runAsUser"].to_string();
    let group = scimshim["securityContext"]["runAsGroup"].to_string();
    assert!(page("deploy/Dockerfile").contains(&format!("USER {user}:{group}\n")));
    let whole = pod["spec"]["securityContext"].as_object().unwrap();
    assert_eq!(whole.keys().collect::<Vec<_>>(), ["fsGroup"]);
    assert_eq!(app.get("securityContext"), None);

    // Time: the pause and the drain end before the kill.
    let pause = scimshim["lifecycle"]["preStop"]["sleep"]["seconds"].as_u64().unwrap();
    let grace = pod["spec"]["terminationGracePeriodSeconds"].as_u64().unwrap();
    assert!(pause + Limits::default().drain.as_secs() < grace);
}
