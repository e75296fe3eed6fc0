//! Carbon Voice, CV-1 to CV-6.

use crate::{
    fakes::{
        carbon_voice::{CarbonVoice, OTHER_WORKSPACE, TOKEN, WORKSPACE},
        server::Fake,
        trouble::{Fault, Trouble},
    },
    harness::{Gateway, Tenant, sent},
    okta::{id, person, with},
};
use serde_json::{Value, json};

const MEMBERS: &str = "/simplified/workspaces/w5PaceOfOursAAAA/users";

fn tenant(voice: &Fake<CarbonVoice>, workspace: &str) -> Tenant {
    Tenant::of("carbon-voice", voice.url()).secret("token", TOKEN).var("workspace", workspace)
}

async fn carbon_voice() -> (Fake<CarbonVoice>, Gateway) {
    let voice = CarbonVoice::start().await;
    let gateway = Gateway::one(tenant(&voice, WORKSPACE));
    (voice, gateway)
}

/// Calls that only ask, for many at once.
const ASKED: [&str; 2] = ["POST /simplified/users/search", "POST /contacts"];

/// All calls that change something.
fn writes(voice: &Fake<CarbonVoice>) -> Vec<String> {
    let all = crate::harness::writes(voice);
    all.into_iter().filter(|line| !ASKED.contains(&line.as_str())).collect()
}

fn role(voice: &Fake<CarbonVoice>, known: &str) -> Option<String> {
    voice.state().role(WORKSPACE, known)
}

#[tokio::test]
async fn cv_1_whoever_is_assigned_becomes_a_member_of_the_workspace() {
    let (voice, gateway) = carbon_voice().await;
    let okta = gateway.okta();
    // Nobody has the address: an invitation makes the person, who is then called as Okta says.
    let mia = okta.assign(person("mia@acme.example", "Mia", "Berg")).await;
    assert_eq!((&mia["active"], &mia["displayName"]), (&json!(true), &json!("Mia Berg")));
    assert_eq!(role(&voice, "mia@acme.example").as_deref(), Some("member"));
    let body = json!({ "users": { "emails": ["mia@acme.example"] }, "role": "member" });
    assert_eq!(sent(&voice, &format!("POST {MEMBERS}")), [body]);
    // Somebody has: the account joins as it is, found by any of its addresses.
    let kai = voice.state().put("kai@acme.example", "Kai", Some("Ek"));
    let zoe = voice.state().put("zoe@home.example", "Zoe", Some("Ash"));
    voice.state().users.get_mut(&zoe).unwrap()["emails"] =
        json!(["zoe@home.example", "zoe@acme.example"]);
    for (email, known) in [("kai@acme.example", &kai), ("zoe@acme.example", &zoe)] {
        let given = voice.state().user(known).unwrap();
        let (first, last) = (given["first_name"].as_str(), given["last_name"].as_str());
        voice.forget();
        let told = okta.assign(person(email, first.unwrap(), last.unwrap())).await;
        assert_eq!((id(&told), &told["active"]), (known.clone(), &json!(true)), "{email}");
        assert_eq!(role(&voice, known).as_deref(), Some("member"));
        assert_eq!(writes(&voice), [format!("POST {MEMBERS}")], "{email}");
    }
    // Somebody is a member already: nothing is done twice.
    let ann = voice.state().put("ann@acme.example", "Ann", Some("Lee"));
    voice.state().join(WORKSPACE, &ann, "admin");
    voice.forget();
    let told = okta.assign(person("ann@acme.example", "Ann", "Lee")).await;
    assert_eq!((id(&told), writes(&voice)), (ann.clone(), Vec::new()));
    assert_eq!(role(&voice, &ann).as_deref(), Some("admin"));
    okta.create(person("mia@acme.example", "Mia", "Berg")).await.refused(409, Some("uniqueness"));
    assert_eq!(voice.state().users.len(), 5);
    gateway.ended();
}

