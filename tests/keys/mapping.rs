//! Mappings, and where each container stands in one.

use crate::family::{Family, Place, place};
use scimshim::{diagnostic::Severity, mapping, yaml::schema};

const BASE: &str = r#"
mapping: 1
name: acme
evidence: assumed
tenant: { token: { type: text, secret: true }, site: { type: text } }
upstream:
  base_url: https://api.acme.example/v1
  auth: { bearer: { token: "{tenant.token}" } }
  headers: { X-Site: "{tenant.site}" }
schemas:
  urn:acme:1.0:User:
    attributes: { floor: { type: string }, since: { type: dateTime }, tags: { type: string, list: true } }
lookups: { office: { call: GET /offices, items: offices, paging: none, name: title, key: id } }
resources:
  User:
    key: id
    attributes:
      userName: { field: email, required: true }
      name.givenName: { field: first }
      nickName: { field: nick }
      active: { field: active }
      emails: { field: emails, element: { value: { field: address }, type: { field: kind } } }
    fields: { source: { constant: scim } }
    operations:
      get: { call: "GET /users/{key}", record: . }
      list: { call: GET /users, items: users, paging: none }
      find: [{ filter: "userName eq {email}", call: GET /users, query: { email: "{email}" }, items: users }]
      create: { call: POST /users, record: . }
      update: [{ name: change, call: "PATCH /users/{key}", record: . }]
      delete: { call: "DELETE /users/{key}" }
  Role:
    endpoint: /Roles
    schema: urn:okta:scim:schemas:core:1.0:Role
    key: id
    attributes: { displayName: { field: name } }
    operations: { list: { call: GET /roles, items: roles, paging: none } }
"#;

/// Variables for what `tls` holds; they are used, so that each key can be tried alone.
const PEM: [(&str, &str); 2] = [
    (
        "/tenant",
        "{ token: { type: text, secret: true }, certificate: { type: text }, certificate_key: { \
        type: text, secret: true }, ca: { type: text } }",
    ),
    ("/upstream/headers", "{ X-All: \"{tenant.certificate}{tenant.certificate_key}{tenant.ca}\" }"),
];

/// Without a secret, for what needs none.
const NO_SECRET: (&str, &str) = ("/tenant", "{ site: { type: text } }");
/// With the secret used elsewhere, so that each key can be tried alone.
const USED: (&str, &str) =
    ("/upstream/headers", "{ X-Site: \"{tenant.site}\", X-Token: \"{tenant.token}\" }");

pub fn family() -> Family {
    Family {
        root: &mapping::keys::MAPPING,
        schema: schema::schema(&mapping::keys::MAPPING, false),
        base: BASE,
        places: PLACES,
        read: |text| {
            let loaded = mapping::load("m.yaml", text);
            let errors = loaded.findings.iter().filter(|one| one.severity == Severity::Error);
            errors.map(ToString::to_string).collect()
        },
    }
}

const USER: &str = "/resources/User";
const PASSWORD: &str = "/resources/User/attributes/password";
const NICK: &str = "/resources/User/attributes/nickName";
const EMAILS: &str = "/resources/User/attributes/emails";
const SINCE: &str = "/resources/User/attributes/urn:acme:1.0:User:since";
const SOURCE: &str = "/resources/User/fields/source";
const GET: &str = "/resources/User/operations/get";
const LIST: &str = "/resources/User/operations/list";
const FIND: &str = "/resources/User/operations/find";
const CREATE: &str = "/resources/User/operations/create";
const UPDATE: &str = "/resources/User/operations/update";
const DELETE: &str = "/resources/User/operations/delete";

const OFFICE: &str = "/lookups/office";
const ONE: &str =
    r#"{ call: GET /offices, query: { name: "{value}" }, items: offices, name: title, key: id }"#;
const BACK: &str = r#"{ call: GET /offices, query: { name: "{value}" }, items: offices, name: title, key: id, by_key: { call: "GET /offices/{value}", record: . } }"#;

const STEPS: &str = r#"{ steps: [{ name: user, call: "GET /users/{key}", record: . }, { name: roles, call: "GET /users/{key}/roles", items: roles }] }"#;

