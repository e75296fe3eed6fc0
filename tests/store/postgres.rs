//! What is PostgreSQL's alone: the connection, the schema, and replicas that share it.

use crate::{at, keep, link, server, strings, users, write};
use futures_util::future::join_all;
use scimshim::{
    gateway::share::Share,
    metrics::Metrics,
    store::{
        Batch, Change, Clash, Error, Expected, Member, Rate, Refusal, Store,
        postgres::{Address, Postgres, SCHEMA},
    },
    upstream::{
        error::Kind,
        limit::{Limiter, heard::Heard},
        settings::Limits,
    },
};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;
use tokio_postgres::{Client, NoTls};

/// A database of its own, and a connection of the test's to it. Nothing where there is no server.
pub async fn database(name: &str) -> Option<(Address, Client)> {
    let server = server::running()?;
    let address = server.database(name).await;
    let (client, connection) = tokio_postgres::connect(&server.url(name), NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("SET search_path = scimshim").await.unwrap();
    Some((address, client))
}

pub async fn open(address: &Address) -> Result<Postgres, Refusal> {
    Postgres::open(address, Arc::new(Metrics::default())).await
}

#[test]
fn an_address_that_is_none_is_told_without_its_password() {
    for (text, says) in [
        ("postgres://u:s3cret@/db", "names no host"),
        ("postgres://u:s3cret@db.acme.example", "names no database"),
        ("mysql://u:s3cret@db.acme.example/db", "no address of a PostgreSQL server"),
        ("s3cret", "no address of a PostgreSQL server"),
        ("host=db.acme.example password=s3cret", "no address of a PostgreSQL server"),
        ("postgres://u:p@s3cret/w@db.acme.example/db", "more than one `@`"),
    ] {
        let told = Address::of(text, None, None).err().unwrap();
        assert!(told.contains(says) && !told.contains("s3cret"), "{text}: {told}");
    }
    let address =
        Address::of("postgres://u:s3cret@db.acme.example:5433/people", None, None).unwrap();
    assert_eq!(address.place(), "postgres://db.acme.example:5433/people");
}

#[tokio::test]
async fn nobody_at_the_address_is_told() {
    let nobody = "postgres://u:s3cret@127.0.0.1:1/people";
    let Refusal { message, help } =
        open(&Address::of(nobody, None, None).unwrap()).await.err().unwrap();
    assert!(
        message.starts_with("no connection to the store postgres://127.0.0.1:1/people"),
        "{message}"
    );
    assert!(!message.contains("s3cret") && help.contains("runs"), "{message}; {help}");
}

#[tokio::test]
async fn replicas_that_start_at_once_make_one_schema() {
    let Some((address, client)) = database("schema").await else { return };
    let opened = join_all((0..4).map(|_| open(&address))).await;
    for store in opened {
        store.unwrap().close().await.unwrap();
    }
    let row = client.query_one("SELECT value FROM meta WHERE key = 'schema'", &[]).await.unwrap();
    assert_eq!(row.get::<_, String>(0), SCHEMA.to_string());

    let newer = (SCHEMA + 1).to_string();
    let set = "UPDATE meta SET value = $1 WHERE key = 'schema'";
    client.execute(set, &[&newer]).await.unwrap();
    let told = open(&address).await.err().unwrap();
    let says = format!("has schema {newer}, and this build knows {SCHEMA}");
    assert!(told.message.contains(&says) && told.help.contains("newer build"), "{told:?}");
    client.execute(set, &[&"many"]).await.unwrap();
    assert!(open(&address).await.err().unwrap().message.contains("does not say which schema"));
}

#[tokio::test]
async fn a_server_that_loses_what_it_commits_is_refused() {
    let Some((address, client)) = database("careless").await else { return };
    client.batch_execute("ALTER DATABASE careless SET synchronous_commit = off").await.unwrap();
    let told = open(&address).await.err().unwrap();
    assert!(told.message.contains("`synchronous_commit` off"), "{told:?}");
}

#[tokio::test]
async fn what_one_replica_writes_the_others_see_and_no_version_is_raised_twice() {
    let Some((address, _)) = database("replicas").await else { return };
    let stores = [open(&address).await.unwrap(), open(&address).await.unwrap()];
    const EACH: u64 = 30;
    // All count one number up, and write again when another was faster.
    let count = async |store: &Postgres| {
        let mut done = 0;
        while done < EACH {
            let held = store.held(&users(), &strings(&["shared"])).await.unwrap();
            let (version, number) = held
                .get("shared")
                .map_or((0, 0), |held| (held.version, held.kept["number"].as_u64().unwrap()));
            let batch = Batch::new("acme").expect("User", "shared", Expected::Version(version));
            match store.write(batch.with("User", keep("shared", "number", number + 1))).await {
                Ok(receipt) => {
                    assert_eq!(receipt.version("User", "shared"), Some(version + 1));
                    done += 1;
                }
                Err(error) => assert_eq!(error, Error::Conflict(Clash::Version)),
            }
        }
    };
    join_all(stores.iter().cycle().take(6).map(count)).await;
    let held = stores[1].held(&users(), &strings(&["shared"])).await.unwrap();
    assert_eq!(
        (held["shared"].version, &held["shared"].kept["number"]),
        (6 * EACH, &json!(6 * EACH))
    );
    for store in stores {
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn replicas_never_take_the_last_place_both() {
    let Some((address, _)) = database("guard").await else { return };
    let stores = [open(&address).await.unwrap(), open(&address).await.unwrap()];
    const MOST: u64 = 25;
    let (after, now) = (at(0), at(1));
    // Each asks for its own, one after the other, so that rounds of both meet.
    let ask = async |(asker, store): (usize, &Postgres)| {
        let mut counted = 0;
        for turn in 0..10 {
            let id = format!("{asker}-{turn}");
            let count = Change::Count { id, most: MOST, after, at: now };
            match store.write(Batch::new("acme").with("User", count)).await {
                Ok(_) => counted += 1,
                Err(error) => assert_eq!(error, Error::Conflict(Clash::Guard)),
            }
        }
        counted
    };
    let counted: u64 =
        join_all(stores.iter().cycle().take(8).enumerate().map(ask)).await.iter().sum();
    assert_eq!(counted, MOST);
    for store in stores {
        assert_eq!(store.tally("acme", after).await.unwrap().counted, MOST);
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn replicas_that_write_the_same_in_another_order_do_not_stand_in_each_others_way() {
    let Some((address, _)) = database("orders").await else { return };
    let stores = [open(&address).await.unwrap(), open(&address).await.unwrap()];
    let ids: Vec<String> = (0..40).map(|number| format!("{number:02}")).collect();
    let rounds = (0..20).map(|round| {
        let forward = ids.iter();
        let batch = |ids: &mut dyn Iterator<Item = &String>| {
            ids.fold(Batch::new("acme"), |batch, id| batch.with("User", keep(id, "round", round)))
        };
        let (one, other) = (batch(&mut forward.clone()), batch(&mut forward.rev()));
        [stores[0].write(one), stores[1].write(other)]
    });
    for written in join_all(rounds.flatten().collect::<Vec<_>>()).await {
        written.unwrap();
    }
    for store in stores {
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_connection_that_was_cut_is_made_anew() {
    let Some((address, client)) = database("cut").await else { return };
    let store = open(&address).await.unwrap();
    write(&store, &users(), vec![link("id", "k")]).await;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = 'cut' AND application_name = 'scimshim'";
    assert!(!client.query(cut, &[]).await.unwrap().is_empty());
    // A connection is looked at before it is used: nobody notices.
    let held = store.held(&users(), &strings(&["id"])).await.unwrap();
    assert_eq!(held["id"].vendor_key.as_deref(), Some("k"));
    write(&store, &users(), vec![link("id-2", "k2")]).await;
    store.health().await.unwrap();
    store.close().await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_read_is_damage_and_a_server_that_takes_no_writes_is_told() {
    let Some((address, client)) = database("damage").await else { return };
    let store = open(&address).await.unwrap();
    write(&store, &users(), vec![link("id", "k"), keep("id", "nickName", "Mia")]).await;
    client.batch_execute("UPDATE kept SET value = '\"Mia'").await.unwrap();
    let read = store.held(&users(), &strings(&["id"])).await.unwrap_err();
    assert_eq!(read.to_string(), "the store is damaged: a kept value is no json");
    client
        .batch_execute("ALTER DATABASE damage SET default_transaction_read_only = on")
        .await
        .unwrap();
    let fresh = open(&address).await.unwrap();
    let refused = fresh.write(Batch::new("acme").with("User", link("id-2", "k2"))).await;
    assert!(refused.unwrap_err().to_string().contains("takes no writes"));
    assert!(fresh.health().await.is_err(), "what was written last was refused");
    client
        .batch_execute("ALTER DATABASE damage RESET default_transaction_read_only")
        .await
        .unwrap();
    fresh.close().await.unwrap();
    let nul = store.write(Batch::new("acme").with("User", link("id-3", "a\0b"))).await.unwrap_err();
    assert!(nul.to_string().contains("NUL"), "{nul}");
    client.batch_execute("DROP TABLE member").await.unwrap();
    let member = Member { kind: "User".into(), id: "id".into() };
    let left = Change::LeaveGroups { member, at: crate::at(0) };
    let gone = store.write(Batch::new("acme").with("Group", left)).await.unwrap_err();
    assert!(matches!(gone, Error::Corrupt(_)), "{gone}");
    store.close().await.unwrap();
}

#[tokio::test]
async fn replicas_that_serve_by_another_mapping_are_counted_while_they_are_alive() {
    let Some((address, client)) = database("serving").await else { return };
    let stores = join_all((0..3).map(|_| open(&address))).await;
    let [one, two, three] = <[_; 3]>::try_from(stores).ok().unwrap().map(Result::unwrap);
    let serves =
        async |store: &Postgres, mapping: &str| store.serves("acme", mapping).await.unwrap();
    assert_eq!(serves(&one, "old").await, 0);
    assert_eq!(serves(&two, "old").await, 0);
    assert_eq!(serves(&three, "new").await, 2);
    assert_eq!((serves(&one, "old").await, serves(&two, "old").await), (1, 1));
    // Another tenant has another mapping.
    assert_eq!(one.serves("bolt", "else").await.unwrap(), 0);
    assert_eq!((serves(&one, "new").await, serves(&three, "new").await), (1, 1));
    assert_eq!((serves(&two, "new").await, serves(&three, "new").await), (0, 0));
    assert_eq!(serves(&three, "newest").await, 2);
    // Who has gone, or is taken for dead, counts no more.
    three.close().await.unwrap();
    assert_eq!(serves(&one, "new").await, 0);
    client
        .batch_execute(
            "UPDATE serving SET mapping = 'old'; UPDATE replica SET until = now() - interval '1 s'",
        )
        .await
        .unwrap();
    assert_eq!(serves(&one, "new").await, 0);
    client.batch_execute("DELETE FROM replica").await.unwrap();
    assert_eq!(client.query("SELECT 1 FROM serving", &[]).await.unwrap().len(), 0);
    one.close().await.unwrap();
    two.close().await.unwrap();
}

#[tokio::test]
async fn a_lease_is_one_replicas_until_it_is_taken_for_dead() {
    let Some((address, client)) = database("leases").await else { return };
    let [one, other] = [open(&address).await.unwrap(), open(&address).await.unwrap()];
    let lease = one.claim("acme", "User ada").await.unwrap().unwrap();
    assert_eq!(other.claim("acme", "User ada").await.unwrap(), None);
    assert!(other.claim("acme", "User bob").await.unwrap().is_some());
    let batch =
        |lease| Batch::new("acme").with("User", keep("ada", "nickName", "A")).holding(lease);
    one.write(batch(Some(lease.clone()))).await.unwrap();
    assert!(other.left_behind("acme").await.unwrap().is_empty());

    // What a replica does not say for five seconds is what this says: it is not alive.
    let owner = "UPDATE replica SET until = clock_timestamp() - interval '1 second'
         WHERE id = (SELECT owner FROM lease WHERE name = 'User ada')";
    client.execute(owner, &[]).await.unwrap();
    assert_eq!(other.left_behind("acme").await.unwrap(), ["User ada"]);
    let taken = other.claim("acme", "User ada").await.unwrap().unwrap();
    assert!(taken.epoch > lease.epoch);
    assert_eq!(one.write(batch(Some(lease.clone()))).await, Err(Error::Conflict(Clash::Lease)));
    other.write(batch(Some(taken.clone()))).await.unwrap();
    // Who lets go of what is not his any more takes nothing from who has it.
    one.release(lease).await.unwrap();
    other.write(batch(Some(taken))).await.unwrap();
    assert!(other.left_behind("acme").await.unwrap().is_empty());
}

#[tokio::test]
async fn what_a_replica_had_is_free_when_it_ends() {
    let Some((address, _)) = database("ended").await else { return };
    let [one, other] = [open(&address).await.unwrap(), open(&address).await.unwrap()];
    assert!(one.claim("acme", "User ada").await.unwrap().is_some());
    assert_eq!(other.claim("acme", "User ada").await.unwrap(), None);
    one.close().await.unwrap();
    assert!(other.claim("acme", "User ada").await.unwrap().is_some());
}

#[tokio::test]
async fn three_replicas_together_are_given_no_more_than_there_is() {
    let Some((address, client)) = database("rates").await else { return };
    let stores = [
        open(&address).await.unwrap(),
        open(&address).await.unwrap(),
        open(&address).await.unwrap(),
    ];
    // Judged by the server's own instants, which each share has: all that was given, in its order.
    let take = async |store: &Postgres, rate: Rate, until: u32| {
        let (mut instants, mut given) = (vec![], 0);
        while given < until {
            let share = store.share("acme", rate, 7).await.unwrap().unwrap();
            given += share.count.max(1);
            instants.extend((0..share.count).map(|nth| share.first + share.apart * nth));
        }
        instants
    };
    let together = async |rate, each| {
        let all = join_all(stores.iter().cycle().take(6).map(|store| take(store, rate, each)));
        let mut instants: Vec<_> = all.await.into_iter().flatten().collect();
        instants.sort_unstable();
        instants
    };
    let distance = Duration::from_millis(3);
    let even = together(Rate::Even(distance), 70).await;
    assert_eq!(even.len(), 6 * 70);
    for two in even.windows(2) {
        let between = Duration::try_from(two[1].duration_since(two[0])).unwrap();
        assert!(between >= distance, "{two:?}");
    }

    let (most, length) = (20, Duration::from_millis(200));
    let window = together(Rate::Window { most, length }, 400).await;
    assert!(window.len() > most as usize, "more than one window was looked at");
    for some in window.windows(most as usize + 1) {
        let long = Duration::try_from(some[most as usize].duration_since(some[0])).unwrap();
        assert!(long >= length, "{} in {long:?}", most + 1);
    }

    let rows = client.query("SELECT name FROM rate ORDER BY name", &[]).await.unwrap();
    let names: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(names, ["20 in 200 ms", "even"], "a row for each rate, once");
    // What is ahead by more than anybody is believed is of a clock that was put back.
    let ahead = "UPDATE rate SET next = next + 7200000000, closed = next + 7200000000, slice = slice + 1000000";
    client.batch_execute(ahead).await.unwrap();
    for rate in [Rate::Even(distance), Rate::Window { most, length }] {
        let share = stores[0].share("acme", rate, 1).await.unwrap().unwrap();
        assert_eq!((share.count, share.wait()), (1, Duration::ZERO), "{rate:?}");
    }
    for store in stores {
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn limiters_of_three_replicas_let_through_what_one_would() {
    let Some((address, _)) = database("limiters").await else { return };
    let metrics = Arc::new(Metrics::default());
    let hour = Duration::from_secs(3_600);
    let limits = Limits { requests: Some((4, hour)), ..Limits::default() };
    let mut replicas = vec![];
    for _ in 0..3 {
        let store: Arc<dyn Store> = Arc::new(open(&address).await.unwrap());
        let of = |tenant: &str| {
            let limiter = Limiter::new(&limits);
            let share = Share::new(store.clone(), tenant.into(), metrics.clone());
            // Of a server that other tests ask as well; nobody is to go his own way for that.
            limiter.share(Arc::new(share.patient(Duration::from_secs(60))));
            limiter
        };
        replicas.push((of("acme"), of("bolt"), store.clone()));
    }
    let soon = || Instant::now() + Duration::from_secs(60);
    let enter = async |limiter: &Limiter| limiter.enter(soon(), || Ok(())).await.map(drop);
    let all = join_all(replicas.iter().cycle().take(12).map(|(acme, ..)| enter(acme))).await;
    assert_eq!(all.iter().filter(|entered| entered.is_ok()).count(), 4);
    for refused in all.into_iter().filter_map(Result::err) {
        assert!(matches!(refused.kind, Kind::Busy(Some(wait)) if wait > hour / 2), "{refused:?}");
    }
    // Another tenant's vendor is not asked less for that; and what it asks for one replica asks for all.
    let (_, bolt, _) = &replicas[0];
    let place = bolt.enter(soon(), || Ok(())).await.unwrap();
    place.heard(Heard { refused: true, pause: Some(hour / 4), left: None });
    // As the limiter counts a long window.
    let rate = Rate::Window { most: 4, length: hour + Duration::from_millis(250) };
    // Who wants none is told when there is more of a window of which one is taken, later than the pause: not that.
    let paused = async || {
        let wait = replicas[1].2.share("bolt", rate, 0).await.unwrap().unwrap().wait();
        !wait.is_zero() && wait <= hour / 4
    };
    while !paused().await {
        tokio::task::yield_now().await;
    }
    let refused = enter(&replicas[2].1).await.unwrap_err();
    assert!(matches!(refused.kind, Kind::Busy(Some(wait)) if wait <= hour / 4), "{refused:?}");

    // Without the store each keeps the limit for itself: nothing fails for that.
    for (.., store) in &replicas {
        store.close().await.unwrap();
        let fresh = Limiter::new(&limits);
        fresh.share(Arc::new(Share::new(store.clone(), "acme".into(), metrics.clone())));
        for _ in 0..4 {
            enter(&fresh).await.unwrap();
        }
        enter(&fresh).await.unwrap_err();
    }
    let shown = metrics.render();
    let line = "scimshim_limits_unshared_total{tenant=\"acme\"} 3";
    assert!(shown.lines().any(|shown| shown == line), "{shown}");
}
