use crate::{
    act::{Act, USERS},
    case,
    fakes::{
        envoy::{Envoy, TOKEN},
        server::Fake,
    },
    harness::Tenant,
    okta::{person, with},
    subject::Subject,
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
            json!({ "name": of("name"), "deleted": of("deleted"), "locations": one.locations })
        };
        users.map(shown).collect()
    }

    fn person(email: &str) -> Value {
        with(person(email, "Mia", "Berg"), json!({ "assistants": ["ida@acme.example"] }))
    }

    fn changes() -> Value {
        json!({ "displayName": "Maria Lind" })
    }
}

#[tokio::test]
async fn every_fault_in_every_step_of_envoy() {
    case::all::<Envoy>(false).await;
}

#[tokio::test]
#[ignore = "as long again: `.ci/run` has it"]
async fn every_fault_for_good_in_every_step_of_envoy() {
    case::all::<Envoy>(true).await;
}
