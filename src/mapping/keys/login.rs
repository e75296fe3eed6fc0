//! A login call of the vendor's own.

use super::{
    ENCODING, EXPRESSION, TEMPLATE,
    call::{CALLED, HEADERS, QUERY},
};
use crate::yaml::shape::{Shape, Takes, may, must};

/// `login:`
pub static LOGIN: Shape = Shape::new(
    "login",
    "login",
    "a call that gives a token, where the token stands in its answer, and how it is sent",
    &[
        CALLED,
        QUERY,
        HEADERS,
        may(
            "body",
            Takes::Anything,
            "a tree of templates over `tenant`",
            "{ user: scim, password: \"{tenant.token}\" }",
        ),
        may("encoding", ENCODING, "how the body is written", "form").or("the upstream's"),
        must(
            "token",
            EXPRESSION,
            "the token, over `answer` and `tenant`",
            "answer.headers['x-session']",
        ),
        may(
            "expires",
            EXPRESSION,
            "when it ends: seconds from now, seconds or milliseconds since 1970, or a date",
            "answer.body.expires_at",
        )
        .or("never, until the vendor answers 401"),
        must(
            "send",
            Takes::Of(&SEND),
            "where the token goes",
            "{ header: X-Session, value: \"{token}\" }",
        ),
    ],
);

/// `send:` of a login.
pub static SEND: Shape = Shape::new(
    "send",
    "send",
    "where a token goes",
    &[
        may("header", Takes::Text, "the header that holds it", "X-Session"),
        may("query", Takes::Text, "the parameter that holds it: it will be in logs", "session"),
        may("cookie", Takes::Text, "the cookie that holds it", "sid"),
        must("value", TEMPLATE, "what is sent, over `token` and `tenant`", "\"{token}\""),
    ],
)
.choosing(&["header", "query", "cookie"]);
