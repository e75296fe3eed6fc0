//! Outline: where the rules stand in a Resource, or their fields in a Record, as a tree.

use super::Rule;
use crate::{scim::attribute::AttributePath, upstream::record::FieldPath};
use serde_json::{Map, Value};

/// The places of a list of rules in a JSON object, as a tree whose names stand in the order of a map's: a
/// value is taken apart, or put together, in one walk, and no name is looked for.
///
/// A place that overlaps another one, or is no chain of names, stands elsewhere: the rules there take their
/// turns, in the order of the file.
#[derive(Debug, Default, Clone)]
pub struct Outline {
    parts: Vec<(String, Part)>,
    /// By rule.
    elsewhere: Vec<bool>,
}

#[derive(Debug, Clone)]
enum Part {
    /// The place of the rule at this position.
    Rule(usize),
    /// What stands below the name. Never empty.
    Below(Vec<(String, Part)>),
}

/// Where a rule stands.
#[derive(Debug)]
pub struct Site<'a> {
    /// The names that lead there.
    pub names: Vec<&'a str>,
    /// They lead all the way: no element of a list is meant.
    pub whole: bool,
}

impl<'a> From<&'a FieldPath> for Site<'a> {
    fn from(field: &'a FieldPath) -> Self {
        let (names, whole) = field.names();
        // `.` is the Record itself, and no name in it.
        Self { whole: whole && !names.is_empty(), names }
    }
}

impl<'a> From<&'a AttributePath> for Site<'a> {
    fn from(AttributePath { urn, name, sub }: &'a AttributePath) -> Self {
        let names = urn.iter().chain([name]).chain(sub).map(String::as_str).collect();
        Self { names, whole: true }
    }
}

impl Outline {
    /// Of where all rules stand; nothing for a rule without a place.
    pub fn new<'a>(sites: impl Iterator<Item = Option<Site<'a>>>) -> Self {
        let sites: Vec<_> = sites.collect();
        let placed =
            || sites.iter().enumerate().filter_map(|(rule, site)| Some((rule, site.as_ref()?)));
        let alone = |rule: usize, site: &Site<'_>| {
            let apart =
                |met: &Site<'_>| site.names.iter().zip(&met.names).any(|(one, other)| one != other);
            placed().all(|(other, met)| other == rule || apart(met))
        };
        let mut outline = Self { parts: Vec::new(), elsewhere: vec![true; sites.len()] };
        for (rule, site) in placed().filter(|(rule, site)| site.whole && alone(*rule, site)) {
            lay(&mut outline.parts, &site.names, rule);
            if let Some(elsewhere) = outline.elsewhere.get_mut(rule) {
                *elsewhere = false;
            }
        }
        outline
    }

    /// Of the rules' fields in a Record. A list that is something else there is put in its place by its rule.
    pub fn of_fields(rules: &[Rule]) -> Self {
        let placed = rules.iter().map(|rule| rule.field().filter(|_| !rule.converts_list()));
        Self::new(placed.map(|field| field.map(Into::into)))
    }

    /// The values at the places, by rule; `find` looks for those that stand elsewhere.
    pub fn apart<'a>(
        &self,
        object: &'a Value,
        find: impl Fn(usize) -> Option<&'a Value>,
    ) -> Vec<Option<&'a Value>> {
        let mut values = vec![None; self.elsewhere.len()];
        if let Value::Object(members) = object {
            apart(&self.parts, members, &mut values);
        }
        let elsewhere = self.elsewhere.iter().zip(&mut values).enumerate();
        for (rule, (_, value)) in elsewhere.filter(|(_, (elsewhere, _))| **elsewhere) {
            *value = find(rule);
        }
        values
    }

    /// The object that has the values at the places, and `more`; what is taken for it is taken out of
    /// `values`.
    pub fn together(
        &self,
        values: &mut [Option<Value>],
        more: Option<(&str, String)>,
    ) -> Map<String, Value> {
        // A map that is made whole is full: what came later would split it.
        let mut members = together(&self.parts, values);
        members.extend(more.map(|(name, text)| (name.to_owned(), Value::String(text))));
        members.into_iter().collect()
    }
}

