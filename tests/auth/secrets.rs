//! What a vendor repeats of what it was sent is told to nobody and stands in no log, in whichever hand it writes it.

use crate::{
    gateway::{SECRET, Tenant, detail},
    log::Log,
    vendor::{Reply, Vendor},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE},
};
use scimshim::{app::build, mapping, metrics::Metrics, scim::profile::Profile};
use serde_json::{Value, json};
use std::sync::Arc;

/// A vendor that refuses all with these words.
async fn saying(words: &str) -> Vendor {
    let body = json!({ "message": format!("before {words} behind") });
    Vendor::start(move |_, _| Reply::Json(403, body.clone())).await
}

/// What the client is told of these words; what is withheld stands as `***`.
async fn told(words: &str, upstream: &str) -> String {
    let vendor = saying(words).await;
    let wire = Tenant::new(&vendor.url, upstream).list().await;
    assert!(detail(&wire).contains("before ") && detail(&wire).contains(" behind"), "{words}");
    detail(&wire).to_owned()
}

#[tokio::test]
async fn a_secret_is_known_however_the_vendor_spells_it() {
    let bearer = r#"  auth: { bearer: { token: "{tenant.secret}" } }"#;
    for words in [
        "s3cret&/ö",
        "s3cret%26%2F%C3%B6",
        "s3cret%26%2f%c3%b6",
        "s3cret%26/ö",
        "s3cret%2526%252F%25C3%25B6",
        r"s3cret\u0026\/\u00f6",
        r"s3cret&\/ö",
        "s3cret&amp;/ö",
        "x=s3cret%26%2F%C3%B6&y",
    ] {
        let told = told(words, bearer).await;
        assert!(told.contains("***") && !told.contains("s3cret"), "{words}: {told}");
    }
    // Something else is no secret.
    assert!(told("s3cret%27%2F", bearer).await.contains("s3cret%27%2F"));
}

#[tokio::test]
async fn a_pair_is_known_without_the_word_before_it() {
    let basic = r#"  auth: { basic: { user: us, password: "{tenant.secret}" } }"#;
    let oauth = r#"  auth: { oauth2: { grant: client_credentials, token_url: ISSUER, client_id: us,
      client_secret: "{tenant.secret}" } }"#;
    let issuer = Vendor::start(|_, _| Reply::Json(200, json!({ "access_token": "t0" }))).await;
    let oauth = oauth.replace("ISSUER", &issuer.url);
    for (upstream, pair) in
        [(basic, format!("us:{SECRET}")), (&*oauth, "us:s3cret%26%2F%C3%B6".to_owned())]
    {
        let padded = STANDARD.encode(&pair);
        for words in [
            padded.clone(),
            STANDARD_NO_PAD.encode(&pair),
            URL_SAFE.encode(&pair),
            padded.replace('=', "%3D").replace('/', "%2F").replace('+', "%2B"),
        ] {
            let told = told(&words, upstream).await;
            let begin = words.get(..12).unwrap();
            assert!(told.contains("***") && !told.contains(begin), "{words}: {told}");
        }
    }
}

/// A mapping that sends secrets of every type, one of them in a path.
fn typed(base: &str) -> String {
    format!(
        r#"
mapping: 1
name: test
evidence: assumed
tenant:
  secret: {{ type: text, secret: true }}
  pin: {{ type: number, secret: true }}
  keys: {{ type: list, secret: true }}
  flag: {{ type: boolean, secret: true }}
upstream:
  base_url: {base}
  auth: {{ bearer: {{ token: "{{tenant.secret}}" }} }}
  probe: GET /x/{{tenant.secret}}/me
  retries: {{ times: 0 }}
  headers: {{ X-Pin: "{{tenant.pin}}", X-On: "{{tenant.flag}}" }}
resources:
  User:
    key: id
    attributes: {{ userName: {{ field: email, required: true, only: create }} }}
    operations:
      get: {{ call: "GET /x/{{tenant.secret}}/users/{{key}}", record: . }}
      list: {{ call: "GET /x/{{tenant.secret}}/users", query: {{ key: "{{tenant.keys}}" }}, items: users, paging: none }}
      create: {{ call: POST /users, record: . }}
"#
    )
}