const MANY: &str = r#"{ at_most: 100, steps: [{ name: users, call: POST /users/search, body: { ids: "{keys}" }, repeat: safe, items: users }, { name: roles, call: POST /roles/search, body: { users: "{keys}" }, repeat: safe, items: roles, into: roles }] }"#;
const USERS: &str = r#"{ at_most: 100, steps: [{ name: users, call: POST /users/search, body: { ids: "{keys}" }, repeat: safe, items: users }] }"#;
/// A `get` with the same part, and one more.
const PARTS: &str = r#"{ steps: [{ name: user, call: "GET /users/{key}", record: . }, { name: roles, call: "GET /users/{key}/roles", items: roles, into: roles }, { name: tags, call: "GET /users/{key}/tags", items: tags, into: tags }] }"#;
const READ_MANY: &str = "/resources/User/operations/get_many";
const TAGS: &str = "/resources/User/operations/get_many/read_again";

const UNDONE: &str = r#"{ steps: [{ name: user, call: POST /users, body: "{fields}", capture: { id: id }, undo: { call: "DELETE /users/{steps.user.id}" } }, { name: mail, call: "POST /users/{steps.user.id}/mail", record: . }] }"#;

static PLACES: &[Place] = &[
    place(
        "mapping",
        &["upstream", "resources"],
        &[
            ("/tenant", "{ token: { type: text, secret: true } }"),
            ("/upstream/headers", "{ X-Client: scimshim }"),
        ],
        "",
    ),
    place("mapping", &[], &[], ""),
    place("variable", &[], &[("/tenant/site", "{ type: text }")], "/tenant/site"),
    place(
        "upstream",
        &["headers"],
        &[("/tenant", "{ token: { type: text, secret: true } }")],
        "/upstream",
    ),
    place("upstream", &["tls"], &PEM, "/upstream"),
    place("upstream", &[], &[], "/upstream"),
    place(
        "tls",
        &["certificate", "key"],
        &[
            PEM[0],
            PEM[1],
            (
                "/upstream/tls",
                "{ certificate: \"{tenant.certificate}\", key: \"{tenant.certificate_key}\" }",
            ),
        ],
        "/upstream/tls",
    ),
    place(
        "tls",
        &[],
        &[PEM[0], PEM[1], ("/upstream/tls", "{ ca: \"{tenant.ca}\" }")],
        "/upstream/tls",
    ),
    place(
        "outside row",
        &["leaving"],
        &[("/resources/User/outside", "[{ when: resource.nickName == null, then: skip }]")],
        "/resources/User/outside/0",
    ),
    place(
        "outside row",
        &[],
        &[("/resources/User/outside", "[{ when: resource.nickName == null, then: reject }]")],
        "/resources/User/outside/0",
    ),
    place("auth", &["client"], &[NO_SECRET, ("/upstream/auth", "{}")], "/upstream/auth"),
    place("auth", &[], &[("/upstream/auth", "{}")], "/upstream/auth"),
    place(
        "client",
        &[],
        &[NO_SECRET, ("/upstream/auth", "{ client: { scheme: bearer } }")],
        "/upstream/auth/client",
    ),
    place(
        "login",
        &[],
        &[
            USED,
            (
                "/upstream/auth",
                "{ login: { call: POST /s, token: answer.body.t, send: { header: X-S, value: \"{token}\" } } }",
            ),
        ],
        "/upstream/auth/login",
    ),
    place(
        "send",
        &["query", "cookie"],
        &[
            USED,
            (
                "/upstream/auth",
                "{ login: { call: POST /s, token: answer.body.t, send: { value: \"{token}\" } } }",
            ),
        ],
        "/upstream/auth/login/send",
    ),
    place(
        "send",
        &[],
        &[
            USED,
            (
                "/upstream/auth",
                "{ login: { call: POST /s, token: answer.body.t, send: { header: X-S, value: \"{token}\" } } }",
            ),
        ],
        "/upstream/auth/login/send",
    ),
    place("bearer", &[], &[], "/upstream/auth/bearer"),
    place(
        "basic",
        &[],
        &[("/upstream/auth", "{ basic: { user: u, password: \"{tenant.token}\" } }")],
        "/upstream/auth/basic",
    ),
    place(
        "api_key",
        &["query"],
        &[("/upstream/auth", "{ api_key: { value: \"{tenant.token}\" } }")],
        "/upstream/auth/api_key",
    ),
    place(
        "api_key",
        &[],
        &[("/upstream/auth", "{ api_key: { header: X-Key, value: \"{tenant.token}\" } }")],
        "/upstream/auth/api_key",
    ),
    place(
        "oauth2",
        &["user", "password"],
        &[(
            "/upstream/auth",
            "{ oauth2: { grant: password, token_url: \"https://l.example/t\", client_id: us, user: u, password: \"{tenant.token}\" } }",
        )],
        "/upstream/auth/oauth2",
    ),
    place(
        "oauth2",
        &["refresh_token"],
        &[(
            "/upstream/auth",
            "{ oauth2: { grant: refresh_token, token_url: \"https://l.example/t\", client_id: us, refresh_token: \"{tenant.token}\" } }",
        )],
        "/upstream/auth/oauth2",
    ),
    place(
        "oauth2",
        &[],
        &[(
            "/upstream/auth",
            "{ oauth2: { grant: client_credentials, token_url: \"https://l.example/t\", client_id: us, client_secret: \"{tenant.token}\" } }",
        )],
        "/upstream/auth/oauth2",
    ),
    place("limits", &[], &[("/upstream/limits", "{ requests: 7 }")], "/upstream/limits"),
    place("retries", &[], &[("/upstream/retries", "{ times: 1 }")], "/upstream/retries"),
    place(
        "error row",
        &[],
        &[("/upstream/errors", "[{ when: answer.status == 409, means: conflict }]")],
        "/upstream/errors/0",
    ),
    place("lookup", &["by_key"], &[(OFFICE, ONE)], OFFICE),
    place("lookup", &[], &[], OFFICE),
    place("by_key", &[], &[(OFFICE, BACK)], "/lookups/office/by_key"),
    place(
        "looking",
        &["record"],
        &[(OFFICE, "{ call: \"GET /offices/{value}\", name: title, key: id }")],
        OFFICE,
    ),
    place("looking", &[], &[], OFFICE),
    place("schema", &[], &[], "/schemas/urn:acme:1.0:User"),
    place(
        "attribute",
        &["attributes"],
        &[("/schemas/urn:acme:1.0:User/attributes/floor", "{ list: true }")],
        "/schemas/urn:acme:1.0:User/attributes/floor",
    ),
    place("attribute", &[], &[], "/schemas/urn:acme:1.0:User/attributes/floor"),
    place("resource", &["endpoint", "schema"], &[], "/resources/Role"),
    place(
        "resource",
        &["attributes", "operations"],
        &[
            ("/resources/User/fields", "{ source: { constant: scim } }"),
            ("/resources/User/attributes", "{ userName: { field: email, direction: read } }"),
            (
                "/resources/User/operations",
                "{ get: { call: \"GET /users/{key}\", record: . }, list: { call: GET /users, items: \
                users, paging: none } }",
            ),
        ],
        USER,
    ),
    place("resource", &[], &[], USER),
    place(
        "fixed resource",
        &[],
        &[
            (
                "/resources/License",
                "{ endpoint: /Licenses, schema: \"urn:okta:scim:schemas:core:1.0:Entitlement\", \
                fixed: [{ id: a, displayName: A }] }",
            ),
            ("/resources/Role/endpoint", "/Other"),
        ],
        "/resources/License",
    ),
    place(
        "fixed entry",
        &[],
        &[(
            "/resources/License",
            "{ endpoint: /Licenses, schema: \"urn:okta:scim:schemas:core:1.0:Entitlement\", \
            fixed: [{ id: a, displayName: A }] }",
        )],
        "/resources/License/fixed/0",
    ),
    place("kept resource", &[], &[("/resources/Group", "{ kept: true }")], "/resources/Group"),
    place(
        "resource of values",
        &[],
        &[
            ("/resources/User/attributes/title", "{ field: job }"),
            ("/resources/Group", "{ values_of: { resource: User, attribute: title } }"),
        ],
        "/resources/Group",
    ),
    place(
        "values_of",
        &[],
        &[
            ("/resources/User/attributes/roles.^[primary==true].value", "{ field: role }"),
            (
                "/resources/Group",
                "{ values_of: { resource: User, attribute: \"roles.^[primary==true].value\" } }",
            ),
        ],
        "/resources/Group/values_of",
    ),
    place("rule", &["read", "constant", "kept", "ignore", "reject"], &[(NICK, "{}")], NICK),
    place("rule", &["element"], &[(EMAILS, "{ field: emails }")], EMAILS),
    place(
        "rule",
        &["where", "unordered"],
        &[(EMAILS, "{ field: emails, element: { value: { field: address } } }")],
        EMAILS,
    ),
    place(
        "rule",
        &["first"],
        &[(EMAILS, "{ field: emails, element: { value: { field: address }, primary: {} } }")],
        "/resources/User/attributes/emails/element/primary",
    ),
    place("rule", &["if_changed"], &[(NICK, "{ field: nick, only: create }")], NICK),
    place(
        "rule",
        &["refers"],
        &[(
            "/resources/User/attributes/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
            "{ field: boss }",
        )],
        "/resources/User/attributes/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
    ),
    place("rule", &["generate"], &[(PASSWORD, "{ field: pw, direction: write }")], PASSWORD),
    place("rule", &["unknown"], &[(NICK, "{ field: nick, lookup: office }")], NICK),
    place("rule", &[], &[], NICK),
    place(
        "generate",
        &[],
        &[(PASSWORD, "{ field: pw, direction: write, generate: { length: 20 } }")],
        "/resources/User/attributes/password/generate",
    ),
    place("field", &["constant", "write", "generate"], &[(SOURCE, "{}")], SOURCE),
    place("field", &["unknown"], &[(SOURCE, "{ constant: scim, lookup: office }")], SOURCE),
    place("field", &[], &[], SOURCE),
    place(
        "converter",
        &["text"],
        &[("/resources/User/attributes/active", "{ field: active, convert: [{}] }")],
        "/resources/User/attributes/active/convert/0",
    ),
    place(
        "converter",
        &["date", "epoch"],
        &[(SINCE, "{ field: since, convert: [{}] }")],
        "/resources/User/attributes/urn:acme:1.0:User:since/convert/0",
    ),
    place(
        "converter",
        &["split"],
        &[("/resources/User/attributes/urn:acme:1.0:User:tags", "{ field: tags, convert: [{}] }")],
        "/resources/User/attributes/urn:acme:1.0:User:tags/convert/0",
    ),
    place(
        "converter",
        &["last_segment"],
        &[(NICK, "{ field: nick, direction: read, convert: [{}] }")],
        "/resources/User/attributes/nickName/convert/0",
    ),
    place(
        "converter",
        &["number", "phone"],
        &[(NICK, "{ field: nick, lossy: not every text is one, convert: [{}] }")],
        "/resources/User/attributes/nickName/convert/0",
    ),
    place(
        "converter",
        &[],
        &[(NICK, "{ field: nick, convert: [{}] }")],
        "/resources/User/attributes/nickName/convert/0",
    ),
    place(
        "date",
        &[],
        &[(SINCE, "{ field: since, convert: [{ date: { format: \"%d.%m.%Y\" } }] }")],
        "/resources/User/attributes/urn:acme:1.0:User:since/convert/0/date",
    ),
    place("operations", &[], &[], "/resources/User/operations"),
    place("operation", &[], &[], GET),
    place("many", &["at_most"], &[(GET, PARTS), (READ_MANY, MANY), (TAGS, "[tags]")], READ_MANY),
    place("many", &["read_again"], &[(GET, PARTS), (READ_MANY, MANY)], READ_MANY),
    place("get_many of steps", &[], &[(READ_MANY, USERS)], READ_MANY),
    place(
        "part",
        &[],
        &[(GET, PARTS), (READ_MANY, MANY), (TAGS, "[tags]")],
        "/resources/User/operations/get_many/steps/1",
    ),
    place("linked list", &[], &[(LIST, "{ links: true }")], LIST),
    place("listing", &[], &[], LIST),
    place("call", &["items", "may_lack_items", "paging"], &[], LIST),
    place("call", &["into"], &[(GET, STEPS)], "/resources/User/operations/get/steps/1"),
    place("call", &["record"], &[], GET),
    place("call", &["capture"], &[(GET, STEPS)], "/resources/User/operations/get/steps/0"),
    place(
        "call",
        &["batch"],
        &[(CREATE, "{ call: POST /users, for_each: resource.emails, record: . }")],
        CREATE,
    ),
    place("call", &[], &[], CREATE),
    place("several calls", &["steps"], &[(GET, STEPS)], GET),
    place(
        "several calls",
        &["batch"],
        &[(
            CREATE,
            "{ for_each: resource.emails, steps: [{ name: make, call: POST /users, body: \"{fields}\", record: . }] }",
        )],
        CREATE,
    ),
    place(
        "several calls",
        &[],
        &[(
            CREATE,
            r#"{ steps: [{ name: make, call: POST /users, body: "{fields}", record: . }] }"#,
        )],
        CREATE,
    ),
    place("step", &["undo"], &[(CREATE, UNDONE)], "/resources/User/operations/create/steps/0"),
    place("step", &[], &[(GET, STEPS)], "/resources/User/operations/get/steps/0"),
    place("undo", &[], &[(CREATE, UNDONE)], "/resources/User/operations/create/steps/0/undo"),
    place(
        "finding",
        &["key"],
        &[(
            FIND,
            "[{ filter: \"userName eq {email}\", call: GET /users, query: { email: \"{email}\" } }]",
        )],
        "/resources/User/operations/find/0",
    ),
    place("finding", &[], &[], "/resources/User/operations/find/0"),
    place(
        "scanned find",
        &[],
        &[(FIND, "[{ filter: \"userName eq {email}\", scan: { at_most: 10 } }]")],
        "/resources/User/operations/find/0",
    ),
    place(
        "scan",
        &[],
        &[(FIND, "[{ filter: \"userName eq {email}\", scan: { at_most: 10 } }]")],
        "/resources/User/operations/find/0/scan",
    ),
    place("creating", &["claims"], &[], CREATE),
    place("creating", &["durable"], &[("/resources/User/match", "[userName]")], CREATE),
    place("creating", &[], &[(CREATE, "{ call: POST /users }")], CREATE),
    place(
        "updating",
        &[],
        &[(
            UPDATE,
            "[{ name: nick, claims: [nickName], call: \"PUT /users/{key}/nick\" }, { name: \
            change, call: \"PATCH /users/{key}\" }]",
        )],
        "/resources/User/operations/update/0",
    ),
    // What is not durable is not acknowledged early.
    place(
        "updating",
        &["acknowledge"],
        &[(
            UPDATE,
            "[{ name: nick, claims: [nickName], durable: true, call: \"PUT /users/{key}/nick\" }, { name: \
            change, call: \"PATCH /users/{key}\" }]",
        )],
        "/resources/User/operations/update/0",
    ),
    place("deleting", &[], &[], DELETE),
    place(
        "delete by update",
        &[],
        &[
            (DELETE, "{ run: off, afterwards: gone }"),
            (
                UPDATE,
                "[{ name: change, call: \"PATCH /users/{key}\" }, { name: off, claims: [active \
                becomes false], call: \"POST /users/{key}/off\" }, { name: back, claims: [active \
                becomes true], call: \"POST /users/{key}/back\" }]",
            ),
        ],
        DELETE,
    ),
    place(
        "paging",
        &[],
        &[("/resources/User/operations/list/paging", "{}")],
        "/resources/User/operations/list/paging",
    ),
    place(
        "paged",
        &["size"],
        &[("/resources/User/operations/list/paging", "{ page: { param: page, size_param: n } }")],
        "/resources/User/operations/list/paging/page",
    ),
    place(
        "paged",
        &[],
        &[("/resources/User/operations/list/paging", "{ page: { param: page } }")],
        "/resources/User/operations/list/paging/page",
    ),
    place(
        "page",
        &[],
        &[("/resources/User/operations/list/paging", "{ page: { param: page } }")],
        "/resources/User/operations/list/paging/page",
    ),
    place(
        "offset",
        &[],
        &[("/resources/User/operations/list/paging", "{ offset: { param: from } }")],
        "/resources/User/operations/list/paging/offset",
    ),
    place(
        "cursor",
        &[],
        &[("/resources/User/operations/list/paging", "{ cursor: { param: after, next: after } }")],
        "/resources/User/operations/list/paging/cursor",
    ),
    place(
        "next_url",
        &[],
        &[("/resources/User/operations/list/paging", "{ next_url: { field: next } }")],
        "/resources/User/operations/list/paging/next_url",
    ),
    place(
        "link",
        &[],
        &[("/resources/User/operations/list/paging", "{ link: { rel: more } }")],
        "/resources/User/operations/list/paging/link",
    ),
];
