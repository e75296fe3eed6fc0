//! Subject: a mapping with its vendor, and who is provisioned.

use crate::{
    act::Act,
    fakes::{route::Vendor, server::Fake},
    harness::Tenant,
    okta::person,
};
use serde_json::{Value, json};

/// One shipped mapping before its fake vendor.
pub trait Subject: Vendor {
    /// Its name.
    const MAPPING: &'static str;
    /// What Okta does with it.
    const ACTS: &'static [&'static [Act]];

    /// A vendor in its first state.
    async fn begin() -> Fake<Self>;

    /// Where the API is, of a vendor at `url`.
    fn api(url: &str) -> String {
        url.to_owned()
    }

    /// The tenant of such a vendor.
    fn tenant(vendor: &Fake<Self>) -> Tenant;

    /// What the vendor has of users with this address: nobody may be there twice.
    fn users(&self, email: &str) -> Vec<Value>;

    /// What the vendor has of groups with this name.
    fn groups(&self, _name: &str) -> Vec<Value> {
        Vec::new()
    }

    /// What the vendor must have after an act without trouble, where a wrong value would else be the measure of all
    /// cases: of a user or a group the members that are named here.
    fn must_have(_act: Act) -> Value {
        Value::Null
    }

    /// A user as Okta sends one.
    fn person(email: &str) -> Value {
        person(email, "Mia", "Berg")
    }

    /// What an update changes.
    fn changes() -> Value {
        json!({ "name": { "givenName": "Maria", "familyName": "Lind" } })
    }
}
