//! `tls:`: a private authority is trusted where it is named, and a vendor that wants to know who connects is shown it.

use crate::vendor::{Reply, Vendor};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use scimshim::{
    diagnostic::Place,
    mapping,
    upstream::{Body, Call, Client, Upstream},
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// An authority of the vendor's own.
fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut parameters = CertificateParams::new([]).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate for `name` and its key, as PEM.
fn certified(by: &CertifiedIssuer<'_, KeyPair>, name: &str) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, by);
    (certificate.unwrap().pem(), key.serialize_pem())
}

/// A vendor that only talks to whom `authority` has vouched for.
async fn strict(authority: &CertifiedIssuer<'_, KeyPair>) -> Vendor {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).unwrap();
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let own = own.signed_by(&key, authority).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(
            vec![own.der().clone()],
            PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap(),
        )
        .unwrap();
    Vendor::secured(config, |_, _| Reply::Json(200, json!({}))).await
}

/// What comes of a call under a mapping with `tls` and these variables: a status, or why there is none.
async fn called(vendor: &Vendor, variables: Value) -> Result<u16, String> {
    let mapping = format!(
        r#"
mapping: 1
name: test
evidence: assumed
tenant:
  token: {{ type: text, secret: true }}
  certificate: {{ type: text }}
  key: {{ type: text, secret: true }}
  ca: {{ type: text }}
upstream:
  base_url: {}
  auth: {{ bearer: {{ token: "{{tenant.token}}" }} }}
  tls: {{ certificate: "{{tenant.certificate}}", key: "{{tenant.key}}", ca: "{{tenant.ca}}" }}
resources:
  Role:
    endpoint: /Roles
    schema: urn:okta:scim:schemas:core:1.0:Role
    key: id
    attributes: {{ displayName: {{ field: name }} }}
    operations: {{ list: {{ call: GET /roles, items: roles, paging: none }} }}
"#,
        vendor.url
    );
    let plan = mapping::load("test.yaml", &mapping).plan.unwrap();
    let settings = plan.settings(&variables)?;
    let client = Client::new("test", settings, Arc::default()).map_err(|error| error.message)?;
    let call = Call {
        name: "Role.list".into(),
        method: http::Method::GET,
        path: "/roles".into(),
        query: vec![],
        headers: http::HeaderMap::new(),
        body: Body::Empty,
        safe: true,
        packs: None,
        place: Place::default(),
    };
    let answer = client.call(&call, 1, Instant::now() + Duration::from_secs(10)).await;
    answer.map(|answer| answer.status).map_err(|error| error.kind.word().to_owned())
}

#[tokio::test]
async fn who_connects_is_shown_and_whom_we_trust_is_said() {
    let (ours, other) = (authority(), authority());
    let vendor = strict(&ours).await;
    let (certificate, key) = certified(&ours, "gateway");
    let (stranger, strangers_key) = certified(&other, "gateway");
    let variables = |certificate: &str, key: &str, ca: &str| json!({ "token": "t", "certificate": certificate, "key": key, "ca": ca });
    let sound = variables(&certificate, &key, &ours.pem());
    assert_eq!(called(&vendor, sound).await, Ok(200));
    let table = [
        ("nobody vouches for the vendor", variables(&certificate, &key, "")),
        ("another vouches", variables(&certificate, &key, &other.pem())),
    ];
    for (why, variables) in table {
        assert_eq!(called(&vendor, variables).await, Err("connect".to_owned()), "{why}");
    }
    // With TLS 1.3 the vendor's refusal comes when the client already takes the connection for made.
    for (certificate, key) in [("", ""), (stranger.as_str(), strangers_key.as_str())] {
        let refused = called(&vendor, variables(certificate, key, &ours.pem())).await.unwrap_err();
        assert!(["connect", "broken"].contains(&refused.as_str()), "{refused}");
    }
    assert_eq!(vendor.asked().len(), 1, "nobody else came as far as a request");
}

#[tokio::test]
async fn what_cannot_be_used_is_told_at_start_without_its_text() {
    let ours = authority();
    let vendor = strict(&ours).await;
    let (certificate, key) = certified(&ours, "gateway");
    let (_, others_key) = certified(&ours, "gateway");
    let table = [
        (certificate.as_str(), key.as_str(), "s3cret", "`tls.ca` holds no certificate"),
        ("s3cret", &key, "", "`tls.certificate` holds no certificate"),
        ("", &key, "", "`tls.certificate` holds no certificate"),
        (&certificate, "s3cret", "", "`tls.key` holds no key"),
        (&certificate, "", "", "`tls.key` holds no key"),
        (&certificate, &others_key, "", "do not belong together"),
    ];
    for (certificate, key, ca, expected) in table {
        let variables = json!({ "token": "t", "certificate": certificate, "key": key, "ca": ca });
        let told = called(&vendor, variables).await.unwrap_err();
        assert!(told.contains(expected) && !told.contains("s3cret"), "{told}");
    }
}
