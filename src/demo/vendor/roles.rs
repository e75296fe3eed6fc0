//! Roles `{role_id, caption, blurb, ref_code, born_at, touched_at}`: a catalogue that can be edited. Their
//! keys are small numbers of their own.

use super::{Reply, refuse};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What a caller may write.
const FIELDS: [&str; 3] = ["caption", "blurb", "ref_code"];

/// Roles by key.
#[derive(Debug, Default)]
pub struct Roles {
    by_key: BTreeMap<u64, Value>,
    last_key: u64,
}

impl Roles {
    /// Makes a role; 409 when the caption is taken, 422 when it is missing.
    pub fn make(&mut self, wanted: &Value, now: i64) -> Result<Value, Reply> {
        self.refuse_caption(None, wanted)?;
        self.last_key += 1;
        let mut role = Map::new();
        role.insert("role_id".into(), self.last_key.into());
        role.insert("born_at".into(), now.into());
        role.insert("touched_at".into(), now.into());
        write(&mut role, wanted);
        Ok(self.by_key.entry(self.last_key).or_insert(Value::Object(role)).clone())
    }

    /// Changes what is named; null clears.
    pub fn change(&mut self, key: u64, wanted: &Value, now: i64) -> Result<Value, Reply> {
        if wanted.get("caption").is_some() {
            self.refuse_caption(Some(key), wanted)?;
        }
        let Some(role) = self.by_key.get_mut(&key).and_then(Value::as_object_mut) else {
            return Err(refuse(404, "no such role"));
        };
        write(role, wanted);
        let before = role.get("touched_at").and_then(Value::as_i64).unwrap_or(0);
        role.insert("touched_at".into(), now.max(before + 1).into());
        Ok(Value::Object(role.clone()))
    }

    fn refuse_caption(&self, own: Option<u64>, wanted: &Value) -> Result<(), Reply> {
        let caption = caption_of(wanted);
        if caption.trim().is_empty() {
            return Err(refuse(422, "caption must not be empty"));
        }
        let taken =
            self.by_key.iter().any(|(key, role)| Some(*key) != own && caption_of(role) == caption);
        if taken { Err(refuse(409, "caption is taken")) } else { Ok(()) }
    }

    /// Ends a role; false when there is none.
    pub fn end(&mut self, key: u64) -> bool {
        self.by_key.remove(&key).is_some()
    }

    /// One role.
    pub fn get(&self, key: u64) -> Option<&Value> {
        self.by_key.get(&key)
    }

    /// Those after a key whose caption or reference holds `text`; with the number of all of them.
    pub fn page(&self, seek: Option<&str>, after: u64, size: usize) -> (Vec<&Value>, usize) {
        let seek = seek.map(str::to_lowercase).unwrap_or_default();
        let found = |role: &&Value| {
            ["caption", "ref_code"].iter().any(|field| text_of(role, field).contains(&seek))
        };
        let count = self.by_key.values().filter(found).count();
        let page = self.by_key.range(after + 1..).map(|(_, role)| role).filter(found);
        (page.take(size).collect(), count)
    }
}

fn caption_of(role: &Value) -> String {
    text_of(role, "caption")
}

/// In lower case: no two captions differ by case alone.
fn text_of(role: &Value, field: &str) -> String {
    role.get(field).and_then(Value::as_str).unwrap_or_default().to_lowercase()
}

fn write(role: &mut Map<String, Value>, wanted: &Value) {
    for field in FIELDS {
        match wanted.get(field) {
            None => {}
            Some(Value::Null) => {
                role.remove(field);
            }
            Some(value) => {
                role.insert(field.into(), value.clone());
            }
        }
    }
}
