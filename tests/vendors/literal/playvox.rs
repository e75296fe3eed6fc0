use super::Page;
use crate::fakes::playvox::{BASE64_KEY, KEY, Playvox, UID};
use base64::{Engine, prelude::BASE64_STANDARD};

#[tokio::test]
async fn playvox_answers_as_its_page_says() {
    let basic = format!("Basic {BASE64_KEY}");
    let page = Page {
        text: include_str!("playvox.http"),
        headers: &[("authorization", &basic), ("content-type", "application/json")],
        prepare: |name, playvox: &mut Playvox| {
            if name != "a life" {
                playvox.put("ann@acme.example", "Ann", "Lee");
                playvox.put("bob@acme.example", "Bob", "Moe");
                playvox.put("cy@acme.example", "Cy", "Ash");
            }
        },
    };
    page.hold(Playvox::start).await;
}

#[tokio::test]
async fn a_password_of_playvox_is_kept_apart() {
    assert_eq!(BASE64_KEY, BASE64_STANDARD.encode(format!("{UID}:{KEY}")));
    let playvox = Playvox::start().await;
    let body = r#"{"name": "Ann", "last_name": "Lee", "username": "ann",
        "email": "ann@acme.example", "password": "Secret1234"}"#;
    let basic = format!("Basic {BASE64_KEY}");
    let headers = [("authorization", basic.as_str()), ("content-type", "application/json")];
    super::wire::send(playvox.url(), "POST /api/v1/users", &headers, body).await;
    let user = playvox.state().user("ANN@acme.example").unwrap();
    assert_eq!(playvox.state().passwords[user["_id"].as_str().unwrap()], "Secret1234");
    assert_eq!(user.get("password"), None);
    let body = r#"{"name": "One", "team_leader_id": ["5f0c1d2e3a4b5c6d00000001"]}"#;
    super::wire::send(playvox.url(), "POST /api/v1/teams", &headers, body).await;
    assert_eq!(playvox.state().team("one").unwrap()["_id"], "5f0c1d2e3a4b5c6d00000002");
}