fn of_every_type() -> Value {
    json!({ "secret": SECRET, "pin": 918_273, "keys": ["one-key", "two-key", 7], "flag": true })
}

#[tokio::test]
async fn a_secret_is_known_whatever_its_type() {
    for (words, left) in
        [("pin 918273", "pin ***"), ("one-key, two-key", "***, ***"), ("true or 7", "true or 7")]
    {
        let vendor = saying(words).await;
        let wire = Tenant::of(&typed(&vendor.url), of_every_type()).list().await;
        let told = detail(&wire);
        assert!(told.contains(&format!("before {left} behind")), "{words}: {told}");
    }
}

#[tokio::test]
async fn a_path_with_a_secret_in_it_stands_in_no_log() {
    let log = Log::default();
    let _listening = log.listen();
    let vendor = Vendor::start(|_, _| Reply::Json(200, json!({ "users": [] }))).await;
    let tenant = Tenant::of(&typed(&vendor.url), of_every_type());
    assert_eq!(tenant.list().await.status, 200);
    assert!(vendor.asked()[0].line.contains("/x/s3cret%26%2F%C3%B6/users"));
    let said = tenant.probe().await;
    assert_eq!(said, "`GET /x/***/me` was answered 200");
    let told = log.text();
    assert!(told.contains("vendor call") && told.contains("test.yaml:"), "{told}");
    // reqwest and hyper tell at `trace` what they connect to, which is none of ours.
    for line in told.lines().filter(|line| line.contains("scimshim")) {
        for secret in ["s3cret", "918273", "two-key"] {
            assert!(!line.contains(secret), "{line}");
        }
    }
}

/// Tokens of all kinds that are fetched: the last, the one before it, and what the next is asked for with.
#[tokio::test]
async fn what_was_fetched_is_known_however_it_is_spelled() {
    let issuer = Vendor::start(|_, before| {
        let token = |name: &str| format!("{name}/t0ken+{before}");
        Reply::Json(
            200,
            json!({ "access_token": token("access"), "refresh_token": token("refresh"), "expires_in": 0 }),
        )
    })
    .await;
    let upstream = format!(
        r#"  auth: {{ oauth2: {{ grant: refresh_token, token_url: {}, client_id: us, refresh_token: "{{tenant.secret}}" }} }}"#,
        issuer.url
    );
    // Each tenant asks once, and is given what has the number of those before it.
    let spelled =
        ["access/t0ken+0", "access%2Ft0ken%2B1", r"refresh\/t0ken+2", "refresh%2ft0ken%2b3"];
    for words in spelled {
        let told = told(words, &upstream).await;
        assert!(told.contains("***") && !told.contains("t0ken"), "{words}: {told}");
    }
    let login = |send: &str| {
        format!(
            r#"  auth: {{ login: {{ call: POST /session, body: {{ password: "{{tenant.secret}}" }}, token: answer.body.token,
      send: {{ header: X-Session, value: "{send}" }} }} }}"#
        )
    };
    let vendor = Vendor::start(|asked, _| match asked.line.as_str() {
        "POST /session" => Reply::Json(200, json!({ "token": "session/t0ken" })),
        _ => Reply::Json(403, json!({ "message": r"no session%2Ft0ken, no session\/t0ken" })),
    })
    .await;
    let wire = Tenant::new(&vendor.url, &login("v1 {token}")).list().await;
    assert!(detail(&wire).contains("no ***, no ***"), "{}", detail(&wire));
}

/// An address that cannot be is told with what is wrong with it, and without the secret in it.
#[test]
fn an_address_that_cannot_be_is_told_without_its_secret() {
    let text = typed("\"{tenant.secret}\"");
    let plan = mapping::load("test.yaml", &text).plan.unwrap();
    let metrics = Arc::<Metrics>::default();
    let mut variables = of_every_type();
    variables["secret"] = json!("http://vendor.example/s3cret");
    let why = build::over("acme", plan, variables, Profile::Strict, &metrics, 1);
    let why = why.err().unwrap();
    assert!(why.contains("must be https") && why.contains("***"), "{why}");
    assert!(!why.contains("s3cret"), "{why}");
}
