//! How the vendor is reached, and what its failures mean.

use super::{ABOUT, ENCODING, TEMPLATE, errors::ERROR_ROW, login::LOGIN, passed::PASSED};
use crate::yaml::shape::{Shape, Takes, may, must};

/// `upstream:`
pub static UPSTREAM: Shape = Shape::new(
    "upstream",
    "upstream",
    "how the vendor is reached, and what its failures mean",
    &[
        ABOUT,
        must(
            "base_url",
            TEMPLATE,
            "https unless on loopback; calls never leave it",
            "https://api.acme.example/v1",
        ),
        must(
            "auth",
            Takes::Tagged(&AUTH),
            "what we show the vendor; its secrets are tenant variables with `secret: true`",
            "{ bearer: { token: \"{tenant.token}\" } }",
        ),
        may("headers", Takes::Map("header", &TEMPLATE), "on every call", "{ X-Client: scimshim }"),
        may("encoding", ENCODING, "how bodies are written; also on a call", "form").or("`json`"),
        may("timeout", Takes::Duration, "for one call; the whole request has 50 s", "10s")
            .or("`20s`"),
        may(
            "settle",
            Takes::Duration,
            "so long after it was given up a call may still be carried out: what the journal has for the same resource \
             waits for that",
            "30s",
        )
        .or("`10s`"),
        may("limits", Takes::Of(&LIMITS), "what the vendor allows", "{ requests: 20, per: 1s }"),
        may("retries", Takes::Of(&RETRIES), "how a failed call is repeated", "{ times: 5 }"),
        may(
            "errors",
            Takes::List(&Takes::Of(&ERROR_ROW)),
            "what its answers mean; the first row that holds",
            "[{ when: answer.status == 402, means: forbidden }]",
        ),
        may(
            "tls",
            Takes::Of(&TLS),
            "certificates of our own, and whom else we trust",
            "{ ca: \"{tenant.ca}\" }",
        ),
        may(
            "probe",
            TEMPLATE,
            "a cheap GET that needs the credential: `check --live` and `/readyz?deep` make it",
            "GET /company",
        ),
    ],
);

/// `auth:`, exactly one kind.
pub static AUTH: Shape = Shape::new(
    "auth",
    "auth",
    "the credential that we show the vendor",
    &[
        may(
            "bearer",
            Takes::Of(&BEARER),
            "`Authorization: Bearer TOKEN`",
            "{ token: \"{tenant.token}\" }",
        ),
        may(
            "basic",
            Takes::Of(&BASIC),
            "user and password, as RFC 7617 has them",
            "{ user: admin, password: \"{tenant.token}\" }",
        ),
        may(
            "api_key",
            Takes::Of(&API_KEY),
            "a header or a query parameter of the vendor's own",
            "{ header: X-API-Key, value: \"{tenant.token}\" }",
        ),
        may(
            "oauth2",
            Takes::Of(&OAUTH2),
            "a token that is fetched by OAuth 2, shared by all calls, and renewed before its end",
            "{ grant: client_credentials, token_url: https://login.acme.example/token, client_id: scim, \
             client_secret: \"{tenant.token}\" }",
        ),
        may(
            "login",
            Takes::Of(&LOGIN),
            "a token that a login call of the vendor's own gives, shared by all calls, and renewed before its end",
            "{ call: POST /session, body: { user: scim, password: \"{tenant.token}\" }, token: answer.body.token, \
             send: { header: X-Session, value: \"{token}\" } }",
        ),
        may(
            "client",
            Takes::Of(&PASSED),
            "the SCIM client's own credential goes on; the gateway keeps none",
            "{ scheme: basic }",
        ),
    ],
);

/// `bearer:`
pub static BEARER: Shape = Shape::new(
    "bearer",
    "bearer",
    "a token",
    &[must("token", TEMPLATE, "the token", "\"{tenant.token}\"")],
);

