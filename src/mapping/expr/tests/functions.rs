//! Each function with what goes in and what comes out; `!` fails.

use super::*;
use crate::mapping::expr::functions::Function;

#[test]
fn each_function_by_what_goes_in() {
    let table: &[(&str, &str)] = &[
        // size
        ("size('åb')", "2"),
        ("size({'a': 1})", "1"),
        ("size([])", "0"),
        ("size(null)", "0"),
        ("size(7)", "!"),
        // contains, startsWith, endsWith
        ("'abc'.contains('')", "true"),
        ("'abc'.contains('d')", "false"),
        ("[1, 2].contains(2)", "true"),
        ("[1, 2].contains('2')", "false"),
        ("'abc'.startsWith('b')", "false"),
        ("'abc'.endsWith('b')", "false"),
        ("7.0.startsWith('7')", "!"),
        ("'abc'.contains(null)", "!"),
        // int
        ("int(' 7 ')", "7"),
        ("int(7.9)", "7"),
        ("int(-7.9)", "-7"),
        ("int(true)", "1"),
        ("int('x')", "!"),
        ("int(null)", "!"),
        ("int(1e300)", "!"),
        ("int(r.big)", "!"),
        ("int('9223372036854775808')", "!"),
        // number, double
        ("number(' 1.50 ')", "1.50"),
        ("number('123456789012345678901234567890')", "123456789012345678901234567890"),
        ("number(null)", "null"),
        ("number('')", "!"),
        ("number('7a')", "!"),
        ("number([])", "!"),
        ("double('7')", "7"),
        // text, string
        ("text(1.50)", "\"1.5\""),
        ("text(true)", "\"true\""),
        ("text(null)", "null"),
        ("text([1])", "!"),
        ("string('a')", "\"a\""),
        // bool
        ("bool('TRUE')", "true"),
        ("bool(0)", "false"),
        ("bool('yes')", "!"),
        ("bool(null)", "!"),
        // coalesce
        ("coalesce(null, '', [], 0)", "0"),
        ("coalesce(r.nope, r.name.first)", "\"Mia\""),
        ("coalesce(null)", "null"),
        ("coalesce('a', 1 / 0)", "\"a\""),
        ("coalesce(false, 'a')", "false"),
        // join
        ("join(['a', '', null, 'b', 7, true], '-')", "\"a-b-7-true\""),
        ("join([], ',')", "\"\""),
        ("join(null, ',')", "\"\""),
        ("join([[1]], ',')", "!"),
        ("join('ab', ',')", "!"),
        ("join(['a'], null)", "!"),
        // split
        ("split('a,,b', ',')", "[\"a\",\"\",\"b\"]"),
        ("split('', ',')", "[\"\"]"),
        ("split(null, ',')", "[]"),
        ("split('a', '')", "!"),
        ("split(7, ',')", "!"),
        // first, last
        ("first([])", "null"),
        ("first(null)", "null"),
        ("last([])", "null"),
        ("last('ab')", "!"),
        // primary
        ("primary([{'v': 1}, {'v': 2}]).v", "1"),
        ("primary([{'v': 1}, {'v': 2, 'primary': 'true'}]).v", "1"),
        ("primary([])", "null"),
        ("primary(null).v", "null"),
        ("primary(7)", "!"),
        // of_type
        ("of_type([{'type': 'Work', 'v': 1}], 'work').v", "1"),
        ("of_type([{'v': 1}, 'work'], 'work')", "null"),
        ("of_type(null, 'work')", "null"),
        ("of_type([], null)", "!"),
        // lower, upper, trim
        ("lower(null)", "null"),
        ("upper('ß')", "\"SS\""),
        ("trim('\\t a b \\n')", "\"a b\""),
        ("lower(7)", "!"),
        // json
        ("json(null)", "\"null\""),
        ("json('a')", "\"\\\"a\\\"\""),
        ("json(r.big)", "\"123456789012345678901234567890\""),
        // merge
        ("merge({'a': [1], 'b': 1}, {'a': [2], 'c': null})", "{\"a\":[2],\"b\":1,\"c\":null}"),
        ("merge({'a': {'b': 1}}, {'a': 2})", "{\"a\":2}"),
        ("merge(null, {'a': 1})", "{\"a\":1}"),
        ("merge({'a': 1}, null)", "{\"a\":1}"),
        ("merge({'a': 1}, [])", "!"),
        // without
        ("without({'a': 1, 'b': 2}, ['b', 'c', 7])", "{\"a\":1}"),
        ("without({'a': 1}, null)", "{\"a\":1}"),
        ("without(null, ['a'])", "!"),
        ("without({'a': 1}, 'a')", "!"),
        // matches
        ("'a1'.matches('[0-9]')", "true"),
        ("'a1'.matches('^[0-9]')", "false"),
        ("null.matches('a')", "!"),
    ];
    for (text, expected) in table {
        let found = run(text).map_or_else(|_| "!".to_owned(), |value| value.to_string());
        assert_eq!(found, *expected, "{text}");
    }
    let tried = |function: &&Function| {
        let name = format!("{}(", function.name);
        !table.iter().any(|(text, _)| text.contains(&name))
    };
    let untried: Vec<&str> = FUNCTIONS.iter().filter(tried).map(|function| function.name).collect();
    assert_eq!(untried, [""; 0], "every function stands in the table");
}

