//! PostgreSQL: for several replicas that share their work. Reads go to whichever connection is free, writes through
//! one task of each replica.
//!
//! `deploy/store.md` documents the tables for people with `psql`.

mod batch;
mod connect;
mod fault;
mod groups;
mod guard;
mod journal;
mod kept;
mod leases;
mod links;
mod locks;
mod marks;
mod members;
mod migrate;
mod outsiders;
mod rates;
mod read;
mod serving;
mod tombstones;
pub mod watches;
mod work;
mod writer;

pub use connect::Address;
pub use migrate::SCHEMA;

use super::{
    change::{Batch, Receipt},
    contract::{Pending, Store},
    entry::{Depth, Entry},
    error::{Error, Refusal},
    lease::Lease,
    rate::{Rate, Share},
    rows::{
        Group, GroupName, Held, Link, Mark, Member, Outsider, Page, Scope, Sought, Tally, Tombstone,
    },
    watch::Watch,
};
use crate::metrics::Metrics;
use deadpool_postgres::Pool;
use jiff::Timestamp;
use leases::Replica;
use read::Reader;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use writer::Writer;

/// The store of one database.
pub struct Postgres {
    place: String,
    pool: Pool,
    replica: Replica,
    // A std mutex: held to hand over work only, never across an await. None: closed.
    writer: Mutex<Option<Writer>>,
}

impl Postgres {
    /// Connects, makes or migrates the tables, and starts the writer.
    pub async fn open(address: &Address, metrics: Arc<Metrics>) -> Result<Self, Refusal> {
        let place = address.place();
        let pool = connect::pool(address)?;
        let mut client = pool.get().await.map_err(|error| {
            let message = format!("no connection to the store {place}: {}", Error::from(error));
            let help = "see that it runs there, and that user, password and database are right; one without TLS is \
                        reached with `?sslmode=disable`";
            Refusal::new(message, help)
        })?;
        migrate::bring_up(&mut client, &place).await?;
        drop(client);
        let refused =
            |error: Error| Refusal::new(format!("the store {place}: {error}"), "start again");
        let id = name().map_err(refused)?;
        // Under load all others may be taken for longer than a replica is believed to be alive that does not say so.
        let replica = Replica::start(connect::pool(&address.alone())?, id.clone()).await;
        let writer = Writer::start(pool.clone(), place.clone(), id, metrics);
        Ok(Self { place, pool, replica, writer: Mutex::new(Some(writer)) })
    }

    fn reader(&self) -> Reader {
        Reader(self.pool.clone())
    }

    fn writer<T>(&self, ask: impl FnOnce(&Writer) -> T) -> Result<T, Error> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.as_ref().map(ask).ok_or_else(|| Error::Unavailable("it is closed".to_owned()))
    }
}

