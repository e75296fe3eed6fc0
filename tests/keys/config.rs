//! Configurations, and where each container stands in one. serde reads them by types of its own: that those
//! know the same keys is a test here.

use crate::family::{Family, Place, place, put};
use scimshim::{
    app::{config::Config, keys, load},
    diagnostic::Severity,
    gateway::guard::Limit,
    yaml::schema,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
};

const BASE: &str = r#"
server: { listen: "127.0.0.1:1", limits: { body: 10 } }
admin: { listen: "127.0.0.1:2" }
log: { format: text }
store: { sqlite: { path: s.db } }
audit: { path: a.log, key: { env: AUDIT_KEY } }
reload: { every: 1s }
tenants:
  acme:
    mapping: m.yaml
    clients:
      okta: { bearer: [{ sha256: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad }] }
"#;

pub fn family() -> Family {
    Family {
        root: &keys::CONFIG,
        schema: schema::schema(&keys::CONFIG, true),
        base: BASE,
        places: PLACES,
        read: |text| {
            // The folder is part of what is read: one file for each reading.
            static NEXT: AtomicUsize = AtomicUsize::new(0);
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let name = format!("scimshim-keys-{}-{number}.yaml", std::process::id());
            let file = std::env::temp_dir().join(name);
            std::fs::write(&file, text).unwrap();
            let loaded = load::load(&file);
            std::fs::remove_file(&file).unwrap();
            let findings = loaded.unwrap().findings;
            // A certificate is where it runs, not here.
            let errors =
                findings.iter().filter(|one| one.severity == Severity::Error && one.code != "C017");
            errors.map(ToString::to_string).collect()
        },
    }
}

static PLACES: &[Place] = &[
    place("configuration", &[], &[], ""),
    place("server", &[], &[], "/server"),
    place("tls", &[], &[("/server/tls", "{ cert: a.crt, key: a.key }")], "/server/tls"),
    place("server limits", &[], &[], "/server/limits"),
    place("admin", &[], &[], "/admin"),
    place("secret", &[], &[("/admin/token", "{}")], "/admin/token"),
    place("log", &[], &[], "/log"),
    place("engine", &[], &[("/store", "{}")], "/store"),
    place(
        "postgres",
        &[],
        &[("/store", "{ postgres: { url: { env: DATABASE_URL } } }")],
        "/store/postgres",
    ),
    place("sqlite", &[], &[], "/store/sqlite"),
    place("audit", &[], &[], "/audit"),
    place("reload", &[], &[], "/reload"),
    place("tenant", &[], &[], "/tenants/acme"),
    place("guard", &[], &[("/tenants/acme/guard", "{ most: 20 }")], "/tenants/acme/guard"),
    place("credentials", &[], &[], "/tenants/acme/clients/okta"),
    place("token", &[], &[], "/tenants/acme/clients/okta/bearer/0"),
    place(
        "password",
        &[],
        &[(
            "/tenants/acme/clients/okta/basic",
            "[{ user: u, sha256: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad }]",
        )],
        "/tenants/acme/clients/okta/basic/0",
    ),
];

/// An unknown key has serde name those that it knows.
#[test]
fn the_types_know_the_keys_of_the_table() {
    let family = family();
    let shapes = family.shapes();
    for place in PLACES {
        // A secret says no more than that it is none: its value may be the secret itself.
        if place.shape == "secret" {
            continue;
        }
        let mut file = family.file(place);
        put(&mut file, &format!("{}/zzz", place.at), json!("x"));
        let wrong = family.wrong(&file);
        let known = wrong.iter().find_map(|one| one.split_once("known here: "));
        let (_, known) = known.unwrap_or_else(|| panic!("{}: {wrong:?}", place.shape));
        let known: BTreeSet<&str> = known.split(", ").collect();
        let table: BTreeSet<&str> = shapes[place.shape].keys().map(|known| known.name).collect();
        assert_eq!(known, table, "{}", place.shape);
    }
}

#[test]
fn the_defaults_are_those_of_the_types() {
    let empty = Config::default();
    let limits = empty.server.limits;
    let written = |millis: u128| match millis % 1000 {
        0 => json!(format!("{}s", millis / 1000)),
        _ => json!(format!("{millis}ms")),
    };
    let table = [
        ("server", "listen", json!(empty.server.listen)),
        ("server", "plain_off_loopback", json!(empty.server.plain_off_loopback)),
        ("admin", "listen", json!(empty.admin.listen)),
        ("log", "level", json!(empty.log.level)),
        ("reload", "every", written(empty.reload.every.as_millis())),
        ("server_limits", "connections", json!(limits.connections)),
        ("server_limits", "handshake", written(limits.handshake.as_millis())),
        ("server_limits", "first_request", written(limits.first_request.as_millis())),
        ("server_limits", "idle", written(limits.idle.as_millis())),
        ("server_limits", "headers", json!(limits.headers)),
        ("server_limits", "body", json!(limits.body)),
        ("server_limits", "bulk_operations", json!(limits.bulk_operations)),
        ("server_limits", "list_results", json!(limits.list_results)),
        ("server_limits", "body_time", written(limits.body_time.as_millis())),
        ("server_limits", "refusal", written(limits.refusal.as_millis())),
        ("server_limits", "streams", json!(limits.streams)),
        ("server_limits", "request", written(limits.request.as_millis())),
        ("server_limits", "drain", written(limits.drain.as_millis())),
    ];
    let guard = Limit::default();
    let of_guard = [("guard", "most", json!(guard.most)), ("guard", "within", json!(guard.time()))];
    let schema = family().schema;
    for (shape, key, default) in table.into_iter().chain(of_guard) {
        let pointer = format!("/definitions/{shape}/properties/{key}/default");
        assert_eq!(schema.pointer(&pointer).unwrap_or(&Value::Null), &default, "{shape}.{key}");
    }
}
