//! SQLite: one file, one thread that writes, a few that read.
//!
//! `deploy/store.md` documents the tables for people with `sqlite3`.

mod batch;
mod contents;
mod fault;
mod file;
mod groups;
mod guard;
mod journal;
mod kept;
mod links;
mod marks;
mod members;
mod migrate;
mod open;
mod outsiders;
mod readers;
mod tombstones;
mod work;
mod writer;

pub use migrate::SCHEMA;

use super::{
    change::{Batch, Receipt},
    contract::{Pending, Store},
    entry::{Depth, Entry},
    error::{Error, Refusal},
    lease::Lease,
    rate::{Rate, Share},
    rows::{
        Group, GroupName, Held, Holding, Link, Mark, Member, Outsider, Page, Scope, Sought, Tally,
        Tombstone,
    },
    watch::Watch,
};
use crate::metrics::Metrics;
use jiff::Timestamp;
use readers::Readers;
use rusqlite::Connection;
use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::task::spawn_blocking;
use writer::Writer;

/// The store of one file. Dropped without [`close`](Store::close) it makes what was given, on its
/// own threads.
pub struct Sqlite {
    place: String,
    // A std mutex: held to hand over work only, never across an await or a statement. None: closed.
    running: Mutex<Option<(Readers, Writer)>>,
    /// What an earlier process had begun, by tenant and name: it is this one's alone, so all leases are.
    // A std mutex: held for a look-up only.
    left: Mutex<BTreeSet<(String, String)>>,
    claims: AtomicI64,
}

impl Sqlite {
    /// Opens the file, makes or migrates its tables, and starts the threads. Blocks while the disk
    /// does.
    pub fn open(path: &Path, metrics: Arc<Metrics>) -> Result<Self, Refusal> {
        let file = file::take(path)?;
        let connection = open::writing(&file.path)?;
        migrate::bring_up(&connection, &file.path)?;
        let left =
            journal::names(&connection).map_err(|error| open::refused(&file.path, &error))?;
        let readers = Readers::start(|| open::reading(&file.path))?;
        let place = file.path.display().to_string();
        let writer = Writer::start(connection, place.clone(), Some(file.lock), metrics)?;
        Ok(Self::of(place, readers, writer, left))
    }

    /// The same without a file: empty, and gone with the process or when it is dropped. For what is
    /// rehearsed.
    pub fn in_memory(metrics: Arc<Metrics>) -> Result<Self, Refusal> {
        static OPENED: AtomicU64 = AtomicU64::new(0);
        let name = format!("scimshim-{}", OPENED.fetch_add(1, Ordering::Relaxed));
        let connection = open::in_memory(&name)?;
        migrate::bring_up(&connection, Path::new("memory"))?;
        let readers = Readers::start(|| open::in_memory(&name))?;
        let writer = Writer::start(connection, name.clone(), None, metrics)?;
        Ok(Self::of(name, readers, writer, BTreeSet::new()))
    }

    fn of(
        place: String,
        readers: Readers,
        writer: Writer,
        left: BTreeSet<(String, String)>,
    ) -> Self {
        let running = Mutex::new(Some((readers, writer)));
        Self { place, running, left: Mutex::new(left), claims: AtomicI64::new(0) }
    }

    fn left(&self) -> MutexGuard<'_, BTreeSet<(String, String)>> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All that it holds, of all tenants: for a store in memory after a rehearsal. It walks every table.
    pub fn contents(&self) -> Pending<'_, Vec<(Scope, Holding)>> {
        self.read(contents::all)
    }

    /// Reads on a reader's thread: a page that is not in memory waits for the disk there.
    fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Pending<'_, T> {
        let answer = self.running(|(readers, _)| readers.ask(work));
        Box::pin(async { answer?.await.map_err(|_| stopped())? })
    }

    fn running<T>(&self, ask: impl FnOnce(&(Readers, Writer)) -> T) -> Result<T, Error> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.as_ref().map(ask).ok_or_else(|| Error::Unavailable("it is closed".to_owned()))
    }
}

/// A thread ended before it answered; its panic stands in the log.
fn stopped() -> Error {
    Error::Unavailable("its thread has stopped".to_owned())
}

impl Store for Sqlite {
    fn place(&self) -> &str {
        &self.place
    }

