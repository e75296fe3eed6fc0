//! Changed files: swapped whole when they are sound, told and left alone when they are not.

use crate::{
    harness::{Folder, NEVER, OFTEN, Served, sample},
    vendor,
};
use scimshim::server::settings::Digest;

const LIST: &str = "/Users?count=1";
const GENERATION: &str = r#"scimshim_reload_generation{tenant="acme",what="mapping"}"#;

/// The sample mapping with two attributes changed for each other.
fn swapped() -> String {
    sample()
        .replace("displayName:           { field: caption }", "displayName: { field: alias }")
        .replace("nickName:              { field: alias }", "nickName: { field: caption }")
}

/// The sample mapping with an attribute that SCIM does not know.
fn broken() -> String {
    sample().replace("displayName:           { field: caption }", "nickname: { field: caption }")
}

fn shows(served: &Served, part: &str) {
    let (status, body) = served.scim("token-of-acme", LIST);
    assert!(status == 200 && body.contains(part), "{part} is missing: {status} {body}");
}

fn counts(served: &Served, line: &str) {
    let metrics = served.metrics();
    assert!(metrics.lines().any(|found| found == line), "{line} is missing in\n{metrics}");
}

#[test]
fn a_changed_mapping_is_swapped_whole_and_a_broken_one_refused() {
    let folder = Folder::new("reload");
    folder.write("m.yaml", &sample());
    let mut served = Served::start(&folder, &[("acme", &vendor::sample())], OFTEN);
    shows(&served, "\"displayName\":\"Ada Lund\"");

    folder.write("m.yaml", &broken());
    let line = served.until("reload refused");
    assert_eq!(line["tenant"], "acme");
    let reason = line["reason"].as_str().unwrap();
    assert!(reason.contains("m.yaml:") && reason.contains("nickName"), "{reason}");
    shows(&served, "\"displayName\":\"Ada Lund\"");
    counts(&served, r#"scimshim_reloads_total{result="refused",tenant="acme",what="mapping"} 1"#);
    counts(&served, &format!("{GENERATION} 1"));

    folder.write("m.yaml", &swapped());
    served.until("reloaded");
    shows(&served, "\"nickName\":\"Ada Lund\"");
    counts(&served, &format!("{GENERATION} 2"));
}

#[test]
fn sighup_looks_at_once_and_swaps_only_what_has_changed() {
    let folder = Folder::new("hangup");
    folder.write("m.yaml", &sample());
    let mut served = Served::start(&folder, &[("acme", &vendor::sample())], NEVER);
    served.signal("HUP");
    assert_eq!(served.until("looked at the files")["changed"], 0);
    counts(&served, &format!("{GENERATION} 1"));

    folder.write("m.yaml", &swapped());
    served.signal("HUP");
    assert_eq!(served.until("reloaded")["generation"], 2);
    assert_eq!(served.until("looked at the files")["changed"], 1);
    shows(&served, "\"nickName\":\"Ada Lund\"");

    // What was refused is tried again when somebody asks, though it has not changed.
    folder.write("m.yaml", &broken());
    for _ in 0..2 {
        served.signal("HUP");
        served.until("reload refused");
        served.until("looked at the files");
    }
    counts(&served, &format!("{GENERATION} 2"));
}

#[test]
fn a_reload_does_not_begin_the_vendors_limits_anew() {
    let folder = Folder::new("limits-reload");
    let once = |mapping: String, requests: u32| {
        let limits = format!("upstream:\n  limits: {{ requests: {requests}, per: 1h }}\n");
        mapping.replacen("upstream:\n", &limits, 1)
    };
    folder.write("m.yaml", &once(sample(), 1));
    let mut served = Served::start(&folder, &[("acme", &vendor::sample())], OFTEN);
    let status = |served: &Served| served.scim("token-of-acme", LIST).0;
    assert_eq!((status(&served), status(&served)), (200, 429));
    folder.write("m.yaml", &once(swapped(), 1));
    served.until("reloaded");
    assert_eq!(status(&served), 429, "that hour is not over");
    folder.write("m.yaml", &once(swapped(), 2));
    served.until("reloaded");
    assert_eq!(status(&served), 200, "what is told anew is believed");
}

/// A file that Kubernetes mounts from a ConfigMap is a link through a folder that is swapped.
#[test]
fn a_mapping_behind_a_swapped_link_is_taken_up() {
    let folder = Folder::new("link");
    let link = |to: &str, name: &str| {
        std::os::unix::fs::symlink(to, folder.0.join(name)).unwrap();
    };
    for (version, text) in [("v1", sample()), ("v2", swapped())] {
        std::fs::create_dir_all(folder.0.join(version)).unwrap();
        folder.write(&format!("{version}/m.yaml"), &text);
    }
    link("v1", "..data");
    link("..data/m.yaml", "m.yaml");
    let mut served = Served::start(&folder, &[("acme", &vendor::sample())], OFTEN);
    link("v2", "..data_tmp");
    std::fs::rename(folder.0.join("..data_tmp"), folder.0.join("..data")).unwrap();
    served.until("reloaded");
    shows(&served, "\"nickName\":\"Ada Lund\"");
}

#[test]
fn an_unwise_mapping_is_taken_up_and_told_of() {
    let folder = Folder::new("unwise-reload");
    folder.write("m.yaml", &sample());
    let mut served = Served::start(&folder, &[("acme", &vendor::sample())], OFTEN);
    let paged = |line: &&str| !line.trim_start().starts_with("paging:");
    let unpaged: Vec<String> = sample().lines().filter(paged).map(str::to_owned).collect();
    folder.write("m.yaml", &unpaged.join("\n"));
    let mut codes = vec![];
    loop {
        let line = served.line();
        codes.extend(line["code"].as_str().map(str::to_owned));
        if line["message"] == "reloaded" {
            break;
        }
    }
    assert!(codes.contains(&"M507".to_owned()), "{codes:?}");
}

/// The text of `scimshim.yaml` with something in it for something else.
fn rewrite(folder: &Folder, from: &str, to: &str) {
    let text = std::fs::read_to_string(folder.0.join("scimshim.yaml")).unwrap();
    assert!(text.contains(from), "{from} is not in {text}");
    folder.write("scimshim.yaml", &text.replace(from, to));
}

#[test]
fn changed_clients_are_let_in_and_the_rest_waits_for_a_restart() {
    let folder = Folder::new("clients");
    folder.write("m.yaml", &sample());
    let mut served = Served::start(&folder, &[("acme", &vendor::sample())], OFTEN);
    let status = |served: &Served, token| served.scim(token, LIST).0;
    let hash = |token: &str| Digest::of(token.as_bytes()).to_string();
    assert_eq!((status(&served, "token-of-acme"), status(&served, "new")), (200, 401));

    rewrite(&folder, &hash("token-of-acme"), &hash("new"));
    let line = served.until("reloaded");
    assert_eq!((&line["what"], &line["tenant"]), (&"configuration".into(), &"-".into()));
    assert!(line["files"].as_str().unwrap().ends_with("scimshim.yaml"), "{line}");
    assert_eq!((status(&served, "token-of-acme"), status(&served, "new")), (401, 200));

    // With a mistake in it nothing of it is taken.
    rewrite(&folder, &hash("new"), &hash("third"));
    served.until("reloaded");
    rewrite(&folder, "mapping: m.yaml", "maping: m.yaml");
    let reason = served.until("reload refused")["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("scimshim.yaml:") && reason.contains("maping"), "{reason}");
    assert_eq!((status(&served, "new"), status(&served, "third")), (401, 200));

    // What else changes is told of, and is not in force; what changes beside it is.
    let text = std::fs::read_to_string(folder.0.join("scimshim.yaml")).unwrap();
    let text = text.replace("maping: m.yaml", "mapping: m.yaml\n    path: /acme");
    folder.write("scimshim.yaml", &text.replace(&hash("third"), &hash("fourth")));
    let line = served.until("`tenants.acme.path` changed: in force after a restart");
    assert_eq!((&line["code"], &line["level"]), (&"C031".into(), &"WARN".into()), "{line}");
    assert!(line["place"].as_str().unwrap().contains("scimshim.yaml:"), "{line}");
    served.until("reloaded");
    assert_eq!((status(&served, "third"), status(&served, "fourth")), (401, 200));

    // Who is left out is let in no more.
    rewrite(&folder, "  acme:", "  bolt:");
    served.until("reloaded");
    assert_eq!(status(&served, "fourth"), 401);
    counts(
        &served,
        r#"scimshim_reloads_total{result="refused",tenant="-",what="configuration"} 1"#,
    );
}

/// A secret in a file is followed like the mapping that asks for it.
#[test]
fn a_changed_secret_is_taken_up_and_told_of() {
    let folder = Folder::new("secret");
    folder.write("m.yaml", &sample());
    let key = folder.write("key", "wrong");
    let mut served = Served::started(&folder, &[("acme", &vendor::sample())], OFTEN, |config| {
        config.replace("{ env: VENDOR_KEY }", &format!("{{ file: \"{key}\" }}"))
    });
    assert_eq!(served.scim("token-of-acme", LIST).0, 502);
    folder.write("key", "key");
    let line = served.until("reloaded");
    assert_eq!((&line["what"], &line["files"]), (&"mapping".into(), &key.as_str().into()));
    assert_eq!(served.scim("token-of-acme", LIST).0, 200);
}

/// RFC 6749 §6: a vendor that gives out another refresh token has revoked the one before, and that is what the
/// configuration still says.
#[test]
fn a_refresh_token_that_was_given_out_outlives_a_reload() {
    let folder = Folder::new("rotated");
    let (issuer, asked_with) = vendor::rotating();
    let oauth = |mapping: String| {
        let own = "auth: { bearer: { token: \"{tenant.key}\" } }";
        assert!(mapping.contains(own), "{mapping}");
        let grant = format!(
            "auth: {{ oauth2: {{ grant: refresh_token, token_url: {issuer}, client_id: us, refresh_token: \
             \"{{tenant.key}}\" }} }}"
        );
        mapping.replace(own, &grant)
    };
    folder.write("m.yaml", &oauth(sample()));
    let key = folder.write("refresh-token", "first");
    let mut served = Served::started(&folder, &[("acme", &vendor::sample())], OFTEN, |config| {
        config.replace("{ env: VENDOR_KEY }", &format!("{{ file: \"{key}\" }}"))
    });
    let sent = |served: &Served| {
        assert_eq!(served.scim("token-of-acme", LIST).0, 200);
        asked_with.recv().unwrap()
    };
    assert_eq!((sent(&served), sent(&served)), ("first".to_owned(), "r0".to_owned()));
    folder.write("m.yaml", &oauth(swapped()));
    served.until("reloaded");
    assert_eq!(sent(&served), "r1", "the configured one is revoked");
    // What the operator says anew counts more.
    folder.write("refresh-token", "second");
    served.until("reloaded");
    assert_eq!((sent(&served), sent(&served)), ("second".to_owned(), "r3".to_owned()));
}

/// The sample mapping for a vendor that judges its client's own credential.
fn passing() -> String {
    let (own, brought) = (
        "auth: { bearer: { token: \"{tenant.key}\" } }",
        "auth: { client: { scheme: bearer } }\n  headers: { X-Site: \"{tenant.key}\" }",
    );
    let text = sample();
    assert!(text.contains(own), "{text}");
    text.replace(own, brought)
}

/// Whose credential the vendor is shown decides who is let in: no reload changes it behind the configuration's back.
#[test]
fn whose_credential_goes_to_the_vendor_changes_with_a_restart_alone() {
    let folder = Folder::new("passing");
    folder.write("m.yaml", &passing());
    let clients = regex::Regex::new("(?m)^    clients: .*\n").unwrap();
    let vendor = vendor::sample();
    let without = |config: String| clients.replace(&config, "").into_owned();
    let mut served = Served::started(&folder, &[("acme", &vendor)], OFTEN, without);
    // The sample vendor's own token, and somebody else's.
    assert_eq!((served.scim("key", LIST).0, served.scim("token-of-acme", LIST).0), (200, 401));
    counts(&served, r#"scimshim_auth_failures_total{reason="vendor",tenant="acme"} 1"#);

    // A mapping with a credential of its own would be open to nobody: the tenant has no clients.
    folder.write("m.yaml", &sample());
    let reason = served.until("reload refused")["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("C007"), "{reason}");
    assert_eq!((served.scim("key", LIST).0, served.scim("token-of-acme", LIST).0), (200, 401));

    // Clients that would never be asked for are refused, and change nothing.
    rewrite(
        &folder,
        "    mapping: m.yaml\n",
        &format!(
            "    mapping: m.yaml\n    clients: {{ okta: {{ bearer: [{{ sha256: \"{}\" }}] }} }}\n",
            Digest::of(b"token-of-acme")
        ),
    );
    let reason = served.until("reload refused")["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("C032"), "{reason}");
    assert_eq!((served.scim("key", LIST).0, served.scim("token-of-acme", LIST).0), (200, 401));

    // A tenant that is left out is served to nobody.
    rewrite(&folder, "  acme:", "  bolt:");
    served.until("reloaded");
    assert_eq!(served.scim("key", LIST).0, 401);
    drop(served);

    // And the other way round.
    folder.write("m.yaml", &sample());
    let mut served = Served::start(&folder, &[("acme", &vendor)], OFTEN);
    assert_eq!((served.scim("key", LIST).0, served.scim("token-of-acme", LIST).0), (401, 200));
    folder.write("m.yaml", &passing());
    let reason = served.until("reload refused")["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("C032"), "{reason}");
    assert_eq!((served.scim("key", LIST).0, served.scim("token-of-acme", LIST).0), (401, 200));
}
