//! Shapes as JSON Schema, for editors: they complete, explain and underline with it.
//!
//! Draft 7, which the YAML language server understands best. A schema says what a table says and no
//! more: what a file means is judged by `check` alone.

use super::{
    Kind, parse,
    shape::{Choice, Forms, Known, Notation, Shape, Takes},
};
use serde_json::{Map, Value, json};

/// What is read by its spelling is a text all the same.
const SCALAR: [&str; 3] = ["string", "number", "boolean"];
const DURATION: &str = "^[0-9]+ *(ms|s|m|h)$";

/// The schema of files of a shape. `empty` says whether maps and lists in them may be empty.
pub fn schema(root: &'static Shape, empty: bool) -> Value {
    let mut writing = Writing { empty, definitions: Map::new() };
    let mut written = writing.map(root);
    written.insert("$schema".to_owned(), "http://json-schema.org/draft-07/schema#".into());
    written.insert("title".to_owned(), format!("scimshim: {}", root.name).into());
    written.insert("definitions".to_owned(), writing.definitions.into());
    written.into()
}

struct Writing {
    empty: bool,
    definitions: Map<String, Value>,
}

impl Writing {
    /// A map with known keys.
    fn map(&mut self, shape: &'static Shape) -> Map<String, Value> {
        let own = shape.own.iter().filter(|known| !known.refused);
        let mut properties: Map<String, Value> =
            own.map(|known| (known.name.to_owned(), self.property(known))).collect();
        for other in shape.with {
            properties.extend(self.of_other(other));
        }
        let must: Vec<&str> = shape.keys().filter(|known| known.must).map(|key| key.name).collect();
        let mut map = Map::new();
        map.insert("type".to_owned(), "object".into());
        map.insert("description".to_owned(), shape.about.into());
        map.insert("properties".to_owned(), properties.into());
        if !shape.open {
            map.insert("additionalProperties".to_owned(), false.into());
        }
        if !must.is_empty() {
            map.insert("required".to_owned(), json!(must));
        } else if !self.empty && !shape.empty {
            map.insert("minProperties".to_owned(), 1.into());
        }
        if let Some(choice) = &shape.choice {
            map.insert("oneOf".to_owned(), alternatives(choice));
        }
        map
    }

    /// Keys that another shape has: said there, once.
    fn of_other(&mut self, other: &'static Shape) -> Vec<(String, Value)> {
        self.reference(other);
        let place = format!("#/definitions/{}/properties", definition(other));
        let keys = other.own.iter().filter(|known| !known.refused);
        let refer = |key: &str| json!({ "$ref": format!("{place}/{key}") });
        keys.map(|known| (known.name.to_owned(), refer(known.name))).collect()
    }

    fn property(&mut self, known: &'static Known) -> Value {
        let mut property = self.value(known.takes);
        if let Value::Object(members) = &mut property {
            let default = match known.default {
                "" => String::new(),
                default => format!("; default: {default}"),
            };
            members.insert("description".to_owned(), format!("{}{default}", known.about).into());
            if let Some(value) = literal(known.default) {
                members.insert("default".to_owned(), value);
            }
            if let Some(value) = value_of(known.example) {
                members.insert("examples".to_owned(), json!([value]));
            }
        }
        property
    }

    fn value(&mut self, takes: Takes) -> Value {
        match takes {
            // JSONPath cannot be written.
            Takes::Notation(Notation::FieldPath) => json!({ "type": SCALAR, "pattern": "^[^$]" }),
            Takes::Text | Takes::Notation(_) => json!({ "type": SCALAR }),
            Takes::Like(_, pattern) => json!({ "type": SCALAR, "pattern": pattern }),
            Takes::Whole(least) => json!({ "type": "integer", "minimum": least }),
            Takes::Flag => json!({ "type": "boolean" }),
            Takes::Duration => json!({ "type": "string", "pattern": DURATION }),
            Takes::Words(words) => {
                let null = words.contains(&"null").then_some(Value::Null);
                let words = words.iter().map(|word| Value::from(*word));
                json!({ "enum": words.chain(null).collect::<Vec<_>>() })
            }
            Takes::Anything => json!({}),
            Takes::Nothing => json!(false),
            Takes::List(item) => {
                let mut list = json!({ "type": "array", "items": self.value(*item) });
                self.filled(&mut list, "minItems");
                list
            }
            Takes::Map(_, value) => {
                let value = self.value(*value);
                let mut map = json!({ "type": "object", "additionalProperties": value });
                self.filled(&mut map, "minProperties");
                map
            }
            Takes::Of(shape) => self.reference(shape),
            Takes::Forms(forms) => self.forms(forms),
            Takes::Tagged(shape) => self.tagged(shape),
            Takes::Either(kinds) => {
                json!({ "anyOf": kinds.iter().map(|kind| self.value(*kind)).collect::<Vec<_>>() })
            }
        }
    }

    fn filled(&self, schema: &mut Value, key: &str) {
        if let (false, Value::Object(members)) = (self.empty, schema) {
            members.insert(key.to_owned(), 1.into());
        }
    }

    /// Shapes refer to each other, and to themselves.
    fn reference(&mut self, shape: &'static Shape) -> Value {
        let name = definition(shape);
        if !self.definitions.contains_key(&name) {
            self.definitions.insert(name.clone(), Value::Null);
            let map = self.map(shape);
            self.definitions.insert(name.clone(), map.into());
        }
        json!({ "$ref": format!("#/definitions/{name}") })
    }

    /// The form is chosen by the key that it alone has, so an editor tells of that form's mistakes.
    fn forms(&mut self, forms: &'static Forms) -> Value {
        let plain = self.reference(forms.plain);
        forms.tagged.iter().rev().fold(plain, |otherwise, (key, shape)| {
            let has = json!({ "type": "object", "required": [key] });
            json!({ "if": has, "then": self.reference(shape), "else": otherwise })
        })
    }

    /// One key is there; where it takes nothing, it is a word.
    fn tagged(&mut self, shape: &'static Shape) -> Value {
        let (words, keys): (Vec<&Known>, Vec<&Known>) =
            shape.keys().partition(|known| matches!(known.takes, Takes::Nothing));
        let properties: Map<String, Value> =
            keys.iter().map(|known| (known.name.to_owned(), self.property(known))).collect();
        let one = keys.iter().map(|known| json!({ "required": [known.name] }));
        let one = json!({
            "type": "object",
            "description": shape.about,
            "properties": properties,
            "additionalProperties": false,
            "oneOf": one.collect::<Vec<_>>(),
        });
        if words.is_empty() {
            return one;
        }
        let words: Vec<&str> = words.iter().map(|known| known.name).collect();
        json!({ "anyOf": [{ "enum": words }, one] })
    }
}

/// A shape's name where a reference can hold it.
fn definition(shape: &Shape) -> String {
    shape.name.replace(' ', "_")
}

fn alternatives(choice: &Choice) -> Value {
    let one = choice.of.iter().map(|key| match choice.beside {
        Some((beside, other)) if beside == *key => {
            json!({ "required": [key], "not": { "required": [other] } })
        }
        _ => json!({ "required": [key] }),
    });
    one.collect()
}

/// The value of a default that is one, and no sentence: `` `20s` ``.
fn literal(default: &str) -> Option<Value> {
    let inner = default.strip_prefix('`')?.strip_suffix('`')?;
    if inner.contains('`') { None } else { value_of(inner) }
}

/// A value as a file writes it.
fn value_of(text: &str) -> Option<Value> {
    let node = parse(&"table".into(), text).ok()?;
    if node.kind == Kind::Null { None } else { Some(node.to_json()) }
}
