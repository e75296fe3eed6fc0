//! Values that a client could send: those of the table or the schema, texts that go wrong first, and
//! some by chance. The seed is the mapping's name, so that a finding stays until it is mended.

use crate::{
    mapping::{
        convert::Converter,
        plan::{Direction, Elements, Passage, SubKind, SubRule},
    },
    scim::{
        compare::elements,
        schema::{Attribute, Type},
    },
    upstream::record::text_of,
};
use serde_json::{Map, Number, Value, json};

/// The simplest first: what fails is then small already. Other scripts, quotes, blanks, words that
/// look like JSON, digits beyond a double; and texts that a pattern or a converter asks for.
const TEXTS: [&str; 28] = [
    "a",
    "b",
    "12",
    "9007199254740993",
    "mia@acme.example",
    "+46850000001",
    "+1 (555) 010-0000",
    "https://acme.example/11",
    "first second third",
    "a,b;c|d",
    "Zo\u{eb} \u{65e5}\u{672c}",
    "MiXeD",
    " blank around ",
    "a \"b\" \\ {c} \u{27}d\u{27}",
    "true",
    "null",
    "0",
    "007",
    "-1",
    "\u{130}\u{df}\u{1f600}",
    "abc",
    "ABC",
    "AB12",
    "1234",
    "123456",
    "Abc-def_1.2",
    "Stockholm",
    "123e4567-e89b-12d3-a456-426614174000",
];

/// Both sides of 1970 and of noon, a leap day, a zone, a fraction, a year that two digits mistake.
const INSTANTS: [&str; 7] = [
    "2026-01-02T03:04:05Z",
    "2027-02-03T16:05:06Z",
    "2000-02-29T12:00:00Z",
    "2026-07-01T22:30:00+02:00",
    "2026-07-01T22:30:00.250Z",
    "1969-12-31T23:59:59Z",
    "2071-06-30T00:00:00Z",
];

/// What random texts are made of.
const ALPHABET: [char; 20] = [
    'a',
    'Z',
    '7',
    '0',
    ' ',
    ',',
    '.',
    ';',
    '@',
    '/',
    '-',
    '_',
    '+',
    '%',
    '&',
    '=',
    '\'',
    '\u{e9}',
    '\u{65e5}',
    '\u{1f600}',
];

/// Random values for each rule, beside those that are always tried.
const RANDOM: usize = 4;

/// The same values each time for the same mapping.
pub struct Generator {
    state: u64,
}

impl Generator {
    /// For a mapping of this name.
    pub fn seeded(name: &str) -> Self {
        // FNV-1a; a state of zero would stay zero.
        let seed = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self { state: seed.max(1) }
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        // xorshift64: short, and the same on every machine.
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from((self.state >> 11) % bound).unwrap_or(0)
    }

    fn text(&mut self) -> Value {
        let length = 1 + self.below(12);
        let pick = |_| ALPHABET.get(self.below(ALPHABET.len()));
        let text: String = (0..length).filter_map(pick).collect();
        // Blanks alone are tried where they are trimmed, not by chance.
        if text.trim().is_empty() { "_".into() } else { text.into() }
    }

    /// Values of a rule that is no list of elements.
    pub fn values(&mut self, passage: &Passage, attribute: Option<&Attribute>) -> Vec<Value> {
        let mut single = match &passage.table {
            Some(_) => rows(passage),
            None => self.single(passage, attribute),
        };
        if passage.list {
            return of_values(single);
        }
        // Of blanks nothing is left.
        let trims = passage.converters.contains(&Converter::Trim);
        single.extend(trims.then(|| json!(" ")).filter(|blank| allowed(blank, attribute)));
        single
    }

    /// Values of one of the schema's type that its pattern and its own list allow.
    fn single(&mut self, passage: &Passage, attribute: Option<&Attribute>) -> Vec<Value> {
        match passage.kind {
            Type::Boolean => vec![json!(true), json!(false)],
            Type::Integer => vec![
                json!(7),
                json!(0),
                json!(-1),
                json!(9_007_199_254_740_993_i64),
                json!(self.below(1_000_000)),
            ],
            Type::Decimal => {
                vec![json!(7.5), json!(0), json!(-1.25), digits("0.1234567890123456789")]
            }
            Type::DateTime => INSTANTS.map(Value::from).to_vec(),
            Type::Binary => ["aGVq", "aGVqIGhlag==", "AP8="].map(Value::from).to_vec(),
            Type::Complex => self.complex(attribute),
            Type::Reference => {
                ["https://acme.example/11", "https://acme.example/\u{fc}?a=b&c=d#e", "urn:acme:7"]
                    .map(Value::from)
                    .to_vec()
            }
            Type::String => self.texts(passage, attribute),
        }
    }

