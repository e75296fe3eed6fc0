//! ACALL, AC-1 to AC-7.

use crate::{
    fakes::{
        acall::{Acall, OTHER_TOKEN, TOKEN},
        server::Fake,
    },
    harness::{Gateway, Tenant, sent, writes},
    okta::{USER, id, person, with},
};
use serde_json::{Value, json};

const WORKSTYLE: &str = "urn:ietf:params:scim:schemas:extension:wsos:2.0:User";

fn tenant(acall: &Fake<Acall>, token: &'static str) -> Tenant {
    Tenant::of("acall", &format!("{}/v1", acall.url())).secret("token", token)
}

async fn acall() -> (Fake<Acall>, Gateway) {
    let acall = Acall::start().await;
    let gateway = Gateway::one(tenant(&acall, TOKEN));
    (acall, gateway)
}

/// Mia with every attribute of the guide's table.
fn mia_in_full() -> Value {
    with(
        person("mia@acme.example", "Mia", "Berg"),
        json!({
            "schemas": [USER, WORKSTYLE],
            "accounts": [
                { "type": "slack", "value": "mia@slack.example" },
                { "type": "google", "value": "mia@google.example" },
            ],
            "roles": [{ "primary": true, "value": "admin" }],
            WORKSTYLE: {
                "name": {
                    "familyNamePhonetic": "ベルグ", "givenNamePhonetic": "ミア",
                    "additionalInformation": "third floor",
                },
            },
        }),
    )
}

#[tokio::test]
async fn ac_1_user_name_family_name_and_given_name_are_mandatory() {
    let (acall, gateway) = acall().await;
    let okta = gateway.okta();
    let mia = || person("mia@acme.example", "Mia", "Berg");
    for (lacking, attribute) in [
        (json!({ "userName": null }), "userName"),
        (json!({ "userName": "" }), "userName"),
        (json!({ "name": { "givenName": "Mia" } }), "familyName"),
        (json!({ "name": { "givenName": "Mia", "familyName": "" } }), "familyName"),
        (json!({ "name": { "familyName": "Berg" } }), "givenName"),
        (json!({ "name": null }), "familyName"),
    ] {
        let refused = okta.create(with(mia(), lacking.clone())).await;
        let why = refused.refused(400, Some("invalidValue"));
        assert!(why.contains(attribute), "{lacking}: {why}");
    }
    assert_eq!(acall.lines(), [""; 0]);
    let one = id(&okta.assign(mia()).await);
    acall.forget();
    let cleared =
        okta.update(&one, json!({ "name": { "givenName": "Mia", "familyName": "" } })).await;
    cleared.refused(400, Some("invalidValue"));
    assert_eq!(writes(&acall), [""; 0]);
    assert_eq!(acall.state().user(&one).unwrap()["family_name"], "Berg");
}

#[tokio::test]
async fn ac_2_the_email_identifies_the_account() {
    let (acall, gateway) = acall().await;
    let okta = gateway.okta();
    let before = acall.state().put(TOKEN, "kai@acme.example", "Ek", "Kai").to_string();
    // Whom the portal made is found by the email and updated, in whatever case it is written.
    let kai = okta.assign(person("KAI@acme.example", "Kai", "Lund")).await;
    assert_eq!(id(&kai), before);
    assert_eq!(acall.state().user(&before).unwrap()["family_name"], "Lund");
    assert_eq!(sent(&acall, "POST /v1/users"), [json!(null); 0]);
    // The same for a client that does not look first; whom we made is a conflict.
    let zoe = acall.state().put(TOKEN, "zoe@acme.example", "Ash", "Zoe").to_string();
    let adopted = okta.create(person("zoe@acme.example", "Zoe", "Ash")).await.told(201);
    assert_eq!(id(&adopted), zoe);
    okta.create(person("Zoe@acme.example", "Zoe", "Ash")).await.refused(409, Some("uniqueness"));
    // Another's email is refused, and the emails that Okta reads are the login's.
    let taken = okta.update(&zoe, json!({ "userName": "kai@acme.example" })).await;
    taken.refused(409, Some("uniqueness"));
    let moved = okta.update(&zoe, json!({ "userName": "zoe@two.example" })).await.told(200);
    assert_eq!(moved["emails"], json!([{ "primary": true, "value": "zoe@two.example" }]));
    assert_eq!(acall.state().user(&zoe).unwrap()["email"], "zoe@two.example");
    assert_eq!(acall.state().tenants[TOKEN].users.len(), 2);
}

