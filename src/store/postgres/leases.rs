//! Leases: which replica works on what, as long as it is alive.
//!
//! A replica is alive while it writes so, once a second; its leases are its own until it has not for a [`Term`]. It stops
//! by its own clock somewhat earlier, and what it writes all the same is refused. What another transaction may change
//! is locked by one statement and decided upon by the next: one that waits goes on with what it saw before it waited. No row is
//! held for as long as somebody works, so nobody has to skip what is locked (`SKIP LOCKED`): what another replica has a lease
//! on is left out of what is asked for, and the work itself, a call that takes seconds, is in no transaction.

use super::{
    super::{error::Error, lease::Lease},
    read::Reader,
    watches,
};
use crate::crash;
use deadpool_postgres::{Client, Pool, Transaction};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval, timeout},
};
use tokio_postgres::types::ToSql;

/// So long a replica is believed to be alive that does not say so any more. Another one takes over within ten seconds.
const TTL: Duration = Duration::from_secs(5);

/// The lease time, of which the others are parts.
#[derive(Debug, Clone, Copy)]
struct Term(Duration);

impl Term {
    /// A proof in which replicas die by the dozen has a shorter one.
    fn told() -> Self {
        Self(crash::number("SCIMSHIM_LEASE_MS").map_or(TTL, Duration::from_millis))
    }

    /// How often a replica says that it is alive: one that is not heard once, or twice, is not dead.
    fn beat(self) -> Duration {
        self.0 / 5
    }

    /// So long its leases are its own by its own clock, which ends earlier: clocks do not go alike, and answers take
    /// their time.
    fn own(self) -> Duration {
        self.0 - self.0 / 10
    }

    /// As the statements have it.
    fn seconds(self) -> f64 {
        self.0.as_secs_f64()
    }
}

/// This replica, as the others see it.
pub struct Replica {
    id: String,
    /// Until then its leases are its own, by its own clock.
    until: Arc<Mutex<Instant>>,
    beats: JoinHandle<()>,
}

impl Replica {
    /// Says that it is there, and goes on saying so.
    pub async fn start(pool: Pool, id: String) -> Self {
        let (term, until) = (Term::told(), Arc::new(Mutex::new(Instant::now())));
        let begun = Instant::now();
        match announce(&pool, &id, term).await {
            Ok(()) => set(&until, begun + term.own()),
            // A server that takes no writes now may do so later; reads are served until then.
            Err(error) => tracing::warn!("this replica cannot say that it is there: {error}"),
        }
        let beats = tokio::spawn(beat(pool, id.clone(), term, until.clone()));
        Self { id, until, beats }
    }

    /// Whether its leases are its own, as far as it can tell.
    pub fn is_alive(&self) -> bool {
        crash::off("fencing")
            || Instant::now() < *self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Lets go of all leases.
    pub async fn end(&self, pool: &Pool) -> Result<(), Error> {
        self.beats.abort();
        let client = pool.get().await?;
        run(&client, "DELETE FROM lease WHERE owner = $1", &[&self.id]).await?;
        run(&client, "DELETE FROM replica WHERE id = $1", &[&self.id]).await.map(drop)
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.beats.abort();
    }
}

fn set(until: &Mutex<Instant>, end: Instant) {
    *until.lock().unwrap_or_else(PoisonError::into_inner) = end;
}

async fn run(
    client: &Client,
    statement: &str,
    values: &[&(dyn ToSql + Sync)],
) -> Result<u64, Error> {
    let statement = client.prepare_cached(statement).await?;
    Ok(client.execute(&statement, values).await?)
}

async fn announce(pool: &Pool, id: &str, term: Term) -> Result<(), Error> {
    let client = pool.get().await?;
    let statement = "INSERT INTO replica (id, until)
         VALUES ($1, clock_timestamp() + make_interval(secs => $2))
         ON CONFLICT (id) DO UPDATE SET until = excluded.until";
    run(&client, statement, &[&id, &term.seconds()]).await.map(drop)
}

async fn beat(pool: Pool, id: String, term: Term, until: Arc<Mutex<Instant>>) {
    let mut ticks = interval(term.beat());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let begun = Instant::now();
        match timeout(term.0, once(&pool, &id, term)).await {
            Ok(Ok(true)) => set(&until, begun + term.own()),
            Ok(Ok(false)) => {
                tracing::warn!("taken for dead by another replica: its leases are gone");
                // As one that has just begun: it holds nothing.
                if let Ok(Ok(())) = timeout(term.0, announce(&pool, &id, term)).await {
                    set(&until, begun + term.own());
                }
            }
            // Readiness and every write tell of the store.
            Ok(Err(_)) | Err(_) => {}
        }
    }
}

