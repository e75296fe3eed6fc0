//! Database: it is restarted as after a loss of power, and connections to it are cut, in the middle of writes.

use crate::{
    client::Clients,
    dice::Dice,
    engine::database,
    figures::Figures,
    folder::Folder,
    gateway::{Gateway, Setting, TOKEN},
    killer::Deaths,
    run::{ended, faultless, written},
    seeds::seeds,
    server::Server,
    vendor::Vendor,
};
use std::{fs, process::Command, thread, time::Duration};
use tokio_postgres::Client;

const PEOPLE: usize = 6;
/// Of connections and of the server, in each run.
const CUTS: u64 = 3;
const RESTARTS: u64 = 2;
/// For a connection that is in the middle of a transaction; a look takes a millisecond, and a client writes all the time.
const LOOKS: usize = 20_000;
/// Of `cargo test` alone.
const FEW: u64 = 2;

#[test]
fn what_is_promised_outlives_a_database_that_is_restarted_and_cut_off() {
    // Of its own: the others' tests go on meanwhile.
    let Some(server) = Server::start("restarted") else { return };
    let mut figures = Figures::default();
    for seed in seeds(FEW) {
        figures += &run(seed, &server);
    }
    println!(
        "PostgreSQL restarted {} times, its connections cut in a transaction {} times: {figures}",
        figures.runs * RESTARTS,
        figures.runs * CUTS
    );
}

fn run(seed: u64, server: &Server) -> Figures {
    let folder = Folder::new(&format!("database-{seed}"));
    let vendor = Vendor::start(&folder.0, Some(seed));
    let mut dice = Dice::new(seed, "database");
    let store = database(server, &folder.0);
    let setting = Setting::new(&folder.0, vendor.port, "okta", &store);
    let clients = Clients::new(setting.port, TOKEN, PEOPLE);
    let gateway = written(&clients, seed, || {
        let mut gateway = Gateway::start(&setting, "").unwrap();
        clients.served(true);
        for event in 0..CUTS + RESTARTS {
            let moment = Duration::from_millis(dice.between(50, 400));
            assert!(!gateway.dies_within(moment), "nobody told it to die: {}", setting.log());
            clients.wait_until_asking();
            // A cut, a restart, a cut, and so on.
            if event % 2 == 0 { cut(server) } else { restart(server) }
        }
        thread::sleep(Duration::from_millis(300));
        gateway
    });
    let judgement = ended(&setting, &vendor, &clients, gateway, &Deaths::new());
    faultless(judgement, &format!("seed {seed}: CRASH_SEED={seed} makes it again"), &folder)
}

/// Ends it at once, as `pg_ctl stop -m immediate` does; returns when it is there again.
fn restart(server: &Server) {
    let id = || {
        let file = fs::read_to_string(server.folder.join("data/postmaster.pid")).ok()?;
        file.lines().next().map(str::to_owned)
    };
    let before = id().expect("it runs");
    assert!(Command::new("kill").args(["-QUIT", &before]).status().unwrap().success());
    while id().is_none_or(|now| now == before) || !told(server, "SELECT 1") {
        // Nobody tells when it is there.
        thread::sleep(Duration::from_millis(20));
    }
}

/// Ends all connections to it, when there is one on which something is being written.
fn cut(server: &Server) {
    const ALL: &str = "FROM pg_stat_activity
         WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
    let within = format!(
        "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) {ALL}
         AND application_name = 'scimshim' AND state = 'idle in transaction'"
    );
    let done = asked(server, async |client| {
        for _ in 0..LOOKS {
            if client.query_one(&within, &[]).await?.get::<_, i64>(0) > 0 {
                return client
                    .execute(&format!("SELECT pg_terminate_backend(pid) {ALL}"), &[])
                    .await;
            }
        }
        panic!("nobody is at work in a transaction")
    });
    assert!(done.is_some());
}

/// Whether it does what it is told.
fn told(server: &Server, statement: &str) -> bool {
    asked(server, async |client| client.execute(statement, &[]).await).is_some()
}

/// What it answers on a connection of one's own; nothing where it is not there.
fn asked<T>(
    server: &Server,
    ask: impl AsyncFnOnce(Client) -> Result<T, tokio_postgres::Error>,
) -> Option<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let config = server.url("postgres").parse::<tokio_postgres::Config>().unwrap();
        let (client, connection) = config.connect(tokio_postgres::NoTls).await.ok()?;
        tokio::spawn(connection);
        ask(client).await.ok()
    })
}
