//! Several tenants behind one URL.

use crate::{
    harness::{Folder, NEVER, OFTEN, Served, request, sample},
    vendor,
};
use std::io::{Read, Write};

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

/// Two tenants whose clients' own credentials go on, told apart by nothing but their hosts.
#[test]
fn where_credentials_go_on_the_host_says_whose_vendor_is_asked() {
    let folder = Folder::new("hosts");
    let (own, brought) = (
        "auth: { bearer: { token: \"{tenant.key}\" } }",
        "auth: { client: { scheme: bearer } }\n  headers: { X-Site: \"{tenant.key}\" }",
    );
    folder.write("m.yaml", &sample().replace(own, brought));
    let tenants = [("a", &*vendor::sample()), ("b", &*vendor::sample())];
    let clients = regex::Regex::new("(?m)^    clients: .*\n").unwrap();
    let served = Served::started(&folder, &tenants, NEVER, |config| {
        let config = clients.replace_all(&config, "").into_owned();
        let hosted = |config: String, name: &str| {
            let tenant = format!("  {name}:\n");
            let host = format!("{tenant}    host: {name}.gw.example\n");
            config.replace(&tenant, &host)
        };
        let config = hosted(hosted(config, "a"), "b");
        format!("public_url: https://gw.example:8443\n{config}")
    });
    let ask = |host: &str, line: &str, body: &str| {
        let mut stream = served.connect(served.port);
        let request = request("key", line, body).replace("host: x", &format!("host: {host}"));
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    };
    let body =
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"only@a.example"}"#;
    let made = ask("A.gw.example:8443", "POST /scim/v2/Users", body);
    assert!(made.starts_with("HTTP/1.1 201"), "{made}");
    let location = made.lines().find_map(|line| line.strip_prefix("location: ")).unwrap();
    let id = location.strip_prefix("https://a.gw.example:8443/scim/v2/Users/").unwrap();
    assert!(made.contains(&format!(r#""location":"{location}""#)), "{made}");
    for (host, status) in [("a.gw.example", 200), ("b.gw.example", 404), ("gw.example", 404)] {
        let found = ask(host, &format!("GET /scim/v2/Users/{id}"), "");
        assert!(found.starts_with(&format!("HTTP/1.1 {status}")), "{host}: {found}");
    }
}