/// A name that no other replica has, nor this one when it starts again.
fn name() -> Result<String, Error> {
    let mut bytes = [0_u8; 16];
    let random = aws_lc_rs::rand::fill(&mut bytes);
    random.map_err(|_| Error::Unavailable("the system gives no randomness".to_owned()))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// The task ended before it answered; its panic stands in the log.
fn stopped() -> Error {
    Error::Unavailable("its task has stopped".to_owned())
}

impl Store for Postgres {
    fn place(&self) -> &str {
        &self.place
    }

    fn write(&self, batch: Batch) -> Pending<'_, Receipt> {
        let answer = self.writer(|writer| writer.write(batch));
        Box::pin(async { answer?.await.map_err(|_| stopped())? })
    }

    fn held(&self, scope: &Scope, ids: &[String]) -> Pending<'_, HashMap<String, Held>> {
        Box::pin(links::held(self.reader(), scope.clone(), ids.to_vec()))
    }

    fn ids(&self, scope: &Scope, vendor_keys: &[String]) -> Pending<'_, HashMap<String, String>> {
        Box::pin(links::ids(self.reader(), scope.clone(), vendor_keys.to_vec()))
    }

    fn links(&self, scope: &Scope, page: Page) -> Pending<'_, Vec<Link>> {
        Box::pin(links::list(self.reader(), scope.clone(), page))
    }

    fn count_links(&self, scope: &Scope) -> Pending<'_, u64> {
        Box::pin(links::count(self.reader(), scope.clone()))
    }

    fn marks(&self, scope: &Scope, vendor_keys: &[String]) -> Pending<'_, HashMap<String, Mark>> {
        Box::pin(marks::of_keys(self.reader(), scope.clone(), vendor_keys.to_vec()))
    }

    fn marks_with(&self, scope: &Scope, attribute: &str, value: &str) -> Pending<'_, Vec<Mark>> {
        let (attribute, value) = (attribute.to_owned(), value.to_owned());
        Box::pin(marks::with(self.reader(), scope.clone(), attribute, value))
    }

    fn keeping(
        &self,
        scope: &Scope,
        path: &str,
        is: Sought,
        page: Page,
    ) -> Pending<'_, Vec<String>> {
        Box::pin(kept::keeping(self.reader(), scope.clone(), path.to_owned(), is, page))
    }

    fn gone_with(
        &self,
        scope: &Scope,
        attribute: &str,
        value: &str,
    ) -> Pending<'_, Vec<Tombstone>> {
        let (attribute, value) = (attribute.to_owned(), value.to_owned());
        Box::pin(tombstones::with(self.reader(), scope.clone(), attribute, value))
    }

    fn outsider(&self, scope: &Scope, id: &str) -> Pending<'_, Option<Outsider>> {
        Box::pin(outsiders::one(self.reader(), scope.clone(), id.to_owned()))
    }

    fn outsiders(&self, scope: &Scope, page: Page) -> Pending<'_, Vec<Outsider>> {
        Box::pin(outsiders::list(self.reader(), scope.clone(), page))
    }

    fn count_outsiders(&self, scope: &Scope) -> Pending<'_, u64> {
        Box::pin(outsiders::count(self.reader(), scope.clone()))
    }

    fn outsiders_with(
        &self,
        scope: &Scope,
        attribute: &str,
        value: &str,
    ) -> Pending<'_, Vec<Outsider>> {
        let (attribute, value) = (attribute.to_owned(), value.to_owned());
        Box::pin(outsiders::with(self.reader(), scope.clone(), attribute, value))
    }

    fn group(&self, scope: &Scope, id: &str) -> Pending<'_, Option<Group>> {
        Box::pin(groups::one(self.reader(), scope.clone(), id.to_owned()))
    }

    fn groups(&self, scope: &Scope, named: GroupName, page: Page) -> Pending<'_, Vec<Group>> {
        Box::pin(groups::list(self.reader(), scope.clone(), named, page))
    }

    fn count_groups(&self, scope: &Scope, named: GroupName) -> Pending<'_, u64> {
        Box::pin(groups::count(self.reader(), scope.clone(), named))
    }

    fn members(
        &self,
        scope: &Scope,
        group: &str,
        after: Option<&Member>,
        limit: u64,
    ) -> Pending<'_, Vec<Member>> {
        let (group, after) = (group.to_owned(), after.cloned());
        Box::pin(members::list(self.reader(), scope.clone(), group, after, limit))
    }

    fn count_members(&self, scope: &Scope, group: &str) -> Pending<'_, u64> {
        Box::pin(members::count(self.reader(), scope.clone(), group.to_owned()))
    }

    fn groups_of(
        &self,
        scope: &Scope,
        members: &[Member],
    ) -> Pending<'_, HashMap<Member, Vec<Group>>> {
        Box::pin(members::groups_of(self.reader(), scope.clone(), members.to_vec()))
    }

    fn entries(&self, scope: &Scope, id: &str) -> Pending<'_, Vec<Entry>> {
        Box::pin(journal::entries(self.reader(), scope.clone(), id.to_owned()))
    }

    fn unborn(&self, scope: &Scope) -> Pending<'_, Vec<Entry>> {
        Box::pin(journal::unborn(self.reader(), scope.clone()))
    }

    fn due(&self, tenant: &str, limit: u64) -> Pending<'_, Vec<Entry>> {
        let replica = self.replica.id().to_owned();
        Box::pin(journal::due(self.reader(), replica, tenant.to_owned(), limit))
    }

    fn journal(&self, tenant: &str, skip: u64, limit: u64) -> Pending<'_, Vec<Entry>> {
        Box::pin(journal::list(self.reader(), tenant.to_owned(), skip, limit))
    }

    fn entry(&self, tenant: &str, number: &str) -> Pending<'_, Option<Entry>> {
        Box::pin(journal::one(self.reader(), tenant.to_owned(), number.to_owned()))
    }

    fn acknowledged(&self, tenant: &str, limit: u64) -> Pending<'_, Vec<Entry>> {
        Box::pin(journal::acknowledged(self.reader(), tenant.to_owned(), limit))
    }

    fn depth(&self, tenant: &str) -> Pending<'_, Depth> {
        Box::pin(journal::depth(self.reader(), tenant.to_owned()))
    }

    fn claim(&self, tenant: &str, name: &str) -> Pending<'_, Option<Lease>> {
        let (owner, name) = (self.replica.id().to_owned(), name.to_owned());
        Box::pin(leases::claim(self.pool.clone(), owner, tenant.into(), name))
    }

    fn release(&self, lease: Lease) -> Pending<'_, ()> {
        Box::pin(leases::release(self.pool.clone(), lease))
    }

    fn holds(&self, lease: &Lease) -> Pending<'_, bool> {
        Box::pin(leases::holds(self.reader(), lease.clone()))
    }

    fn is_alive(&self) -> bool {
        self.replica.is_alive()
    }

    fn left_behind(&self, tenant: &str) -> Pending<'_, Vec<String>> {
        Box::pin(leases::left_behind(self.reader(), tenant.to_owned()))
    }

    fn report(&self, tenant: &str, name: &str) -> Pending<'_, bool> {
        Box::pin(watches::report(self.pool.clone(), tenant.to_owned(), name.to_owned()))
    }

    fn looks(&self, tenant: &str, late: Duration) -> Pending<'_, Vec<String>> {
        Box::pin(watches::looks(self.reader(), tenant.to_owned(), late))
    }

    fn watch(&self, tenant: &str, name: &str, late: Duration) -> Pending<'_, Option<Watch>> {
        Box::pin(watches::watch(self.reader(), tenant.to_owned(), name.to_owned(), late))
    }

    fn serves(&self, tenant: &str, mapping: &str) -> Pending<'_, u64> {
        let (replica, tenant) = (self.replica.id().to_owned(), tenant.to_owned());
        Box::pin(serving::serves(self.reader(), replica, tenant, mapping.to_owned()))
    }

    fn tally(&self, tenant: &str, after: Timestamp) -> Pending<'_, Tally> {
        Box::pin(guard::tally(self.reader(), tenant.to_owned(), after))
    }

    fn share(&self, tenant: &str, rate: Rate, wanted: u32) -> Pending<'_, Option<Share>> {
        let share = rates::share(self.pool.clone(), tenant.to_owned(), rate, wanted);
        Box::pin(async { share.await.map(Some) })
    }

    fn close_share(&self, tenant: &str, rate: Rate, pause: Duration) -> Pending<'_, ()> {
        Box::pin(rates::close(self.pool.clone(), tenant.to_owned(), rate, pause))
    }

    fn size(&self) -> Pending<'_, u64> {
        Box::pin(async { self.reader().count(migrate::SIZE, &[&migrate::NAMESPACE]).await })
    }

    fn health(&self) -> Pending<'_, ()> {
        let failing = self.writer(Writer::failing);
        Box::pin(async {
            let client = self.pool.get().await?;
            migrate::works(&client, failing?).await
        })
    }

    fn close(&self) -> Pending<'_, ()> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        Box::pin(async {
            let Some(writer) = writer else { return Ok(()) };
            writer.end().await;
            // Others take over at once what this one had; where that fails they do when it is missed.
            drop(self.replica.end(&self.pool).await);
            self.pool.close();
            Ok(())
        })
    }
}
