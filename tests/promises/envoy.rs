//! Envoy, EN-1 to EN-11.

use crate::{
    fakes::{
        envoy::{Envoy, READ_TOKEN, TOKEN},
        server::Fake,
        trouble::{Fault, Trouble},
    },
    harness::{Gateway, Tenant, sent, writes},
    okta::{id, person, with},
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const HQ: &str = "11";
const PARIS: &str = "12";

fn tenant(envoy: &Fake<Envoy>, token: &'static str) -> Tenant {
    Tenant::of("envoy", envoy.url()).secret("token", token)
}

async fn envoy() -> (Fake<Envoy>, Gateway) {
    let envoy = Envoy::start().await;
    let gateway = Gateway::one(tenant(&envoy, TOKEN));
    (envoy, gateway)
}

/// Paris by its city, the headquarters by theirs and by a locale.
async fn by_site() -> (Fake<Envoy>, Gateway) {
    let envoy = Envoy::start().await;
    let sites = json!([
        { "city": "San Francisco", "location": HQ },
        { "city": "Paris", "location": PARIS },
        { "locale": "sv-SE", "location": HQ },
    ]);
    let tenant = tenant(&envoy, TOKEN).var("sync", "per_location").var("sites", sites);
    let gateway = Gateway::one(tenant);
    (envoy, gateway)
}

fn mia() -> Value {
    person("mia@acme.example", "Mia", "Berg")
}

fn works_in(city: &str) -> Value {
    json!({ "addresses": [{ "type": "work", "primary": true, "locality": city }] })
}

fn attributes(envoy: &Fake<Envoy>, known: &str) -> Value {
    envoy.state().user(known).unwrap()["attributes"].clone()
}

/// The ids of one's locations or assistants, as the vendor has them.
fn related(envoy: &Fake<Envoy>, known: &str, what: &str) -> Vec<String> {
    let employee = envoy.state().user(known).unwrap();
    let named = employee["relationships"][what]["data"].as_array().unwrap();
    named.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

fn count(envoy: &Fake<Envoy>) -> usize {
    envoy.state().employees.len()
}

#[tokio::test]
async fn en_1_what_okta_pushes_is_there_when_okta_is_answered() {
    let (envoy, gateway) = envoy().await;
    let okta = gateway.okta();
    let made = okta.assign(with(mia(), works_in("Oslo"))).await;
    let one = id(&made);
    assert_eq!(attributes(&envoy, &one)["name"], "Mia Berg");
    assert_eq!(made["externalId"], "00u-mia@acme.example");
    envoy.forget();
    let told = okta.update(&one, json!({ "displayName": "Mia Lind" })).await.told(200);
    assert_eq!((&told["displayName"], id(&told)), (&json!("Mia Lind"), one.clone()));
    assert_eq!(attributes(&envoy, &one)["name"], "Mia Lind");
    let change = json!({ "data": {
        "type": "employees", "id": one, "attributes": { "name": "Mia Lind" },
    } });
    assert_eq!(sent(&envoy, &format!("PATCH /api/v3/employees/{one}")), [change]);
    // What Envoy has no place for is Okta's all the same.
    let told = okta.read(&one).await.told(200);
    assert_eq!(told["name"], json!({ "givenName": "Mia", "familyName": "Berg" }));
    assert_eq!((&told["locale"], &told["userName"]), (&json!("en-US"), &json!("mia@acme.example")));
    assert_eq!(told["addresses"][0]["locality"], "Oslo");
    // What has not changed is not sent.
    envoy.forget();
    okta.update(&one, json!({ "displayName": "Mia Lind" })).await.told(200);
    assert_eq!(writes(&envoy), [""; 0]);
    gateway.ended();
}

#[tokio::test]
async fn en_2_the_primary_email_says_who_is_the_same() {
    let (envoy, gateway) = envoy().await;
    let okta = gateway.okta();
    let kai = envoy.state().put("Kai E.", "kai@acme.example", &[11]).to_string();
    let zoe = envoy.state().put("Zoe A.", "zoe@acme.example", &[11]).to_string();
    // Whom Okta finds, it updates; by that he is Okta's.
    let found = okta.assign(person("KAI@acme.example", "Kai", "Ek")).await;
    assert_eq!(id(&found), kai);
    assert_eq!(attributes(&envoy, &kai)["name"], "Kai Ek");
    // Who signs in by another name is the same by the primary e-mail, and by no other.
    let login = json!({
        "userName": "zash",
        "emails": [
            { "value": "kai@acme.example", "type": "home" },
            { "primary": true, "value": "zoe@acme.example", "type": "work" },
        ],
    });
    let adopted = okta.create(with(person("x@acme.example", "Zoe", "Ash"), login.clone())).await;
    let adopted = adopted.told(201);
    assert_eq!((id(&adopted), &adopted["userName"]), (zoe.clone(), &json!("zash")));
    assert_eq!(id(&okta.look_up("zash").await.unwrap()), zoe);
    let again = okta.create(with(person("x@acme.example", "Zoe", "Ash"), login)).await;
    again.refused(409, Some("uniqueness"));
    assert_eq!(count(&envoy), 2);
    // Nobody has it: a new employee.
    let new = id(&okta.assign(mia()).await);
    assert_eq!(
        (count(&envoy), attributes(&envoy, &new)["manually-added"].clone()),
        (3, json!(false))
    );
    gateway.ended();
}

#[tokio::test]
async fn en_3_the_primary_email_and_phone_are_the_directorys() {
    let (envoy, gateway) = envoy().await;
    let okta = gateway.okta();
    let more = json!({
        "emails": [
            { "value": "mia@home.example", "type": "home" },
            { "primary": true, "value": "mia@acme.example", "type": "work" },
        ],
        "phoneNumbers": [
            { "value": "+46 8 1", "type": "work" },
            { "primary": true, "value": "+46 70 2", "type": "mobile" },
        ],
    });
    let one = id(&okta.assign(with(mia(), more)).await);
    let has = |known: &str| {
        let attributes = attributes(&envoy, known);
        (attributes["email"].clone(), attributes["phone-number"].clone())
    };
    assert_eq!(has(&one), (json!("mia@acme.example"), json!("+46 70 2")));
    let changes = json!({
        "emails": [{ "primary": true, "value": "mia@two.example", "type": "work" }],
        "phoneNumbers": [{ "primary": true, "value": "+46 70 3", "type": "mobile" }],
    });
    okta.update(&one, changes).await.told(200);
    assert_eq!(has(&one), (json!("mia@two.example"), json!("+46 70 3")));
    let told = okta.update(&one, json!({ "phoneNumbers": [] })).await.told(200);
    assert_eq!((has(&one).1, &told["phoneNumbers"]), (Value::Null, &Value::Null));
    assert_eq!(told["emails"][0]["value"], "mia@two.example");
    gateway.ended();
}

#[tokio::test]
async fn en_4_a_user_without_a_primary_email_is_not_synced() {
    let (envoy, gateway) = envoy().await;
    let okta = gateway.okta();
    for emails in [json!(null), json!([])] {
        let refused = okta.create(with(mia(), json!({ "emails": emails }))).await;
        let why = refused.refused(400, Some("invalidValue"));
        assert_eq!(why, "an employee without a primary e-mail is not synced");
    }
    assert_eq!(writes(&envoy), [""; 0]);
    assert_eq!(count(&envoy), 0);
    // Who loses it stays as he was, but for being switched off.
    let one = id(&okta.assign(mia()).await);
    envoy.forget();
    let lost = okta.update(&one, json!({ "emails": [], "displayName": "M" })).await;
    lost.refused(400, Some("invalidValue"));
    assert_eq!(writes(&envoy), [""; 0]);
    let lost = okta.update(&one, json!({ "emails": [], "active": false })).await;
    let why = lost.refused(400, Some("invalidValue"));
    assert!(why.ends_with("the deactivation of the same request was carried out"), "{why}");
    assert_eq!(attributes(&envoy, &one)["deleted"], true);
    gateway.ended();
}

#[tokio::test]
async fn en_5_all_employees_are_synced_to_all_locations() {
    let (envoy, gateway) = envoy().await;
    let okta = gateway.okta();
    let one = id(&okta.assign(with(mia(), works_in("Oslo"))).await);
    assert_eq!(related(&envoy, &one, "locations"), [HQ, PARIS]);
    okta.update(&one, works_in("Paris")).await.told(200);
    assert_eq!(related(&envoy, &one, "locations"), [HQ, PARIS]);
    gateway.ended();
}

#[tokio::test]
async fn en_5_or_those_of_some_cities_and_locales_to_theirs() {
    let (envoy, gateway) = by_site().await;
    let okta = gateway.okta();
    // Whose city has no location is Okta's, and nobody at Envoy.
    let lea =
        id(&okta.assign(with(person("lea@acme.example", "Lea", "Holm"), works_in("Oslo"))).await);
    assert_eq!((count(&envoy), writes(&envoy)), (0, vec![]));
    assert_eq!(okta.read(&lea).await.told(200)["active"], true);
    assert_eq!(id(&okta.look_up("lea@acme.example").await.unwrap()), lea);

    let one = id(&okta.assign(with(mia(), works_in("San Francisco"))).await);
    assert_eq!(related(&envoy, &one, "locations"), [HQ]);
    // Another city is another location.
    okta.update(&one, works_in("Paris")).await.told(200);
    assert_eq!(related(&envoy, &one, "locations"), [PARIS]);
    // One of none is removed, and Okta sees no difference.
    let told = okta.update(&one, works_in("Oslo")).await.told(200);
    assert_eq!((&told["active"], id(&told)), (&json!(true), one.clone()));
    assert_eq!(attributes(&envoy, &one)["deleted"], true);
    // Who comes back is the same, where he works by then.
    let told = okta.update(&one, works_in("San Francisco")).await.told(200);
    assert_eq!(id(&told), one);
    assert_eq!(attributes(&envoy, &one)["deleted"], false);
    assert_eq!(related(&envoy, &one, "locations"), [HQ]);
    // A locale says it as well, and who comes in later keeps the id that Okta has.
    let told = okta.update(&lea, json!({ "locale": "sv-SE" })).await.told(200);
    assert_eq!(id(&told), lea);
    assert_eq!(related(&envoy, "lea@acme.example", "locations"), [HQ]);
    assert_eq!((count(&envoy), okta.import("Users").await.len()), (2, 2));
    gateway.ended();
}

#[tokio::test]
async fn en_6_assistants_are_a_list_of_email_addresses() {
    let (envoy, gateway) = envoy().await;
    let okta = gateway.okta();
    let ida = id(&okta.assign(person("ida@acme.example", "Ida", "Dahl")).await);
    let leo = id(&okta.assign(person("leo@acme.example", "Leo", "Falk")).await);
    let assisted = |emails: &[&str]| json!({ "assistants": emails });
    // Nobody's address must not fail the user, and the same one twice is one.
    let emails = ["ida@acme.example", "nobody@acme.example", "ida@acme.example"];
    let made = okta.assign(with(mia(), assisted(&emails))).await;
    let one = id(&made);
    assert_eq!(related(&envoy, &one, "assistants"), [ida.as_str()]);
    assert_eq!(okta.read(&one).await.told(200)["assistants"], json!(["ida@acme.example"]));
    // In another order they are the same.
    okta.update(&one, assisted(&["leo@acme.example", "ida@acme.example"])).await.told(200);
    let mut both = related(&envoy, &one, "assistants");
    both.sort_unstable();
    assert_eq!(both, [ida, leo.clone()]);
    envoy.forget();
    okta.update(&one, assisted(&["ida@acme.example", "leo@acme.example"])).await.told(200);
    assert_eq!(writes(&envoy), [""; 0]);
    okta.update(&one, assisted(&["leo@acme.example"])).await.told(200);
    assert_eq!(related(&envoy, &one, "assistants"), [leo]);
    okta.update(&one, assisted(&[])).await.told(200);
    assert_eq!(related(&envoy, &one, "assistants"), [""; 0]);
    gateway.ended();
}

#[tokio::test]
async fn en_7_who_was_made_by_hand_is_left_alone() {
    let (envoy, gateway) = envoy().await;
    let okta = gateway.okta();
    let kai = envoy.state().put("Kai E.", "kai@acme.example", &[11]).to_string();
    let before = envoy.state().user(&kai);
    okta.assign(mia()).await;
    assert_eq!(okta.import("Users").await.len(), 2);
    envoy.forget();
    okta.deactivate(&kai).await.refused(403, None);
    okta.delete(&kai).await.refused(403, None);
    let other =
        okta.update(&kai, json!({ "emails": [{ "primary": true, "value": "kk@acme.example" }] }));
    other.await.refused(403, None);
    assert_eq!(writes(&envoy), [""; 0]);
    assert_eq!(envoy.state().user(&kai), before);
    gateway.ended();
}

/// A request that is refused makes nobody Okta's.
#[tokio::test]
async fn en_7_nobody_is_adopted_by_a_request_that_is_refused() {
    let (envoy, gateway) = envoy().await;
    let okta = gateway.okta();
    let kai = envoy.state().put("Kai E.", "kai@acme.example", &[11]).to_string();
    let before = envoy.state().user(&kai);
    let person = person("kai@acme.example", "Kai", "Ek");
    let put = format!("PUT /Users/{kai}");
    // By the schema, by a row, and by the vendor.
    let nameless = with(person.clone(), json!({ "userName": null }));
    okta.send(&put, &nameless).await.refused(400, Some("invalidValue"));
    okta.deactivate(&kai).await.refused(403, None);
    envoy.trouble(Trouble::on("PATCH /api/v3/employees/*", Fault::Status(422)));
    okta.send(&put, &person).await.refused(400, Some("invalidValue"));
    okta.deactivate(&kai).await.refused(403, None);
    envoy.no_more_trouble();
    assert_eq!(envoy.state().user(&kai), before);
    // The repeat adopts him after all.
    okta.send(&put, &person).await.told(200);
    assert_eq!(attributes(&envoy, &kai)["name"], "Kai Ek");
    okta.deactivate(&kai).await.told(200);
    assert_eq!(attributes(&envoy, &kai)["deleted"], true);
    gateway.ended();
}

/// Whom Okta is assigned without a location of ours is Okta's alone, as by a create; his record is left alone.
#[tokio::test]
async fn en_7_nobody_made_by_hand_is_removed_for_his_city() {
    let (envoy, gateway) = by_site().await;
    let okta = gateway.okta();
    let kai = envoy.state().put("Kai E.", "kai@acme.example", &[11]).to_string();
    let before = envoy.state().user(&kai);
    let oslo = with(person("kai@acme.example", "Kai", "Ek"), works_in("Oslo"));
    envoy.forget();
    assert_eq!(id(&okta.assign(oslo.clone()).await), kai);
    let told = okta.read(&kai).await.told(200);
    assert_eq!((&told["name"]["familyName"], &told["active"]), (&json!("Ek"), &json!(true)));
    okta.create(oslo).await.refused(409, Some("uniqueness"));
    assert_eq!(okta.import("Users").await.len(), 1);
    // Nor for anything else that is said of him there.
    okta.update(&kai, json!({ "title": "Clerk" })).await.told(200);
    assert_eq!(okta.deactivate(&kai).await.told(200)["active"], false);
    okta.update(&kai, json!({ "active": true })).await.told(200);
    okta.delete(&kai).await.refused(403, None);
    assert_eq!((writes(&envoy), envoy.state().user(&kai)), (vec![], before));
    // With a location he is adopted.
    let told = okta.update(&kai, works_in("Paris")).await.told(200);
    assert_eq!(id(&told), kai);
    assert_eq!(related(&envoy, &kai, "locations"), [PARIS]);
    okta.update(&kai, works_in("Oslo")).await.told(200);
    assert_eq!(attributes(&envoy, &kai)["deleted"], true);
    assert_eq!(count(&envoy), 1);
    gateway.ended();
}

#[tokio::test]
async fn en_8_assistants_of_the_dashboard_are_left_to_it() {
    let envoy = Envoy::start().await;
    let gateway = Gateway::one(tenant(&envoy, TOKEN).var("manage_assistants", false));
    let okta = gateway.okta();
    let ida = id(&okta.assign(person("ida@acme.example", "Ida", "Dahl")).await);
    let one = id(&okta.assign(with(mia(), json!({ "assistants": ["ida@acme.example"] }))).await);
    assert_eq!(related(&envoy, &one, "assistants"), [""; 0]);
    let by_hand = ida.parse().unwrap();
    let key: u64 = one.parse().unwrap();
    envoy.state().employees.get_mut(&key).unwrap().assistants = vec![by_hand];
    let changes = json!({ "assistants": [], "displayName": "Mia L." });
    okta.update(&one, changes).await.told(200);
    assert_eq!(attributes(&envoy, &one)["name"], "Mia L.");
    assert_eq!(related(&envoy, &one, "assistants"), [ida]);
    gateway.ended();
}

#[tokio::test]
async fn en_9_create_update_and_deactivate() {
    let (envoy, gateway) = envoy().await;
    let okta = gateway.okta();
    let one = id(&okta.assign(mia()).await);
    let address = format!("/api/v3/employees/{one}");
    envoy.forget();
    // Soft: the record stays, marked deleted, and the client goes on seeing whom it switched off.
    let told = okta.deactivate(&one).await.told(200);
    assert_eq!((&told["active"], id(&told)), (&json!(false), one.clone()));
    assert_eq!(writes(&envoy), [format!("DELETE {address}")]);
    assert_eq!(attributes(&envoy, &one)["deleted"], true);
    assert_eq!(okta.read(&one).await.told(200)["active"], false);
    assert_eq!(okta.look_up("mia@acme.example").await.unwrap()["active"], false);
    // Once more is nothing more.
    envoy.forget();
    okta.deactivate(&one).await.told(200);
    assert_eq!(writes(&envoy), [""; 0]);
    let told = okta.reactivate(&one).await.told(200);
    assert_eq!((&told["active"], id(&told)), (&json!(true), one.clone()));
    assert_eq!(attributes(&envoy, &one)["deleted"], false);
    // Whom a client deletes is removed, and gone until he is made again: as the same.
    okta.delete(&one).await.told(204);
    assert_eq!(attributes(&envoy, &one)["deleted"], true);
    okta.read(&one).await.refused(404, None);
    assert_eq!(okta.import("Users").await, [json!(null); 0]);
    assert_eq!(id(&okta.assign(mia()).await), one);
    assert_eq!((attributes(&envoy, &one)["deleted"].clone(), count(&envoy)), (json!(false), 1));
    gateway.ended();
}

#[tokio::test]
async fn en_9_who_is_deactivated_is_in_an_import_as_inactive() {
    let (_envoy, gateway) = envoy().await;
    let okta = gateway.okta();
    let one = id(&okta.assign(mia()).await);
    okta.assign(person("kai@acme.example", "Kai", "Ek")).await;
    okta.deactivate(&one).await.told(200);
    let all = okta.import("Users").await;
    let shown: Vec<_> = all.iter().map(|one| (&one["userName"], &one["active"])).collect();
    let (kai, mia) = (json!("kai@acme.example"), json!("mia@acme.example"));
    assert_eq!(shown, [(&kai, &json!(true)), (&mia, &json!(false))]);
    assert_eq!(id(&all[1]), one);
    // Place by place they are the same, and none is passed over or told twice.
    for start in 1..=2 {
        let page = okta.get(&format!("/Users?startIndex={start}&count=1")).await.told(200);
        assert_eq!(page["Resources"], json!([all[start - 1]]));
    }
    gateway.ended();
}

#[tokio::test]
async fn en_10_the_bearer_token_of_envoy_comes_first() {
    let envoy = Envoy::start().await;
    let (good, bad) = (tenant(&envoy, TOKEN), tenant(&envoy, "no-token").named("bad"));
    let reader = tenant(&envoy, READ_TOKEN).named("reader");
    let gateway = Gateway::start(vec![good, bad, reader]);
    gateway.okta().test_credentials().await.told(200);
    assert_eq!(envoy.calls().last().unwrap().credential("Bearer"), Some(TOKEN));
    // A token that Envoy refuses is ours, not Okta's.
    let why = gateway.okta_of("bad").test_credentials().await.refused(502, None);
    assert!(why.contains("credential"), "{why}");
    // Without the scope to write nobody is made.
    gateway.okta_of("reader").create(mia()).await.refused(502, None);
    assert_eq!(count(&envoy), 0);
    // Whoever has no token of the gateway's is told by the gateway.
    envoy.forget();
    gateway.okta_of("nobody").test_credentials().await.refused(401, None);
    assert_eq!(envoy.lines(), [""; 0]);
    gateway.ended();
}

/// How many calls a second Envoy is asked at most, as `limits` of its mapping says.
const A_SECOND: u32 = 5;

#[tokio::test]
async fn en_11_a_push_of_everybody_keeps_to_the_vendors_limits() {
    let (envoy, gateway) = envoy().await;
    // Envoy tells nobody how many are too many but by refusing: one call, and while it is asked to wait another.
    envoy.trouble(Trouble::on("POST /api/v3/employees", Fault::TooMany(Some("1"))).nth(2));
    envoy.trouble(Trouble::on("POST /api/v3/employees", Fault::TooMany(Some("1"))).nth(9));
    let okta = gateway.okta();
    let names: Vec<String> = (0..12).map(|number| format!("p{number}@acme.example")).collect();
    envoy.forget();
    let begun = Instant::now();
    let pushed = names.iter().map(|name| okta.assign(person(name, "P", "Q")));
    futures_util::future::join_all(pushed).await;
    assert_eq!(count(&envoy), 12);
    for name in &names {
        assert_eq!(related(&envoy, name, "locations"), [HQ, PARIS]);
    }
    // Who is looked for and made is more than two calls, so far more than one second's allowance. None came before
    // those before it had used up theirs; that a machine is slow makes it only later.
    let mut came: Vec<Instant> = envoy.calls().iter().filter_map(|call| call.at).collect();
    came.sort_unstable();
    assert!(came.len() >= 25, "{} calls", came.len());
    for (before, at) in (0..).zip(&came).skip(A_SECOND as usize) {
        let earliest = Duration::from_secs(1) * (before + 1 - A_SECOND) / A_SECOND;
        let after = at.duration_since(begun);
        assert!(after >= earliest, "call {} came after {after:?}, not {earliest:?}", before + 1);
    }
    // Where the locations are is asked once, not for each.
    let asked = envoy.lines().into_iter().filter(|line| line.contains("/locations")).count();
    assert_eq!(asked, 1);
    assert_eq!(okta.import("Users").await.len(), 12);
    gateway.ended();
}
