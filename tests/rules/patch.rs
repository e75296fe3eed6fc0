//! PATCH of a user: R63 to R82.

use crate::{
    exchange::{ENTERPRISE, Exchange, get, patch, send, user},
    predicate::Predicate::*,
    row::{Row, row},
};
use serde_json::{Value, json};

const MAIL: &str = "{me}-w@acme.example";

/// A user with a work mail, a name and a displayName.
fn mia() -> Exchange {
    user(json!({
        "displayName": "Mia", "name": { "givenName": "Mia", "familyName": "Berg" },
        "emails": [{ "value": MAIL, "type": "work", "primary": true }],
    }))
}

fn change(operations: Value) -> Exchange {
    patch("/Users/{user}", operations)
}

fn read() -> Exchange {
    get("/Users/{user}")
}

fn home() -> Value {
    json!({ "value": "{me}-h@acme.example", "type": "home" })
}

pub fn rows() -> Vec<Row> {
    let mail = || json!({ "value": MAIL, "type": "work" });
    vec![
        row("R63", "a PATCH says that it is one", [
            mia(),
            send("PATCH", "/Users/{user}", r#"{"Operations":[{"op":"add","path":"nickName","value":"n"}]}"#)
                .status(400)
                .scim_type(["invalidSyntax", "invalidValue"]),
        ]),
        row("R64", "an op is one of three", [
            mia(),
            change(json!([{ "op": "destroy", "path": "nickName", "value": "n" }]))
                .status(400)
                .scim_type(["invalidSyntax", "invalidValue"]),
        ]),
        row("R65", "nobody is not found", [patch("/Users/no-such-id", json!([
            { "op": "replace", "path": "active", "value": false },
        ]))
        .status(404)]),
        row("R66", "an add without a path is merged", [
            mia(),
            change(json!([{ "op": "add", "value": { "nickName": "mi", "emails": [home()] } }])).status(200),
            read()
                .shows(Is("/nickName", json!("mi")))
                .shows(Length("/emails", 2))
                .shows(Has("/emails", mail()))
                .shows(Has("/emails", home())),
        ]),
        row("R67", "what is there is not added twice", [
            mia(),
            change(json!([{ "op": "add", "path": "emails", "value": [mail()] }])),
            read().shows(Length("/emails", 1)),
        ]),
        row("R68", "a replace within brackets changes no more", [
            mia(),
            change(json!([
                { "op": "add", "path": "emails", "value": [home()] },
                { "op": "replace", "path": "emails[type eq \"work\"].value", "value": "{me}-x@acme.example" },
            ])),
            read()
                .shows(Length("/emails", 2))
                .shows(Has("/emails", json!({
                    "value": "{me}-x@acme.example", "type": "work", "primary": true,
                })))
                .shows(Has("/emails", home())),
        ]),
        row("R69", "brackets that select nothing are no target", [
            mia(),
            change(json!([{ "op": "replace", "path": "phoneNumbers[type eq \"fax\"].value", "value": "+46" }]))
                .status(400)
                .scim_type(["noTarget"]),
            read().shows(Absent("/phoneNumbers")),
        ]),
        row("R70", "a replace of nothing is an add", [
            mia(),
            change(json!([{ "op": "replace", "path": "nickName", "value": "mi" }]))
                .status(200)
                .shows(Is("/nickName", json!("mi"))),
        ]),
        row("R71", "the other parts of a name stay", [
            mia(),
            change(json!([{ "op": "replace", "path": "name", "value": { "givenName": "Zed" } }])),
            read()
                .shows(Is("/name/givenName", json!("Zed")))
                .shows(Is("/name/familyName", json!("Berg"))),
        ]),
        row("R72", "a remove says what", [mia(), change(json!([{ "op": "remove" }])).status(400).scim_type(["noTarget"])]),
        row("R73", "what is removed is unassigned, and no more", [
            mia(),
            change(json!([{ "op": "add", "value": { "nickName": "mi", "emails": [home()] } }])),
            change(json!([
                { "op": "remove", "path": "name.givenName" },
                { "op": "remove", "path": "nickName" },
                { "op": "remove", "path": "emails[type eq \"home\"]" },
            ]))
            .status(200),
            read()
                .shows(Absent("/name/givenName"))
                .shows(Is("/name/familyName", json!("Berg")))
                .shows(Absent("/nickName"))
                .shows(Length("/emails", 1))
                .shows(Has("/emails", mail()))
                .shows(Is("/displayName", json!("Mia"))),
        ]),
        row("R74", "what is required is not removed", [
            mia(),
            change(json!([{ "op": "remove", "path": "userName" }]))
                .status(400)
                .scim_type(["mutability", "invalidValue"]),
            read().shows(Is("/userName", json!("{me}@acme.example"))),
        ]),
        row("R75", "an id is not replaced", [
            mia(),
            change(json!([{ "op": "replace", "path": "id", "value": "another" }]))
                .status(400)
                .scim_type(["mutability"]),
        ]),
        row("R76", "all of it or none", [
            mia(),
            change(json!([
                { "op": "replace", "path": "displayName", "value": "Zed" },
                { "op": "replace", "path": "id", "value": "another" },
            ]))
            .status(400),
            read().shows(Is("/displayName", json!("Mia"))),
        ]),
        row("R77", "one operation after the other", [
            mia(),
            change(json!([
                { "op": "add", "path": "emails", "value": [home()] },
                { "op": "replace", "path": "emails[type eq \"home\"].value", "value": "{me}-x@acme.example" },
            ]))
            .status(200),
            read()
                .shows(Length("/emails", 2))
                .shows(Has("/emails", json!({ "value": "{me}-x@acme.example", "type": "home" }))),
        ]),
        row("R78", "a new primary takes it from the old", [
            mia(),
            change(json!([{ "op": "add", "path": "emails", "value": [
                { "value": "{me}-h@acme.example", "type": "home", "primary": true },
            ] }]))
            .status(200),
            read()
                .shows(Has("/emails", json!({ "type": "home", "primary": true })))
                .shows(HasNot("/emails", json!({ "type": "work", "primary": true }))),
        ]),
        row("R79", "an extension begins with its first attribute", [
            mia().shows(HasNot("/schemas", json!(ENTERPRISE))),
            change(json!([{ "op": "add", "path": format!("{ENTERPRISE}:department"), "value": "Ops" }])),
            read()
                .shows(Has("/schemas", json!(ENTERPRISE)))
                .shows(Holds("the department is set", |user| user[ENTERPRISE]["department"] == "Ops")),
        ]),
        row("R80", "a broken path is refused", [
            mia(),
            change(json!([{ "op": "replace", "path": "emails[type eq", "value": "x" }]))
                .status(400)
                .scim_type(["invalidPath", "invalidFilter"]),
        ]),
        row("R81", "who asks for attributes gets them", [
            mia(),
            patch("/Users/{user}?attributes=userName", json!([
                { "op": "replace", "path": "nickName", "value": "mi" },
            ]))
            .status(200)
            .shows(Members("", &["schemas", "id", "userName"])),
        ]),
        row("R82", "paths have no case", [
            mia(),
            change(json!([
                { "op": "replace", "path": "DISPLAYNAME", "value": "Zed" },
                { "op": "replace", "path": "EMAILS[TYPE EQ \"work\"].VALUE", "value": "{me}-x@acme.example" },
            ]))
            .status(200)
            .shows(Is("/displayName", json!("Zed")))
            .shows(Has("/emails", json!({ "value": "{me}-x@acme.example", "type": "work" }))),
        ]),
    ]
}
