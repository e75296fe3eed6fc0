//! What replicas may do together in a time: a row for each tenant and rate, and each asks it for its share.
//!
//! Each asking is one statement, so that a replica that stands still never holds the row; and it is right under READ
//! COMMITTED, unlike a claim in one statement, because what is written depends on nothing but the row itself: whoever
//! waited for the row's lock works it out anew from what the other has written (that is what `DO UPDATE` does once it
//! has the row). Instants are the server's `clock_timestamp()`, in microseconds: `now()` is when the transaction began.
//!
//! The table is `UNLOGGED`: nothing of it is worth a sync. After a crash of the server it is empty, and begins anew.

use super::{
    super::{
        error::Error,
        rate::{Rate, Share},
    },
    work::Values,
};
use deadpool_postgres::Pool;
use jiff::Timestamp;
use std::time::Duration;
use tokio_postgres::Row;

/// Of a window so many parts are counted one by one, and the one that has begun: it looks back longer than it has to by
/// up to one of them.
const PARTS: i64 = 64;

/// The server's instant.
macro_rules! now {
    () => {
        "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
    };
}

/// What is further ahead than an hour, which is as long as any vendor is believed, is of a clock that was put back
/// since; `shut` says that nothing is given before `closed`.
macro_rules! shut {
    () => {
        "p.closed > now AND p.closed <= now + 3600000000"
    };
}

/// `$3` is how many are wanted, `$4` the distance.
const EVEN: &str = concat!(
    "INSERT INTO rate AS p (tenant, name, first, next, granted)
     SELECT $1, $2, now, now + $3::bigint * $4::bigint, $3::bigint FROM (SELECT ",
    now!(),
    " AS now) AS it
     ON CONFLICT (tenant, name) DO UPDATE SET (first, next, granted) = (
       SELECT CASE WHEN shut THEN p.closed ELSE due END,
              CASE WHEN shut THEN p.next ELSE due + excluded.granted * $4::bigint END,
              CASE WHEN shut THEN 0 ELSE excluded.granted END
       FROM (SELECT ",
    shut!(),
    " AS shut,
               CASE WHEN p.next > now + 3600000000 THEN now ELSE greatest(p.next, now) END AS due
             FROM (SELECT ",
    now!(),
    " AS now) AS it) AS it)
     RETURNING first, granted, slice, taken, ",
    now!()
);

/// `$3` is how many are wanted, `$4` how many there are, `$5` the length of a part.
const WINDOW: &str = concat!(
    "INSERT INTO rate AS p (tenant, name, first, slice, taken, granted)
     SELECT $1, $2, now, now / $5::bigint, ARRAY[least($3::bigint, $4::bigint)],
            least($3::bigint, $4::bigint) FROM (SELECT ",
    now!(),
    " AS now) AS it
     ON CONFLICT (tenant, name) DO UPDATE SET (first, slice, taken, granted) = (
       SELECT CASE WHEN shut THEN p.closed ELSE now END, slice,
              (coalesce(past[1], 0) + given) || past[2:], given
       FROM (SELECT now, shut, slice, past, CASE WHEN shut THEN 0 ELSE
               greatest(0, least($3::bigint, $4::bigint - (SELECT coalesce(sum(n), 0) FROM unnest(past) AS n)::bigint))
               END AS given
         FROM (SELECT now, shut, slice,
                 array_fill(0::bigint, ARRAY[gone::integer]) || p.taken[1:65 - gone::integer] AS past
           FROM (SELECT now, shut, slice, CASE WHEN slice < p.slice THEN 65
                    ELSE least(65, slice - p.slice) END AS gone
             FROM (SELECT now, ",
    shut!(),
    " AS shut, CASE WHEN p.slice > now / $5::bigint + 65 THEN now / $5::bigint
                    ELSE greatest(p.slice, now / $5::bigint) END AS slice
               FROM (SELECT ",
    now!(),
    " AS now) AS it) AS it) AS it) AS it) AS it)
     RETURNING first, granted, slice, taken, ",
    now!()
);

const CLOSE: &str = concat!(
    "INSERT INTO rate AS p (tenant, name, closed) VALUES ($1, $2, $3::bigint + ",
    now!(),
    ") ON CONFLICT (tenant, name) DO UPDATE
         SET closed = greatest(excluded.closed, CASE WHEN ",
    "p.closed <= excluded.closed + 3600000000 THEN p.closed END)"
);

/// See [`Store::share`](super::super::Store::share).
pub async fn share(pool: Pool, tenant: String, rate: Rate, wanted: u32) -> Result<Share, Error> {
    let client = pool.get().await?;
    let (name, wanted) = (name(rate), i64::from(wanted));
    match rate {
        Rate::Even(distance) => {
            let statement = client.prepare_cached(EVEN).await?;
            let values: Values<'_> = &[&tenant, &name, &wanted, &micros(distance)];
            given(&client.query_one(&statement, values).await?, distance, 0)
        }
        Rate::Window { most, length } => {
            let statement = client.prepare_cached(WINDOW).await?;
            let (most, part) = (i64::from(most.max(1)), part(length));
            let values: Values<'_> = &[&tenant, &name, &wanted, &most, &part];
            given(&client.query_one(&statement, values).await?, Duration::ZERO, part)
        }
    }
}

/// See [`Store::close_share`](super::super::Store::close_share).
pub async fn close(pool: Pool, tenant: String, rate: Rate, pause: Duration) -> Result<(), Error> {
    let client = pool.get().await?;
    let statement = client.prepare_cached(CLOSE).await?;
    client.execute(&statement, &[&tenant, &name(rate), &micros(pause)]).await?;
    Ok(())
}

fn name(rate: Rate) -> String {
    match rate {
        Rate::Even(_) => "even".to_owned(),
        Rate::Window { most, length } => format!("{most} in {} ms", length.as_millis()),
    }
}

fn micros(long: Duration) -> i64 {
    // A day: no distance is longer, nor is any pause.
    long.as_micros().try_into().unwrap_or(i64::MAX).min(86_400_000_000)
}

/// How long a part of a window is. One that is longer than a year is none that anybody waits for.
fn part(length: Duration) -> i64 {
    let long = i64::try_from(length.as_micros()).unwrap_or(i64::MAX).min(31_536_000_000_000);
    (long / PARTS + i64::from(long % PARTS > 0)).max(1)
}

fn given(row: &Row, apart: Duration, part: i64) -> Result<Share, Error> {
    let (first, granted): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    let (slice, taken): (i64, Vec<i64>) = (row.try_get(2)?, row.try_get(3)?);
    let now: i64 = row.try_get(4)?;
    // Of a window that is full there is more when the oldest part that holds something is out of it.
    let oldest = taken.iter().rposition(|taken| *taken > 0).and_then(|at| i64::try_from(at).ok());
    let full = oldest.filter(|_| granted == 0 && part > 0 && first <= now);
    let first = full.map_or(first, |oldest| (slice - oldest + PARTS + 1).saturating_mul(part));
    let instant = |micros| {
        Timestamp::from_microsecond(micros)
            .map_err(|_| Error::Corrupt("an instant is outside of the calendar".to_owned()))
    };
    Ok(Share {
        count: u32::try_from(granted).unwrap_or(0),
        first: instant(first)?,
        apart,
        now: instant(now)?,
    })
}
