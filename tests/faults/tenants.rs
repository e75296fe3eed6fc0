//! What is each tenant's own in a mapping is so in front of its vendor, and after a reload.

use crate::harness::{MAPPING, Table, World, user};
use scimshim::scim::profile::Profile;
use serde_json::json;
use std::sync::Arc;

#[tokio::test]
async fn a_gateway_runs_the_mapping_of_its_tenant() {
    let rule = "nickName: { field: \"names[of={tenant.url}].name\", convert: [{ prefix: \"{tenant.token}/\" }] }";
    let mapping = MAPPING.replace("nickName: { field: nick }", rule);
    let vendor = Table::default();
    let world = World::over(&mapping, Arc::new(vendor.clone()), Profile::Strict);
    let mut mia = user("mia");
    mia["nickName"] = json!("m");
    let wire = world.send("POST", "/Users", &mia).await;
    assert_eq!((wire.status, &wire.body.unwrap()["nickName"]), (201, &json!("m")));
    let told = vendor.told();
    let names = r#""names":[{"name":"s3cret-of-the-vendor/m","of":"https://v.example"}]"#;
    assert!(told.contains(names), "{told}");
}
