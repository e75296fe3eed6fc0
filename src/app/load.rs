//! Reads the configuration: file, then environment, then what it says held against itself.

use super::{
    check,
    config::Config,
    source::{self, Source},
};
use crate::diagnostic::Diagnostic;
use figment::Figment;
use std::path::Path;

/// What became of a configuration file.
pub struct Loaded {
    /// With all that it took to find places in it; absent when a finding is an error.
    pub config: Option<(Config, Source)>,
    /// Of its form, the first one only; of what it says, all.
    pub findings: Vec<Diagnostic>,
}

/// Reads `file` and the environment above it. An error when there is nothing to read.
pub fn load(file: &Path) -> Result<Loaded, String> {
    let name = file.display().to_string();
    let folder = file.parent().unwrap_or(Path::new(""));
    let text = std::fs::read_to_string(file).map_err(|error| {
        format!("configuration `{name}` cannot be read: {error}: name it with `--config FILE`")
    })?;
    Ok(read(&name, folder, &text))
}

fn read(name: &str, folder: &Path, text: &str) -> Loaded {
    let source = match Source::read(name, text) {
        Ok(source) => source,
        Err(finding) => return refused(finding),
    };
    let figment = Figment::from(source.clone()).merge(source::environment());
    let config: Config = match figment.extract() {
        Ok(config) => config,
        Err(error) => return refused(source.explain(error)),
    };
    let findings = check::config(&config, &source);
    let config = findings.is_empty().then(|| (config.within(folder), source));
    Loaded { config, findings }
}

