//! What every engine of the store promises, run against each of them: `tests/store/*.rs` are
//! functions over `&dyn Store`, and another engine is another line in [`engines`]. What is an
//! engine's alone (SQLite's file and lock, PostgreSQL's connection and replicas) stands in a file of its name.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod batches;
mod child;
mod groups;
mod guard;
mod journal;
mod kept;
mod leases;
mod links;
mod marks;
mod members;
mod outsiders;
#[path = "../serve/port.rs"]
mod port;
mod postgres;
mod rates;
mod server;
mod sqlite;
mod tls;
mod tombstones;
mod watches;

use futures_util::{
    FutureExt,
    future::{BoxFuture, ready},
};
use jiff::Timestamp;
use scimshim::{
    metrics::Metrics,
    store::{Batch, Change, Receipt, Refusal, Scope, Store, postgres::Postgres, sqlite::Sqlite},
};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

/// Opens an engine over what the folder holds.
type Engine = fn(&Path) -> BoxFuture<'_, Result<Arc<dyn Store>, Refusal>>;

/// Every engine that there is here: PostgreSQL where it is installed.
fn engines() -> Vec<Engine> {
    let postgres = server::running().map(|_| postgres as Engine);
    [file as Engine].into_iter().chain(postgres).collect()
}

fn file(folder: &Path) -> BoxFuture<'_, Result<Arc<dyn Store>, Refusal>> {
    ready(sqlite(folder)).boxed()
}

/// The database that is named as the folder.
fn postgres(folder: &Path) -> BoxFuture<'_, Result<Arc<dyn Store>, Refusal>> {
    let server = server::running().expect("it runs");
    let name = folder.file_name().unwrap().to_str().unwrap();
    async move {
        let address = server.database(name).await;
        let store = Postgres::open(&address, Arc::new(Metrics::default())).await?;
        Ok(Arc::new(store) as Arc<dyn Store>)
    }
    .boxed()
}

fn sqlite(folder: &Path) -> Result<Arc<dyn Store>, Refusal> {
    Ok(Arc::new(Sqlite::open(&folder.join("scimshim.db"), Arc::new(Metrics::default()))?))
}

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("scimshim-store-{}-{}", std::process::id(), NEXT.fetch_add(1, Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("scimshim.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// One test for each promise, over all engines.
macro_rules! promises {
    ($($file:ident :: $promise:ident),* $(,)?) => {
        $(
            #[tokio::test]
            async fn $promise() {
                for engine in engines() {
                    let folder = Folder::new();
                    let store = engine(&folder.0).await.unwrap();
                    $file::$promise(&*store).await;
                    store.close().await.unwrap();
                }
            }
        )*

        /// A promise that is in no list would be kept by nobody.
        #[test]
        fn every_promise_is_run() {
            let run = [$(concat!(stringify!($file), "::", stringify!($promise))),*];
            let files = [
                ("batches", include_str!("batches.rs")),
                ("groups", include_str!("groups.rs")),
                ("journal", include_str!("journal.rs")),
                ("leases", include_str!("leases.rs")),
                ("guard", include_str!("guard.rs")),
                ("kept", include_str!("kept.rs")),
                ("links", include_str!("links.rs")),
                ("marks", include_str!("marks.rs")),
                ("members", include_str!("members.rs")),
                ("outsiders", include_str!("outsiders.rs")),
                ("rates", include_str!("rates.rs")),
                ("tombstones", include_str!("tombstones.rs")),
            ];
            for (file, text) in files {
                for promise in text.split("\npub async fn ").skip(1) {
                    let promise = format!("{file}::{}", promise.split('(').next().unwrap());
                    assert!(run.contains(&&*promise), "{promise} is not in the list");
                }
            }
        }
    };
}

promises! {
    links::a_link_is_found_from_both_sides,
    links::a_vendor_key_has_one_id,
    links::links_are_listed_in_order_and_page_by_page,
    links::tenants_and_kinds_do_not_see_each_other,
    marks::a_create_is_found_again_by_its_values,
    marks::a_vendor_key_has_one_mark,
    kept::kept_attributes_are_given_back_as_they_were,
    kept::kept_attributes_are_found_by_value,
    groups::a_group_is_kept_with_its_names_and_stamps,
    groups::groups_are_found_by_name,
    groups::groups_are_listed_page_by_page,
    guard::so_many_are_counted_and_each_of_them_once,
    guard::who_is_not_counted_has_nothing_of_his_batch,
    guard::a_refusal_is_remembered_until_there_is_room_or_a_release,
    guard::what_a_clock_counted_that_was_put_back_counts_from_the_next_refusal,
    members::members_are_rows,
    members::a_set_writes_the_difference,
    members::members_know_their_groups,
    members::a_thousand_into_ten_thousand_are_a_thousand_rows,
    outsiders::what_was_said_is_given_back_until_he_is_inside,
    outsiders::they_are_found_by_their_values,
    outsiders::they_are_listed_page_by_page,
    tombstones::who_is_gone_is_gone_until_lifted,
    tombstones::an_id_that_comes_back_goes_on_with_its_version,
    journal::entries_of_a_resource_are_in_the_order_in_which_they_came,
    journal::an_entry_is_given_back_as_it_was_written,
    journal::the_first_of_each_resource_is_due,
    journal::what_was_acknowledged_is_listed_while_it_waits,
    journal::those_who_have_no_id_yet_are_found,
    leases::who_has_a_lease_writes_and_lets_go_of_it,
    leases::what_was_let_go_of_is_not_watched,
    leases::a_replica_that_is_alone_agrees_with_all,
    rates::what_one_takes_is_missing_to_the_others_and_to_no_other_tenant,
    rates::nobody_is_given_any_while_the_vendor_wants_none,
    batches::a_batch_is_whole_or_nothing,
    batches::a_version_can_be_demanded,
    batches::one_that_fails_fails_no_other,
    batches::sixteen_write_at_once_and_nothing_is_lost,
    batches::a_dropped_write_is_made,
    batches::its_size_grows_with_what_it_holds,
    batches::after_its_end_nothing_is_pretended,
}

fn users() -> Scope {
    Scope::new("acme", "User")
}

fn groups() -> Scope {
    Scope::new("acme", "Group")
}

/// An instant so many seconds after one that all tests share.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn link(id: &str, key: &str) -> Change {
    Change::Link { id: id.to_owned(), vendor_key: key.to_owned() }
}

fn keep(id: &str, path: &str, value: impl Into<serde_json::Value>) -> Change {
    Change::Keep { id: id.to_owned(), path: path.to_owned(), value: value.into() }
}

fn strings(all: &[&str]) -> Vec<String> {
    all.iter().map(|one| (*one).to_owned()).collect()
}

/// Writes changes of one scope that nothing stands against.
async fn write(store: &dyn Store, scope: &Scope, changes: Vec<Change>) -> Receipt {
    let batch = Batch::new(scope.tenant.clone());
    let batch = changes.into_iter().fold(batch, |batch, one| batch.with(scope.kind.clone(), one));
    store.write(batch).await.unwrap()
}
