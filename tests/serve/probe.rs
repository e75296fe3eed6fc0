//! `/readyz?deep`: whether vendors are there is told to who asks for it, and takes no replica out of service.

use crate::{
    harness::{Folder, NEVER, Served, sample},
    vendor,
};

const COMPANY: &str = "GET /company";

fn probed() -> String {
    sample().replacen("upstream:\n", &format!("upstream:\n  probe: {COMPANY}\n"), 1)
}

fn asks(served: &Served, token: &str, path: &str) -> (u16, String) {
    served.send(served.admin, token, &format!("GET {path}"), "")
}

#[test]
fn a_vendor_that_is_ill_shows_in_the_deep_answer_alone() {
    for (row, status, words) in [
        ((COMPANY, 200, "{}"), 200, "`GET /company` was answered 200"),
        ((COMPANY, 401, "{}"), 503, "the gateway's credential was refused"),
        ((COMPANY, 400, "{}"), 503, "the vendor refused the values"),
    ] {
        let folder = Folder::new(&format!("deep-{}", row.1));
        folder.write("m.yaml", &probed());
        let table: &'static [vendor::Row] = Box::leak(Box::new([row]));
        let url = vendor::scripted(table);
        let served = Served::start(&folder, &[("acme", &url)], NEVER);
        for _ in 0..3 {
            assert_eq!(asks(&served, "", "/readyz").0, 200);
            let (found, body) = asks(&served, "", "/readyz?deep");
            assert_eq!(found, status, "{body}");
            let body: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert!(body["vendors"]["acme"].as_str().unwrap().contains(words), "{body}");
            let expected = if status == 200 { 0 } else { 1 };
            assert_eq!(body["reasons"].as_array().unwrap().len(), expected, "{body}");
        }
        let counted = format!(
            "scimshim_vendor_calls_total{{call=\"upstream.probe\",status=\"{}\",tenant=\"acme\"}} 1",
            row.1
        );
        assert!(served.metrics().contains(&counted), "one call for all of them");
    }
}

#[test]
fn who_asks_for_vendors_shows_the_token_and_a_mapping_without_a_probe_asks_nothing() {
    let folder = Folder::new("deep-token");
    folder.write("m.yaml", &sample());
    let secret = folder.write("metrics-token", "t0ken");
    let admin = format!("admin: {{ token: {{ file: \"{secret}\" }}, ");
    let url = vendor::scripted(&[]);
    let served = Served::started(&folder, &[("acme", &url)], NEVER, |config| {
        config.replace("admin: { ", &admin)
    });
    assert_eq!(asks(&served, "", "/readyz").0, 200);
    assert_eq!(asks(&served, "", "/readyz?deep").0, 401);
    let (status, body) = asks(&served, "t0ken", "/readyz?deep");
    assert!(status == 200 && body.contains("nothing was asked"), "{status} {body}");
}
