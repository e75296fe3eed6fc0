//! Whatever a client sends is answered: requests made of the words of the protocol in any order, with the seeds
//! that proptest keeps.

use crate::fixture::types;
use http::Method;
use proptest::prelude::*;
use scimshim::scim::{
    decode::decode, encode, patch::path::PatchPath, profile::Profile, reading::Reading,
};
use serde_json::{Value, json};

/// Names, signs and values as clients write them, and as they do not.
const WORDS: [&str; 24] = [
    "userName",
    "emails",
    "members",
    "value",
    "type",
    "primary",
    "active",
    "name",
    "givenName",
    "schemas",
    "Operations",
    "op",
    "path",
    "add",
    "remove",
    "replace",
    "bulkId",
    "method",
    "data",
    "urn:ietf:params:scim:schemas:core:2.0:User",
    "eq",
    "pr",
    "",
    "\u{1F468}\u{200D}\u{0}",
];

fn word() -> impl Strategy<Value = String> {
    proptest::sample::select(WORDS.as_slice()).prop_map(str::to_owned)
}

fn text() -> impl Strategy<Value = String> {
    let sign =
        proptest::sample::select(vec![" ", ".", ":", "[", "]", "(", ")", "\"", "'", ",", "%"]);
    proptest::collection::vec(prop_oneof![word(), sign.prop_map(str::to_owned)], 0..12)
        .prop_map(|parts| parts.concat())
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(word(), inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn method() -> impl Strategy<Value = Method> {
    proptest::sample::select(vec![
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
    ])
}

fn target() -> impl Strategy<Value = String> {
    let ends = [
        "/Users",
        "/Users/7",
        "/Groups/7",
        "/Users/.search",
        "/.search",
        "/Bulk",
        "/Schemas",
        "/",
        "",
    ];
    prop_oneof![proptest::sample::select(ends.to_vec()).prop_map(str::to_owned), text()]
}

/// A refusal is a SCIM error with a status of its own, and says something.
fn is_an_answer(
    method: &Method,
    target: &str,
    query: Option<&str>,
    body: &[u8],
) -> Result<(), TestCaseError> {
    for profile in [Profile::Okta, Profile::Entra, Profile::Strict] {
        let mut reading = Reading::new(profile);
        if let Err(error) = decode(method, target, query, body, &types(), &mut reading) {
            let wire = encode::error(&error);
            prop_assert!((400..=501).contains(&wire.status), "{wire:?}");
            let detail = wire.body.as_ref().and_then(|body| body["detail"].as_str().map(str::len));
            prop_assert!(detail.is_some_and(|length| (1..2_000).contains(&length)), "{wire:?}");
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_json_is_answered(method in method(), target in target(), body in value()) {
        is_an_answer(&method, &target, None, body.to_string().as_bytes())?;
    }

    #[test]
    fn any_patch_is_answered(operations in value()) {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations,
        });
        is_an_answer(&Method::PATCH, "/Users/7", None, body.to_string().as_bytes())?;
    }

    #[test]
    fn any_bulk_is_answered(operations in value()) {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations,
        });
        is_an_answer(&Method::POST, "/Bulk", None, body.to_string().as_bytes())?;
    }

    #[test]
    fn any_bytes_are_answered(
        method in method(), target in target(), body in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        is_an_answer(&method, &target, None, &body)?;
    }

    #[test]
    fn any_query_is_answered(
        key in proptest::sample::select(vec![
            "filter", "sortBy", "sortOrder", "startIndex", "count", "cursor", "attributes", "excludedAttributes",
        ]),
        text in text(),
    ) {
        is_an_answer(&Method::GET, "/Users", Some(&format!("{key}={text}")), b"")?;
    }

    #[test]
    fn a_path_that_is_read_prints_as_one_that_reads_the_same(text in text()) {
        let read = |text: &str| PatchPath::parse(text, &mut Reading::new(Profile::Entra));
        if let Ok(path) = read(&text) {
            prop_assert_eq!(read(&path.to_string()), Ok(path));
        }
    }
}

/// Brackets within each other, in filters, in PATCH paths and in bodies, on the stack of a server's thread.
#[test]
fn what_is_nested_is_read_or_refused_on_a_small_stack() {
    let nested = |open: &str, inner: &str, deep: usize, close: &str| {
        format!("{}{inner}{}", open.repeat(deep), close.repeat(deep))
    };
    let round = move |inner: &str, deep| nested("(", inner, deep, ")");
    let negated = move |inner: &str, deep| nested("not (", inner, deep, ")");
    let square = move |deep| nested("emails[", "type eq \"a\"", deep, "]");
    let (user, email) = ("userName eq \"a\"", "type eq \"a\"");
    let list = |deep: usize| format!("{}{}", "[".repeat(deep), "]".repeat(deep));
    let map = |deep: usize| format!("{}1{}", "{\"name\":".repeat(deep), "}".repeat(deep));
    let run = move || {
        let read = |filter: &str| {
            let query = format!("filter={}", filter.replace(' ', "%20"));
            let mut reading = Reading::new(Profile::Okta);
            decode(&Method::GET, "/Users", Some(&query), b"", &types(), &mut reading).is_ok()
        };
        let path = |filter: &str| {
            PatchPath::parse(&format!("emails[{filter}].value"), &mut Reading::new(Profile::Okta))
                .is_ok()
        };
        assert!(read(&round(user, 50)) && !read(&round(user, 51)), "brackets");
        assert!(read(&negated(user, 50)) && !read(&negated(user, 51)), "negations");
        assert!(read(&square(1)) && !read(&square(2)), "lists");
        assert!(path(&round(email, 49)) && !path(&round(email, 51)), "a path's brackets");
        for deep in [200, 1_000, 2_000] {
            for filter in [round(user, deep), negated(user, deep), square(deep)] {
                assert!(!read(&filter), "{deep}: {filter:.20}");
            }
            for filter in [round(email, deep), negated(email, deep), square(deep)] {
                assert!(!path(&filter), "{deep}: {filter:.20}");
            }
        }
        for (made, taken) in [(100, true), (200, false), (10_000, false)] {
            for value in [list(made), map(made)] {
                let body = format!("{{\"schemas\": [], \"userName\": \"a\", \"title\": {value}}}");
                let mut reading = Reading::new(Profile::Okta);
                let read =
                    decode(&Method::POST, "/Users", None, body.as_bytes(), &types(), &mut reading);
                let deep = read.is_err_and(|error| error.detail.contains("nested too deep"));
                assert!(deep != taken, "{made}");
            }
        }
    };
    std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(run).unwrap().join().unwrap();
}