#[tokio::test]
async fn cv_2_only_first_and_last_name_are_updated() {
    let (voice, gateway) = carbon_voice().await;
    let okta = gateway.okta();
    let one = id(&okta.assign(person("mia@acme.example", "Mia", "Berg")).await);
    voice.forget();
    let changes = json!({
        "userName": "mia.lind@acme.example", "name": { "givenName": "Mia", "familyName": "Lind" },
        "emails": [{ "primary": true, "value": "mia.lind@acme.example", "type": "work" }],
        "displayName": "Someone Else", "title": "Lead", "preferredLanguage": "sv",
        "phoneNumbers": [{ "value": "+46850000001", "type": "mobile" }],
    });
    let told = okta.update(&one, changes).await.told(200);
    assert_eq!(writes(&voice), [format!("PATCH /simplified/users/{one}")]);
    let patch = format!("PATCH /simplified/users/{one}");
    assert_eq!(sent(&voice, &patch), [json!({ "last_name": "Lind" })]);
    assert_eq!(
        (&told["name"]["familyName"], &told["userName"]),
        (&json!("Lind"), &json!("mia@acme.example"))
    );
    assert_eq!(voice.state().user(&one).unwrap()["full_name"], "Mia Lind");
    // What is none of the two makes no call and no error.
    voice.forget();
    okta.update(&one, json!({ "title": "Head", "displayName": "" })).await.told(200);
    assert_eq!(writes(&voice), [""; 0]);
    let without = json!({ "name": { "familyName": "Lind" } });
    okta.update(&one, without).await.refused(400, Some("mutability"));
    let told = okta.update(&one, json!({ "name": { "givenName": "Mia" } })).await.told(200);
    assert_eq!(told["displayName"], "Mia");
    assert_eq!(voice.state().user(&one).unwrap().get("last_name"), None);
}

#[tokio::test]
async fn cv_3_whoever_is_removed_leaves_the_workspace_and_keeps_the_account() {
    let (voice, gateway) = carbon_voice().await;
    let okta = gateway.okta();
    let one = id(&okta.assign(person("mia@acme.example", "Mia", "Berg")).await);
    voice.state().join(OTHER_WORKSPACE, &one, "admin");
    let leave = format!("DELETE {MEMBERS}/{one}");
    voice.forget();
    let told = okta.deactivate(&one).await.told(200);
    assert_eq!((id(&told), &told["active"]), (one.clone(), &json!(false)));
    assert_eq!((role(&voice, &one), writes(&voice)), (None, vec![leave.clone()]));
    assert_eq!(okta.read(&one).await.told(200)["active"], false);
    assert_eq!(okta.look_up("mia@acme.example").await.unwrap()["active"], false);
    okta.deactivate(&one).await.told(200);

    voice.forget();
    let told = okta.reactivate(&one).await.told(200);
    assert_eq!((id(&told), &told["active"]), (one.clone(), &json!(true)));
    assert_eq!(writes(&voice), [format!("POST {MEMBERS}")]);
    assert_eq!(role(&voice, &one).as_deref(), Some("member"));

    assert_eq!(okta.import("Users").await[0]["userName"], "mia@acme.example");
    voice.forget();
    okta.delete(&one).await.told(204);
    assert_eq!((role(&voice, &one), writes(&voice)), (None, vec![leave]));
    assert_eq!(okta.import("Users").await, [json!(null); 0]);
    okta.read(&one).await.refused(404, None);
    assert!(okta.look_up("mia@acme.example").await.is_none());
    // The account is there, in its other workspace, and comes back as the same user.
    assert_eq!(voice.state().user(&one).unwrap()["full_name"], "Mia Berg");
    assert_eq!(voice.state().role(OTHER_WORKSPACE, &one).as_deref(), Some("admin"));
    let back = okta.assign(person("mia@acme.example", "Mia", "Berg")).await;
    assert_eq!((id(&back), role(&voice, &one).as_deref()), (one.clone(), Some("member")));
    // Who left by hand is no failure.
    voice
        .state()
        .workspaces
        .get_mut(WORKSPACE)
        .unwrap()
        .members
        .retain(|(member, _)| *member != one);
    assert_eq!(okta.deactivate(&one).await.told(200)["active"], false);
}

#[tokio::test]
async fn cv_4_everybody_joins_as_a_member_whatever_role_okta_says() {
    let (voice, gateway) = carbon_voice().await;
    let okta = gateway.okta();
    let roles = json!({ "roles": [{ "primary": true, "value": "admin" }] });
    let made = okta.assign(with(person("mia@acme.example", "Mia", "Berg"), roles.clone())).await;
    let one = id(&made);
    assert_eq!(made["roles"], json!([{ "primary": true, "value": "member" }]));
    voice.forget();
    let told = okta.update(&one, roles).await.told(200);
    assert_eq!(told["roles"], json!([{ "primary": true, "value": "member" }]));
    assert_eq!((role(&voice, &one).as_deref(), writes(&voice)), (Some("member"), Vec::new()));
    okta.deactivate(&one).await.told(200);
    okta.reactivate(&one).await.told(200);
    assert_eq!(role(&voice, &one).as_deref(), Some("member"));
}

