//! Database: it is restarted as after a loss of power, and connections to it are cut, in the middle of writes.

use crate::{
    client::Clients,
    dice::Dice,
    engine::database,
    figures::Figures,
    folder::Folder,
    gateway::{Gateway, Setting, TOKEN},
    killer::Deaths,
    run::{ended, written},
    seeds::seeds,
    server::Server,
    vendor::Vendor,
};
use std::{fs, process::Command, thread, time::Duration};

const PEOPLE: usize = 6;
/// Of connections and of the server, in each run.
const CUTS: u64 = 3;
const RESTARTS: u64 = 2;
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
        "PostgreSQL restarted {} times, its connections cut {} times: {figures}",
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
    let (faults, figures) = (judgement.faults, judgement.figures);
    assert!(
        faults.is_empty(),
        "seed {seed}: CRASH_SEED={seed} makes it again; the logs are in {}\n{}\n{figures}",
        folder.0.display(),
        faults.join("\n")
    );
    figures
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

/// Ends all connections to it.
fn cut(server: &Server) {
    let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
    assert!(told(server, all));
}

/// Whether it does what it is told.
fn told(server: &Server, statement: &str) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let config = server.url("postgres").parse::<tokio_postgres::Config>().unwrap();
        let Ok((client, connection)) = config.connect(tokio_postgres::NoTls).await else {
            return false;
        };
        let connection = tokio::spawn(connection);
        let done = client.batch_execute(statement).await;
        connection.abort();
        done.is_ok()
    })
}
