//! Records as text: a list of a hundred thousand is ten times as large once it is read.

use bytes::Bytes;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Deserializer, Value};
use std::{borrow::Cow, ops::Range, sync::Arc};

/// Records that are read when they are wanted. A copy shares the text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Packed {
    text: Bytes,
    places: Arc<[Range<usize>]>,
    taken: usize,
}

impl Packed {
    /// These records, and those that are left of it behind them.
    #[must_use]
    pub fn behind(&self, records: &[Value]) -> Self {
        let left = self.places.get(self.taken..).unwrap_or_default();
        let texts = left.iter().filter_map(|place| self.text.get(place.clone())).map(Cow::Borrowed);
        let records = records.iter().map(|record| Cow::Owned(record.to_string().into_bytes()));
        let (mut text, mut places) = (Vec::new(), Vec::new());
        for one in records.chain(texts) {
            let begin = text.len();
            text.extend_from_slice(&one);
            places.push(begin..text.len());
        }
        Self { text: text.into(), places: places.into(), taken: 0 }
    }

    /// How many are left.
    pub fn len(&self) -> usize {
        self.places.len() - self.taken
    }

    /// Whether none is left.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Passes over so many; gives back how many there were of them.
    pub fn skip(&mut self, count: usize) -> usize {
        let passed = count.min(self.len());
        self.taken += passed;
        passed
    }

    /// The next of them; nothing when the text is none after all: nested too deep to be read.
    pub fn take(&mut self, count: usize) -> Option<Vec<Value>> {
        let begin = self.taken;
        self.skip(count);
        let places = self.places.get(begin..self.taken)?;
        places.iter().map(|place| read(self.text.get(place.clone())?)).collect()
    }
}

fn read(text: &[u8]) -> Option<Value> {
    serde_json::from_slice(text).ok()
}

/// The list at these names of a JSON text, when it has more than `few` elements: the text without those beyond, and
/// those.
pub fn parted(text: &Bytes, names: &[String], few: usize) -> Option<(Vec<u8>, Packed)> {
    let mut scan = Scan { text: str::from_utf8(text).ok()?, at: 0 };
    for name in names {
        scan.member(name)?;
    }
    let places = scan.elements()?;
    let (first, rest) = places.split_at_checked(few)?;
    let (last, end) = (first.last()?, rest.last()?);
    let head = [text.get(..last.end)?, text.get(end.end..)?].concat();
    let packed = Packed { text: text.clone(), places: rest.into(), taken: 0 };
    Some((head, packed))
}

/// A look over JSON that makes nothing of it.
struct Scan<'t> {
    text: &'t str,
    at: usize,
}

impl Scan<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn eat(&mut self, sign: char) -> Option<()> {
        let rest = self.rest();
        let behind = rest.trim_start_matches([' ', '\t', '\r', '\n']).strip_prefix(sign)?;
        self.at += rest.len() - behind.len();
        Some(())
    }

    /// Reads the value here.
    fn value<T: DeserializeOwned>(&mut self) -> Option<T> {
        let mut values = Deserializer::from_str(self.rest()).into_iter::<T>();
        let value = values.next()?.ok()?;
        self.at += values.byte_offset();
        Some(value)
    }

    /// Goes to the value of a member of the object here: the last of that name, as it is read elsewhere.
    fn member(&mut self, name: &str) -> Option<()> {
        self.eat('{')?;
        let mut found = None;
        loop {
            let own = self.value::<String>()? == name;
            self.eat(':')?;
            if own {
                found = Some(self.at);
            }
            self.value::<IgnoredAny>()?;
            if self.eat(',').is_none() {
                break;
            }
        }
        self.eat('}')?;
        self.at = found?;
        Some(())
    }

    /// Where the elements of the list here stand.
    fn elements(&mut self) -> Option<Vec<Range<usize>>> {
        self.eat('[')?;
        let mut places = Vec::new();
        loop {
            let begin = self.text.len() - self.rest().trim_start().len();
            self.value::<IgnoredAny>()?;
            places.push(begin..self.at);
            if self.eat(',').is_none() {
                break;
            }
        }
        self.eat(']').map(|()| places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn records_are_the_same_when_they_are_wanted() {
        let records =
            [json!({ "id": 9007199254740993u64, "a": [1, { "b": null }] }), json!("x"), json!(7)];
        let mut packed = Packed::default().behind(&records[1..]).behind(&records[..1]);
        let copy = packed.clone();
        assert_eq!((packed.len(), packed.skip(1), packed.take(1)), (3, 1, Some(vec![json!("x")])));
        assert_eq!(
            (packed.take(9), packed.take(1), packed.is_empty()),
            (Some(vec![json!(7)]), Some(vec![]), true)
        );
        assert_eq!({ copy }.take(3), Some(records.to_vec()));
    }

    #[test]
    fn a_long_list_is_parted_where_it_stands() {
        let names = |path: &str| {
            path.split('.').filter(|name| !name.is_empty()).map(str::to_owned).collect::<Vec<_>>()
        };
        let table = [
            (r#" [1, 2 ,{"a":"]"}, "x" ] "#, "", r#" [1, 2 ] "#, r#"[{"a":"]"},"x"]"#),
            (
                r#"{"n":3,"d":{"u":[[1],[2],[3]],"v":0},"e":[]}"#,
                "d.u",
                r#"{"n":3,"d":{"u":[[1],[2]],"v":0},"e":[]}"#,
                "[[3]]",
            ),
            (r#"{"u":[9,9,9], "u" : [1,2,3]}"#, "u", r#"{"u":[9,9,9], "u" : [1,2]}"#, "[3]"),
            (r#"{"\u0075":[1,2,-3e5]}"#, "u", r#"{"\u0075":[1,2]}"#, "[-3e5]"),
        ];
        for (text, path, head, rest) in table {
            let (found, mut packed) = parted(&Bytes::from(text), &names(path), 2).unwrap();
            assert_eq!(String::from_utf8(found).unwrap(), head, "{text}");
            let rest: Vec<Value> = serde_json::from_str(rest).unwrap();
            assert_eq!(packed.take(9).as_ref(), Some(&rest), "{text}");
        }
        // Short, no list, no JSON, or not there.
        for (text, path) in [
            ("[1, 2]", ""),
            ("[]", ""),
            ("{}", "u"),
            ("7", ""),
            ("[1, 2, 3", ""),
            ("[1 2 3]", ""),
            ("[1, 2, 3,]", ""),
            (r#"{"u":[1,2,3]"#, "u"),
            (r#"{"v":[1,2,3]}"#, "u"),
            (r#"{"u":{"a":1}}"#, "u"),
            ("", ""),
        ] {
            assert_eq!(parted(&Bytes::from(text), &names(path), 2), None, "{text}");
        }
    }
}
