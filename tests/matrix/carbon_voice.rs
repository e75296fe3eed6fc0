use crate::{
    act::{Act, USERS},
    all::all,
    fakes::{
        carbon_voice::{CarbonVoice, TOKEN, WORKSPACE},
        server::Fake,
    },
    harness::Tenant,
    subject::Subject,
    world::Setting,
};
use serde_json::{Value, json};

impl Subject for CarbonVoice {
    const MAPPING: &'static str = "carbon-voice";
    const ACTS: &'static [&'static [Act]] = &[USERS];

    async fn begin() -> Fake<Self> {
        Self::start().await
    }

    fn tenant(vendor: &Fake<Self>) -> Tenant {
        let tenant = Tenant::of(Self::MAPPING, vendor.url());
        tenant.secret("token", TOKEN).var("workspace", WORKSPACE)
    }

    fn users(&self, email: &str) -> Vec<Value> {
        let has = |user: &&Value| {
            user["emails"].as_array().is_some_and(|all| all.contains(&json!(email)))
        };
        let shown = |user: &Value| json!({ "user": user, "role": self.role(WORKSPACE, email) });
        self.users.values().filter(has).map(shown).collect()
    }
}

#[tokio::test]
async fn every_fault_in_every_step_of_carbon_voice() {
    all::<CarbonVoice>(Setting::of::<CarbonVoice>()).await;
}

#[tokio::test]
#[ignore = "as long again: `.ci/run` has it"]
async fn every_fault_for_good_in_every_step_of_carbon_voice() {
    all::<CarbonVoice>(Setting::lasting::<CarbonVoice>()).await;
}
