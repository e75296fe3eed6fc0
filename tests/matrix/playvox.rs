use crate::{
    act::{Act, GROUPS, USERS},
    all::all,
    fakes::{
        playvox::{BASE64_KEY, Playvox},
        server::Fake,
    },
    harness::Tenant,
    subject::Subject,
    world::Setting,
};
use serde_json::{Value, json};

/// Who leads the teams that Okta makes.
const LEADER: &str = "lea@acme.example";

/// Playvox takes another address, and tells its roles.
const MORE: &[Act] = &[Act::Readdress, Act::ImportRoles];

impl Subject for Playvox {
    const MAPPING: &'static str = "playvox";
    const ACTS: &'static [&'static [Act]] = &[USERS, GROUPS, MORE];

    async fn begin() -> Fake<Self> {
        let vendor = Self::start().await;
        vendor.state().put(LEADER, "Lea", "Ek");
        vendor
    }

    fn tenant(vendor: &Fake<Self>) -> Tenant {
        let tenant = Tenant::of(Self::MAPPING, vendor.url()).var("leader", LEADER);
        tenant.at("/scim/v1").passing(BASE64_KEY)
    }

    fn users(&self, email: &str) -> Vec<Value> {
        let users = self.users.values().filter(|user| user["email"] == email);
        let mut users: Vec<Value> = users.cloned().collect();
        // Made up for each.
        users.iter_mut().for_each(|user| user["password"] = Value::Null);
        users
    }

    fn must_have(act: Act) -> Value {
        match act {
            Act::Create => json!({ "users": {
                "username": "p@acme.example", "email": "p@acme.example",
                "name": "Mia", "last_name": "Berg", "status": "active",
            } }),
            Act::Join => {
                json!({ "groups": { "members": ["p@acme.example"], "leaders": [LEADER] } })
            }
            _ => Value::Null,
        }
    }

    fn groups(&self, name: &str) -> Vec<Value> {
        let teams = self.teams.values().filter(|team| team["name"] == name);
        let addresses = |ids: &Value| -> Vec<Value> {
            let ids = ids.as_array().into_iter().flatten().filter_map(Value::as_str);
            ids.map(|id| self.users[id]["email"].clone()).collect()
        };
        let shown = |team: &Value| {
            json!({
                "name": team["name"],
                "members": addresses(&team["users"]),
                "leaders": addresses(&team["team_leader_id"]),
            })
        };
        teams.map(shown).collect()
    }
}

#[tokio::test]
async fn every_fault_in_every_step_of_playvox() {
    all::<Playvox>(Setting::of::<Playvox>()).await;
}

#[tokio::test]
#[ignore = "as long again: `.ci/run` has it"]
async fn every_fault_for_good_in_every_step_of_playvox() {
    all::<Playvox>(Setting::lasting::<Playvox>()).await;
}