#[tokio::test]
async fn ac_3_one_url_serves_all_tenants_and_the_token_says_which() {
    let acall = Acall::start().await;
    let (one, other) = (tenant(&acall, TOKEN), tenant(&acall, OTHER_TOKEN).named("other"));
    let gateway = Gateway::start(vec![one, other]);
    let (okta, others) = (gateway.okta(), gateway.okta_of("other"));
    let mia = id(&okta.assign(person("mia@acme.example", "Mia", "Berg")).await);
    assert_eq!(okta.read(&mia).await.told(200)["userName"], "mia@acme.example");
    // An id of another tenant is nobody's, whatever is asked of it, and the email may be theirs too.
    others.read(&mia).await.refused(404, None);
    others.deactivate(&mia).await.refused(404, None);
    others.delete(&mia).await.refused(404, None);
    assert!(others.look_up("mia@acme.example").await.is_none());
    assert_eq!(others.import("Users").await, [json!(null); 0]);
    assert_eq!(acall.state().user(&mia).unwrap()["retired"], 0);
    let theirs = id(&others.assign(person("mia@acme.example", "Mia", "Berg")).await);
    assert_ne!(theirs, mia);
    let count = |token| acall.state().tenants[token].users.len();
    assert_eq!((count(TOKEN), count(OTHER_TOKEN)), (1, 1));
    acall.forget();
    gateway.okta_of("nobody").read(&mia).await.refused(401, None);
    assert_eq!(acall.lines(), [""; 0]);
    gateway.ended();
}

#[tokio::test]
async fn ac_4_every_attribute_of_the_table_goes_both_ways() {
    let (acall, gateway) = acall().await;
    let okta = gateway.okta();
    let made = okta.assign(mia_in_full()).await;
    let one = id(&made);
    let user = acall.state().user(&one).unwrap();
    let held = json!({
        "id": user["id"], "email": "mia@acme.example", "family_name": "Berg", "given_name": "Mia",
        "display_name": "Mia Berg", "slack_account": "mia@slack.example",
        "google_account": "mia@google.example", "role": "admin", "family_name_kana": "ベルグ",
        "given_name_kana": "ミア", "additional_information": "third floor", "retired": 0,
    });
    assert_eq!(user, held);
    // Okta finds an element again by its type or primary, so both are told each time.
    for told in [made, okta.read(&one).await.told(200)] {
        for attribute in ["userName", "name", "displayName", "accounts", "roles", WORKSTYLE] {
            assert_eq!(told[attribute], mia_in_full()[attribute], "{attribute}");
        }
        assert_eq!(told["externalId"], "00u-mia@acme.example");
    }
    acall.forget();
    let changes = json!({
        "accounts": [
            { "type": "slack", "value": "m@slack.example" },
            { "type": "google", "value": "" },
        ],
        "roles": [{ "primary": true, "value": "general" }],
        WORKSTYLE: { "name": { "familyNamePhonetic": "ベルク", "givenNamePhonetic": "ミア" } },
    });
    let told = okta.update(&one, changes).await.told(200);
    assert_eq!(told["accounts"], json!([{ "type": "slack", "value": "m@slack.example" }]));
    let address = format!("PATCH /v1/users/{one}");
    assert_eq!(
        sent(&acall, &address),
        [
            json!({ "role": "general", "family_name_kana": "ベルク", "additional_information": null }),
            json!({ "slack_account": "m@slack.example", "google_account": null }),
        ]
    );
    let user = acall.state().user(&one).unwrap();
    assert_eq!((&user["google_account"], &user["role"]), (&json!(null), &json!("general")));
    // What comes back as it was is no change.
    acall.forget();
    okta.update(&one, json!({})).await.told(200);
    assert_eq!(writes(&acall), [""; 0]);
}

#[tokio::test]
async fn ac_5_the_primary_role_is_admin_or_general() {
    let (acall, gateway) = acall().await;
    let okta = gateway.okta();
    let with_role = |email: &str, role: &str| {
        let roles = json!({ "roles": [{ "primary": true, "value": role }] });
        with(person(email, "Mia", "Berg"), roles)
    };
    for (email, role, held) in [
        ("a@acme.example", "admin", "admin"),
        ("b@acme.example", "general", "general"),
        ("c@acme.example", "", "general"),
    ] {
        let made = okta.assign(with_role(email, role)).await;
        assert_eq!(made["roles"], json!([{ "primary": true, "value": held }]));
        assert_eq!(acall.state().user(email).unwrap()["role"], held, "{email}");
    }
    let why = okta.create(with_role("d@acme.example", "owner")).await;
    let why = why.refused(400, Some("invalidValue"));
    assert!(why.contains("admin") && why.contains("general"), "{why}");
    assert!(acall.state().user("d@acme.example").is_none());
}

