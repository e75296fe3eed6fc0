use crate::{
    act::{Act, USERS},
    all::all,
    fakes::{
        acall::{Acall, TOKEN},
        server::Fake,
    },
    harness::Tenant,
    okta::{person, with},
    subject::Subject,
    world::Setting,
};
use serde_json::{Value, json};

impl Subject for Acall {
    const MAPPING: &'static str = "acall";
    const ACTS: &'static [&'static [Act]] = &[USERS];

    async fn begin() -> Fake<Self> {
        Self::start().await
    }

    fn api(url: &str) -> String {
        format!("{url}/v1")
    }

    fn tenant(vendor: &Fake<Self>) -> Tenant {
        Tenant::of(Self::MAPPING, &Self::api(vendor.url())).secret("token", TOKEN)
    }

    fn users(&self, email: &str) -> Vec<Value> {
        let users = self.tenants.values().flat_map(|tenant| tenant.users.values());
        users.filter(|user| user["email"] == email).cloned().collect()
    }

    fn person(email: &str) -> Value {
        let accounts = json!([{ "type": "slack", "value": "mia@slack.example" }]);
        with(person(email, "Mia", "Berg"), json!({ "accounts": accounts }))
    }
}

#[tokio::test]
async fn every_fault_in_every_step_of_acall() {
    all::<Acall>(Setting::of::<Acall>()).await;
}

#[tokio::test]
#[ignore = "as long again: `.ci/run` has it"]
async fn every_fault_for_good_in_every_step_of_acall() {
    all::<Acall>(Setting::lasting::<Acall>()).await;
}
