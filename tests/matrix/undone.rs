//! No shipped mapping takes anything back, so one is changed to do it: what a fault leaves behind in the call that
//! takes back is told.

use crate::{all::all, fakes::acall::Acall, mapping::shipped, world::Setting};

/// ACALL's create as it is shipped, and in two calls of which the first can be taken back.
const ONE: &str = "      create:\n        call: POST /users\n        record: .\n";
const TWO: &str = r#"      create:
        key: "{steps.user.id}"
        steps:
          - name: user
            call: POST /users
            body: "{fields}"
            capture: { id: id }
            undo: { call: "POST /users/{steps.user.id}/retire", repeat: safe }
          - name: welcome
            call: POST /users/{steps.user.id}/return
"#;

#[tokio::test]
async fn every_fault_in_every_step_and_what_takes_it_back() {
    let text = shipped("acall");
    assert!(text.contains(ONE), "{text}");
    all::<Acall>(Setting { text: text.replace(ONE, TWO), ..Setting::of::<Acall>() }).await;
}