#[tokio::test]
async fn ac_6_accounts_are_optional_and_their_refusal_does_not_cost_the_user() {
    let (acall, gateway) = acall().await;
    acall.state().tenants.get_mut(TOKEN).unwrap().connected = vec!["google"];
    let okta = gateway.okta();
    let without = okta.assign(person("kai@acme.example", "Kai", "Ek")).await;
    assert_eq!(without["accounts"], Value::Null);
    // The service is not connected: the user is made without the account, and the log says why.
    let made = okta.assign(mia_in_full()).await;
    let one = id(&made);
    assert_eq!(made["accounts"], Value::Null);
    let user = acall.state().user(&one).unwrap();
    assert_eq!((&user["email"], &user["role"]), (&json!("mia@acme.example"), &json!("admin")));
    assert_eq!(user["slack_account"], Value::Null);
    // Other changes go on without it; where the account is all that is asked, the refusal is the answer.
    let accounts = json!([{ "type": "slack", "value": "mia@slack.example" }]);
    let both = json!({ "accounts": accounts, "displayName": "Mia B" });
    assert_eq!(okta.update(&one, both).await.told(200)["displayName"], "Mia B");
    let why = okta.update(&one, json!({ "accounts": accounts })).await;
    let why = why.refused(400, Some("invalidValue"));
    assert!(why.contains("connect"), "{why}");
    acall.state().tenants.get_mut(TOKEN).unwrap().connected = vec!["google", "slack"];
    let told = okta.update(&one, json!({ "accounts": accounts })).await.told(200);
    assert_eq!(told["accounts"], accounts);
    assert_eq!(acall.state().user(&one).unwrap()["slack_account"], "mia@slack.example");
    let log = gateway.ended();
    assert!(log.contains("update `accounts` failed and may"), "{log}");
}

#[tokio::test]
async fn ac_7_the_basic_plan_is_told_as_forbidden() {
    let (acall, gateway) = acall().await;
    let okta = gateway.okta();
    let one = id(&okta.assign(person("mia@acme.example", "Mia", "Berg")).await);
    acall.state().tenants.get_mut(TOKEN).unwrap().basic = true;
    for refused in [
        okta.test_credentials().await,
        okta.create(person("kai@acme.example", "Kai", "Ek")).await,
        okta.deactivate(&one).await,
    ] {
        let why = refused.refused(403, None);
        assert!(why.contains("plan"), "{why}");
    }
    assert_eq!(acall.state().user(&one).unwrap()["retired"], 0);
}

/// What the guide does not say and Okta does all the same: nobody is deleted, and who returns is the same person.
#[tokio::test]
async fn ac_2_who_leaves_is_retired_and_returns_with_the_same_id() {
    let (acall, gateway) = acall().await;
    let okta = gateway.okta();
    let one = id(&okta.assign(mia_in_full()).await);
    for (active, retired) in [(false, 1), (true, 0)] {
        let told = match active {
            true => okta.reactivate(&one).await.told(200),
            false => okta.deactivate(&one).await.told(200),
        };
        assert_eq!((&told["active"], id(&told)), (&json!(active), one.clone()));
        assert_eq!(acall.state().user(&one).unwrap()["retired"], retired);
        assert_eq!(okta.look_up("mia@acme.example").await.unwrap()["active"], active);
    }
    acall.forget();
    okta.delete(&one).await.told(204);
    assert_eq!(writes(&acall), [format!("POST /v1/users/{one}/retire")]);
    okta.read(&one).await.refused(404, None);
    assert_eq!(okta.import("Users").await, [json!(null); 0]);
    let back = okta.assign(mia_in_full()).await;
    assert_eq!((id(&back), &back["active"]), (one.clone(), &json!(true)));
    assert_eq!(acall.state().user(&one).unwrap()["retired"], 0);
    assert_eq!(acall.state().tenants[TOKEN].users.len(), 1);
}
