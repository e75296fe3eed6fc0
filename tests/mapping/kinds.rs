//! Kinds of resource beside User and Group: what is found in a mapping that gets one wrong.

use crate::checks::sound;
use scimshim::{
    mapping::{self, Loaded},
    scim::schema::Mutability,
};

/// The README's mapping with one more resource.
fn with(resource: &str) -> Loaded {
    mapping::load("m.yaml", &format!("{}\n{resource}", sound().trim_end()))
}

fn found(resource: &str) -> Vec<String> {
    let findings = with(resource).findings;
    findings.iter().map(|one| format!("{}: {}", one.code, one.message)).collect()
}

const ROLE: &str = "  Role:
    endpoint: /Roles
    schema: urn:okta:scim:schemas:core:1.0:Role
    key: id
    attributes: { displayName: { field: name }, description: { field: name } }
    operations:
      list: { call: GET /roles, items: ., paging: { page: { param: p } } }
";

const LICENSE: &str = "  License:
    endpoint: /Licenses
    schema: urn:okta:scim:schemas:core:1.0:Entitlement
    fixed:
      - { id: full, displayName: Full seat }
      - { id: 7, displayName: Guest seat }
";

#[test]
fn each_mistake_is_told_with_its_remedy() {
    let table: [(&str, &str, &str, &[&str]); 22] = [
        ("a list alone", ROLE, "", &[]),
        ("a fixed list", LICENSE, "", &[]),
        (
            "nothing to read by",
            ROLE,
            "list: { call: GET /roles, items: ., paging: { page: { param: p } } }=>find: [{ filter: \"displayName eq {q}\", call: GET /roles, query: { q: \"{q}\" }, items: . }]",
            &["M103: `get` and `list` are both missing: nothing could be read"],
        ),
        (
            "a write without a read",
            ROLE,
            "operations:\n=>operations:\n      delete: { call: \"DELETE /roles/{key}\" }\n",
            &[
                "M103: `get` is missing",
                "M401: `displayName` can change, and no update writes it",
                "M208: `displayName` and `description` both write `name`, or one writes inside the other's",
                "M401: `description` can change, and no update writes it",
            ],
        ),
        (
            "only written",
            ROLE,
            "description: { field: name }=>description: { field: note, direction: write }",
            &["M217: `description` is only written, and nothing of its kind is"],
        ),
        (
            "no name",
            ROLE,
            "displayName: { field: name }, =>",
            &["M211: required attribute `displayName` of Role has no rule"],
        ),
        (
            "an unknown schema",
            ROLE,
            "1.0:Role=>1.0:Rolle",
            &["M218: schema `urn:okta:scim:schemas:core:1.0:Rolle` is not known"],
        ),
        (
            "no schema",
            ROLE,
            "    schema: urn:okta:scim:schemas:core:1.0:Role\n=>",
            &["M103: resource `Role` needs `endpoint` and `schema`"],
        ),
        (
            "no endpoint",
            LICENSE,
            "    endpoint: /Licenses\n=>",
            &["M103: resource `License` needs `endpoint` and `schema`"],
        ),
        (
            "no slash",
            ROLE,
            "endpoint: /Roles=>endpoint: Roles",
            &["M219: endpoint `Roles` is no `/` and one segment"],
        ),
        (
            "two segments",
            ROLE,
            "endpoint: /Roles=>endpoint: /app/Roles",
            &["M219: endpoint `/app/Roles` is no `/` and one segment"],
        ),
        (
            "taken",
            ROLE,
            "endpoint: /Roles=>endpoint: /users",
            &["M219: endpoint `/users` is taken by User"],
        ),
        (
            "reserved",
            LICENSE,
            "endpoint: /Licenses=>endpoint: /schemas",
            &["M219: endpoint `/schemas` is the protocol's own (RFC 7644 §3.2, §4)"],
        ),
        (
            "one name in two cases",
            LICENSE,
            "License:=>USER:",
            &["M102: `USER` and `User` are one name: case does not count"],
        ),
        (
            "fixed with operations",
            LICENSE,
            "    fixed:=>    operations: { list: { call: GET /licenses, items: . } }\n    fixed:",
            &["M106: `fixed` and `operations` exclude each other"],
        ),
        (
            "nothing fixed",
            LICENSE,
            "\n      - { id: full, displayName: Full seat }\n      - { id: 7, displayName: Guest seat }=> []",
            &[
                "M107: expected resources, e.g. `{ id: full, displayName: Full seat }`, found nothing",
            ],
        ),
        (
            "an id twice",
            LICENSE,
            "id: full=>id: \"7\"",
            &["M102: the id `7` stands twice in `fixed`"],
        ),
        ("no id", LICENSE, "id: full, =>", &["M103: `id` is missing in an entry of `fixed`"]),
        (
            "an id that leads elsewhere",
            LICENSE,
            "id: full=>id: ..",
            &["M104: expected an id that a path can hold, found `..`"],
        ),
        (
            "no name in an entry",
            LICENSE,
            ", displayName: Full seat=>",
            &["M211: `displayName` is required: found no value, expected one"],
        ),
        (
            "a wrong type",
            LICENSE,
            "displayName: Full seat=>displayName: [a]",
            &["M210: `displayName`: found a list, expected text"],
        ),
        (
            "an unknown attribute",
            LICENSE,
            "displayName: Full seat=>displayName: Full seat, seats: 7, meta: { version: a }",
            &[
                "M217: `meta` does nothing in an entry of `fixed`",
                "M201: `seats` is not an attribute of License",
            ],
        ),
    ];
    let mut wrong = Vec::new();
    for (name, resource, change, expected) in table {
        let text = match change.split_once("=>") {
            Some((old, new)) => {
                assert!(resource.contains(old), "{name}: {old} is there");
                resource.replace(old, new)
            }
            None => resource.to_owned(),
        };
        let found = found(&text);
        if found != expected {
            wrong.push(format!("{name}: {found:#?}"));
        }
        // What was expected in place of a value stands in the message itself.
        let findings = with(&text).findings;
        let mut others = findings.iter().filter(|one| !matches!(one.code, "M104" | "M401"));
        assert!(others.all(|one| one.help.is_some()), "{name}: {findings:#?}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_only_read_is_read_only_to_the_last_attribute() {
    for (resource, kind) in [(ROLE, "Role"), (LICENSE, "License")] {
        let plan = with(resource).plan.unwrap();
        let kind = &plan.resource(kind).unwrap().kind;
        assert!(kind.read_only && kind.extensions.is_empty());
        let mut attributes = kind.schemas().flat_map(|schema| &schema.attributes);
        assert!(attributes.all(|one| one.mutability == Mutability::ReadOnly && !one.required));
    }
    let plan = with(LICENSE).plan.unwrap();
    let user = plan.resource("User").unwrap();
    assert!(!user.kind.read_only && user.fixed().is_none());
}

#[test]
fn a_schema_of_ones_own_and_its_extension_are_served() {
    let own = "  Device:
    endpoint: /Devices
    schema: urn:acme:core:1.0:Device
    key: id
    attributes:
      serial: { field: serial }
      urn:acme:extension:1.0:Place:room: { field: room }
    operations:
      get: { call: \"GET /devices/{key}\", record: . }
      list: { call: GET /devices, items: ., paging: { page: { param: p } } }
      create: { call: POST /devices, record: . }
      update: [{ name: change, call: \"PATCH /devices/{key}\", record: . }]
";
    let schemas = "schemas:
  urn:acme:core:1.0:Device: { name: Device, attributes: { serial: { type: string, case: exact } } }
  urn:acme:extension:1.0:Place: { attributes: { room: { type: integer } } }
resources:";
    let text = format!("{}\n{own}", sound().trim_end()).replacen("resources:", schemas, 1);
    let loaded = mapping::load("m.yaml", &text);
    assert_eq!(loaded.findings, []);
    let plan = loaded.plan.unwrap();
    let device = &plan.resource("Device").unwrap().kind;
    let urns: Vec<&str> = device.schemas().map(|schema| schema.id.as_str()).collect();
    assert_eq!(urns, ["urn:acme:core:1.0:Device", "urn:acme:extension:1.0:Place"]);
    assert!(!device.read_only && device.schema.attributes[0].case_exact);
}

#[test]
fn explain_says_what_is_listed_and_picked() {
    let text = format!("{ROLE}{LICENSE}");
    let explained = mapping::explain::plan(&with(&text).plan.unwrap());
    for line in [
        "Role at /Roles, the vendor's key at `id`",
        "    get: picked from the list",
        "    read only: a write is refused (405)",
        "License at /Licenses, listed in the mapping",
        "  there are 2: full, 7",
    ] {
        assert!(explained.lines().any(|found| found == line), "{line} in {explained}");
    }
}