    fn texts(&mut self, passage: &Passage, attribute: Option<&Attribute>) -> Vec<Value> {
        if let Some(known) = attribute.filter(|known| known.enforced) {
            return known.canonical_values.iter().map(|value| json!(value)).collect();
        }
        let dated = passage.converters.iter().any(|converter| {
            matches!(
                converter,
                Converter::Date { .. } | Converter::EpochSeconds | Converter::EpochMillis
            )
        });
        let fixed = if dated { INSTANTS.as_slice() } else { TEXTS.as_slice() };
        let mut texts: Vec<Value> = fixed.iter().map(|text| json!(text)).collect();
        texts.extend((0..RANDOM).map(|_| self.text()));
        texts.retain(|text| allowed(text, attribute));
        texts
    }

    /// Objects of the schema's parts: all of them, and each alone.
    fn complex(&mut self, attribute: Option<&Attribute>) -> Vec<Value> {
        let subs = attribute.into_iter().flat_map(|attribute| &attribute.attributes);
        let mut parts = Vec::new();
        for sub in subs.filter(|sub| sub.kind != Type::Complex && !sub.told) {
            let passage = plain(sub);
            let values = self.values(&passage, Some(sub));
            parts.extend(values.into_iter().next().map(|value| (sub.name.clone(), value)));
        }
        let alone = parts.iter().map(|(name, value)| json!({ name: value }));
        let mut values: Vec<Value> = alone.take(3).collect();
        if parts.len() > 1 {
            values.push(Value::Object(parts.into_iter().collect()));
        }
        values
    }

    /// Lists of elements: each part's values in turn, parts alone, several, one that is marked.
    pub fn lists(&mut self, list: &Elements, attribute: Option<&Attribute>) -> Vec<Value> {
        let known = |sub: &SubRule| match list.plain {
            true => attribute,
            false => attribute.and_then(|attribute| attribute.sub(&sub.name)),
        };
        let written = |sub: &&SubRule| {
            sub.direction != Direction::Read && matches!(sub.kind, SubKind::Field(_))
        };
        let subs: Vec<&SubRule> = list.subs.iter().filter(written).collect();
        let mut columns: Vec<(&SubRule, Vec<Value>)> = Vec::new();
        for sub in subs {
            columns.push((sub, self.values(&sub.passage, known(sub))));
        }
        if list.plain {
            let values = columns.into_iter().flat_map(|(_, values)| values);
            return of_values(values.collect());
        }
        // Elements that are only read are written one by one, by calls that claim what joins and leaves.
        if columns.is_empty() {
            return Vec::new();
        }
        let refers = list.refers();
        let whole = |at: usize| -> Value {
            // Of one list one element at most is primary (RFC 7643 §2.4).
            let columns = columns.iter().filter(|(sub, _)| sub.name != "primary" || at == 0);
            let part = |(sub, values): &(&SubRule, Vec<Value>)| {
                let value = values.get(at % values.len().max(1))?;
                Some((sub.name.clone(), value.clone()))
            };
            Value::Object(columns.filter_map(part).collect())
        };
        let longest = columns.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
        let mut lists: Vec<Value> = (0..longest).map(|at| json!([whole(at)])).collect();
        // Who refers to nobody is nobody.
        let alone = columns.iter().filter(|(sub, _)| !refers || sub.name == "value");
        lists.extend(alone.filter_map(|(sub, values)| {
            let members = Map::from_iter([(sub.name.clone(), values.first()?.clone())]);
            Some(json!([members]))
        }));
        lists.push(json!([whole(0), whole(1)]));
        lists.push(json!([whole(1), whole(2), whole(0)]));
        if list.subs.iter().any(|sub| matches!(sub.kind, SubKind::First)) {
            let mut marked = whole(2);
            if let Some(members) = marked.as_object_mut() {
                members.insert("primary".to_owned(), Value::Bool(true));
            }
            lists.push(json!([whole(1), marked]));
        }
        lists
    }
}

