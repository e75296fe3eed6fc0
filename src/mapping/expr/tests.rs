mod functions;

use super::{
    functions::{FUNCTIONS, MACROS},
    *,
};
use serde_json::json;

fn run(text: &str) -> Result<Value, String> {
    let record = json!({
        "name": {"first": "Mia", "last": "Berg"}, "active": true, "n": 9007199254740993u64,
        "mails": [{"v": "a", "primary": true}, {"v": "b"}], "urn:x:User": {"a": "b"}, "none": null,
        "tags": ["x", "y"], "big": serde_json::from_str::<Value>("123456789012345678901234567890").unwrap(),
    });
    let expression =
        Expression::parse(text).map_err(|fault| format!("{} at {}", fault.code, fault.offset))?;
    expression.evaluate(&Scope::new().with("r", &record)).map_err(|error| error.message)
}

#[test]
fn every_example_of_the_function_table_holds() {
    let macros = MACROS.iter().map(|one| one.example);
    for (text, result) in FUNCTIONS.iter().map(|function| function.example).chain(macros) {
        assert_eq!(run(text).map(|value| value.to_string()), Ok(result.to_owned()), "{text}");
    }
}

#[test]
fn expressions_mean_what_they_say() {
    let table = [
        ("r.name.first + ' ' + r.name.last", "\"Mia Berg\""),
        ("r.nope", "null"),
        ("r.nope.deeper.still", "null"),
        ("r.mails[7].v", "null"),
        ("r.none.x", "null"),
        ("r.nope == null", "true"),
        ("has(r.name.first)", "true"),
        ("has(r.none)", "false"),
        ("has(r.nope.x)", "false"),
        ("r['urn:x:User'].a", "\"b\""),
        ("r.n", "9007199254740993"),
        ("r.n == 9007199254740993", "true"),
        ("r.n == 9007199254740992", "false"),
        ("r.big", "123456789012345678901234567890"),
        ("1 == 1.0", "true"),
        ("1 == '1'", "false"),
        ("1 + 2 * 3", "7"),
        ("-r.name.size", "!"),
        ("7 / 2", "3"),
        ("7.0 / 2.0", "3.5"),
        ("1 / 0", "!"),
        ("r.big + 1", "!"),
        ("r.big + 0.5", "!"),
        ("9223372036854775807 + 1", "!"),
        ("r.big == 123456789012345678901234567890", "!"),
        ("r.big > r.n && r.n < r.big && -1 < r.n", "true"),
        ("text(r.big) == '123456789012345678901234567890'", "true"),
        ("r.big == '123456789012345678901234567890'", "false"),
        ("r.mails[-1]", "null"),
        ("r.mails[r.nope]", "null"),
        ("r.name[0]", "null"),
        ("r.mails['v']", "null"),
        ("r.mails[true]", "!"),
        ("null.contains('a')", "!"),
        ("r.none + 1", "!"),
        ("r.mails.map(m, m.primary, m.v)", "[\"a\"]"),
        ("r.mails.map(m, [m.v])", "[[\"a\"],[\"b\"]]"),
        ("r.tags.map(a, a).map(b, b).map(c, c).map(d, [d].exists(e, e == 'x'))", "[true,false]"),
        ("r.mails.filter(m, 1 / 0 == 1)", "!"),
        ("r.name.map(k, k)", "[\"first\",\"last\"]"),
        ("r.active ? 'A' : 'S'", "\"A\""),
        ("r.nope ? 'A' : 'S'", "\"S\""),
        ("!r.nope", "true"),
        ("r.active && r.nope", "false"),
        ("r.active || 1 / 0 == 1", "true"),
        ("1 / 0 == 1 || r.active", "true"),
        ("'x' in r.tags", "true"),
        ("'first' in r.name", "true"),
        ("'z' in r.nope", "false"),
        ("r.mails.exists(m, m.primary)", "true"),
        ("r.mails.all(m, m.primary)", "false"),
        ("r.mails.exists_one(m, m.primary)", "true"),
        ("r.mails.filter(m, m.primary).map(m, m.v)", "[\"a\"]"),
        ("r.mails.map(m, m.v)", "[\"a\",\"b\"]"),
        ("r.nope.map(m, m.v)", "[]"),
        ("r.nope.exists(m, true)", "false"),
        ("size(r.nope)", "0"),
        ("r.tags.map(t, r.mails.map(m, m.v + t))", "[[\"ax\",\"bx\"],[\"ay\",\"by\"]]"),
        ("{'a': r.active, 'b': [1]}", "{\"a\":true,\"b\":[1]}"),
        ("r.name.first.startsWith('M')", "true"),
        ("r.nope.contains('M')", "!"),
        ("r.name.first < 'Z'", "true"),
        ("r.nope < 1", "!"),
        ("r.name.first.matches('^M.a$')", "true"),
        ("'a' + 1", "!"),
        ("r.tags + ['z']", "[\"x\",\"y\",\"z\"]"),
    ];
    for (text, expected) in table {
        match run(text) {
            Ok(value) => assert_eq!(value.to_string(), expected, "{text}"),
            Err(error) => assert_eq!(expected, "!", "{text}: {error}"),
        }
    }
}

#[test]
fn mistakes_are_found_at_load_with_their_place() {
    let table = [
        ("r.a ==", "M601"),
        ("r.a == 'x", "M601"),
        ("nosuch(r)", "M605"),
        ("size()", "M605"),
        ("r.a.matches(r.b)", "M605"),
        ("r.a.matches('(')", "M601"),
        ("b'x'", "M601"),
        ("r.a.map(a, a.map(b, b.map(c, c)))", "M606"),
    ];
    for (text, code) in table {
        assert_eq!(Expression::parse(text).unwrap_err().code, code, "{text}");
    }
    assert_eq!(Expression::parse(&" ".repeat(5_000)).unwrap_err().code, "M606");
    assert!(Expression::parse(&"(".repeat(4_000)).is_err());
    assert_eq!(Expression::parse("1 + nosuch(r)").unwrap_err().offset, 4);
}

