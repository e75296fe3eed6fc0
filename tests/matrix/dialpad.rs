use crate::{
    act::{Act, GROUPS, USERS},
    case,
    fakes::{
        dialpad::{Dialpad, KEY},
        server::Fake,
    },
    harness::Tenant,
    subject::Subject,
};
use serde_json::{Value, json};

impl Subject for Dialpad {
    const MAPPING: &'static str = "dialpad";
    const ACTS: &'static [&'static [Act]] = &[USERS, GROUPS];

    async fn begin() -> Fake<Self> {
        Self::start().await
    }

    fn tenant(vendor: &Fake<Self>) -> Tenant {
        let tenant = Tenant::of(Self::MAPPING, vendor.url());
        tenant.secret("token", KEY).var("office", "San Francisco")
    }

    fn users(&self, email: &str) -> Vec<Value> {
        let has = |user: &&Value| {
            user["emails"].as_array().is_some_and(|all| all.contains(&json!(email)))
        };
        self.users.values().filter(has).cloned().collect()
    }

    fn groups(&self, name: &str) -> Vec<Value> {
        let groups = self.groups.values().filter(|group| group.name == name);
        groups.map(|group| json!({ "name": group.name, "members": group.members.len() })).collect()
    }
}

#[tokio::test]
async fn every_fault_in_every_step_of_dialpad() {
    case::all::<Dialpad>(false).await;
}

#[tokio::test]
#[ignore = "as long again: `.ci/run` has it"]
async fn every_fault_for_good_in_every_step_of_dialpad() {
    case::all::<Dialpad>(true).await;
}
