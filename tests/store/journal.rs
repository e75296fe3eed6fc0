//! The journal: entries in the order of their resource, and what is due.

use crate::{at, groups, users, write};
use scimshim::store::{Batch, Change, Depth, Entry, Error, Stage, Store};
use serde_json::json;

fn entry(number: &str, id: &str, accepted: i64, due: i64) -> Entry {
    Entry {
        number: number.to_owned(),
        kind: "User".to_owned(),
        id: id.to_owned(),
        seq: 0,
        stage: Stage::Waiting,
        durable: true,
        acknowledged: false,
        intent: json!({ "patch": [{ "op": "replace", "path": "active", "value": false }] }),
        accepted: at(accepted),
        due: at(due),
        planned: at(accepted),
        attempts: 0,
        progress: json!(null),
        error: None,
    }
}

async fn waiting(store: &dyn Store, id: &str) -> Vec<(String, u64)> {
    let mut waiting = store.entries(&users(), id).await.unwrap();
    waiting.retain(|entry| entry.stage != Stage::Dead);
    waiting.into_iter().map(|entry| (entry.number, entry.seq)).collect()
}

pub async fn entries_of_a_resource_are_in_the_order_in_which_they_came(store: &dyn Store) {
    for (number, id) in [("n-2", "ada"), ("n-9", "ada"), ("n-1", "ada"), ("n-3", "bob")] {
        write(store, &users(), vec![Change::Enter(entry(number, id, 1, 2))]).await;
    }
    let named = |all: &[(&str, u64)]| -> Vec<(String, u64)> {
        all.iter().map(|(number, seq)| ((*number).to_owned(), *seq)).collect()
    };
    assert_eq!(waiting(store, "ada").await, named(&[("n-2", 1), ("n-9", 2), ("n-1", 3)]));
    assert_eq!(waiting(store, "bob").await, named(&[("n-3", 1)]));
    assert!(store.entries(&groups(), "ada").await.unwrap().is_empty());

    // Who has ended is no more, and who comes next comes behind all that are left.
    write(store, &users(), vec![Change::Strike { number: "n-2".to_owned() }]).await;
    write(store, &users(), vec![Change::Strike { number: "n-2".to_owned() }]).await;
    write(store, &users(), vec![Change::Enter(entry("n-4", "ada", 1, 2))]).await;
    assert_eq!(waiting(store, "ada").await, named(&[("n-9", 2), ("n-1", 3), ("n-4", 4)]));

    // A dead letter holds back nobody.
    let dead =
        Entry { stage: Stage::Dead, error: Some("no".to_owned()), ..entry("n-9", "ada", 1, 2) };
    write(store, &users(), vec![Change::Amend(dead)]).await;
    assert_eq!(waiting(store, "ada").await, named(&[("n-1", 3), ("n-4", 4)]));
    assert_eq!(store.entries(&users(), "ada").await.unwrap().len(), 3);
    let letter = store.entry("acme", "n-9").await.unwrap().unwrap();
    assert_eq!((letter.stage, letter.seq, letter.error.as_deref()), (Stage::Dead, 2, Some("no")));
}

pub async fn an_entry_is_given_back_as_it_was_written(store: &dyn Store) {
    let first = Entry { seq: 1, ..entry("n-1", "ada", 1, 2) };
    write(store, &users(), vec![Change::Enter(first.clone())]).await;
    assert_eq!(store.entry("acme", "n-1").await.unwrap(), Some(first.clone()));
    assert_eq!(store.entry("other", "n-1").await.unwrap(), None);
    let tried = Entry {
        stage: Stage::Settling,
        durable: false,
        // That is said by a change of its own.
        acknowledged: true,
        due: at(7),
        planned: at(6),
        attempts: 3,
        progress: json!({ "sent": { "call": "x" } }),
        error: Some("the vendor is away".to_owned()),
        // What is written once stays.
        intent: json!("delete"),
        accepted: at(9),
        ..first.clone()
    };
    write(store, &users(), vec![Change::Amend(tried.clone())]).await;
    let Entry { acknowledged, intent, accepted, .. } = first;
    let stays = Entry { acknowledged, intent, accepted, ..tried.clone() };
    assert_eq!(store.entry("acme", "n-1").await.unwrap(), Some(stays));

    // What settles has ended: who was at work on it meanwhile does not bring it back.
    let back = Entry { stage: Stage::Waiting, ..tried.clone() };
    let batch = Batch::new("acme").with("User", Change::Amend(back));
    assert_eq!(store.write(batch).await, Err(Error::Missing));
    assert_eq!(store.entry("acme", "n-1").await.unwrap().unwrap().stage, Stage::Settling);

    // What was struck is not written again by who has not heard of it.
    write(store, &users(), vec![Change::Strike { number: "n-1".to_owned() }]).await;
    let batch = Batch::new("acme").with("User", Change::Amend(tried));
    assert_eq!(store.write(batch).await, Err(Error::Missing));
    assert_eq!(store.entry("acme", "n-1").await.unwrap(), None);
}

