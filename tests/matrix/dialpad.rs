use crate::{
    act::{Act, GROUPS, USERS},
    all::all,
    fakes::{
        dialpad::{Dialpad, KEY, SAN_FRANCISCO},
        server::Fake,
    },
    harness::Tenant,
    subject::Subject,
    world::Setting,
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
        let shown = |user: &Value| {
            let mut shown = user.clone();
            // Each has another, and all of an office begin alike.
            let numbers = user["phone_numbers"].as_array().into_iter().flatten();
            let area =
                |number: &Value| number.as_str().unwrap_or_default().chars().take(5).collect();
            shown["areas"] = numbers.map(area).collect::<Vec<String>>().into();
            shown
        };
        self.users.values().filter(has).map(shown).collect()
    }

    fn must_have(act: Act) -> Value {
        match act {
            Act::Create => json!({ "users": {
                "emails": ["p@acme.example"], "first_name": "Mia", "last_name": "Berg",
                "office_id": SAN_FRANCISCO.to_string(), "areas": ["+1415"],
                "license": "talk", "state": "active",
            } }),
            Act::Join => json!({ "groups": {
                "office": SAN_FRANCISCO, "members": [["p@acme.example", "operator"]],
            } }),
            _ => Value::Null,
        }
    }

    fn groups(&self, name: &str) -> Vec<Value> {
        let groups = self.groups.values().filter(|group| group.name == name);
        let address = |id: &u64| self.users[id]["emails"][0].clone();
        let shown = |group: &crate::fakes::dialpad::Group| {
            let members: Vec<Value> =
                group.members.iter().map(|(id, role)| json!([address(id), role])).collect();
            json!({ "name": group.name, "office": group.office, "members": members })
        };
        groups.map(shown).collect()
    }
}

#[tokio::test]
async fn every_fault_in_every_step_of_dialpad() {
    all::<Dialpad>(Setting::of::<Dialpad>()).await;
}

#[tokio::test]
#[ignore = "as long again: `.ci/run` has it"]
async fn every_fault_for_good_in_every_step_of_dialpad() {
    all::<Dialpad>(Setting::lasting::<Dialpad>()).await;
}
