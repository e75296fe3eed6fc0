//! `oauth2:`: one token for all calls, whoever waits for it, and a truthful answer when there is none.

use crate::{
    gateway::{SECRET, Tenant, detail},
    vendor::{Asked, Reply, Vendor},
};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

fn users() -> Reply {
    Reply::Json(200, json!({ "users": [] }))
}

/// Gives out `t0`, `t1` and so on.
async fn issuer(more: Value) -> Vendor {
    Vendor::start(move |_, before| {
        let mut body = json!({ "access_token": format!("t{before}"), "token_type": "bearer" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Reply::Json(200, body)
    })
    .await
}

fn client_credentials(issuer: &Vendor) -> String {
    format!(
        "  auth: {{ oauth2: {{ grant: client_credentials, token_url: {}/token, client_id: us, \
         client_secret: \"{{tenant.secret}}\" }} }}",
        issuer.url
    )
}

fn authorizations(vendor: &Vendor) -> Vec<String> {
    let header = |asked: &Asked| asked.header("authorization").unwrap_or_default().to_owned();
    vendor.asked().iter().map(header).collect()
}

#[tokio::test]
async fn fifty_at_once_make_one_token_call() {
    let issuer = issuer(json!({ "expires_in": 3600 })).await;
    let vendor = Vendor::start(|_, _| users()).await;
    let tenant = Tenant::new(&vendor.url, &client_credentials(&issuer));
    let wires = join_all((0..50).map(|_| tenant.list())).await;
    assert!(wires.iter().all(|wire| wire.status == 200));
    assert_eq!(issuer.asked().len(), 1);
    assert_eq!(authorizations(&vendor), vec!["Bearer t0"; 50]);
    let counted = tenant.metrics.render();
    assert!(counted.contains(r#"call="upstream.token""#), "{counted}");
}

#[tokio::test]
async fn each_grant_is_shown_as_rfc_6749_has_it() {
    // `us` and the secret, each encoded as in a form: `us:s3cret%26%2F%C3%B6`.
    let basic = Some("Basic dXM6czNjcmV0JTI2JTJGJUMzJUI2");
    let encoded = "s3cret%26%2F%C3%B6";
    let table = [
        (
            "grant: client_credentials, client_id: us, client_secret: \"{tenant.secret}\", scopes: [a, b c]",
            basic,
            "grant_type=client_credentials&scope=a%20b%20c".to_owned(),
        ),
        (
            "grant: client_credentials, client_id: us, client_secret: \"{tenant.secret}\", send: body, \
             extra: { audience: x }",
            None,
            format!(
                "grant_type=client_credentials&client_id=us&client_secret={encoded}&audience=x"
            ),
        ),
        (
            "grant: password, client_id: us, user: mia, password: \"{tenant.secret}\"",
            None,
            format!("grant_type=password&username=mia&password={encoded}&client_id=us"),
        ),
        (
            "grant: refresh_token, client_id: us, refresh_token: \"{tenant.secret}\"",
            None,
            format!("grant_type=refresh_token&refresh_token={encoded}&client_id=us"),
        ),
    ];
    for (grant, authorization, form) in table {
        let issuer = issuer(json!({})).await;
        let vendor = Vendor::start(|_, _| users()).await;
        let auth =
            format!("  auth: {{ oauth2: {{ token_url: {}/token?v=1, {grant} }} }}", issuer.url);
        assert_eq!(Tenant::new(&vendor.url, &auth).list().await.status, 200, "{grant}");
        let asked = issuer.asked();
        let asked = asked.first().unwrap();
        assert_eq!(asked.line, "POST /token?v=1", "{grant}");
        assert_eq!(asked.header("authorization"), authorization, "{grant}");
        assert_eq!(asked.header("content-type"), Some("application/x-www-form-urlencoded"));
        assert_eq!(asked.body, form, "{grant}");
    }
}

#[tokio::test]
async fn a_token_that_ends_early_is_replaced_once_and_the_write_is_sent_again() {
    let issuer = issuer(json!({})).await;
    let revoked = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&revoked);
    let vendor = Vendor::start(move |asked, _| match asked.header("authorization") {
        Some("Bearer t0") if told.load(Ordering::Relaxed) => Reply::Text(401, "", "ended"),
        _ if asked.line == "POST /users" => {
            Reply::Json(201, json!({ "id": 7, "email": "mia@acme.example" }))
        }
        _ => users(),
    })
    .await;
    let tenant = Tenant::new(&vendor.url, &client_credentials(&issuer));
    assert_eq!(tenant.list().await.status, 200);
    revoked.store(true, Ordering::Relaxed);
    let wire = tenant.create().await;
    assert_eq!(wire.status, 201, "{}", detail(&wire));
    assert_eq!(authorizations(&vendor), ["Bearer t0", "Bearer t0", "Bearer t1"]);
    assert_eq!(issuer.asked().len(), 2);
}

#[tokio::test]
async fn a_vendor_that_takes_no_token_at_all_is_not_asked_for_ever() {
    let issuer = issuer(json!({})).await;
    let vendor = Vendor::start(|_, _| Reply::Text(401, "", "never")).await;
    let tenant = Tenant::new(&vendor.url, &client_credentials(&issuer));
    for _ in 0..3 {
        let wire = tenant.list().await;
        assert_eq!(wire.status, 502);
        assert!(
            detail(&wire).contains("the gateway's credential was refused"),
            "{}",
            detail(&wire)
        );
    }
    assert_eq!((vendor.asked().len(), issuer.asked().len()), (3, 1));
}

/// What the client is told where no token is to be had; the vendor is never asked.
#[tokio::test]
async fn a_token_call_that_fails_is_ours_and_never_the_clients() {
    type Manner = fn() -> Reply;
    let refused = "the gateway's credential was refused";
    let none = "the gateway has no token";
    let table: [(Manner, u16, &str); 10] = [
        (|| Reply::Json(400, json!({ "error": "invalid_client" })), 502, "400 (invalid_client)"),
        (|| Reply::Json(401, json!({ "error": "no s3cret&/ö" })), 502, refused),
        (|| Reply::Text(403, "", "no"), 502, refused),
        (|| Reply::Text(404, "", "no"), 502, none),
        (|| Reply::Text(302, "location: /elsewhere\r\n", ""), 502, none),
        (|| Reply::Text(500, "", "no"), 502, none),
        (|| Reply::Text(503, "", "no"), 503, none),
        (|| Reply::Text(429, "retry-after: 17\r\n", "no"), 503, none),
        (
            || Reply::Text(200, "content-type: text/html\r\n", "<html>"),
            502,
            "without an `access_token`",
        ),
        (|| Reply::Silence, 503, "no answer in time"),
    ];
    for (reply, status, expected) in table {
        let issuer = Vendor::start(move |_, _| reply()).await;
        let vendor = Vendor::start(|_, _| users()).await;
        let tenant = Tenant::new(&vendor.url, &client_credentials(&issuer));
        let wires = join_all((0..3).map(|_| tenant.list())).await;
        for wire in &wires {
            assert_eq!(wire.status, status, "{expected}: {}", detail(wire));
            assert!(detail(wire).contains(expected), "{}", detail(wire));
            assert!(!detail(wire).contains(SECRET), "{}", detail(wire));
            assert_eq!(wire.retry_after.is_some(), status == 503, "{expected}");
        }
        // A refusal stands for ten seconds.
        let refusals = ["refused", "invalid_client"];
        if refusals.iter().any(|word| expected.contains(word)) {
            assert_eq!(issuer.asked().len(), 1, "{expected}: it is everybody's answer");
        }
        assert_eq!(vendor.asked().len(), 0, "{expected}");
    }
    let issuer = Vendor::start(|_, _| Reply::Text(429, "retry-after: 17\r\n", "no")).await;
    let tenant = Tenant::new("https://vendor.invalid", &client_credentials(&issuer));
    assert_eq!(tenant.list().await.retry_after, Some(17), "as the vendor asked");
}

#[tokio::test]
async fn a_token_of_another_type_is_none() {
    let issuer = issuer(json!({ "token_type": "mac" })).await;
    let tenant = Tenant::new("https://vendor.invalid", &client_credentials(&issuer));
    let wire = tenant.list().await;
    assert_eq!(wire.status, 502);
    assert!(detail(&wire).contains("not of type Bearer"), "{}", detail(&wire));
}

/// RFC 6749 §6.
#[tokio::test]
async fn a_rotated_refresh_token_takes_the_place_of_the_one_before() {
    let issuer = Vendor::start(|_, before| {
        Reply::Json(
            200,
            json!({ "access_token": format!("t{before}"), "expires_in": 0, "refresh_token": format!("r{before}") }),
        )
    })
    .await;
    let vendor = Vendor::start(|_, _| users()).await;
    let auth = format!(
        "  auth: {{ oauth2: {{ grant: refresh_token, token_url: {}, client_id: us, refresh_token: \
         \"{{tenant.secret}}\" }} }}",
        issuer.url
    );
    let tenant = Tenant::new(&vendor.url, &auth);
    for _ in 0..3 {
        assert_eq!(tenant.list().await.status, 200);
    }
    let sent: Vec<String> =
        issuer.asked().iter().filter_map(|one| Some(one.form().get(1)?.to_string())).collect();
    let first = "refresh_token=s3cret%26%2F%C3%B6";
    assert_eq!(sent, [first, "refresh_token=r0", "refresh_token=r1"]);
}

/// RFC 6749 §5.2: `invalid_grant` alone says that the refresh token is no good.
#[tokio::test]
async fn a_rotated_refresh_token_is_given_up_only_where_it_is_what_was_refused() {
    for (said, then) in [
        ("invalid_client", "refresh_token=r0"),
        ("invalid_grant", "refresh_token=s3cret%26%2F%C3%B6"),
        ("something else", "refresh_token=s3cret%26%2F%C3%B6"),
    ] {
        let issuer = Vendor::start(move |_, before| match before {
            1 => Reply::Json(400, json!({ "error": said })),
            _ => Reply::Json(
                200,
                json!({ "access_token": "t", "expires_in": 0, "refresh_token": format!("r{before}") }),
            ),
        })
        .await;
        let vendor = Vendor::start(|_, _| users()).await;
        let auth = format!(
            "  auth: {{ oauth2: {{ grant: refresh_token, token_url: {}, client_id: us, refresh_token: \
             \"{{tenant.secret}}\" }} }}",
            issuer.url
        );
        let tenant = Tenant::new(&vendor.url, &auth);
        assert_eq!((tenant.list().await.status, tenant.list().await.status), (200, 502), "{said}");
        assert_eq!(tenant.reloaded().list().await.status, 200, "{said}");
        let sent: Vec<String> =
            issuer.asked().iter().filter_map(|one| Some(one.form().get(1)?.to_string())).collect();
        assert_eq!(sent[1..], ["refresh_token=r0", then], "{said}");
    }
}

#[tokio::test]
async fn a_vendor_that_repeats_the_token_tells_nobody() {
    let issuer =
        Vendor::start(|_, _| Reply::Json(200, json!({ "access_token": "fetched-t0ken" }))).await;
    let vendor =
        Vendor::start(|_, _| Reply::Json(403, json!({ "message": "fetched-t0ken may not list" })))
            .await;
    let wire = Tenant::new(&vendor.url, &client_credentials(&issuer)).list().await;
    assert!(detail(&wire).contains("may not list"), "{}", detail(&wire));
    assert!(!detail(&wire).contains("fetched-t0ken"), "{}", detail(&wire));
}