pub async fn the_first_of_each_resource_is_due(store: &dyn Store) {
    let entered = [("n-1", "ada", 5), ("n-2", "ada", 1), ("n-3", "bob", 3), ("n-4", "cy", 9)];
    for (position, (number, id, due)) in entered.into_iter().enumerate() {
        let entry = entry(number, id, position as i64, due);
        write(store, &users(), vec![Change::Enter(entry)]).await;
    }
    let due = async |limit| -> Vec<String> {
        let due = store.due("acme", limit).await.unwrap();
        due.into_iter().map(|entry| entry.number).collect()
    };
    // The second of a resource waits for the first, whenever it is due itself.
    assert_eq!(due(9).await, ["n-3", "n-1", "n-4"]);
    assert_eq!(due(1).await, ["n-3"]);
    assert!(store.due("other", 9).await.unwrap().is_empty());
    let depth = Depth { waiting: 4, dead: 0, oldest: Some(at(0)) };
    assert_eq!(store.depth("acme").await.unwrap(), depth);

    let dead = Entry { stage: Stage::Dead, ..entry("n-1", "ada", 0, 5) };
    write(store, &users(), vec![Change::Amend(dead)]).await;
    assert_eq!(due(9).await, ["n-2", "n-3", "n-4"]);
    let depth = Depth { waiting: 3, dead: 1, oldest: Some(at(1)) };
    assert_eq!(store.depth("acme").await.unwrap(), depth);
    assert_eq!(store.depth("other").await.unwrap(), Depth::default());
    let all: Vec<String> =
        store.journal("acme", 1, 2).await.unwrap().into_iter().map(|entry| entry.number).collect();
    assert_eq!(all, ["n-2", "n-3"]);
}

pub async fn what_was_acknowledged_is_listed_while_it_waits(store: &dyn Store) {
    for (number, id) in [("n-1", "bob"), ("n-2", "ada"), ("n-3", "ada"), ("n-4", "cy")] {
        write(store, &users(), vec![Change::Enter(entry(number, id, 1, 2))]).await;
    }
    // As it is entered again.
    let again = Entry { acknowledged: true, ..entry("n-5", "dee", 1, 2) };
    write(store, &users(), vec![Change::Enter(again)]).await;
    let acknowledge = |number: &str, id: &str| {
        let (id, number) = (id.to_owned(), number.to_owned());
        Change::Acknowledge { id, number }
    };
    for (number, id) in [("n-3", "ada"), ("n-2", "ada"), ("n-1", "bob"), ("n-1", "bob")] {
        write(store, &users(), vec![acknowledge(number, id)]).await;
    }
    let listed = async |tenant: &str, limit| -> Vec<(String, bool)> {
        let all = store.acknowledged(tenant, limit).await.unwrap();
        all.into_iter().map(|entry| (entry.number, entry.acknowledged)).collect()
    };
    let named = |all: &[&str]| -> Vec<(String, bool)> {
        all.iter().map(|number| ((*number).to_owned(), true)).collect()
    };
    assert_eq!(listed("acme", 9).await, named(&["n-2", "n-3", "n-1", "n-5"]));
    assert_eq!(listed("acme", 2).await, named(&["n-2", "n-3"]));
    assert_eq!(listed("other", 9).await, []);

    // Nothing of how far it has come is written over, and an amendment leaves it as it is.
    let tried = Entry { attempts: 3, progress: json!({ "sent": 1 }), ..entry("n-4", "cy", 1, 7) };
    write(store, &users(), vec![Change::Amend(tried.clone())]).await;
    write(store, &users(), vec![acknowledge("n-4", "cy")]).await;
    let known = store.entry("acme", "n-4").await.unwrap().unwrap();
    assert_eq!(known, Entry { acknowledged: true, seq: 1, ..tried.clone() });
    write(store, &users(), vec![Change::Amend(Entry { attempts: 4, ..tried })]).await;
    assert!(store.entry("acme", "n-4").await.unwrap().unwrap().acknowledged);

    // What has ended is not promised any more.
    let ended = [("n-1", "bob", Stage::Dead), ("n-4", "cy", Stage::Settling)];
    for (number, id, stage) in ended {
        let entry = Entry { stage, ..entry(number, id, 1, 2) };
        write(store, &users(), vec![Change::Amend(entry)]).await;
        let batch = Batch::new("acme").with("User", acknowledge(number, id));
        assert_eq!(store.write(batch).await, Err(Error::Missing), "{number}");
    }
    write(store, &users(), vec![Change::Strike { number: "n-2".to_owned() }]).await;
    let batch = Batch::new("acme").with("User", acknowledge("n-2", "ada"));
    assert_eq!(store.write(batch).await, Err(Error::Missing));
    assert_eq!(listed("acme", 9).await, named(&["n-3", "n-5"]));
    assert!(store.entry("acme", "n-1").await.unwrap().unwrap().acknowledged, "a letter tells it");
}

pub async fn those_who_have_no_id_yet_are_found(store: &dyn Store) {
    for (number, id) in
        [("n-1", "~7f"), ("n-2", "ada"), ("n-3", "~00"), ("n-4", "~7f"), ("n-5", "é")]
    {
        write(store, &users(), vec![Change::Enter(entry(number, id, 1, 2))]).await;
    }
    let dead = Entry { stage: Stage::Dead, ..entry("n-3", "~00", 1, 2) };
    write(store, &users(), vec![Change::Amend(dead)]).await;
    let unborn = store.unborn(&users()).await.unwrap();
    let numbers: Vec<&str> = unborn.iter().map(|entry| entry.number.as_str()).collect();
    assert_eq!(numbers, ["n-3", "n-1", "n-4"]);
    assert!(store.unborn(&groups()).await.unwrap().is_empty());
}
