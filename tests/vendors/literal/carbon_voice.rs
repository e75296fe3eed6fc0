use super::{Held, Page};
use crate::fakes::carbon_voice::{CarbonVoice, OTHER_WORKSPACE, WORKSPACE};

pub const HEADERS: [(&str, &str); 2] =
    [("authorization", "Bearer cv_pat_of-the-gateway"), ("content-type", "application/json")];

#[tokio::test]
async fn carbon_voice_answers_as_its_page_says() {
    hold_page().await;
}

pub async fn hold_page() -> Vec<Held> {
    let page = Page {
        text: include_str!("carbon_voice.http"),
        headers: &HEADERS,
        prepare: |name, voice: &mut CarbonVoice| {
            if name == "people" {
                let ann = voice.put("ann@acme.example", "Ann", Some("Lee"));
                let bob = voice.put("bob@acme.example", "Bob", None);
                let ann = voice.users.get_mut(&ann).unwrap();
                ann["emails"] = serde_json::json!(["ann@acme.example", "ann@home.example"]);
                ann["phones"] = serde_json::json!(["+14155550100"]);
                voice.join(OTHER_WORKSPACE, &bob, "member");
            }
        },
    };
    page.hold(CarbonVoice::start).await
}

#[tokio::test]
async fn a_member_of_carbon_voice_has_a_role() {
    let voice = CarbonVoice::start().await;
    let id = voice.state().put("ann@acme.example", "Ann", None);
    assert_eq!(voice.state().role(WORKSPACE, &id), None);
    voice.state().join(WORKSPACE, &id, "member");
    for known in [id.as_str(), "ANN@acme.example"] {
        assert_eq!(voice.state().role(WORKSPACE, known).as_deref(), Some("member"), "{known}");
    }
}
