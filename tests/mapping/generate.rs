//! `generate`: what may be made up, and what a create sends for it.

use crate::checks::{found, sound};
use scimshim::{
    mapping::{
        self, explain,
        generate::Recipe,
        translate::{names::Names, write::Writer},
    },
    scim::{reading::Reading, resource::Resource},
    secret::Secret,
};
use serde_json::{Value, json};

const FIELD: &str = "name.givenName:  { field: first_name }";
const OPERATIONS: &str = "    operations:\n      get:";

/// The README's mapping with a rule for `password`.
fn with(rule: &str) -> Vec<String> {
    found(&[(FIELD, &format!("{FIELD}\n      password: {rule}"))])
}

#[test]
fn each_mistake_is_told() {
    let table: [(&str, &[&str]); 18] = [
        ("{ field: pw, direction: write, generate: { length: 20 } }", &[]),
        (
            "{ field: pw, direction: write, only: create, if_changed: ignore, required: true, convert: [base64], generate: { length: 8, needs: [upper, lower, digit, symbol], avoid: 0O } }",
            &[],
        ),
        (
            "{ field: pw, generate: { length: 20 } }",
            &["M220 error: `password` is generated and would be read, and so returned"],
        ),
        (
            "{ field: pw, direction: read, generate: { length: 20 } }",
            &["M217 error: `generate` does nothing beside `direction: read`"],
        ),
        (
            "{ ignore: true, generate: { length: 20 } }",
            &["M217 error: `generate` does nothing beside `ignore`"],
        ),
        (
            "{ field: pw, direction: write, generate: { length: 7 } }",
            &["M104 error: `length`: expected a number not below 8, found `7`"],
        ),
        (
            "{ field: pw, direction: write, generate: { length: 257 } }",
            &["M104 error: expected a length from 8 to 256, found `257`"],
        ),
        (
            "{ field: pw, direction: write, generate: { needs: [digit] } }",
            &["M103 error: `length` is missing in `generate`"],
        ),
        (
            "{ field: pw, direction: write, generate: { length: 20, need: [digit] } }",
            &["M101 error: unknown key `need`"],
        ),
        (
            "{ field: pw, direction: write, generate: { length: 20, needs: [special] } }",
            &["M104 error: expected upper, lower, digit or symbol, found `special`"],
        ),
        (
            "{ field: pw, direction: write, generate: { length: 20, needs: [digit, digit] } }",
            &["M102 error: `digit` stands twice in `needs`"],
        ),
        (
            "{ field: pw, direction: write, generate: { length: 20, needs: [digit], avoid: \"0123456789\" } }",
            &["M104 error: `avoid` leaves no digit, and one is needed"],
        ),
        ("{ field: pw, direction: write, generate: {} }", &["M107 error: `generate` is empty"]),
        (
            "{ field: pw, direction: write, default: a, generate: { length: 20 } }",
            &["M106 error: `generate` and `default` exclude each other"],
        ),
        (
            "{ field: pw, direction: write, write: resource.password, generate: { length: 20 } }",
            &["M106 error: `generate` and `write` exclude each other"],
        ),
        (
            "{ field: pw, direction: write, values: { a: b }, generate: { length: 20 } }",
            &[
                "M106 error: `generate` and `values` exclude each other",
                "M216 error: `convert` of `password` does not take what is generated",
            ],
        ),
        (
            "{ field: pw, direction: write, convert: [number], generate: { length: 20 } }",
            &["M216 error: `convert` of `password` does not take what is generated"],
        ),
        (
            "{ field: pw, direction: write, generate: { length: 20 } }\n      userType: { constant: a, generate: { length: 20 } }",
            &["M217 error: `generate` does nothing beside `constant`"],
        ),
    ];
    let wrong: Vec<String> = table
        .iter()
        .filter(|(rule, expected)| with(rule) != *expected)
        .map(|(rule, _)| format!("{rule}: {:#?}", with(rule)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(
        found(&[(
            FIELD,
            "locale: { field: a, direction: write, generate: { length: 20 } }\n      timezone: { field: b }\n      emails: { field: e, direction: write, element: { value: { field: ., generate: { length: 20 } } } }"
        )]),
        ["M217 error: `generate` does nothing in an element"]
    );
    assert_eq!(
        found(&[(
            FIELD,
            "ims: { field: a, direction: write, generate: { length: 20 }, element: { value: { field: . } } }"
        )]),
        ["M210 error: `generate` makes a text, and `ims` is none"]
    );
    assert_eq!(
        found(&[
            (FIELD, "password: { field: pw, direction: write, generate: { length: 20 } }"),
            (
                "create: { call: POST /users, record: . }",
                "create: { call: POST /users, record: ., claims: [userName], body: { email: \"{fields.email}\" } }",
            )
        ]),
        ["M217 error: `generate` of `password` does nothing: create does not send it"]
    );
    let fields = |entry: &str| {
        found(&[(OPERATIONS, &format!("    fields: {{ secret: {entry} }}\n{OPERATIONS}"))])
    };
    assert_eq!(fields("{ generate: { length: 20 }, only: create }"), [""; 0]);
    assert_eq!(
        fields("{ generate: { length: 20 }, constant: a }"),
        ["M106 error: `constant` and `generate` exclude each other"]
    );
    assert_eq!(
        fields("{ only: create }"),
        ["M106 error: none of `constant`, `write`, `generate` is there"]
    );
}

/// What a rehearsal makes up.
fn named(recipe: &Recipe) -> Option<Secret> {
    Some(Secret::new(format!("<{recipe}>")))
}

#[test]
fn a_create_sends_it_where_the_client_sends_none_and_an_update_never_does() {
    let rules = "password: { field: pw, direction: write, convert: [{ prefix: p- }], generate: { length: 20, needs: [digit] } }";
    let extra = format!(
        "    fields: {{ box.secret: {{ generate: {{ length: 9 }}, convert: [base64] }} }}\n{OPERATIONS}"
    );
    let text = sound().replace(FIELD, rules).replace(OPERATIONS, &extra);
    let loaded = mapping::load("m.yaml", &text);
    assert_eq!(loaded.findings, []);
    let plan = loaded.plan.unwrap();
    let user = plan.resource("User").unwrap();
    let (tenant, now) = (json!({}), Value::Null);
    let writer = Writer { plan: user, tenant: &tenant, now: &now, names: &Names::default() };
    let resource = |password: &str| {
        let sent = json!({ "schemas": ["x"], "userName": "m", "password": password });
        Resource::canonical(sent, &user.kind, &mut Reading::default()).unwrap()
    };
    let table = [("", json!("p-<20 characters with digit>")), ("own", json!("p-own"))];
    for (password, sent) in table {
        let creation = writer.creation(&resource(password), |_, _| true, named).unwrap();
        assert_eq!(creation.fields["pw"], sent);
        assert_eq!(creation.fields["box"]["secret"], "PDkgY2hhcmFjdGVycz4=");
    }
    // Both as it was made and as it is sent.
    let made = writer.creation(&resource(""), |_, _| true, named).unwrap().made;
    let made: Vec<&str> = made.iter().map(Secret::expose).collect();
    let whole = ["<20 characters with digit>", "p-<20 characters with digit>"];
    assert_eq!(made, [whole[0], whole[1], "<9 characters>", "PDkgY2hhcmFjdGVycz4="]);
    let unclaimed = writer.creation(&resource(""), |_, _| false, named).unwrap();
    assert_eq!(unclaimed.fields.get("pw"), None);
    let update = writer.fields(&resource(""), |_, _| true, false).unwrap();
    assert!(update.get("pw").is_none() && update.get("box").is_none(), "{update}");
    let fault = writer.creation(&resource(""), |_, _| true, |_| None).unwrap_err();
    assert!(format!("{fault:?}").contains("the system gives no randomness"), "{fault:?}");
}

#[test]
fn explain_says_that_and_not_what() {
    let rule =
        "password: { field: pw, direction: write, generate: { length: 20, needs: [digit] } }";
    let extra = format!("    fields: {{ secret: {{ generate: {{ length: 9 }} }} }}\n{OPERATIONS}");
    let text = sound().replace(FIELD, rule).replace(OPERATIONS, &extra);
    let words = explain::plan(&mapping::load("m.yaml", &text).plan.unwrap());
    for line in [
        "-> pw, generated where the client sends none (20 characters with digit)",
        "the vendor's `secret` is generated by each create (9 characters)",
    ] {
        assert!(words.contains(line), "{line} in {words}");
    }
}
