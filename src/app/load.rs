//! Reads the configuration: file, then environment, then what it says held against itself.

use super::{
    certificate, check,
    config::Config,
    environment::Values,
    log,
    source::{Source, finding},
};
use crate::{
    diagnostic::{Diagnostic, Severity},
    yaml::file::{self, Unread},
};
use figment::{
    Figment,
    value::{Dict, Value},
};
use std::{ffi::OsString, path::Path};

/// What became of a configuration file.
pub struct Loaded {
    /// With all that it took to find places in it; absent when a finding is an error.
    pub config: Option<(Config, Source)>,
    /// All of its form; when there is none, all of what it says.
    pub findings: Vec<Diagnostic>,
    /// How findings are to be told, as far as it could be read.
    pub log: log::Settings,
}

/// Reads the file at `path` and the environment above it. An error when there is nothing to read.
pub fn load(path: &Path) -> Result<Loaded, String> {
    let name = path.display().to_string();
    let folder = path.parent().unwrap_or(Path::new(""));
    let text = match file::text(path) {
        Ok(text) => text,
        Err(Unread::Circumstance(why)) => {
            let why = why.strip_prefix(&format!("{name}: ")).unwrap_or(&why);
            let help = "name it with `--config FILE`";
            return Err(format!("configuration `{name}` cannot be read: {why}: {help}"));
        }
        Err(Unread::Finding(finding)) => {
            let findings = vec![Diagnostic { code: "C002", ..*finding }];
            return Ok(Loaded { config: None, findings, log: log::Settings::default() });
        }
    };
    let loaded = read(&name, folder, &text, std::env::vars_os());
    let of_files = |(config, source): &(Config, Source)| {
        certificate::findings(config.server.tls.as_ref(), source)
    };
    let found = loaded.config.as_ref().map(of_files).unwrap_or_default();
    Ok(loaded.with(found))
}

impl Loaded {
    /// With more findings; one that is an error takes the configuration away.
    fn with(mut self, findings: Vec<Diagnostic>) -> Self {
        self.findings.extend(findings);
        if self.findings.iter().any(|finding| finding.severity == Severity::Error) {
            self.config = None;
        }
        self
    }
}