#[test]
fn names_are_the_free_ones_with_what_is_selected() {
    let names = |text: &str| {
        let expression = Expression::parse(text).unwrap();
        expression
            .names()
            .iter()
            .map(|name| format!("{}:{}@{}", name.root, name.path.join("."), name.offset))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        names("resource.name.givenName + x['y'].z"),
        ["resource:name.givenName@0", "x:y.z@26"]
    );
    assert_eq!(names("a.exists(e, e.b == c)"), ["a:@0", "c:@19"]);
    assert_eq!(names("has(a.b)"), ["a:b@4"]);
}

#[test]
fn templates_keep_types_and_encode_paths() {
    let value = json!({"id": "a/b c", "n": 7, "list": [1], "none": null, "s": "{x}"});
    let scope = Scope::new().with("v", &value);
    let template = |text: &str| Template::parse(text).unwrap();
    assert_eq!(template("/u/{v.id}/x").path(&scope).unwrap(), "/u/a%2Fb%20c/x");
    assert_eq!(template("{v.n}").value(&scope).unwrap(), json!(7));
    assert_eq!(template("{v.list}").value(&scope).unwrap(), json!([1]));
    assert_eq!(template("n={v.n}").value(&scope).unwrap(), json!("n=7"));
    assert_eq!(template("{{{v.n}}}").value(&scope).unwrap(), json!("{7}"));
    assert_eq!(template("{v.none}").text(&scope).unwrap(), None);
    assert_eq!(template("{'}' + v.s}").value(&scope).unwrap(), json!("}{x}"));
    assert_eq!(template("{json({'a': v.n})}").value(&scope).unwrap(), json!("{\"a\":7}"));
    for text in ["/u/{v.none}", "/u/{v.list}", "/{''}"] {
        assert!(template(text).path(&scope).is_err(), "{text}");
    }
    for text in ["{v.n", "v}", "{}"] {
        assert!(Template::parse(text).is_err(), "{text}");
    }
    assert_eq!(Template::parse("ab{1 +}").unwrap_err().offset, 5);
}

#[test]
fn a_map_that_goes_on_whole_is_found_wherever_it_does() {
    let table: [(&str, &[&[&str]]); 9] = [
        ("w", &[&[]]),
        ("w.a", &[]),
        ("w['a']", &[]),
        ("has(w.a)", &[]),
        ("without(w, ['a', 'b'])", &[&["a", "b"]]),
        ("without(merge(w, {'c': w.a}), ['a'])", &[&["a"]]),
        ("merge(without(w, ['a']), x ? w : y)", &[&["a"], &[]]),
        ("json({'user': w})", &[&[]]),
        ("[1].map(i, w)", &[&[]]),
    ];
    for (text, expected) in table {
        assert_eq!(Expression::parse(text).unwrap().passed("w"), expected, "{text}");
    }
}

#[test]
fn what_stands_in_a_path_is_one_segment_or_an_error() {
    let table = [
        ("a/b", Some("a%2Fb")),
        ("../x", Some("..%2Fx")),
        ("a%2Fb", Some("a%252Fb")),
        ("%", Some("%25")),
        ("a b?c#d&e=f+g", Some("a%20b%3Fc%23d%26e%3Df%2Bg")),
        ("a\r\nb\0\t\u{7f}", Some("a%0D%0Ab%00%09%7F")),
        ("Umeå", Some("Ume%C3%A5")),
        ("...", Some("...")),
        ("~-_.a", Some("~-_.a")),
        ("", None),
    ];
    let template = Template::parse("/u/{v}/x").unwrap();
    for (text, segment) in table {
        let value = json!(text);
        let path = template.path(&Scope::new().with("v", &value)).ok();
        assert_eq!(path, segment.map(|segment| format!("/u/{segment}/x")), "{text:?}");
    }
    for value in [json!(null), json!([1]), json!({ "a": 1 })] {
        assert!(template.path(&Scope::new().with("v", &value)).is_err(), "{value}");
    }
    for (value, segment) in
        [(json!(7), "7"), (json!(true), "true"), (json!(9007199254740993u64), "9007199254740993")]
    {
        assert_eq!(
            template.path(&Scope::new().with("v", &value)).unwrap(),
            format!("/u/{segment}/x")
        );
    }
}

#[test]
fn a_text_that_is_one_hole_keeps_the_type_of_its_value() {
    let kept =
        [json!(7), json!(true), json!(null), json!([1, null]), json!({ "a": [] }), json!("x")];
    for value in kept {
        let scope = Scope::new().with("v", &value);
        assert_eq!(Template::parse("{v}").unwrap().value(&scope).unwrap(), value);
        // Beside another character it is a text, and what has none is an error, never `null`.
        let beside = Template::parse("{v}!").unwrap().value(&scope);
        let text = crate::upstream::record::text_of(&value).map(|text| json!(format!("{text}!")));
        assert_eq!(beside.ok(), text, "{value}");
    }
    let scope = Scope::new();
    for (text, literal) in [("{{}}", "{}"), ("{{{{", "{{"), ("a}}b", "a}b"), ("{{{'x'}}}", "{x}")] {
        assert_eq!(Template::parse(text).unwrap().value(&scope).unwrap(), json!(literal), "{text}");
    }
}
