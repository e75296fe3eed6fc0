//! What is SQLite's alone: the file, its lock, its schema.

use crate::{Folder, child, keep, link, sqlite, strings, users, write};
use regex::Regex;
use rusqlite::{Connection, OpenFlags};
use scimshim::store::{Batch, Error, Page, Refusal, sqlite::SCHEMA};
use std::{
    fs::{self, Permissions},
    os::unix::fs::{FileExt, PermissionsExt},
    path::Path,
};

fn refusal(folder: &Path) -> Refusal {
    sqlite(folder).err().expect("the store is refused")
}

fn mode(file: &Path) -> u32 {
    fs::metadata(file).unwrap().permissions().mode() & 0o777
}

/// A closed store with one user.
async fn filled() -> Folder {
    let folder = Folder::new();
    let store = sqlite(&folder.0).unwrap();
    write(&*store, &users(), vec![link("id", "k"), keep("id", "nickName", "Mia")]).await;
    store.close().await.unwrap();
    folder
}

#[tokio::test]
async fn the_file_is_ours_alone_and_whole_when_closed() {
    let folder = Folder::new();
    let store = sqlite(&folder.0).unwrap();
    write(&*store, &users(), vec![link("id", "k")]).await;
    for end in ["", "-wal", "-shm", ".lock"] {
        let file = folder.0.join(format!("scimshim.db{end}"));
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    store.close().await.unwrap();
    let mut names: Vec<_> =
        fs::read_dir(&folder.0).unwrap().map(|one| one.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["scimshim.db", "scimshim.db.lock"], "nothing is left in the log");

    fs::set_permissions(folder.file(), Permissions::from_mode(0o644)).unwrap();
    let store = sqlite(&folder.0).unwrap();
    assert_eq!(mode(&folder.file()), 0o600);
    assert_eq!(store.count_links(&users()).await.unwrap(), 1);
    store.close().await.unwrap();
}

#[tokio::test]
async fn one_process_writes_and_others_read() {
    let folder = Folder::new();
    let store = sqlite(&folder.0).unwrap();
    write(&*store, &users(), vec![link("id", "k")]).await;
    let second = refusal(&folder.0);
    assert!(second.message.starts_with("another process writes to the store"), "{second:?}");
    let reader =
        Connection::open_with_flags(folder.file(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let count = "SELECT count(*) FROM resource";
    assert_eq!(reader.query_one(count, [], |row| row.get(0)), Ok(1));
    write(&*store, &users(), vec![link("id-2", "k2")]).await;
    assert_eq!(reader.query_one(count, [], |row| row.get(0)), Ok(2));
    // It ends while the other one still looks.
    reader.execute_batch("BEGIN").unwrap();
    assert_eq!(reader.query_one(count, [], |row| row.get(0)), Ok(2));
    store.close().await.unwrap();
    sqlite(&folder.0).unwrap().close().await.unwrap();
}

#[tokio::test]
#[ignore = "waits for the busy timeout of five seconds"]
async fn a_forgotten_transaction_is_told() {
    let folder = filled().await;
    let store = sqlite(&folder.0).unwrap();
    let other = Connection::open(folder.file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = store.write(Batch::new("acme").with("User", link("id-2", "k2"))).await;
    let why = refused.unwrap_err().to_string();
    assert_eq!(why, "the store is not available: another program holds the lock of its file");
    assert!(store.health().await.is_err());
    assert_eq!(store.count_links(&users()).await.unwrap(), 1, "reads go on");
    other.execute_batch("COMMIT").unwrap();
    store.health().await.unwrap();
    write(&*store, &users(), vec![link("id-2", "k2")]).await;
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_alone() {
    let folder = filled().await;
    let newer = (SCHEMA + 1).to_string();
    let set = |value: &str| {
        let connection = Connection::open(folder.file()).unwrap();
        connection.execute("UPDATE meta SET value = ?1 WHERE key = 'schema'", [value]).unwrap();
    };
    set(&newer);
    let before = fs::read(folder.file()).unwrap();
    let Refusal { message, help } = refusal(&folder.0);
    assert!(
        message.contains(&format!("has schema {newer}, and this build knows {SCHEMA}")),
        "{message}"
    );
    assert!(help.contains("newer build"), "{help}");
    assert_eq!(fs::read(folder.file()).unwrap(), before);
    set("many");
    assert!(refusal(&folder.0).message.contains("does not say which schema"));
    set(&SCHEMA.to_string());
    sqlite(&folder.0).unwrap().close().await.unwrap();
}

#[test]
fn what_is_no_store_is_told() {
    let folder = Folder::new();
    let missing = folder.0.join("missing");
    assert!(refusal(&missing).message.contains("missing` is not there"));

    fs::write(folder.file(), "this is a text of somebody and no database at all").unwrap();
    assert!(refusal(&folder.0).message.contains("is no SQLite database"));
    fs::remove_file(folder.file()).unwrap();

    fs::create_dir(folder.file()).unwrap();
    assert!(refusal(&folder.0).message.contains("scimshim.db"), "{:?}", refusal(&folder.0));
    fs::remove_dir(folder.file()).unwrap();

    let foreign = Connection::open(folder.file()).unwrap();
    foreign.execute_batch("CREATE TABLE theirs (a)").unwrap();
    foreign.close().unwrap();
    assert!(refusal(&folder.0).message.ends_with("is another program's database"));
}

#[tokio::test]
async fn who_may_not_write_is_told() {
    let folder = filled().await;
    // Folders on the way must be open to all, whoever runs the test.
    let set = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    set(&folder.0, 0o555);
    let told = child::told(&folder.0);
    assert!(told.contains("cannot be written: Permission denied"), "{told}");
    assert!(told.contains("writable for the user that the process runs as"), "{told}");
    // The lock can be taken, the database not.
    set(&folder.0, 0o777);
    fs::remove_file(folder.0.join("scimshim.db.lock")).unwrap();
    set(&folder.file(), 0o444);
    let told = child::told(&folder.0);
    assert!(told.contains("scimshim.db` cannot be written: Permission denied"), "{told}");
}

#[tokio::test]
async fn a_damaged_page_is_told_and_no_value_with_it() {
    let folder = Folder::new();
    let store = sqlite(&folder.0).unwrap();
    let many = (0..2_000).map(|n| link(&format!("id-{n:05}"), &format!("key-{n}"))).collect();
    write(&*store, &users(), many).await;
    store.close().await.unwrap();
    let file = fs::OpenOptions::new().write(true).open(folder.file()).unwrap();
    let length = file.metadata().unwrap().len();
    // All but the first pages, which hold the schema.
    let from = 4096 * 40;
    assert!(length > from);
    file.write_all_at(&vec![0xa5; usize::try_from(length - from).unwrap()], from).unwrap();
    let store = sqlite(&folder.0).unwrap();
    let read = store.links(&users(), Page::first(5_000)).await.unwrap_err();
    assert!(matches!(&read, Error::Corrupt(_)), "{read:?}");
    assert!(!read.to_string().contains("id-") && !read.to_string().contains("key-"), "{read}");
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_kept_value_that_is_no_json_is_damage() {
    let folder = filled().await;
    let connection = Connection::open(folder.file()).unwrap();
    connection.execute("UPDATE kept SET value = '\"Mia'", []).unwrap();
    connection.close().unwrap();
    let store = sqlite(&folder.0).unwrap();
    let read = store.held(&users(), &strings(&["id"])).await.unwrap_err();
    assert_eq!(read.to_string(), "the store is damaged: a kept value is no json");
    store.close().await.unwrap();
}

/// What an older build has entered is carried on.
#[tokio::test]
async fn entries_of_an_older_schema_are_brought_up_with_it() {
    let folder = Folder::new();
    let connection = Connection::open(folder.file()).unwrap();
    let steps = [
        include_str!("../../src/store/sqlite/migrations/1.sql"),
        include_str!("../../src/store/sqlite/migrations/2.sql"),
        include_str!("../../src/store/sqlite/migrations/3.sql"),
        include_str!("../../src/store/sqlite/migrations/4.sql"),
        "INSERT INTO journal VALUES ('acme', 'n-1', 'User', 'ada', 1, 'waiting', 1, '\"delete\"', 0, 0, 2, 'null', NULL);
         INSERT INTO meta VALUES ('schema', '4');
         PRAGMA application_id = 0x7363696d;",
    ];
    steps.iter().for_each(|step| connection.execute_batch(step).unwrap());
    drop(connection);
    let store = sqlite(&folder.0).unwrap();
    let entry = store.entry("acme", "n-1").await.unwrap().unwrap();
    assert_eq!((entry.attempts, entry.durable, entry.acknowledged), (2, true, false));
    store.close().await.unwrap();
}

#[tokio::test]
async fn the_page_of_the_schema_is_the_schema() {
    let folder = filled().await;
    let connection = Connection::open(folder.file()).unwrap();
    let mut statement = connection
        .prepare("SELECT sql || ';' FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
        .unwrap();
    let real = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let real: Vec<String> = real.map(Result::unwrap).collect();
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/store.md");
    let page = fs::read_to_string(page).unwrap();
    let written: Vec<&str> = page
        .split("```")
        .skip(1)
        .step_by(2)
        .filter_map(|block| block.strip_prefix("sql\n"))
        .collect();
    assert_eq!(written.concat().trim(), real.join("\n"), "copy the right side into the page");
    assert!(page.contains(&format!("schema {SCHEMA}")));
}

/// A look-up that walks all rows of a tenant would be found late: each goes by tenant and something more, but for those
/// that count, and those of the guard: it counts all kinds of a tenant, and holds no more rows than it lets through.
#[tokio::test]
async fn every_statement_goes_by_an_index() {
    let folder = filled().await;
    let connection = Connection::open(folder.file()).unwrap();
    let written = Regex::new(r#"(?s)"((?:SELECT|UPDATE|DELETE)\b[^"]*)""#).unwrap();
    let values = Regex::new(r"\?[1-9]").unwrap();
    let mut seen = 0;
    for file in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/sqlite")).unwrap() {
        let file = file.unwrap().path();
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let statements = written.captures_iter(&text).map(|found| found[1].to_owned());
        for statement in statements.filter(|one| one.contains("tenant = ?1")) {
            let named = [
                ("", "''"),
                ("INDEXED BY kept_group_name", "g.display_folded"),
                ("INDEXED BY kept_group_external", "g.external_id"),
            ];
            for (index, name) in named {
                let statement = statement.replace("{index}", index).replace("{name}", name);
                let explain = values.replace_all(&statement, "''");
                let mut plan =
                    connection.prepare(&format!("EXPLAIN QUERY PLAN {explain}")).unwrap();
                let steps = plan.query_map([], |row| row.get::<_, String>(3)).unwrap();
                for step in steps.map(Result::unwrap) {
                    let narrow = step.starts_with("SEARCH")
                        && (step.contains("(tenant=? AND ")
                            || statement.contains("count(*)")
                            || statement.contains(" guard"));
                    let other = ["USE TEMP B-TREE", "CORRELATED", "SCALAR"]
                        .iter()
                        .any(|start| step.starts_with(start));
                    assert!(narrow || other, "{}: {step}:\n{statement}", file.display());
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 60, "the statements were not found: {seen}");
}

#[tokio::test]
async fn reopening_keeps_everything() {
    let folder = filled().await;
    let store = sqlite(&folder.0).unwrap();
    let held = store.held(&users(), &strings(&["id"])).await.unwrap();
    assert_eq!((held["id"].version, held["id"].vendor_key.as_deref()), (1, Some("k")));
    assert_eq!(held["id"].kept["nickName"], "Mia");
    store.close().await.unwrap();
}