fn read(
    name: &str,
    folder: &Path,
    text: &str,
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Loaded {
    let source = match Source::read(name, text, variables) {
        Ok(source) => source,
        Err(findings) => return Loaded { config: None, findings, log: log::Settings::default() },
    };
    let (config, findings) = form(&source);
    let log = config.as_ref().map(|config| config.log.clone()).unwrap_or_default();
    let Some(config) = config.filter(|_| findings.is_empty()) else {
        return Loaded { config: None, findings, log };
    };
    let findings = check::config(&config, &source);
    let config = Some((config.within(folder), source));
    Loaded { config, findings: vec![], log }.with(findings)
}

/// The configuration, and every mistake of form: what cannot be read is taken out, and the rest read
/// again. Nothing when even that leads nowhere.
fn form(source: &Source) -> (Option<Config>, Vec<Diagnostic>) {
    let (mut figment, mut findings) = (source.figment(), vec![]);
    for _ in 0..source.rounds() {
        let errors = match figment.extract::<Config>() {
            Ok(config) => return (Some(config), findings),
            Err(errors) => errors,
        };
        let mut values: Dict = figment.extract().unwrap_or_default();
        let mut less = false;
        for error in errors {
            let (path, finding) = source.explain(&error);
            findings.push(finding);
            less |= take_out(&mut values, &path);
        }
        if !less {
            return (None, findings);
        }
        figment = Figment::from(Values(values));
    }
    let message = format!("more is wrong than the {} mistakes above", findings.len());
    let help = Some("mend those first: is it the right file?".to_owned());
    findings.push(finding("C002", source.place(&[]), message, help));
    (None, findings)
}

/// Takes out the value at `path`, or else the deepest one on the way to it: what lacks a key goes
/// whole, and so does a list with something wrong in it.
fn take_out(values: &mut Dict, path: &[String]) -> bool {
    let Some((first, rest)) = path.split_first() else { return false };
    let below = match values.get_mut(first) {
        Some(Value::Dict(_, below)) => take_out(below, rest),
        _ => false,
    };
    below || values.remove(first).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::variables::Given,
        scim::profile::Profile,
        store::settings::{self as store, Settings},
    };

    const HASH: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn tenant(more: &str) -> String {
        format!(
            "tenants:\n  acme:\n    mapping: m.yaml\n    clients:\n      okta: {{ bearer: [ {{ \
             sha256: \"{HASH}\" }} ] }}\n{more}"
        )
    }

    fn findings(text: &str) -> Vec<(&'static str, String, String)> {
        let loaded = read("c.yaml", Path::new(""), text, []);
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
store:  {{ sqlite: {{ path: data/scimshim.db }} }}
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
        let loaded = read("etc/scimshim.yaml", Path::new("etc"), &text, []);
        assert_eq!(loaded.findings, []);
        let (config, _) = loaded.config.unwrap();
        let path = "etc/data/scimshim.db".into();
        assert_eq!(
            config.store,
            Some(Settings { sqlite: Some(store::File { path }), postgres: None })
        );
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
            ("server:\n  listen: 8080\n", "C002", "c.yaml:2:3", "such as 127.0.0.1:8080, found"),
            (
                "server:\n  listen: here\n",
                "C002",
                "c.yaml:2:3",
                "such as 127.0.0.1:8080, found text",
            ),
            ("mapping: 1\nresources: {}\n", "C002", "c.yaml:1:1", "this is a mapping"),
            ("server:\n  limits: { body: many }", "C002", "c.yaml:2:13", "a whole number"),
            ("server:\n  limits: { idle: soon }", "C002", "c.yaml:2:13", "a time like `10s`"),
            ("log: { format: xml }", "C002", "c.yaml:1:8", "expected one of text, json"),
            ("store: { sqlite: {} }", "C002", "c.yaml:1:10", "key `store.sqlite.path` is missing"),
            ("server: here", "C002", "c.yaml:1:1", "a map with `listen`, `tls` or `limits`"),
            ("server: { tls: off }", "C002", "c.yaml:1:11", "a map with `cert` and `key`"),
            ("server: { limits: 5 }", "C002", "c.yaml:1:11", "a map of limits"),
            (
                "tenants: { a: { mapping: m, clients: { okta: { bearer: [here] } } } }",
                "C002",
                "c.yaml:1:57",
                "a map with `sha256`",
            ),
            (
                "tenants: { a: { mapping: m, clients: { okta: { basic: [here] } } } }",
                "C002",
                "c.yaml:1:56",
                "a map with `user` and `sha256`",
            ),
            ("store: sqlite", "C002", "c.yaml:1:1", "a map with `sqlite` or `postgres`"),
            ("store: { mysql: { url: x } }", "C002", "c.yaml:1:10", "unknown key `store.mysql`"),
            (
                "store: { postgres: {} }",
                "C002",
                "c.yaml:1:10",
                "key `store.postgres.url` is missing",
            ),
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
            ("", vec![("C006", "c.yaml")]),
            (
                "store: {}\nserver: { listen: \"0.0.0.0:80\" }\nadmin: { \
                 listen: \"0.0.0.0:90\" }\nlog: { level: \"=loud=\" }\npublic_url: gw\n",
                vec![
                    ("C009", "c.yaml:5:1"),
                    ("C004", "c.yaml:2:11"),
                    ("C005", "c.yaml:3:10"),
                    ("C012", "c.yaml:4:8"),
                    ("C028", "c.yaml:1:1"),
                    ("C006", "c.yaml:1:1"),
                ],
            ),
            (
                "tenants: { a: { mapping: m, clients: { okta: {} } } }",
                vec![("C007", "c.yaml:1:40")],
            ),
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
    fn every_mistake_of_form_is_found_at_once() {
        let text = "servr: {}\nserver:\n  listn: x\n  limits: { body: many, idle: soon }\nlog: { \
                    format: xml }\ntenants:\n  a: { profile: okta }\n  b: { mapping: m, wrong: 1 }\n";
        let found = read("c.yaml", Path::new(""), text, []).findings;
        let mut found: Vec<String> = found.iter().map(ToString::to_string).collect();
        found.sort();
        let expected = [
            ("c.yaml:1:1: error[C002]: unknown key `servr`; did you mean `server`?", ""),
            ("c.yaml:3:3: error[C002]: unknown key `server.listn`; did you mean `listen`?", ""),
            ("c.yaml:4:13: error[C002]: `server.limits.body`", "a whole number"),
            ("c.yaml:4:25: error[C002]: `server.limits.idle`", "a time like `10s`"),
            ("c.yaml:5:8: error[C002]: `log.format`", "text, json"),
            ("c.yaml:7:3: error[C002]: key `tenants.a.mapping` is missing", ""),
            ("c.yaml:8:20: error[C002]: unknown key `tenants.b.wrong`", "known here: mapping"),
        ];
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (found, (start, part)) in found.iter().zip(expected) {
            assert!(found.starts_with(start) && found.contains(part), "{found}, expected {start}");
        }
        let found = read("c.yaml", Path::new(""), "a: 1\nb: 2\na: 3\nb: 4\n", []).findings;
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn what_the_environment_says_is_found_there() {
        let text = tenant("");
        let table = [
            ("SCIMSHIM_SERVR__LISTEN", "x", "C002", "did you mean `server`?"),
            ("SCIMSHIM_SERVER__LISTN", "x", "C002", "did you mean `listen`?"),
            ("SCIMSHIM_SERVER__LISTEN", "here", "C002", "`server.listen`"),
            ("SCIMSHIM_SERVER__LISTEN", "0.0.0.0:80", "C004", "0.0.0.0:80"),
            ("SCIMSHIM_LOG__LEVEL", "warning", "C012", "did you mean `warn`?"),
            ("SCIMSHIM_SERVER__LIMITS", "{body=0}", "C014", "at least 1"),
        ];
        for (variable, value, code, part) in table {
            let set = [(variable.into(), value.into())];
            let found = read("c.yaml", Path::new(""), &text, set).findings;
            let found = found.iter().find(|finding| finding.code == code).unwrap();
            assert_eq!(found.place.to_string(), variable, "{found}");
            assert!(found.to_string().contains(part), "{found}");
        }
        let set = [("SCIMSHIM_SERVER__LISTEN".into(), "127.0.0.1:7".into())];
        let (config, _) = read("c.yaml", Path::new(""), &text, set).config.unwrap();
        assert_eq!(config.server.listen.port(), 7);
        // A variable that the file reads itself is its secret, whatever it is called.
        let text = format!("admin: {{ token: {{ env: SCIMSHIM_METRICS_TOKEN }} }}\n{text}");
        let set = [("SCIMSHIM_METRICS_TOKEN".into(), "secret".into())];
        assert_eq!(read("c.yaml", Path::new(""), &text, set).findings, []);
    }

    #[test]
    fn limits_have_a_range_and_no_number_is_a_panic() {
        let limits = |text: &str| format!("server: {{ limits: {{ {text} }} }}\n{}", tenant(""));
        let top = |text: &str| format!("{text}\n{}", tenant(""));
        let table = [
            (limits("connections: 0"), vec!["C014"]),
            (limits("connections: 18446744073709551615"), vec!["C014"]),
            (limits("connections: 1"), vec![]),
            (limits("headers: 8191"), vec!["C014"]),
            (limits("headers: 8192, body: 18446744073709551615"), vec![]),
            (limits("body: 0, streams: 0"), vec!["C014", "C014"]),
            (limits("list_results: 0"), vec!["C014"]),
            (limits("list_results: 2147483648"), vec!["C014"]),
            (limits("body: -1"), vec!["C002"]),
            (limits("streams: 4294967296"), vec!["C002"]),
            (limits("idle: 25h, drain: 9223372036854775807s"), vec!["C014", "C014"]),
            (limits("first_request: 1ns"), vec!["C014"]),
            (limits("request: 55s"), vec![]),
            (limits("request: 56s"), vec!["C015"]),
            (top("reload: { every: 9ms }"), vec!["C014"]),
            (top("reload: { every: 10ms }"), vec![]),
            (top("threads: 1025"), vec!["C014"]),
            (top("threads: 0"), vec!["C002"]),
        ];
        for (text, codes) in table {
            let loaded = read("c.yaml", Path::new(""), &text, []);
            let found: Vec<&str> = loaded.findings.iter().map(|finding| finding.code).collect();
            assert_eq!(found, codes, "{text}");
            assert_eq!(loaded.config.is_some(), codes.is_empty() || codes == ["C015"], "{text}");
            let placed = |finding: &Diagnostic| finding.place.span.line == 1;
            assert!(loaded.findings.iter().all(placed), "{:?}", loaded.findings);
        }
    }

    #[test]
    fn who_listens_everywhere_says_how_it_is_reached() {
        let text = |more: &str| {
            let server = "server: { listen: \"0.0.0.0:80\", plain_off_loopback: true }";
            format!("{server}\n{more}\n{}", tenant(""))
        };
        let loaded = read("c.yaml", Path::new(""), &text(""), []);
        let found: Vec<String> = loaded.findings.iter().map(ToString::to_string).collect();
        assert!(found[0].starts_with("c.yaml:1:11: warning[C016]"), "{found:?}");
        assert!(loaded.config.is_some(), "and it is served all the same");
        assert_eq!(findings(&text("public_url: https://gw.example")), []);
        let hosted = text("") + "    host: gw1.acme.example\n";
        assert_eq!(findings(&hosted), [], "its host says it");
    }

    #[test]
    fn one_token_is_one_clients() {
        let second = format!("      entra: {{ bearer: [ {{ sha256: \"{HASH}\" }} ] }}\n");
        let found = findings(&tenant(&second));
        assert_eq!(found[0].0, "C008");
        // In the order of their names.
        assert!(found[0].2.contains("clients `entra` and `okta`"), "{found:?}");
    }

    #[test]
    fn one_token_is_one_tenants_at_one_path() {
        let second = |path: &str| {
            tenant(&format!(
                "  bolt:\n    mapping: m.yaml\n    path: {path}\n    clients:\n      okta: {{ bearer: \
                 [ {{ sha256: \"{HASH}\" }} ] }}\n"
            ))
        };
        for (path, codes) in [
            ("/scim", vec!["C008"]),
            ("/bolt", vec![]),
            ("//scim//v2/", vec!["C008"]),
            ("/scim\n    host: gw1.acme.example", vec![]),
            ("/scim\n    host: gw1.acme.example:8443", vec!["C040"]),
        ] {
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
