//! A vendor's own document, where it is at hand, and an extract held against it.

use super::{Named, Operation, Record, Type};
use serde_json::Value;
use std::{collections::BTreeSet, env, fs, path::Path};

pub struct Document(Value);

impl Document {
    pub fn read(name: &str) -> Self {
        let folder = env::var("SCIMSHIM_SHARED").unwrap_or_else(|_| {
            panic!("SCIMSHIM_SHARED is not set, expected the folder of {name}")
        });
        let text = fs::read_to_string(Path::new(&folder).join(name)).unwrap();
        Self(serde_json::from_str(&text).unwrap())
    }

    pub fn knows(&self, method: &str, path: &str) -> bool {
        self.0["paths"].get(path).is_some_and(|path| path.get(method.to_lowercase()).is_some())
    }

    /// Panics at the first line of the extract that the document does not say.
    pub fn says(&self, operation: &Operation) {
        let Operation { method, path, query, body, omits, statuses, answer, .. } = operation;
        let place = format!("{method} {path}");
        assert!(self.knows(method, path), "{place}");
        let told = &self.0["paths"][path][method.to_lowercase()];
        let parameters = told["parameters"].as_array().into_iter().flatten();
        let asked: Vec<&Value> = parameters.filter(|one| one["in"] == "query").collect();
        let names: BTreeSet<&str> = asked.iter().filter_map(|one| one["name"].as_str()).collect();
        assert_eq!(names, names_of(query), "query of {place}");
        for (name, kind) in *query {
            let parameter = asked.iter().find(|one| one["name"] == *name).unwrap();
            self.is(kind, &parameter["schema"], &format!("{place}?{name}"));
        }
        let sent = &told["requestBody"]["content"]["application/json"]["schema"];
        match body {
            None => assert!(sent.is_null(), "{place} takes a body"),
            Some(body) => self.takes(body, omits, sent, &place),
        }
        let codes = told["responses"].as_object().unwrap().keys();
        let codes: BTreeSet<u16> = codes.map(|code| code.parse().unwrap()).collect();
        assert_eq!(codes, statuses.iter().copied().collect(), "statuses of {place}");
        let shown = &told["responses"]["200"]["content"]["application/json"]["schema"];
        self.is(answer, shown, &place);
    }

    /// All fields but those that are omitted, and all that are required.
    fn takes(&self, body: &Record, omits: &[&str], schema: &Value, place: &str) {
        let schema = self.resolved(schema);
        let told: BTreeSet<&str> =
            schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        let mut known = names_of(body.fields);
        known.extend(omits);
        assert_eq!(told, known, "body of {place}");
        let required = schema["required"].as_array().into_iter().flatten();
        let required: BTreeSet<&str> = required.filter_map(Value::as_str).collect();
        assert_eq!(required, body.required.iter().copied().collect(), "required of {place}");
        for (name, kind) in body.fields {
            self.is(kind, &schema["properties"][name], &format!("{place} {name}"));
        }
    }

    fn is(&self, kind: &Type, schema: &Value, place: &str) {
        let schema = self.resolved(schema);
        let (named, format) = match kind {
            Type::Text | Type::Email | Type::Words(_) => ("string", None),
            Type::Stamp => ("string", Some("date-time")),
            Type::Flag => ("boolean", None),
            Type::Int64 => ("integer", Some("int64")),
            Type::List(_) => ("array", None),
            // Some of the document's objects do not say that they are.
            Type::Object(_) | Type::Any => {
                assert!(schema["properties"].is_object(), "{place}: {schema}");
                ("object", None)
            }
        };
        let told = schema["type"].as_str();
        assert!(told == Some(named) || (named == "object" && told.is_none()), "{place}: {schema}");
        assert_eq!(schema["format"].as_str(), format, "{place}");
        let words = schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let words: BTreeSet<&str> = words.collect();
        match kind {
            Type::Words(known) => assert_eq!(words, known.iter().copied().collect(), "{place}"),
            _ => assert_eq!(words, BTreeSet::new(), "{place}"),
        }
        match kind {
            Type::List(of) => self.is(of, &schema["items"], &format!("{place}[]")),
            Type::Object(record) => {
                let required = schema["required"].as_array().into_iter().flatten();
                let required: BTreeSet<&str> = required.filter_map(Value::as_str).collect();
                assert_eq!(required, record.required.iter().copied().collect(), "{place}");
                for (name, kind) in record.fields {
                    self.is(kind, &schema["properties"][name], &format!("{place} {name}"));
                }
            }
            _ => {}
        }
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let reference = schema.get("$ref").and_then(Value::as_str);
        reference.map_or(schema, |path| self.0.pointer(path.trim_start_matches('#')).unwrap())
    }
}

fn names_of(fields: &[Named]) -> BTreeSet<&str> {
    fields.iter().map(|(name, _)| *name).collect()
}