/// Whether the schema's pattern lets a client send it.
pub fn allowed(value: &Value, attribute: Option<&Attribute>) -> bool {
    let Some(known) = attribute else { return true };
    let text = |value: &Value| match value.as_str() {
        Some(text) => {
            known.pattern.as_ref().is_none_or(|pattern| pattern.is_match(text))
                && (!known.enforced || known.canonical_values.iter().any(|one| one == text))
        }
        None => true,
    };
    elements(value).iter().all(text)
}

/// Each value of a table, texts in another case too, and one that is outside it.
fn rows(passage: &Passage) -> Vec<Value> {
    let Some(table) = &passage.table else { return Vec::new() };
    let written = table.rows.iter().filter(|row| !row.vendor.is_empty());
    let mut values: Vec<Value> = written.map(|row| row.scim.clone()).collect();
    if !passage.case_exact {
        let other = values.iter().filter_map(Value::as_str).map(|text| json!(text.to_uppercase()));
        values.extend(other.collect::<Vec<_>>());
    }
    if passage.kind == Type::String {
        values.push(json!("outside"));
    }
    values.dedup();
    values
}

/// Plain values as lists: each alone, a few together.
fn of_values(values: Vec<Value>) -> Vec<Value> {
    let few: Vec<Value> = values.iter().take(3).cloned().collect();
    let mut lists: Vec<Value> = values.into_iter().map(|value| json!([value])).collect();
    if few.len() > 1 {
        lists.push(Value::Array(few));
    }
    lists
}

/// A part of an object that goes as it is.
fn plain(sub: &Attribute) -> Passage {
    Passage {
        table: None,
        converters: Vec::new(),
        kind: sub.kind,
        case_exact: sub.case_exact,
        list: sub.multi_valued,
        unordered: false,
    }
}

/// A number with all its digits.
fn digits(text: &str) -> Value {
    serde_json::from_str::<Number>(text).map(Value::Number).unwrap_or_default()
}

/// Values that a vendor could have: those of the table, one outside it, none in each of its forms, what
/// a client could send, and numbers where texts are wanted.
pub fn vendor(passage: &Passage, sent: &[Value]) -> Vec<Value> {
    let listed = passage.table.iter().flat_map(|table| &table.rows).flat_map(|row| &row.vendor);
    let mut values: Vec<Value> = listed.cloned().collect();
    values.extend([Value::Null, json!(""), json!([]), json!("outside")]);
    if passage.table.is_none() {
        let single = sent.iter().flat_map(elements).filter(|value| text_of(value).is_some());
        values.extend(single.cloned());
        values.push(json!(9_007_199_254_740_993_i64));
        values.push(json!(1_767_323_045));
    }
    // Without a converter, a vendor's list is a list too.
    if passage.list && passage.converters.is_empty() {
        return of_values(values);
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passage(kind: Type) -> Passage {
        Passage {
            table: None,
            converters: vec![],
            kind,
            case_exact: false,
            list: false,
            unordered: false,
        }
    }

    #[test]
    fn one_seed_gives_the_same_values_and_another_others() {
        let values = |name| Generator::seeded(name).values(&passage(Type::String), None);
        assert_eq!(values("acme"), values("acme"));
        assert_ne!(values("acme"), values("other"));
    }

    #[test]
    fn what_goes_wrong_first_is_reached() {
        let texts = Generator::seeded("a").values(&passage(Type::String), None);
        for text in ["9007199254740993", "MiXeD", " blank around ", "true", "007"] {
            assert!(texts.contains(&json!(text)), "{text}");
        }
        assert!(texts.iter().any(|text| !text.as_str().unwrap().is_ascii()));
        let numbers = Generator::seeded("a").values(&passage(Type::Integer), None);
        assert!(numbers.contains(&json!(9_007_199_254_740_993_i64)));
        let lists =
            Generator::seeded("a").values(&Passage { list: true, ..passage(Type::String) }, None);
        assert!(lists.iter().any(|list| list.as_array().unwrap().len() > 1));
    }

    #[test]
    fn a_pattern_and_a_list_of_values_hold() {
        let mut attribute = Attribute::text("badge");
        attribute.pattern = regex::Regex::new("^[0-9]{4}$").ok();
        let values = Generator::seeded("a").values(&passage(Type::String), Some(&attribute));
        assert_eq!(values, [json!("1234")]);
        let mut attribute = Attribute::text("kind").suggest(&["x", "y"]);
        attribute.enforced = true;
        let values = Generator::seeded("a").values(&passage(Type::String), Some(&attribute));
        assert_eq!(values, [json!("x"), json!("y")]);
    }
}