/// Who was invited stays so, whatever the next step meets: the client is told, and the log.
#[tokio::test]
async fn cv_1_an_invitation_that_stays_is_told() {
    let (voice, gateway) = carbon_voice().await;
    let okta = gateway.okta();
    let search = "GET /simplified/users/search";
    voice.trouble(Trouble::on(search, Fault::Status(403)).nth(2));
    let why = okta.create(person("mia@acme.example", "Mia", "Berg")).await;
    let why = why.refused(403, None);
    let words = "carried out, with no `undo`: `User.create.invite`";
    assert!(why.contains(words), "{why}");
    okta.create(person("mia@acme.example", "Mia", "Berg")).await.told(201);
    let log = gateway.ended();
    assert!(log.contains("a request failed halfway: `User.create.invite`"), "{log}");
}

#[tokio::test]
async fn cv_5_url_and_credentials_are_those_of_one_workspace() {
    let voice = CarbonVoice::start().await;
    let (ours, others) =
        (tenant(&voice, WORKSPACE), tenant(&voice, OTHER_WORKSPACE).named("others"));
    let gateway = Gateway::start(vec![ours, others]);
    gateway.okta().test_credentials().await.told(200);
    gateway.okta().assign(person("mia@acme.example", "Mia", "Berg")).await;
    let header = format!("Bearer {TOKEN}");
    assert!(voice.calls().iter().all(|call| call.header("authorization") == Some(header.as_str())));
    // Okta never says a workspace; a credential that is no administrator's there is told so.
    let why = gateway.okta_of("others").create(person("kai@acme.example", "Kai", "Ek")).await;
    let why = why.refused(403, None);
    assert!(why.contains("workspace is not yours"), "{why}");
    assert_eq!(voice.state().workspaces[OTHER_WORKSPACE].members.len(), 0);
    gateway.okta_of("nobody").test_credentials().await.refused(401, None);
    gateway.ended();
}

/// That members log in with Okta is switched on at Carbon Voice; all that is sent is who joins, leaves and is called how.
#[tokio::test]
async fn cv_6_nothing_is_sent_for_the_login_with_okta() {
    let (voice, gateway) = carbon_voice().await;
    let okta = gateway.okta();
    okta.test_credentials().await.told(200);
    let one = id(&okta.assign(person("mia@acme.example", "Mia", "Berg")).await);
    okta.update(&one, json!({ "name": { "givenName": "Mia", "familyName": "Lind" } }))
        .await
        .told(200);
    okta.deactivate(&one).await.told(200);
    okta.delete(&one).await.told(204);
    let known = ["emails", "first_name", "ids", "last_name", "role", "user_guids", "users"];
    for call in voice.calls() {
        let body = call.json();
        let names = |value: &Value| -> Vec<String> {
            value.as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default()
        };
        for name in names(&body).into_iter().chain(names(&body["users"])) {
            assert!(known.contains(&name.as_str()), "{}: {body}", call.line());
        }
        assert!(!call.body.windows(8).any(|part| part == b"password"), "{body}");
    }
}

#[tokio::test]
async fn cv_5_an_import_of_a_hundred_asks_for_all_of_them_at_once() {
    let (voice, gateway) = carbon_voice().await;
    let okta = gateway.okta();
    let mut ids = Vec::new();
    for number in 0..100 {
        let mail = format!("p{number}@acme.example");
        ids.push(id(&okta.assign(person(&mail, "P", &number.to_string())).await));
    }
    // Of one nobody has told us that the membership ended, and of one the name.
    let (left, renamed) = (ids[7].clone(), ids[8].clone());
    voice.state().join(OTHER_WORKSPACE, &left, "admin");
    let out = |voice: &mut CarbonVoice| {
        let members = &mut voice.workspaces.get_mut(WORKSPACE).unwrap().members;
        members.retain(|(id, _)| *id != left);
    };
    out(&mut voice.state());
    voice.state().users.get_mut(&renamed).unwrap()["last_name"] = json!("Falk");
    voice.forget();
    let mut all = okta.import("Users").await;
    assert_eq!(voice.lines(), ASKED);
    // Each is what a read of that one says.
    assert_eq!(all.len(), 100);
    all.sort_by_key(|one| one["active"].as_bool());
    assert_eq!((&all[0]["active"], &all[0]["roles"]), (&json!(false), &Value::Null));
    assert_eq!((&all[1]["active"], &all[1]["roles"][0]["value"]), (&json!(true), &json!("member")));
    for listed in &all {
        assert_eq!(*listed, okta.read(&id(listed)).await.told(200));
    }
    // Who is gone is told so by a call of his own, and nobody else is asked for again.
    voice.state().users.remove(&left);
    voice.forget();
    assert_eq!(okta.import("Users").await.len(), 99);
    let alone = format!("GET /simplified/users/{left}");
    assert_eq!(voice.lines(), [ASKED[0], ASKED[1], &alone, &alone]);
    gateway.ended();
}
