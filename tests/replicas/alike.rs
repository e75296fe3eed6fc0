//! Replicas as processes: by which mapping each of them serves.

use crate::{
    harness::{Folder, Served, free_port, sample, serve},
    server,
};
use scimshim::server::settings::Digest;

const MAPPINGS: [&str; 2] = ["one.yaml", "two.yaml"];

/// One that serves by `mapping`, with a vendor's key of its own.
fn started(folder: &Folder, mapping: &str, database: &str) -> Served {
    let (port, admin) = (free_port(), free_port());
    let config = format!(
        "server: {{ listen: \"127.0.0.1:{port}\" }}\nadmin: {{ listen: \"127.0.0.1:{admin}\" }}\n\
         log: {{ format: json }}\nreload: {{ every: 20ms }}\n\
         store: {{ postgres: {{ url: {{ env: DATABASE_URL }} }} }}\ntenants:\n  acme:\n    mapping: {mapping}\n    \
         vars: {{ url: \"http://127.0.0.1:1\", key: {{ env: VENDOR_KEY }} }}\n    \
         clients: {{ okta: {{ bearer: [{{ sha256: \"{}\" }}] }} }}\n",
        Digest::of(b"token")
    );
    let mut command = serve(&folder.write(&format!("of-{mapping}"), &config));
    command.env("DATABASE_URL", database).env("VENDOR_KEY", format!("key-of-{mapping}"));
    Served::over(command, port, admin)
}

#[tokio::test]
async fn replicas_of_different_mappings_say_so_until_they_are_alike() {
    let Some(server) = server::running() else { return };
    server.database("alike").await;
    let folder = Folder::new("alike");
    let changed = sample().replacen("ref_code", "reference", 1);
    assert_ne!(changed, sample());
    folder.write(MAPPINGS[0], &sample());
    folder.write(MAPPINGS[1], &changed);
    let mut replicas = MAPPINGS.map(|mapping| started(&folder, mapping, &server.url("alike")));
    let differ = |served: &Served, others: u64| {
        let line = format!("scimshim_replicas_differ{{tenant=\"acme\"}} {others}");
        served.metrics().lines().any(|shown| shown == line)
    };
    for served in &mut replicas {
        let told = served
            .until("other replicas serve by another mapping, with other variables or profile");
        assert_eq!((&told["level"], &told["tenant"]), (&"WARN".into(), &"acme".into()));
        assert_eq!((&told["others"], told["mapping"].as_str().unwrap().len()), (&1.into(), 12));
        assert!(differ(served, 1), "{}", served.metrics());
    }
    folder.write(MAPPINGS[1], &sample());
    replicas[1].until("reloaded");
    for served in &mut replicas {
        served.until("all replicas serve by the same mapping again");
        assert!(differ(served, 0), "{}", served.metrics());
    }
}