fn refused(finding: Diagnostic) -> Loaded {
    Loaded { config: None, findings: vec![finding] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{app::variables::Given, scim::profile::Profile};

    const HASH: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn tenant(more: &str) -> String {
        format!(
            "tenants:\n  acme:\n    mapping: m.yaml\n    clients:\n      okta: {{ bearer: [ {{ \
             sha256: \"{HASH}\" }} ] }}\n{more}"
        )
    }

    fn findings(text: &str) -> Vec<(&'static str, String, String)> {
        let loaded = read("c.yaml", Path::new(""), text);
        let found = loaded.findings.into_iter();
        found.map(|one| (one.code, one.place.to_string(), one.message)).collect()
    }

    #[test]
    fn the_contracts_own_example_is_read() {
        let text = format!(
            r#"
public_url: https://gw.acme.example
server: {{ listen: "0.0.0.0:8443", tls: {{ cert: tls.crt, key: tls.key }} }}
admin:  {{ listen: "127.0.0.1:9090" }}
log:    {{ format: json, level: info }}
tenants:
  acme:
    mapping: mappings/acall.yaml
    profile: entra
    path: /scim/v2
    vars: {{ token: {{ env: ACALL_TOKEN }}, key: {{ file: key }}, office: no }}
    clients:
      okta: {{ bearer: [ {{ sha256: "{HASH}" }}, {{ sha256: "{HASH}", until: 2027-01-31 }} ] }}
"#
        );
        let loaded = read("etc/scimshim.yaml", Path::new("etc"), &text);
        assert_eq!(loaded.findings, []);
        let (config, _) = loaded.config.unwrap();
        let acme = &config.tenants["acme"];
        assert_eq!(acme.mapping, Path::new("etc/mappings/acall.yaml"));
        assert_eq!(config.server.tls.unwrap().key, Path::new("etc/tls.key"));
        assert_eq!(acme.profile, Profile::Entra);
        assert_eq!(acme.vars["office"], Given::Plain("no".into()));
        let file = crate::secret::Reference::File("etc/key".into());
        assert_eq!(acme.vars["key"], Given::Reference(file));
        let until = acme.clients["okta"].bearer[1].until;
        assert_eq!(until, Some(jiff::civil::date(2027, 1, 31)));
    }

    #[test]
    fn a_mistake_of_form_is_found_with_its_place() {
        let table = [
            ("server: [", "C002", "c.yaml:1", ""),
            ("sever: {}", "C002", "c.yaml:1:1", "unknown key `sever`"),
            ("server:\n  listn: x\n", "C002", "c.yaml:2:3", "unknown key `server.listn`"),
            ("server:\n  listen: 8080\n", "C002", "c.yaml:2:3", "found"),
            ("server:\n  limits: { body: many }", "C002", "c.yaml:2:13", "a whole number"),
            ("server:\n  limits: { idle: soon }", "C002", "c.yaml:2:13", "a time like `10s`"),
            ("log: { format: xml }", "C002", "c.yaml:1:8", "expected one of text, json"),
            (
                "tenants: { acme: {} }",
                "C002",
                "c.yaml:1:12",
                "key `tenants.acme.mapping` is missing",
            ),
            ("tenants: { a: { mapping: m, profile: x } }", "C002", "c.yaml:1:29", "okta-opp-1.1"),
            (
                "tenants: { a: { mapping: m, vars: { t: { env: 1 } } } }",
                "C002",
                "c.yaml:1:37",
                "env",
            ),
        ];
        for (text, code, place, message) in table {
            let found = findings(text);
            let [(found_code, found_place, found_message)] = found.as_slice() else {
                panic!("{text}: {found:?}")
            };
            assert_eq!(*found_code, code, "{text}");
            assert!(found_place.starts_with(place), "{text}: {found_place}, expected {place}");
            assert!(found_message.contains(message), "{text}: {found_message}");
        }
    }

    #[test]
    fn what_must_not_be_is_found_all_at_once() {
        let table = [
            ("", vec![("C006", "c.yaml:0:0")]),
            (
                "store: { sqlite: { path: x } }\nserver: { listen: \"0.0.0.0:80\" }\nadmin: { \
                 listen: \"0.0.0.0:90\" }\nlog: { level: \"=loud=\" }\npublic_url: gw\n",
                vec![
                    ("C009", "c.yaml:5:1"),
                    ("C004", "c.yaml:2:11"),
                    ("C005", "c.yaml:3:10"),
                    ("C012", "c.yaml:4:8"),
                    ("C003", "c.yaml:1:1"),
                    ("C006", "c.yaml:1:1"),
                ],
            ),
            ("tenants: { a: { mapping: m } }", vec![("C007", "c.yaml:1:12")]),
            (
                "tenants: { a: { mapping: m, path: scim, clients: { okta: {} } } }",
                vec![("C010", "c.yaml:1:29"), ("C007", "c.yaml:1:52")],
            ),
        ];
        for (text, expected) in table {
            let found = findings(text);
            let found: Vec<_> = found.iter().map(|(code, place, _)| (*code, &**place)).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn one_token_is_one_tenants_at_one_path() {
        let second = |path: &str| {
            tenant(&format!(
                "  bolt:\n    mapping: m.yaml\n    path: {path}\n    clients:\n      okta: {{ bearer: \
                 [ {{ sha256: \"{HASH}\" }} ] }}\n"
            ))
        };
        for (path, codes) in
            [("/scim", vec!["C008"]), ("/bolt", vec![]), ("//scim//v2/", vec!["C008"])]
        {
            let found = findings(&second(path));
            let found: Vec<&str> = found.iter().map(|(code, ..)| *code).collect();
            assert_eq!(found, codes, "{path}");
        }
    }

    #[test]
    fn text_in_the_wrong_place_is_not_repeated() {
        for text in [
            "admin: { token: hunter2 }",
            "server: hunter2",
            "tenants: { a: { mapping: m, vars: { t: { env: [hunter2] } } } }",
            "tenants: { a: { mapping: m, clients: { o: { bearer: hunter2 } } } }",
            "tenants: { a: { mapping: m, clients: { o: { bearer: [{ sha256: hunter2 }] } } } }",
        ] {
            let found = findings(text);
            assert_eq!(found.len(), 1, "{text}");
            assert!(!format!("{found:?}").contains("hunter2"), "{found:?}");
        }
    }
}
