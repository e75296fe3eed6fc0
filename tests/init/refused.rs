//! Documents that give no draft, each told with its place or its remedy; and hostile ones, which end.

use scimshim::init;
use std::fmt::Write;

fn refused(text: &str) -> String {
    init::from_openapi("acme", "api", text).unwrap_err()
}

/// A document with one path.
fn with(path: &str, schema: &str) -> String {
    format!(
        r#"{{"openapi":"3.0.0","paths":{{"{path}":{{"get":{{"responses":{{"200":{{"content":{{"application/json":{{"schema":{schema}}}}}}}}}}}}}}}}}"#
    )
}

#[test]
fn what_gives_no_draft_says_why() {
    let pets = with("/pets/{id}", r#"{"type":"object","properties":{"id":{"type":"integer"}}}"#);
    let users = with("/users/{id}", r#"{"type":"object","properties":{"id":{"type":"integer"}}}"#);
    let table = [
        ("", "api is no OpenAPI document"),
        ("[1, 2]", "api is no OpenAPI document"),
        ("{\"a\": 1,\n\"b\" 2}", "api:2:5: no JSON: "),
        ("a: [1\n", "api:1:4: error[M100]"),
        ("a: &x 1\nb: *x\n", "anchors are not read"),
        ("{\"swagger\": \"2.0\"}", "api is OpenAPI 2 (`swagger`): convert it to OpenAPI 3 first"),
        ("openapi: 4.0.0\n", "api is OpenAPI \"4.0.0\": 3.0 and 3.1 are read"),
        ("openapi: 3.1.0\n", "api has no `paths`"),
        ("openapi: 3.1.0\npaths: 7\n", "api has no `paths`"),
        (&pets, "no user was found: no GET by a key answers a record with an e-mail address"),
        (&pets, "without `--openapi` the command writes a start"),
        (&users, "`GET /users/{id}` came near"),
    ];
    for (text, says) in table {
        let why = refused(text);
        assert!(why.contains(says), "{text}: {why}");
    }
}

#[test]
fn hostile_documents_end() {
    let deep_json = format!("{{\"openapi\":\"3.0.0\",\"a\":{}", "[".repeat(100_000));
    assert!(refused(&deep_json).contains("recursion limit"));
    let deep_yaml = format!("openapi: 3.0.0\na: {}1{}", "[".repeat(1_000), "]".repeat(1_000));
    let deep_yaml = refused(&deep_yaml);
    assert!(
        deep_yaml.starts_with("api:2:") && deep_yaml.contains("recursion limit"),
        "{deep_yaml}"
    );
    let large = " ".repeat(init::LARGEST + 1);
    assert!(refused(&large).contains("larger than 16 MiB"));
    assert!(
        refused(&format!("openapi: 3.0.0\na: {}", "a".repeat(1024 * 1024)))
            .contains("as JSON the document may have 16 MiB")
    );
    // Two references that point at each other, and one that leaves the document.
    let loops = with("/users/{id}", r##"{"$ref":"#/a"}"##);
    let loops = loops.replacen('{', r##"{"a":{"$ref":"#/b"},"b":{"$ref":"#/a"},"##, 1);
    assert!(refused(&loops).contains("no user was found"));
    let away = with("/users/{id}", r#"{"$ref":"http://169.254.169.254/x"}"#);
    assert!(refused(&away).contains("no user was found"));
    // Every field holds the whole again, and every schema is made of three hundred.
    let mut wide = String::from(
        r#"{"type":"object","properties":{"email":{"type":"string"},"id":{"type":"string"}"#,
    );
    for number in 0..300 {
        write!(wide, r##","f{number}":{{"$ref":"#/s"}}"##).unwrap();
    }
    wide.push_str(r##"},"allOf":["##);
    wide.push_str(&vec![r##"{"$ref":"#/s"}"##; 300].join(","));
    wide.push_str("]}");
    let wide =
        with("/users/{id}", r##"{"$ref":"#/s"}"##).replacen('{', &format!("{{\"s\":{wide},"), 1);
    let draft = init::from_openapi("acme", "api", &wide).unwrap();
    assert!(
        draft.mapping.contains("userName: { field: email, direction: read }"),
        "{}",
        draft.mapping
    );
}

#[test]
fn values_of_another_type_than_they_should_have_are_passed_over() {
    let good = r#"{"type":"object","properties":{"id":{"type":"string"},"email":{"type":"string"},"state":{"type":"string","enum":["active","suspended"]}}}"#;
    let document = with("/users/{id}", good);
    let odd = ["null", "7", "true", "\"x\"", "[]", "[[1]]", "{}", "{\"x\":[{}]}"];
    for key in [
        "servers",
        "security",
        "components",
        "info",
        "parameters",
        "requestBody",
        "responses",
        "content",
        "schema",
        "type",
        "properties",
        "enum",
        "email",
        "200",
        "get",
        "/users/{id}",
    ] {
        for value in odd {
            let whole = format!("\"{key}\":");
            let text = match document.find(&whole) {
                // The member's old value stands behind it, under a name that nobody reads.
                Some(at) => {
                    let (before, after) = document.split_at(at);
                    let after = after.replacen(&whole, "\"was\":", 1);
                    format!("{before}{whole}{value},{after}")
                }
                None => document.replacen('{', &format!("{{{whole}{value},"), 1),
            };
            if let Ok(draft) = init::from_openapi("acme", "api", &text) {
                let loaded = scimshim::mapping::load("acme.yaml", &draft.mapping);
                assert!(loaded.plan.is_some(), "{text}: {:?}\n{}", loaded.findings, draft.mapping);
            }
        }
    }
}

#[test]
fn words_of_the_document_stay_words() {
    let nasty = r##"ev\u0000il\n# x: {y} \u001b[31m\u2028\"' \\ "##;
    let schema = format!(
        r#"{{"type":"object","properties":{{"id":{{"type":"string"}},"email":{{"type":"string"}},"role":{{"type":"string","enum":["{nasty}","{{tenant.token}}"]}},"status":{{"type":"string","enum":["active","suspended","deleted","{nasty}"]}},"{nasty}":{{"type":"string"}},"it's [a] \\ b.c":{{"type":"object","properties":{{"first_name":{{"type":"string"}}}}}}}}}}"#
    );
    let document = with("/users/{id}", &schema).replacen(
        '{',
        &format!(r#"{{"info":{{"title":"{nasty}"}},"servers":[{{"url":"https://{nasty}"}}],"#),
        1,
    );
    let draft = init::from_openapi("acme", "api", &document).unwrap();
    let loaded = scimshim::mapping::load("acme.yaml", &draft.mapping);
    assert!(loaded.plan.is_some(), "{:?}\n{}", loaded.findings, draft.mapping);
    for text in [&draft.mapping, &draft.tests, &draft.told.join("\n")] {
        assert!(!text.contains(['\0', '\u{1b}', '\u{2028}']), "{text}");
    }
}
