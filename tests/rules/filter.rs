//! Filters: R42 to R56.

use crate::{
    exchange::{
        ENTERPRISE, Exchange, PATCH_OP, SEARCH_REQUEST, USER, filter, get, group, named_user,
        patch, post, user,
    },
    predicate::Predicate::*,
    row::{Row, row},
};
use serde_json::{Value, json};

/// A filter over the row's own users, and how many of them it selects.
fn finds(text: &str, count: usize) -> Exchange {
    let own = format!(r#"userName sw "{{me}}" and ({text})"#);
    filter("/Users", &own)
        .status(200)
        .shows(Is("/totalResults", json!(count)))
        .shows(Length("/Resources", count))
}

/// The filter just as it stands.
fn plain(text: &str, count: usize) -> Exchange {
    filter("/Users", text).status(200).shows(Is("/totalResults", json!(count)))
}

fn refused(text: &str) -> Exchange {
    refused_at("/Users", text)
}

fn refused_at(endpoint: &str, text: &str) -> Exchange {
    filter(endpoint, text).status(400).scim_type(["invalidFilter"])
}

fn refused_in(path: &str, text: &str) -> Exchange {
    post(path, json!({ "schemas": [SEARCH_REQUEST], "filter": text }))
        .status(400)
        .scim_type(["invalidFilter"])
}

/// A PATCH of the members that are read somewhere.
fn by_place() -> Value {
    json!([{ "op": "remove", "path": "members[$ref pr]" }])
}

/// A filter over the row's own group.
fn of_group(text: &str, count: usize) -> Exchange {
    let own = format!(r#"displayName eq "group of {{me}}" and {text}"#);
    filter("/Groups", &own).status(200).shows(Is("/totalResults", json!(count)))
}

/// The row's own user and group, by what they are.
fn of_all(order: &str) -> Exchange {
    let filter = "displayName ew \"{me}\"";
    let body = json!({
        "schemas": [SEARCH_REQUEST], "filter": filter, "sortBy": "meta.resourceType", "sortOrder": order,
    });
    post("/.search", body).status(200).shows(Is("/totalResults", json!(2)))
}

fn another(number: &str, more: Value) -> Exchange {
    named_user(&format!("{{me}}-{number}@acme.example"), "other", more)
}

/// Three of the row's own: `ka` with a title, `kb` without, and one without a nickName.
fn three() -> [Exchange; 3] {
    [
        another("1", json!({ "nickName": "{me}ka", "title": "x" })),
        another("2", json!({ "nickName": "{me}kb" })),
        another("3", json!({ "title": "y" })),
    ]
}

/// Three users, then the filters.
fn over_three<const N: usize>(
    rule: &'static str,
    about: &'static str,
    filters: [(&str, usize); N],
) -> Row {
    let asked = filters.into_iter().map(|(text, count)| finds(text, count));
    row(rule, about, three().into_iter().chain(asked))
}

pub fn rows() -> Vec<Row> {
    let mails = json!({ "emails": [
        { "value": "{me}-w@acme.example", "type": "work" },
        { "value": "{me}-h@acme.example", "type": "home" },
    ], "name": { "familyName": "of {me}" } });
    let staff = json!({ "schemas": [USER, ENTERPRISE], ENTERPRISE: { "employeeNumber": "{me}" } });
    let quoted = r#"a "b" \ (c) and d {me}"#;
    vec![
        row(
            "R42",
            "a userName compares without case",
            [user(json!({})), plain(r#"userName eq "{me}@ACME.EXAMPLE""#, 1)],
        ),
        row(
            "R43",
            "attribute and operator have no case",
            [user(json!({})), plain(r#"USERNAME EQ "{me}@acme.example""#, 1)],
        ),
        row(
            "R44",
            "an externalId compares with case",
            [
                user(json!({ "externalId": "{me}-abc" })),
                plain(r#"externalId eq "{me}-abc""#, 1),
                plain(r#"externalId eq "{me}-ABC""#, 0),
            ],
        ),
        over_three(
            "R45",
            "each operator selects its own",
            [
                (r#"nickName ne "{me}ka""#, 2),
                (r#"nickName co "K""#, 2),
                (r#"userName co "-2@""#, 1),
                (r#"nickName sw "{me}""#, 2),
                (r#"nickName ew "b""#, 1),
                (r#"userName ew "-3@acme.example""#, 1),
                ("nickName pr", 2),
                ("not (nickName pr)", 1),
            ],
        ),
        over_three(
            "R46",
            "and binds before or",
            [
                (r#"title eq "y" or nickName pr and title eq "x""#, 2),
                (r#"(title eq "y" or nickName pr) and title eq "x""#, 1),
            ],
        ),
        over_three(
            "R47",
            "a negation holds of what is unassigned",
            [(r#"nickName sw "{me}k" and not (title eq "x")"#, 1)],
        ),
        row(
            "R48",
            "brackets speak of one element",
            [
                user(mails.clone()),
                finds(r#"emails[type eq "work" and value eq "{me}-w@acme.example"]"#, 1),
                finds(r#"emails[type eq "home" and value eq "{me}-w@acme.example"]"#, 0),
            ],
        ),
        row(
            "R49",
            "a dot leads into parts",
            [
                user(mails),
                plain(r#"emails.value eq "{me}-h@acme.example""#, 1),
                plain(r#"name.familyName eq "of {me}""#, 1),
                finds(r#"emails.value eq "nobody@acme.example""#, 0),
            ],
        ),
        row(
            "R50",
            "a URN leads into an extension",
            [
                user(staff),
                plain(&format!(r#"{ENTERPRISE}:employeeNumber eq "{{me}}""#), 1),
                plain(
                    r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "{me}@acme.example""#,
                    1,
                ),
            ],
        ),
        row(
            "R51",
            "booleans compare as booleans",
            [
                user(json!({ "active": true })),
                plain(r#"active eq true and userName eq "{me}@acme.example""#, 1),
                plain(r#"active eq false and userName eq "{me}@acme.example""#, 0),
            ],
        ),
        row(
            "R52",
            "instants compare as instants",
            [
                user(json!({})),
                finds(r#"meta.lastModified gt "2011-05-13T04:42:34Z""#, 1),
                finds(r#"meta.lastModified lt "2011-05-13T04:42:34Z""#, 0),
                // By text this one would be earlier than any that begins with 2.
                finds(r#"meta.lastModified lt "2999-12-31T23:59:59+14:00""#, 1),
            ],
        ),
        row("R53", "booleans have no order", [refused("active gt true")]),
        row("R54", "no operator of that name", [refused(r#"userName zz "a""#)]),
        row("R54", "nothing to compare with", [refused("userName eq")]),
        row("R54", "a bracket that does not close", [refused("(userName pr")]),
        row(
            "R54",
            "what is made when a resource is told is not searched for",
            [
                user(json!({})),
                group(json!({ "members": [{ "value": "{user}" }] })),
                refused("meta.location pr"),
                refused(r#"meta.version eq "1""#),
                refused("not (meta.version pr)"),
                refused("meta[version pr]"),
                refused("groups.$ref pr"),
                refused_at("/Groups", "not (members[$ref pr])"),
                refused_at("/", "userName pr or meta.location pr"),
                refused_in("/Users/.search", "meta.location pr"),
                refused_in("/.search", "members[$ref pr]"),
                patch("/Groups/{group}", by_place())
                    .status(400)
                    .scim_type(["invalidFilter", "invalidPath"]),
                post(
                    "/Bulk",
                    json!({
                        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
                        "Operations": [{ "method": "PATCH", "path": "/Groups/{group}", "data": {
                            "schemas": [PATCH_OP], "Operations": by_place(),
                        }}],
                    }),
                )
                .shows(Is("/Operations/0/status", json!("400"))),
                get("/Groups/{group}").shows(Length("/members", 1)),
            ],
        ),
        row(
            "R49",
            "what is derived is matched as it is served",
            [
                user(json!({ "displayName": "{me}" })),
                group(json!({ "members": [{ "value": "{user}" }] }))
                    .shows(Is("/members/0/type", json!("User"))),
                finds("meta pr", 1),
                finds(r#"meta.resourceType eq "User""#, 1),
                finds(r#"meta[resourceType eq "User"]"#, 1),
                finds(r#"meta.resourceType eq "user""#, 0),
                of_group(r#"members.type eq "User""#, 1),
                of_group(r#"members[type eq "User" and value eq "{user}"]"#, 1),
                of_group("not (members[type pr])", 0),
                of_all("ascending").shows(Is("/Resources/0/meta/resourceType", json!("Group"))),
                of_all("descending").shows(Is("/Resources/0/meta/resourceType", json!("User"))),
            ],
        ),
        row(
            "R55",
            "what stands in quotes is data",
            [
                user(json!({ "displayName": quoted })),
                plain(r#"displayName eq "a \"b\" \\ (c) and d {me}""#, 1),
            ],
        ),
        row(
            "R56",
            "a search by POST is the search by GET",
            [
                user(json!({ "displayName": "D", "nickName": "N" })),
                post(
                    "/Users/.search",
                    json!({
                        "schemas": [SEARCH_REQUEST], "filter": "userName eq \"{me}@acme.example\"",
                        "attributes": ["displayName"], "startIndex": 1, "count": 10,
                    }),
                )
                .status(200)
                .shows(Is("/totalResults", json!(1)))
                .shows(Is("/startIndex", json!(1)))
                .shows(Members("/Resources/0", &["schemas", "id", "displayName"])),
            ],
        ),
    ]
}