/// `basic:`
pub static BASIC: Shape = Shape::new(
    "basic",
    "basic",
    "a user with a password",
    &[
        must("user", TEMPLATE, "the user", "admin"),
        must("password", TEMPLATE, "the password", "\"{tenant.token}\""),
    ],
);

/// `api_key:`
pub static API_KEY: Shape = Shape::new(
    "api_key",
    "api_key",
    "a key in a place of the vendor's own",
    &[
        may("header", Takes::Text, "the header that holds it", "X-API-Key"),
        may("query", Takes::Text, "the parameter that holds it: it will be in logs", "key"),
        must("value", TEMPLATE, "the key", "\"{tenant.token}\""),
    ],
)
.choosing(&["header", "query"]);

/// `oauth2:`
pub static OAUTH2: Shape = Shape::new(
    "oauth2",
    "oauth2",
    "where a token is fetched, and what is shown for it",
    &[
        must(
            "grant",
            Takes::Words(&["client_credentials", "password", "refresh_token"]),
            "what is shown for a token",
            "client_credentials",
        ),
        must(
            "token_url",
            TEMPLATE,
            "who gives it out: any host, https unless on loopback",
            "https://login.acme.example/token",
        ),
        must("client_id", TEMPLATE, "who we are there", "scim"),
        may(
            "client_secret",
            TEMPLATE,
            "what proves it; `client_credentials` needs it",
            "\"{tenant.token}\"",
        ),
        may(
            "send",
            Takes::Words(&["header", "body"]),
            "where both of these go: `Authorization: Basic`, or the form",
            "body",
        )
        .or("`header`"),
        may("user", TEMPLATE, "the user of grant `password`", "admin"),
        may("password", TEMPLATE, "its password", "\"{tenant.token}\""),
        may("refresh_token", TEMPLATE, "the token of grant `refresh_token`", "\"{tenant.token}\""),
        may(
            "scopes",
            Takes::List(&TEMPLATE),
            "what the token shall be good for",
            "[users.read, users.write]",
        ),
        may(
            "extra",
            Takes::Map("parameter", &TEMPLATE),
            "further members of the form",
            "{ audience: acme }",
        ),
    ],
);

/// `tls:`
pub static TLS: Shape = Shape::new(
    "tls",
    "tls",
    "certificates of our own, and whom else we trust; each holds PEM text",
    &[
        may(
            "certificate",
            TEMPLATE,
            "what we show a vendor that asks who connects; beside `key`",
            "\"{tenant.certificate}\"",
        ),
        may("key", TEMPLATE, "the key of `certificate`", "\"{tenant.certificate_key}\""),
        may("ca", TEMPLATE, "authorities that are trusted beside the system's", "\"{tenant.ca}\""),
    ],
);

/// `limits:`
pub static LIMITS: Shape = Shape::new(
    "limits",
    "limits",
    "what the vendor allows, and how much is read here",
    &[
        may("requests", Takes::Whole(1), "calls in the time of `per`", "20").or("no limit"),
        may("per", Takes::Duration, "beside `requests`", "1m").or("`1s`"),
        may("concurrent", Takes::Whole(1), "calls at once", "4").or("`8`"),
        may(
            "remaining",
            Takes::Text,
            "header that says how many are left; at 0 we wait for `reset`",
            "X-Left",
        ),
        may(
            "reset",
            Takes::Text,
            "header that says when: epoch, seconds from now or a date",
            "X-Reset",
        ),
        may(
            "scan",
            Takes::Whole(1),
            "records read at most to match a filter here; beyond it 400 tooMany",
            "5000",
        )
        .or("`10000`"),
    ],
);

/// `retries:`
pub static RETRIES: Shape = Shape::new(
    "retries",
    "retries",
    "how a failed call is repeated, within the time of the request",
    &[
        may("times", Takes::Whole(0), "repetitions at most", "5").or("`3`"),
        may("first", Takes::Duration, "the first wait; it doubles, with chance in it", "500ms")
            .or("`200ms`"),
        may("longest", Takes::Duration, "the longest wait", "20s").or("`10s`"),
    ],
);
