use super::{Held, Page, wire};
use crate::fakes::dialpad::{Dialpad, KEY, LESSER_KEY, LONDON, SAN_FRANCISCO};

pub const HEADERS: [(&str, &str); 2] =
    [("authorization", "Bearer dialpad-key-of-an-admin"), ("content-type", "application/json")];

#[tokio::test]
async fn dialpad_answers_as_its_page_says() {
    assert_eq!((KEY, LESSER_KEY), ("dialpad-key-of-an-admin", "dialpad-key-of-a-user"));
    hold_page().await;
}

pub async fn hold_page() -> Vec<Held> {
    let page = Page {
        text: include_str!("dialpad.http"),
        headers: &HEADERS,
        prepare: |name, dialpad: &mut Dialpad| {
            if name != "a life" {
                dialpad.put("ann@acme.example", "Ann", "Lee", SAN_FRANCISCO);
                dialpad.put("bob@acme.example", "Bob", "Moe", SAN_FRANCISCO);
                dialpad.put("cy@acme.example", "Cy", "Ash", LONDON);
            }
            match name {
                "pages" => dialpad.page = 2,
                "the plan" => dialpad.enterprise = false,
                "licences" => {
                    let office = dialpad.offices.get_mut(&SAN_FRANCISCO).unwrap();
                    office.licences =
                        [("talk", 2), ("agents", 1), ("lite_support_agents", 0)].into();
                }
                "numbers" => {
                    dialpad.reserved = ["+14155550001", "+14155550002"].map(str::to_owned).into()
                }
                _ => {}
            }
        },
    };
    page.hold(Dialpad::start).await
}

#[tokio::test]
async fn dialpad_refuses_one_of_five_pages_that_are_too_long() {
    let dialpad = Dialpad::start().await;
    let mut statuses = Vec::new();
    for _ in 0..10 {
        let answer = wire::send(dialpad.url(), "GET /api/v2/users?limit=500", &HEADERS, "").await;
        statuses.push(answer.status);
    }
    assert_eq!(statuses, [200, 200, 200, 200, 400, 200, 200, 200, 200, 400]);
}

#[tokio::test]
async fn what_dialpad_holds_can_be_looked_at() {
    let dialpad = Dialpad::start().await;
    let id = dialpad.state().put("ann@acme.example", "Ann", "Lee", LONDON);
    for known in ["ANN@acme.example", &id.to_string()] {
        assert_eq!(dialpad.state().user(known).unwrap()["display_name"], "Ann Lee", "{known}");
    }
    let state = dialpad.state();
    let (centre, group) = state.group_named("callcenter", "Support").unwrap();
    assert_eq!((centre, group.office), (9_007_199_254_740_999, SAN_FRANCISCO));
    assert!(state.group_named("department", "Support").is_none());
}
