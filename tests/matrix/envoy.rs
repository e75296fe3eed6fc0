use crate::{
    act::{Act, USERS},
    all::all,
    fakes::{
        envoy::{Envoy, TOKEN},
        server::Fake,
    },
    harness::Tenant,
    okta::{person, with},
    subject::Subject,
    world::Setting,
};
use serde_json::{Value, json};

impl Subject for Envoy {
    const MAPPING: &'static str = "envoy";
    const ACTS: &'static [&'static [Act]] = &[USERS];

    async fn begin() -> Fake<Self> {
        let vendor = Self::start().await;
        {
            let mut state = vendor.state();
            let leo = state.put("Leo Falk", "leo@acme.example", &[11]);
            let ida = state.put("Ida Dahl", "ida@acme.example", &[11]);
            state.employees.get_mut(&ida).unwrap().assistants = vec![leo];
        }
        vendor
    }

    fn tenant(vendor: &Fake<Self>) -> Tenant {
        Tenant::of(Self::MAPPING, vendor.url()).secret("token", TOKEN)
    }

    fn users(&self, email: &str) -> Vec<Value> {
        let users = self.employees.values().filter(|one| one.attributes["email"] == email);
        let shown = |one: &crate::fakes::envoy::Employee| {
            let of = |name: &str| one.attributes[name].clone();
            let address = |id: &u64| self.employees[id].attributes["email"].clone();
            let assistants: Vec<Value> = one.assistants.iter().map(address).collect();
            json!({
                "name": of("name"), "deleted": of("deleted"), "phone": of("phone-number"),
                "locations": one.locations, "assistants": assistants,
            })
        };
        users.map(shown).collect()
    }

    fn must_have(act: Act) -> Value {
        let is = |name: &str, phone: &str, assistant: &str| {
            json!({ "users": {
                "name": name, "deleted": false, "phone": phone,
                "locations": [11, 12], "assistants": [assistant],
            } })
        };
        match act {
            Act::Create => is("Mia Berg", "+46 70 1", "ida@acme.example"),
            Act::Update => is("Maria Lind", "+46 70 2", "leo@acme.example"),
            _ => Value::Null,
        }
    }

    fn person(email: &str) -> Value {
        let phones = json!([{ "primary": true, "value": "+46 70 1", "type": "mobile" }]);
        let more = json!({ "assistants": ["ida@acme.example"], "phoneNumbers": phones });
        with(person(email, "Mia", "Berg"), more)
    }

    fn changes() -> Value {
        let phones = json!([{ "primary": true, "value": "+46 70 2", "type": "mobile" }]);
        json!({
            "displayName": "Maria Lind", "assistants": ["leo@acme.example"], "phoneNumbers": phones,
        })
    }
}

#[tokio::test]
async fn every_fault_in_every_step_of_envoy() {
    all::<Envoy>(Setting::of::<Envoy>()).await;
}

#[tokio::test]
#[ignore = "as long again: `.ci/run` has it"]
async fn every_fault_for_good_in_every_step_of_envoy() {
    all::<Envoy>(Setting::lasting::<Envoy>()).await;
}