#[test]
fn each_function_says_how_it_is_written() {
    for function in FUNCTIONS {
        let too_many = vec!["1"; function.takes.end() + 1].join(", ");
        let fault = Expression::parse(&format!("{}({too_many})", function.name)).unwrap_err();
        assert_eq!(fault.code, "M605", "{}", function.name);
        assert!(fault.message.contains(function.usage), "{}", fault.message);
    }
}

#[test]
fn macros_take_no_more_than_their_turns() {
    let list: Value = (0..1_001).collect();
    let scope = Scope::new().with("l", &list);
    let value = |text: &str| Expression::parse(text).unwrap().evaluate(&scope);
    assert_eq!(value("size(l.map(a, a).filter(a, a > 0))"), Ok(Value::from(1_000)));
    let nested = ["l.map(a, l.map(b, b))", "l.all(a, l.exists(b, b < 0) || true)"];
    for text in nested {
        let error = value(text).unwrap_err();
        assert_eq!(error.message, "a macro goes round more than 1000000 times", "{text}");
    }
    // Each macro that stands for itself has all of them.
    assert_eq!(value("size(l.map(a, l[0])) + size(l.map(a, l[1]))"), Ok(Value::from(2_002)));
}

#[test]
fn a_list_that_a_macro_makes_is_never_copied_to_grow() {
    use super::super::{evaluate::gathers, term::Term};
    // Macros that make a list, with how often they go round for a list of five.
    let table = [
        ("r.map(x, x)", 5),
        ("r.map(x, x > 2, x)", 5),
        ("r.filter(x, x > 2)", 5),
        ("r.map(x, r.map(y, y))", 5 + 25),
        ("r.map(x, r.filter(y, y < x))", 5 + 25),
        // Each copy of the list is six values.
        ("r.map(x, r)", 5 + 5 * 6),
        ("r.map(x, [r, {'a': r}])", 5 + 5 * 12),
        ("r.map(x, r.map(y, r))", 5 + 25 + 25 * 6),
        // The turn that finds that there is enough counts as well.
        ("r.filter(x, r.exists(y, y == 3))", 5 + 20),
    ];
    for (text, turns) in table {
        let expression = Expression::parse(text).unwrap();
        let Term::Loop(inner) = &expression.term else { unreachable!("{text} is a macro") };
        // What is gathered in place is moved once; any other list would be copied in each turn.
        assert!(gathers(inner).is_some(), "{text}");
        let (list, own) = (json!([1, 2, 3, 4, 5]), std::sync::atomic::AtomicUsize::new(0));
        let scope = Scope::new().with("r", &list).counting(&own);
        expression.evaluate(&scope).unwrap();
        assert_eq!(own.into_inner(), turns, "{text}");
    }
}

#[test]
fn a_macro_copies_no_more_than_its_share() {
    let list: Value = (0..1_000).collect::<Vec<u32>>().into();
    let told = |text: &str| {
        let expression = Expression::parse(text).unwrap();
        expression.evaluate(&Scope::new().with("r", &list)).map_err(|error| error.message)
    };
    assert_eq!(told("r.map(x, r)").unwrap_err(), "a macro copies more than 1000000 values");
    assert!(told("r.filter(x, x < 900).map(x, r)").is_ok());
    // Outside of one there is nothing to repeat it.
    assert!(told("[r, r]").is_ok());
}
