//! Imports: users and groups, page by page.

use crate::harness::{Okta, patch};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn inactive_users_are_in_an_import_and_say_so() {
    let okta = Okta::new().await;
    let id = okta.user("mia@acme.example").await;
    let off = patch(json!([{ "op": "replace", "value": { "active": false } }]));
    assert_eq!(okta.send("PATCH", &format!("/Users/{id}"), off).await.status, 200);
    let users = okta.import("/Users").await;
    let active = |login: &str| {
        let user = users.iter().find(|user| user["userName"] == login).unwrap();
        user["active"].as_bool().unwrap()
    };
    assert_eq!(users.len(), 4);
    assert!(active("ada@acme.example"));
    assert!(!active("cleo@acme.example") && !active("mia@acme.example"));
}

#[tokio::test]
async fn lists_are_lists_with_one_primary() {
    let okta = Okta::new().await;
    okta.user("mia@acme.example").await;
    for user in okta.import("/Users").await {
        let emails = user["emails"].as_array().unwrap();
        let primary = emails.iter().filter(|email| email["primary"] == true).count();
        assert_eq!((primary, &emails[0]["value"]), (1, &user["userName"]), "{user}");
    }
}

#[tokio::test]
async fn groups_are_imported_with_all_their_members() {
    let okta = Okta::new().await;
    let people = okta.people(130);
    {
        // 120 groups, the first of them with everybody.
        let mut state = okta.vendor.state();
        for number in 0..120 {
            let team = state.new_key();
            let caption = json!({ "caption": format!("Team {number}") });
            assert!(state.teams.make(team, &caption, 0).is_ok());
            let some = people.iter().take(if number == 0 { 130 } else { number % 3 });
            for person in some {
                assert!(state.teams.join(team, person.parse().unwrap(), Value::Null));
            }
        }
    }
    let groups = okta.import("/Groups").await;
    let ids: BTreeSet<&str> = groups.iter().map(|group| group["id"].as_str().unwrap()).collect();
    assert_eq!((groups.len(), ids.len()), (121, 121), "each group once");
    let members = |name: &str| {
        let group = groups.iter().find(|group| group["displayName"] == name).unwrap();
        group["members"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(members("Everybody North"), 2);
    assert_eq!((members("Team 0"), members("Team 1"), members("Team 119")), (130, 1, 2));
    let member =
        &groups.iter().find(|group| group["displayName"] == "Team 1").unwrap()["members"][0];
    assert_eq!(member["value"], people[0]);
    let place: &Value = &member["$ref"];
    assert!(place.as_str().unwrap().ends_with(&format!("/Users/{}", people[0])), "{place}");
}
