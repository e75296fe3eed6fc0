//! Teams `{uid, caption, ref_code, born_at, touched_at}`, and memberships, which are their own
//! resource.

use super::{Reply, refuse};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Teams by key, and who is in them.
#[derive(Debug, Default)]
pub struct Teams {
    by_key: BTreeMap<u64, Value>,
    /// With what a member is called there, where somebody said so.
    by_team: BTreeMap<(u64, u64), Value>,
    by_person: BTreeSet<(u64, u64)>,
}

impl Teams {
    /// Makes a team; 409 when the caption is taken, 422 when it is missing.
    pub fn make(&mut self, key: u64, wanted: &Value, now: i64) -> Result<&Value, Reply> {
        let caption = self.free_caption(None, wanted)?;
        let mut team = Map::new();
        team.insert("uid".into(), key.into());
        team.insert("caption".into(), caption.into());
        team.insert("born_at".into(), now.into());
        team.insert("touched_at".into(), now.into());
        reference(&mut team, wanted);
        Ok(self.by_key.entry(key).or_insert(Value::Object(team)))
    }

    /// Changes caption or reference.
    pub fn change(&mut self, key: u64, wanted: &Value, now: i64) -> Result<&Value, Reply> {
        if !self.by_key.contains_key(&key) {
            return Err(refuse(404, "no such team"));
        }
        let caption = match wanted.get("caption") {
            Some(_) => Some(self.free_caption(Some(key), wanted)?),
            None => None,
        };
        if let Some(team) = self.by_key.get_mut(&key).and_then(Value::as_object_mut) {
            if let Some(caption) = caption {
                team.insert("caption".into(), caption.into());
            }
            reference(team, wanted);
            let before = team.get("touched_at").and_then(Value::as_i64).unwrap_or(0);
            team.insert("touched_at".into(), now.max(before + 1).into());
        }
        self.get(key).ok_or_else(|| refuse(404, "no such team"))
    }

    fn free_caption(&self, own: Option<u64>, wanted: &Value) -> Result<String, Reply> {
        let caption = wanted.get("caption").and_then(Value::as_str).unwrap_or_default();
        if caption.trim().is_empty() {
            return Err(refuse(422, "caption must not be empty"));
        }
        let taken = self.by_key.iter().any(|(key, team)| {
            Some(*key) != own && caption_of(team).to_lowercase() == caption.to_lowercase()
        });
        if taken { Err(refuse(409, "caption is taken")) } else { Ok(caption.to_owned()) }
    }

    /// Ends a team and its memberships; false when there is none.
    pub fn end(&mut self, key: u64) -> bool {
        let members: Vec<u64> = self.members(key).collect();
        for person in members {
            self.leave(key, person);
        }
        self.by_key.remove(&key).is_some()
    }

    /// One team.
    pub fn get(&self, key: u64) -> Option<&Value> {
        self.by_key.get(&key)
    }

    /// Those after a key whose caption or reference holds `text`; with the number of all of them.
    pub fn page(&self, seek: Option<&str>, after: u64, size: usize) -> (Vec<&Value>, usize) {
        let seek = seek.map(str::to_lowercase);
        let found = |team: &&Value| {
            seek.as_deref().is_none_or(|text| {
                ["caption", "ref_code"].iter().any(|field| {
                    let value = team.get(field).and_then(Value::as_str).unwrap_or_default();
                    value.to_lowercase().contains(text)
                })
            })
        };
        let count = self.by_key.values().filter(found).count();
        let page = self.by_key.range(after + 1..).map(|(_, team)| team).filter(found);
        (page.take(size).collect(), count)
    }

    /// Adds somebody, called `caption` there; false when already there.
    pub fn join(&mut self, team: u64, person: u64, caption: Value) -> bool {
        if self.by_team.contains_key(&(team, person)) {
            return false;
        }
        self.by_person.insert((person, team));
        self.by_team.insert((team, person), caption);
        true
    }

    /// What somebody is called in a team.
    pub fn called(&self, team: u64, person: u64) -> Option<&Value> {
        self.by_team.get(&(team, person)).filter(|caption| caption.is_string())
    }

    /// Takes somebody out; false when not there.
    pub fn leave(&mut self, team: u64, person: u64) -> bool {
        self.by_person.remove(&(person, team));
        self.by_team.remove(&(team, person)).is_some()
    }

    /// Takes somebody out everywhere.
    pub fn leave_all(&mut self, person: u64) {
        let teams: Vec<u64> = self.teams(person).collect();
        for team in teams {
            self.leave(team, person);
        }
    }

    /// Who is in a team, by key.
    pub fn members(&self, team: u64) -> impl Iterator<Item = u64> {
        self.by_team.range((team, 0)..=(team, u64::MAX)).map(|((_, person), _)| *person)
    }

    /// Where somebody is, by key.
    pub fn teams(&self, person: u64) -> impl Iterator<Item = u64> {
        self.by_person.range((person, 0)..=(person, u64::MAX)).map(|(_, team)| *team)
    }

    /// Where somebody is, as a person's record shows it.
    pub fn list_of(&self, person: u64) -> Vec<Value> {
        self.teams(person)
            .filter_map(|key| {
                Some(json!({ "team_id": key, "caption": caption_of(self.get(key)?) }))
            })
            .collect()
    }
}

fn caption_of(team: &Value) -> &str {
    team.get("caption").and_then(Value::as_str).unwrap_or_default()
}

fn reference(team: &mut Map<String, Value>, wanted: &Value) {
    match wanted.get("ref_code") {
        None => {}
        Some(Value::Null) => {
            team.remove("ref_code");
        }
        Some(value) => {
            team.insert("ref_code".into(), value.clone());
        }
    }
}
