//! The test executable as a process of its own: to be killed, or to be somebody with fewer rights.

use crate::{Folder, at, engines, keep, link, server, sqlite, users};
use scimshim::store::{Batch, Change, Mark, Page, State};
use std::{
    io::{BufRead, BufReader},
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::Path,
    process::{Command, Output, Stdio},
};

const FOLDER: &str = "SCIMSHIM_TEST_FOLDER";
const ENGINE: &str = "SCIMSHIM_TEST_ENGINE";

/// This executable, running one of its tests over `folder`.
fn child(test: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]);
    command.env(FOLDER, folder).stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

fn number(id: usize) -> Batch {
    let name = format!("{id:06}");
    let mark = Mark {
        name: name.clone(),
        state: State::Made,
        vendor_key: Some(name.clone()),
        values: [("userName".to_owned(), name.clone())].into(),
        since: at(0),
    };
    Batch::new("acme")
        .with("User", link(&name, &name))
        .with("User", Change::Mark(mark))
        .with("User", keep(&name, "nickName", name.as_str()))
}

/// The child's part: writes until it is killed, and says which write was acknowledged.
#[tokio::test]
async fn role_writes_until_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let engine: usize = std::env::var(ENGINE).unwrap().parse().unwrap();
    let store = engines()[engine](Path::new(&folder)).await.unwrap();
    for id in 0.. {
        // Three are under way at a time; the last one's answer stands for all before it.
        drop(store.write(number(3 * id)));
        drop(store.write(number(3 * id + 1)));
        store.write(number(3 * id + 2)).await.unwrap();
        println!("\nacknowledged {}", 3 * id + 2);
    }
}

#[tokio::test]
async fn a_process_that_is_killed_loses_nothing_acknowledged() {
    for (engine, open) in engines().into_iter().enumerate() {
        let folder = Folder::new();
        let mut least = 0;
        // The second child goes on over what the first one left behind.
        for _ in 0..2 {
            let mut child = child("child::role_writes_until_killed", &folder.0);
            child.env(ENGINE, engine.to_string());
            if let Some(server) = server::running() {
                child.env(server::SOCKET, &server.folder);
            }
            let mut child = child.spawn().unwrap();
            let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
            let mut acknowledged = lines.filter_map(|line| {
                line.strip_prefix("acknowledged ").map(|id| id.parse::<usize>().unwrap())
            });
            let mut last = acknowledged.by_ref().nth(40).expect("the child writes");
            child.kill().unwrap();
            // What it could say before the signal reached it.
            last = acknowledged.last().unwrap_or(last);
            child.wait().unwrap();
            least = least.max(last);

            let store = open(&folder.0).await.unwrap();
            let links = store.links(&users(), Page::first(u64::MAX)).await.unwrap();
            assert!(links.len() > least, "{} of {least} are there", links.len());
            let ids: Vec<String> = links.into_iter().map(|link| link.id).collect();
            let held = store.held(&users(), &ids).await.unwrap();
            let marks = store.marks(&users(), &ids).await.unwrap();
            assert!(ids.iter().all(|id| held[id].kept["nickName"] == id.as_str()));
            assert!(ids.iter().all(|id| marks[id].values["userName"] == *id), "batches are whole");
            store.close().await.unwrap();
        }
    }
}

/// The child's part: says why the store cannot be opened.
#[test]
fn role_opens() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    match sqlite(Path::new(&folder)) {
        Ok(_) => println!("\nopened"),
        Err(refusal) => println!("\nrefused {}; {}", refusal.message, refusal.help),
    }
}

/// What somebody without special rights is told who opens the store in `folder`.
pub fn told(folder: &Path) -> String {
    let mut command = child("child::role_opens", folder);
    // Root can write to everything, so nobody does it.
    if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
        command.uid(65_534).gid(65_534);
    }
    let Output { stdout, .. } = command.output().unwrap();
    let said = String::from_utf8(stdout).unwrap();
    said.lines().find(|line| line.starts_with("refused") || *line == "opened").unwrap().to_owned()
}
