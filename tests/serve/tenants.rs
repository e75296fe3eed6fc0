//! Several tenants behind one URL.

use crate::{
    harness::{Folder, OFTEN, Served, sample},
    vendor,
};

/// AC-3: one URL for all tenants; the token decides whose people are shown.
#[test]
fn a_token_of_one_tenant_never_reaches_the_others_ids() {
    let folder = Folder::new("tenants");
    folder.write("m.yaml", &sample());
    let tenants = [("a", &*vendor::sample()), ("b", &*vendor::sample())];
    let served = Served::start(&folder, &tenants, OFTEN);
    let body =
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"only@a.example"}"#;
    let (status, made) = served.send(served.port, "token-of-a", "POST /scim/v2/Users", body);
    assert_eq!(status, 201, "{made}");
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    let path = format!("/Users/{}", made["id"].as_str().unwrap());
    for (token, status) in [("token-of-a", 200), ("token-of-b", 404), ("token-of-nobody", 401)] {
        assert_eq!(served.scim(token, &path).0, status, "{token}");
    }
}