/// Says that it is there; false where it is taken for dead.
async fn once(pool: &Pool, id: &str, term: Term) -> Result<bool, Error> {
    let client = pool.get().await?;
    let statement = "UPDATE replica SET until = clock_timestamp() + make_interval(secs => $2)
         WHERE id = $1 AND until > clock_timestamp()";
    Ok(run(&client, statement, &[&id, &term.seconds()]).await? > 0)
}

/// See [`Store::claim`](super::super::Store::claim).
pub async fn claim(
    pool: Pool,
    owner: String,
    tenant: Arc<str>,
    name: String,
) -> Result<Option<Lease>, Error> {
    let mut client = pool.get().await?;
    // Who is dead is so when its row is gone, which its own beat writes: one of the two comes first.
    let statement = "DELETE FROM replica WHERE until <= clock_timestamp()";
    client.execute(&client.prepare_cached(statement).await?, &[]).await?;
    let transaction = client.transaction().await?;
    let statement = "SELECT pg_advisory_xact_lock(hashtextextended($1, 1))";
    let statement = transaction.prepare_cached(statement).await?;
    transaction.execute(&statement, &[&format!("{tenant}\u{1f}{name}")]).await?;
    let statement = "INSERT INTO lease (tenant, name, owner, epoch)
         SELECT $1, $2, $3, nextval('fence')
         WHERE EXISTS (SELECT 1 FROM replica WHERE id = $3 AND until > clock_timestamp())
         ON CONFLICT (tenant, name) DO UPDATE SET owner = excluded.owner, epoch = excluded.epoch,
           taken_from = CASE WHEN lease.owner <> excluded.owner THEN lease.owner END
         WHERE lease.owner = excluded.owner
            OR NOT EXISTS (SELECT 1 FROM replica WHERE replica.id = lease.owner)
         RETURNING epoch, taken_from IS NOT NULL,
           EXISTS (SELECT 1 FROM watch WHERE watch.tenant = $1 AND watch.name = $2)";
    let statement = transaction.prepare_cached(statement).await?;
    let row = transaction.query_opt(&statement, &[&&*tenant, &name, &owner]).await?;
    let Some(row) = row else { return Ok(None) };
    let (epoch, taken, watched): (i64, bool, bool) =
        (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    if taken {
        // Whoever had it may be about to call, and knows nothing of this.
        watches::begin(&transaction, &tenant, &name).await?;
    }
    transaction.commit().await?;
    Ok(Some(Lease { tenant, name, epoch, watched: watched || taken }))
}

/// See [`Store::release`](super::super::Store::release).
pub async fn release(pool: Pool, lease: Lease) -> Result<(), Error> {
    let client = pool.get().await?;
    let statement = "DELETE FROM lease WHERE tenant = $1 AND name = $2 AND epoch = $3";
    let statement = client.prepare_cached(statement).await?;
    client.execute(&statement, &[&&*lease.tenant, &lease.name, &lease.epoch]).await?;
    Ok(())
}

/// See [`Store::holds`](super::super::Store::holds).
pub async fn holds(reader: Reader, lease: Lease) -> Result<bool, Error> {
    let statement = "SELECT count(*) FROM lease WHERE tenant = $1 AND name = $2 AND epoch = $3";
    let held = reader.count(statement, &[&&*lease.tenant, &lease.name, &lease.epoch]).await?;
    Ok(held > 0)
}

/// Whether a lease is still its holder's; nobody takes it before the transaction ends.
pub async fn held(
    transaction: &Transaction<'_>,
    owner: &str,
    lease: &Lease,
) -> Result<bool, Error> {
    if crash::off("fencing") {
        return Ok(true);
    }
    let statement = "SELECT 1 FROM lease
         WHERE tenant = $1 AND name = $2 AND epoch = $3 AND owner = $4 FOR UPDATE";
    let statement = transaction.prepare_cached(statement).await?;
    let Lease { tenant, name, epoch, .. } = lease;
    let row = transaction.query_opt(&statement, &[&&**tenant, name, epoch, &owner]).await?;
    Ok(row.is_some())
}

/// See [`Store::left_behind`](super::super::Store::left_behind).
pub async fn left_behind(reader: Reader, tenant: String) -> Result<Vec<String>, Error> {
    let rows = reader
        .query(
            "SELECT name FROM lease WHERE tenant = $1 AND NOT EXISTS (
               SELECT 1 FROM replica WHERE replica.id = lease.owner AND until > clock_timestamp())
             ORDER BY name LIMIT 1000",
            &[&tenant],
        )
        .await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}
