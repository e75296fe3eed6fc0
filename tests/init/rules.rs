//! The rules one by one: a piece of a document, and the line that it becomes.

use scimshim::{init, mapping};

/// A document of users with these pieces in it.
struct Pieces<'a> {
    state: &'a str,
    query: &'a str,
    beside: &'a str,
    headers: &'a str,
    scheme: &'a str,
}

const PLAIN: Pieces<'_> =
    Pieces { state: "{}", query: "", beside: "", headers: "{}", scheme: "{}" };

fn drafted(pieces: &Pieces<'_>) -> String {
    let Pieces { state, query, beside, headers, scheme } = pieces;
    let user = format!(
        "{{ type: object, properties: {{ id: {{ type: string }}, email: {{ type: string }}, status: {state} }} }}"
    );
    let list = format!(
        "{{ type: object, properties: {{ rows: {{ type: array, items: {user} }}, {beside} }} }}"
    );
    let text = format!(
        "openapi: 3.0.0\n\
         servers: [{{ url: 'https://a.example' }}]\n\
         paths:\n  \
           /users:\n    \
             get:\n      \
               parameters: [{query}]\n      \
               responses: {{ '200': {{ headers: {headers}, content: {{ application/json: {{ schema: {list} }} }} }} }}\n  \
           '/users/{{id}}':\n    \
             get: {{ responses: {{ '200': {{ content: {{ application/json: {{ schema: {user} }} }} }} }} }}\n    \
             patch: {{ requestBody: {{ content: {{ application/json: {{ schema: {user} }} }} }} }}\n\
         components: {{ securitySchemes: {{ s: {scheme} }} }}\n"
    );
    let draft = init::from_openapi("acme", "api", &text).unwrap();
    let loaded = mapping::load("acme.yaml", &draft.mapping);
    assert!(loaded.plan.is_some(), "{:?}\n{}", loaded.findings, draft.mapping);
    draft.mapping
}

#[test]
fn lists_go_on_as_their_parameters_and_answers_say() {
    let table = [
        ("", "next_url: { type: string }", "{}", "paging: { next_url: { field: next_url } }"),
        ("", "", "{ Link: {} }", "paging: { link: {} }"),
        ("{ name: per_page, in: query }", "", "{}", "paging: none"),
        (
            "{ name: skip, in: query }, { name: limit, in: query, schema: { maximum: 20 } }",
            "",
            "{}",
            "paging: { offset: { param: skip, first: 0, size_param: limit, size: 20 } }",
        ),
        (
            "{ name: page, in: query, schema: { minimum: 0 } }",
            "total: { type: integer }",
            "{}",
            "paging: { page: { param: page, first: 0, total: total } }",
        ),
        // A cursor that no answer tells is none.
        ("{ name: cursor, in: query }", "", "{}", "paging: none"),
    ];
    for (query, beside, headers, line) in table {
        let mapping = drafted(&Pieces { query, beside, headers, ..PLAIN });
        assert!(mapping.contains(line), "{line}\n{mapping}");
    }
}

#[test]
fn states_are_read_by_their_words_and_written_only_where_the_word_is_known() {
    let table = [
        (
            "{ type: string, enum: [LIVE, PENDING, LOCKED] }",
            "values: { true: [LIVE, PENDING], false: [LOCKED, \"*\"] } }",
        ),
        (
            "{ type: string, enum: [active, deleted] }",
            "values: { true: active, false: [deleted, \"*\"] } }",
        ),
        (
            "{ type: string, enum: [active, inactive, removed] }",
            "exists: record.status != 'removed'",
        ),
        (
            "{ type: string, example: active }",
            "direction: read, values: { true: active, false: [\"*\"] } }",
        ),
        ("{ type: string, example: A }", "# - `active`: whether a user may log in"),
        ("{ type: string, enum: [green, red] }", "# - `active`: whether a user may log in"),
    ];
    for (state, line) in table {
        let mapping = drafted(&Pieces { state, ..PLAIN });
        assert!(mapping.contains(line), "{line}\n{mapping}");
    }
}

#[test]
fn the_credential_is_the_documents_or_is_said_to_be_a_guess() {
    let bearer = "auth: { bearer: { token: \"{tenant.token}\" } }";
    let table = [
        ("{ type: http, scheme: bearer }", bearer),
        (
            "{ type: http, scheme: basic }",
            "basic: { user: \"{tenant.account}\", password: \"{tenant.token}\" }",
        ),
        (
            "{ type: apiKey, in: header, name: X-Key }",
            "api_key: { header: X-Key, value: \"{tenant.token}\" }",
        ),
        (
            "{ type: apiKey, in: header, name: Authorization }",
            "# guess: a bearer token; the document says only",
        ),
        (
            "{ type: apiKey, in: query, name: key }",
            "api_key: { query: key, value: \"{tenant.token}\" }",
        ),
        (
            "{ type: apiKey, in: cookie, name: sid }",
            "# guess: the document has no scheme that fits",
        ),
        ("{ type: oauth2 }", "# guess: a token that lasts, shown as bearer"),
    ];
    for (scheme, line) in table {
        let mapping = drafted(&Pieces { scheme, ..PLAIN });
        assert!(mapping.contains(line), "{line}\n{mapping}");
    }
}

#[test]
fn a_password_that_a_create_must_have_is_made_up() {
    let user = "{ type: object, properties: { id: { type: string }, email: { type: string } } }";
    let table = [("[email]", false), ("[email, password]", true)];
    for (required, made_up) in table {
        let sent = format!(
            "{{ type: object, required: {required}, properties: {{ email: {{ type: string }}, password: {{ type: string }} }} }}"
        );
        let text = format!(
            "openapi: 3.0.0\n\
             servers: [{{ url: 'https://a.example' }}]\n\
             paths:\n  \
               /users:\n    \
                 get: {{ responses: {{ '200': {{ content: {{ application/json: {{ schema: {{ type: array, items: {user} }} }} }} }} }} }}\n    \
                 post: {{ requestBody: {{ content: {{ application/json: {{ schema: {sent} }} }} }}, responses: {{ '201': {{ content: {{ application/json: {{ schema: {user} }} }} }} }} }}\n  \
               '/users/{{id}}':\n    \
                 get: {{ responses: {{ '200': {{ content: {{ application/json: {{ schema: {user} }} }} }} }} }}\n"
        );
        let draft = init::from_openapi("acme", "api", &text).unwrap();
        let loaded = mapping::load("acme.yaml", &draft.mapping);
        assert!(loaded.plan.is_some(), "{:?}\n{}", loaded.findings, draft.mapping);
        // Keys that do not fit one line stand below each other.
        let flat = draft.mapping.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains("password:") && flat.contains("direction: write"), "{flat}");
        for part in
            ["generate: { length: 20, needs: [upper, lower, digit, symbol] }", "# Made up where"]
        {
            assert_eq!(flat.contains(part), made_up, "{required} {part}: {flat}");
        }
    }
}
