//! Watches, PostgreSQL's alone: what is done under a lease that was taken is kept until it was looked at.

use crate::postgres::{database, open};
use scimshim::store::{Batch, Change, Clash, Error, Lease, Store, Watch, postgres::Postgres};
use serde_json::{Value, json};
use std::time::Duration;
use tokio_postgres::Client;

const NAME: &str = "User ada";
/// What a call takes at most.
const LATE: Duration = Duration::from_secs(10);

/// What this one had is taken by the other.
async fn taken(client: &Client, one: &Postgres, other: &Postgres) -> (Lease, Lease) {
    let lost = one.claim("acme", NAME).await.unwrap().unwrap();
    let dead = "UPDATE replica SET until = clock_timestamp() - interval '1 second'
         WHERE id = (SELECT owner FROM lease WHERE name = 'User ada')";
    client.execute(dead, &[]).await.unwrap();
    let taken = other.claim("acme", NAME).await.unwrap().unwrap();
    (lost, taken)
}

async fn write(store: &Postgres, lease: &Lease, change: Change) -> Result<(), Error> {
    let batch = Batch::new("acme").holding(Some(lease.clone())).with("User", change);
    store.write(batch).await.map(drop)
}

fn done(intent: Value, whole: bool) -> Change {
    Change::Done { name: NAME.to_owned(), intent, whole }
}

fn looked(watch: &Watch) -> Change {
    Change::Looked { name: NAME.to_owned(), reports: watch.reports, over: watch.over }
}

async fn watch(store: &Postgres) -> Watch {
    store.watch("acme", NAME, LATE).await.unwrap().unwrap()
}

/// As when the time of the watch has passed.
async fn is_over(client: &Client) {
    let over = "UPDATE watch SET until = clock_timestamp() - interval '1 hour'";
    client.execute(over, &[]).await.unwrap();
}

#[tokio::test]
async fn what_is_done_under_a_lease_that_was_taken_is_kept_until_it_was_looked_at() {
    let Some((address, client)) = database("watches").await else { return };
    let [one, other] = [open(&address).await.unwrap(), open(&address).await.unwrap()];
    let (lost, taken) = taken(&client, &one, &other).await;
    assert!(!lost.watched && taken.watched);
    for title in ["a", "b"] {
        write(&other, &taken, done(json!({ "patch": title }), false)).await.unwrap();
    }
    // Who is fenced keeps nothing, and whoever has it next goes on with what there is.
    let fenced = write(&one, &lost, done(json!("late"), false)).await;
    assert_eq!(fenced, Err(Error::Conflict(Clash::Lease)));
    other.release(taken).await.unwrap();
    let next = other.claim("acme", NAME).await.unwrap().unwrap();
    assert!(next.watched, "although it was let go of");
    write(&other, &next, done(json!({ "patch": "c" }), false)).await.unwrap();
    let all = json!([{ "patch": "a" }, { "patch": "b" }, { "patch": "c" }]);
    let found = watch(&other).await;
    assert_eq!(json!(found.writes), all);
    assert!(!found.due && !found.over && other.looks("acme", LATE).await.unwrap().is_empty());

    // Who was fenced says that something has left. A look at once, which does not end the watch.
    assert!(one.report("acme", NAME).await.unwrap());
    assert!(!one.report("bolt", NAME).await.unwrap());
    assert_eq!(other.looks("acme", LATE).await.unwrap(), [NAME]);
    assert!(other.looks("bolt", LATE).await.unwrap().is_empty());
    let early = watch(&other).await;
    assert!(early.due && !early.over);
    write(&other, &next, looked(&early)).await.unwrap();
    let after = watch(&other).await;
    assert!(!after.due && json!(after.writes) == all, "{after:?}");

    // What was reported between a last look and its end is looked at once more.
    is_over(&client).await;
    let last = watch(&other).await;
    assert!(last.due && last.over);
    assert!(one.report("acme", NAME).await.unwrap());
    write(&other, &next, looked(&last)).await.unwrap();
    assert_eq!(other.looks("acme", LATE).await.unwrap(), [NAME]);
    let last = watch(&other).await;
    assert_eq!(json!(last.writes), all);
    write(&other, &next, looked(&last)).await.unwrap();
    assert_eq!(other.watch("acme", NAME, LATE).await.unwrap(), None);
    let left: i64 = client.query_one("SELECT count(*) FROM watched", &[]).await.unwrap().get(0);
    assert_eq!(left, 0);
    // From then on nothing is kept.
    write(&other, &next, done(json!("d"), false)).await.unwrap();
    let left: i64 = client.query_one("SELECT count(*) FROM watched", &[]).await.unwrap().get(0);
    assert_eq!(left, 0);
    assert!(!one.report("acme", NAME).await.unwrap());
}

#[tokio::test]
async fn what_says_everything_takes_the_place_of_what_was_before() {
    let Some((address, client)) = database("whole").await else { return };
    let [one, other] = [open(&address).await.unwrap(), open(&address).await.unwrap()];
    let (_, taken) = taken(&client, &one, &other).await;
    for (intent, whole) in [("a", false), ("b", false), ("all", true), ("c", false)] {
        write(&other, &taken, done(json!(intent), whole)).await.unwrap();
    }
    assert_eq!(json!(watch(&other).await.writes), json!(["all", "c"]));
    write(&other, &taken, Change::Forget { name: NAME.to_owned() }).await.unwrap();
    let found = watch(&other).await;
    assert!(found.writes.is_empty() && !found.over, "it goes on being watched");
    // What nobody ever looks at goes by and by.
    let old = "INSERT INTO watch (tenant, name, until)
         VALUES ('acme', 'User userName eve', clock_timestamp() - interval '2 days')";
    client.execute(old, &[]).await.unwrap();
    other.release(taken).await.unwrap();
    let third = open(&address).await.unwrap();
    crate::watches::taken(&client, &other, &third).await;
    let names = client.query("SELECT name FROM watch", &[]).await.unwrap();
    assert_eq!(names.iter().map(|row| row.get(0)).collect::<Vec<String>>(), [NAME]);
    // A call that left at the end of the watch may come a little later.
    client.execute("UPDATE watch SET until = clock_timestamp()", &[]).await.unwrap();
    assert!(!other.watch("acme", NAME, 360 * LATE).await.unwrap().unwrap().over);
}