/// Gives a rule its place. It is nobody else's, nor in or around anybody's.
fn lay(parts: &mut Vec<(String, Part)>, place: &[&str], rule: usize) {
    let Some((name, below)) = place.split_first() else { return };
    let at = parts.binary_search_by(|(known, _)| known.as_str().cmp(name));
    match (at, below) {
        (Err(at), []) => parts.insert(at, ((*name).to_owned(), Part::Rule(rule))),
        (Err(at), below) => {
            let mut inner = Vec::new();
            lay(&mut inner, below, rule);
            parts.insert(at, ((*name).to_owned(), Part::Below(inner)));
        }
        (Ok(at), below) => {
            if let Some((_, Part::Below(inner))) = parts.get_mut(at) {
                lay(inner, below, rule);
            }
        }
    }
}

/// Both are in order (a test holds `serde_json` to it), so one step in either is enough.
fn apart<'a>(
    parts: &[(String, Part)],
    members: &'a Map<String, Value>,
    values: &mut [Option<&'a Value>],
) {
    let mut members = members.iter().peekable();
    for (name, part) in parts {
        while members.next_if(|(member, _)| *member < name).is_some() {}
        let Some((_, value)) = members.next_if(|(member, _)| *member == name) else { continue };
        match (part, value) {
            (Part::Rule(rule), value) => {
                if let Some(place) = values.get_mut(*rule) {
                    *place = Some(value);
                }
            }
            (Part::Below(below), Value::Object(inner)) => apart(below, inner, values),
            (Part::Below(_), _) => {}
        }
    }
}

fn together(parts: &[(String, Part)], values: &mut [Option<Value>]) -> Vec<(String, Value)> {
    // With room for one more.
    let mut members = Vec::with_capacity(parts.len() + 1);
    for (name, part) in parts {
        let value = match part {
            Part::Rule(rule) => values.get_mut(*rule).and_then(Option::take),
            Part::Below(below) => {
                let inner = together(below, values);
                (!inner.is_empty()).then(|| Value::Object(inner.into_iter().collect()))
            }
        };
        members.extend(value.map(|value| (name.clone(), value)));
    }
    members
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn outline(places: &[&'static str]) -> Outline {
        let site = |place: &&'static str| {
            let names = place.trim_end_matches("[]").split('.').collect();
            (*place != "?").then(|| Site { names, whole: !place.ends_with("[]") })
        };
        Outline::new(places.iter().map(site))
    }

    #[test]
    fn values_are_taken_apart_and_put_together() {
        let outline = outline(&["b", "a.y", "?", "a.x", "c.d.e"]);
        let whole = json!({"a": {"x": 1, "y": null, "z": 0}, "aa": 0, "b": [2], "c": {"d": {"e": 3}}, "d": 0});
        let found = outline.apart(&whole, |_| None);
        let at = |name: &str| whole.pointer(name);
        assert_eq!(found, [at("/b"), at("/a/y"), None, at("/a/x"), at("/c/d/e")]);
        let mut values: Vec<_> = found.into_iter().map(Option::<&Value>::cloned).collect();
        let expected = json!({"a": {"x": 1, "y": null}, "b": [2], "c": {"d": {"e": 3}}});
        assert_eq!(Value::Object(outline.together(&mut values, None)), expected);
        assert_eq!(values, vec![None; 5]);
        let made = outline.together(&mut values, Some(("aa", "id".to_owned())));
        assert_eq!(Value::Object(made), json!({"aa": "id"}));
    }

    #[test]
    fn what_is_not_there_or_no_object_is_nothing() {
        let outline = outline(&["a.x", "b"]);
        for value in [json!({}), json!({"a": "x"}), json!({"a": ["x"]}), json!([1]), json!(null)] {
            assert_eq!(outline.apart(&value, |_| None), [None, None], "{value}");
        }
        assert_eq!(Value::Object(outline.together(&mut [None, None], None)), json!({}));
    }

    #[test]
    fn places_that_overlap_stand_elsewhere_all_of_them() {
        let places = ["a", "a.x", "b", "c", "c", "d.x", "d.y", "e[]", "e", "f[]", "?"];
        let outline = outline(&places);
        let laid: Vec<&str> = places
            .iter()
            .enumerate()
            .filter(|(rule, _)| !outline.elsewhere[*rule])
            .map(|(_, place)| *place)
            .collect();
        assert_eq!(laid, ["b", "d.x", "d.y"]);
    }

    #[test]
    fn a_map_is_in_the_order_of_its_names() {
        let map: Map<String, Value> = ["b", "a", "B", "é", "a.b"]
            .map(|name| (name.to_owned(), Value::Null))
            .into_iter()
            .collect();
        assert!(map.keys().is_sorted(), "an Outline walks maps by the order of their names");
    }
}