    fn write(&self, batch: Batch) -> Pending<'_, Receipt> {
        let answer = self.running(|(_, writer)| writer.write(batch));
        Box::pin(async { answer?.await.map_err(|_| stopped())? })
    }

    fn held(&self, scope: &Scope, ids: &[String]) -> Pending<'_, HashMap<String, Held>> {
        let (scope, ids) = (scope.clone(), ids.to_vec());
        self.read(move |connection| links::held(connection, &scope, ids))
    }

    fn ids(&self, scope: &Scope, vendor_keys: &[String]) -> Pending<'_, HashMap<String, String>> {
        let (scope, keys) = (scope.clone(), vendor_keys.to_vec());
        self.read(move |connection| links::ids(connection, &scope, keys))
    }

    fn links(&self, scope: &Scope, page: Page) -> Pending<'_, Vec<Link>> {
        let scope = scope.clone();
        self.read(move |connection| links::list(connection, &scope, &page))
    }

    fn count_links(&self, scope: &Scope) -> Pending<'_, u64> {
        let scope = scope.clone();
        self.read(move |connection| links::count(connection, &scope))
    }

    fn marks(&self, scope: &Scope, vendor_keys: &[String]) -> Pending<'_, HashMap<String, Mark>> {
        let (scope, keys) = (scope.clone(), vendor_keys.to_vec());
        self.read(move |connection| marks::of_keys(connection, &scope, keys))
    }

    fn marks_with(&self, scope: &Scope, attribute: &str, value: &str) -> Pending<'_, Vec<Mark>> {
        let (scope, attribute, value) = (scope.clone(), attribute.to_owned(), value.to_owned());
        self.read(move |connection| marks::with(connection, &scope, &attribute, &value))
    }

    fn keeping(
        &self,
        scope: &Scope,
        path: &str,
        is: Sought,
        page: Page,
    ) -> Pending<'_, Vec<String>> {
        let (scope, path) = (scope.clone(), path.to_owned());
        self.read(move |connection| kept::keeping(connection, &scope, &path, &is, &page))
    }

    fn gone_with(
        &self,
        scope: &Scope,
        attribute: &str,
        value: &str,
    ) -> Pending<'_, Vec<Tombstone>> {
        let (scope, attribute, value) = (scope.clone(), attribute.to_owned(), value.to_owned());
        self.read(move |connection| tombstones::with(connection, &scope, &attribute, &value))
    }

    fn outsider(&self, scope: &Scope, id: &str) -> Pending<'_, Option<Outsider>> {
        let (scope, id) = (scope.clone(), id.to_owned());
        self.read(move |connection| outsiders::one(connection, &scope, &id))
    }

    fn outsiders(&self, scope: &Scope, page: Page) -> Pending<'_, Vec<Outsider>> {
        let scope = scope.clone();
        self.read(move |connection| outsiders::list(connection, &scope, &page))
    }

    fn count_outsiders(&self, scope: &Scope) -> Pending<'_, u64> {
        let scope = scope.clone();
        self.read(move |connection| outsiders::count(connection, &scope))
    }

    fn outsiders_with(
        &self,
        scope: &Scope,
        attribute: &str,
        value: &str,
    ) -> Pending<'_, Vec<Outsider>> {
        let (scope, attribute, value) = (scope.clone(), attribute.to_owned(), value.to_owned());
        self.read(move |connection| outsiders::with(connection, &scope, &attribute, &value))
    }

    fn group(&self, scope: &Scope, id: &str) -> Pending<'_, Option<Group>> {
        let (scope, id) = (scope.clone(), id.to_owned());
        self.read(move |connection| groups::one(connection, &scope, &id))
    }

    fn groups(&self, scope: &Scope, named: GroupName, page: Page) -> Pending<'_, Vec<Group>> {
        let scope = scope.clone();
        self.read(move |connection| groups::list(connection, &scope, &named, &page))
    }

    fn count_groups(&self, scope: &Scope, named: GroupName) -> Pending<'_, u64> {
        let scope = scope.clone();
        self.read(move |connection| groups::count(connection, &scope, &named))
    }

    fn members(
        &self,
        scope: &Scope,
        group: &str,
        after: Option<&Member>,
        limit: u64,
    ) -> Pending<'_, Vec<Member>> {
        let (scope, group, after) = (scope.clone(), group.to_owned(), after.cloned());
        self.read(move |connection| members::list(connection, &scope, &group, after, limit))
    }

    fn count_members(&self, scope: &Scope, group: &str) -> Pending<'_, u64> {
        let (scope, group) = (scope.clone(), group.to_owned());
        self.read(move |connection| members::count(connection, &scope, &group))
    }

    fn groups_of(
        &self,
        scope: &Scope,
        members: &[Member],
    ) -> Pending<'_, HashMap<Member, Vec<Group>>> {
        let (scope, members) = (scope.clone(), members.to_vec());
        self.read(move |connection| members::groups_of(connection, &scope, members))
    }

    fn entries(&self, scope: &Scope, id: &str) -> Pending<'_, Vec<Entry>> {
        let (scope, id) = (scope.clone(), id.to_owned());
        self.read(move |connection| journal::entries(connection, &scope, &id))
    }

    fn unborn(&self, scope: &Scope) -> Pending<'_, Vec<Entry>> {
        let scope = scope.clone();
        self.read(move |connection| journal::unborn(connection, &scope))
    }

    fn due(&self, tenant: &str, limit: u64) -> Pending<'_, Vec<Entry>> {
        let tenant = tenant.to_owned();
        self.read(move |connection| journal::due(connection, &tenant, limit))
    }

    fn journal(&self, tenant: &str, skip: u64, limit: u64) -> Pending<'_, Vec<Entry>> {
        let tenant = tenant.to_owned();
        self.read(move |connection| journal::list(connection, &tenant, skip, limit))
    }

    fn entry(&self, tenant: &str, number: &str) -> Pending<'_, Option<Entry>> {
        let (tenant, number) = (tenant.to_owned(), number.to_owned());
        self.read(move |connection| journal::one(connection, &tenant, &number))
    }

    fn acknowledged(&self, tenant: &str, limit: u64) -> Pending<'_, Vec<Entry>> {
        let tenant = tenant.to_owned();
        self.read(move |connection| journal::acknowledged(connection, &tenant, limit))
    }

    fn depth(&self, tenant: &str) -> Pending<'_, Depth> {
        let tenant = tenant.to_owned();
        self.read(move |connection| journal::depth(connection, &tenant))
    }

    fn claim(&self, tenant: &str, name: &str) -> Pending<'_, Option<Lease>> {
        self.left().remove(&(tenant.to_owned(), name.to_owned()));
        let epoch = self.claims.fetch_add(1, Ordering::Relaxed);
        let lease = Lease { tenant: tenant.into(), name: name.to_owned(), epoch, watched: false };
        Box::pin(async { Ok(Some(lease)) })
    }

    fn release(&self, _: Lease) -> Pending<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    fn holds(&self, _: &Lease) -> Pending<'_, bool> {
        // The file's lock is this process's until it ends.
        Box::pin(async { Ok(true) })
    }

    fn is_alive(&self) -> bool {
        // The file's lock is this process's until it ends.
        true
    }

    fn left_behind(&self, tenant: &str) -> Pending<'_, Vec<String>> {
        let left = self.left();
        let names = left.iter().filter(|(of, _)| of == tenant).map(|(_, name)| name.clone());
        let names = names.collect();
        Box::pin(async { Ok(names) })
    }

    fn report(&self, _: &str, _: &str) -> Pending<'_, bool> {
        // Nobody loses a lease to another process here, so nothing is watched.
        Box::pin(async { Ok(false) })
    }

    fn looks(&self, _: &str, _: Duration) -> Pending<'_, Vec<String>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn watch(&self, _: &str, _: &str, _: Duration) -> Pending<'_, Option<Watch>> {
        Box::pin(async { Ok(None) })
    }

    fn serves(&self, _: &str, _: &str) -> Pending<'_, u64> {
        // The file's lock is this process's until it ends.
        Box::pin(async { Ok(0) })
    }

    fn tally(&self, tenant: &str, after: Timestamp) -> Pending<'_, Tally> {
        let tenant = tenant.to_owned();
        self.read(move |connection| guard::tally(connection, &tenant, after))
    }

    fn share(&self, _: &str, _: Rate, _: u32) -> Pending<'_, Option<Share>> {
        // The file's lock is this process's until it ends.
        Box::pin(async { Ok(None) })
    }

    fn close_share(&self, _: &str, _: Rate, _: Duration) -> Pending<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    fn size(&self) -> Pending<'_, u64> {
        let place = self.place.clone();
        self.read(move |_| Ok(file::size(Path::new(&place))))
    }

    fn health(&self) -> Pending<'_, ()> {
        let read = self.read(migrate::readable);
        let written = self.running(|(_, writer)| writer.probe());
        Box::pin(async {
            read.await?;
            written?.await.map_err(|_| stopped())?
        })
    }

    fn close(&self) -> Pending<'_, ()> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        Box::pin(async {
            let Some((readers, writer)) = running else { return Ok(()) };
            // The readers first: the last checkpoint waits for nobody then.
            let closed = spawn_blocking(move || {
                readers.end();
                writer.end()
            });
            closed.await.map_err(|_| stopped())?
        })
    }
}
