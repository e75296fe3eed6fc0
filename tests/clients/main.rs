//! Each client by its name: the conversations that it really has with a service, sent over a socket to the
//! binary in the profile that is meant for it, and what the vendor holds after them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed, and says where"
)]

mod conversation;
mod defects;
mod entra;
mod exchange;
mod okta;
mod okta_opp;
mod others;
mod service;

use conversation::Conversation;
use serde_json::{Value, json};
use service::Service;
use std::thread;

/// What is not as the client needs it, in all of its conversations.
fn hold(conversations: &[Conversation]) {
    let service = Service::start();
    let broken: Vec<_> =
        conversations.iter().filter_map(|each| each.hold_with(&service).err()).collect();
    let (count, all) = (broken.len(), conversations.len());
    assert!(broken.is_empty(), "{count} of {all} conversations break:\n{}", broken.join("\n"));
}

#[test]
fn okta_is_served() {
    hold(&okta::conversations());
}

#[test]
fn the_on_premises_agent_of_okta_is_served() {
    hold(&okta_opp::conversations());
}

#[test]
fn entra_is_served() {
    hold(&entra::conversations());
}

#[test]
fn the_others_are_served() {
    hold(&others::conversations());
}

#[test]
fn the_defects_of_the_field_are_not_here() {
    hold(&defects::conversations());
}

/// Okta sends the parts of a large push beside each other.
#[test]
fn two_changes_of_one_group_at_once_lose_no_member() {
    let service = Service::start();
    let group = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Night shift",
    });
    let made = service.send("okta", "POST", "/scim/v2/Groups", &[], &group.to_string());
    let path = format!("/scim/v2/Groups/{}", made.body["id"].as_str().unwrap());
    let people = service.people("okta", 8);
    thread::scope(|scope| {
        for person in &people {
            let (service, path) = (&service, &path);
            scope.spawn(move || {
                let body = json!({
                    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                    "Operations": [{ "op": "add", "path": "members", "value": [{ "value": person }] }],
                });
                let told = service.send("okta", "PATCH", path, &[], &body.to_string());
                assert_eq!(told.status, 204, "{}", told.text);
            });
        }
    });
    let group = service.send("okta", "GET", &path, &[], "").body;
    let members = group["members"].as_array().unwrap();
    let mut found: Vec<_> = members.iter().filter_map(|each| each["value"].as_str()).collect();
    found.sort_unstable();
    assert_eq!(found, people, "{group}");
}

/// A group that is larger than a page of anybody's comes whole, and a rename leaves it so.
#[test]
fn a_group_of_hundreds_is_told_whole() {
    let service = Service::start();
    let people = service.people("okta", 230);
    let members: Vec<_> = people.iter().map(|person| json!({ "value": person })).collect();
    let group = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "Everybody", "members": members,
    });
    let made = service.send("okta", "POST", "/scim/v2/Groups", &[], &group.to_string());
    assert_eq!(made.status, 201, "{}", made.text);
    let path = format!("/scim/v2/Groups/{}", made.body["id"].as_str().unwrap());
    let rename = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "value": { "displayName": "All of us" } }],
    });
    let renamed = service.send("okta", "PATCH", &path, &[], &rename.to_string());
    let read = service.send("okta", "GET", &path, &[], "");
    for told in [made, renamed, read] {
        assert_eq!(told.body["members"].as_array().map(Vec::len), Some(230), "{}", told.text);
    }
    let vendor = service.ask_vendor("okta", &format!("/memberships?team={}", key(&path)));
    assert_eq!(vendor.body["page"]["count"], Value::from(230), "{}", vendor.text);
}

fn key(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}
