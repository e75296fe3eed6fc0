//! Employees: found, made, changed, deleted and brought back.

use super::{
    super::{
        reply::{Outcome, Refusal},
        route::Asked,
    },
    Employee, Envoy, READ, WRITE, page,
};
use serde_json::{Map, Value, json};

impl Envoy {
    pub(super) fn list(&mut self, asked: &Asked<Self>) -> Outcome {
        asked.caller.needs(READ)?;
        let call = asked.call;
        let deleted = call.filter("filter[deleted]").unwrap_or("false") == "true";
        let by_hand = call.filter("filter[manually-added]").map(|value| json!(value == "true"));
        let location = call.filter("filter[locations]").and_then(|id| id.parse().ok());
        let contains = |one: &Employee, name: &str, part: &str| {
            one.text(name).to_lowercase().contains(&part.to_lowercase())
        };
        let fits = |(_, one): &(&u64, &Employee)| {
            (call.unfiltered || one.is_deleted() == deleted)
                && by_hand
                    .as_ref()
                    .is_none_or(|by_hand| one.attributes["manually-added"] == *by_hand)
                && location.is_none_or(|location| one.locations.contains(&location))
                && call.filter("filter[email]").is_none_or(|email| one.has_email(email))
                && call.filter("filter[name]").is_none_or(|part| contains(one, "name", part))
                && call
                    .filter("filter[query]")
                    .is_none_or(|part| contains(one, "name", part) || contains(one, "email", part))
        };
        let mut found: Vec<(&u64, &Employee)> = self.employees.iter().filter(fits).collect();
        if let Some(sort) = call.asked("sort") {
            let name = if sort.ends_with("name") { "name" } else { "created-at" };
            found.sort_by_key(|(_, one)| one.text(name).to_owned());
            if sort.starts_with('-') {
                found.reverse();
            }
        }
        let ids: Vec<u64> = found.into_iter().map(|(id, _)| *id).collect();
        let shown = page(call, &ids)?;
        let mut answer = json!({
            "data": shown.iter().map(|id| self.resource(*id)).collect::<Vec<_>>(),
            "meta": { "total": ids.len() },
        });
        if call.asked("include").is_some_and(|names| names.split(',').any(|one| one == "locations"))
        {
            let mut all: Vec<u64> =
                shown.iter().flat_map(|id| self.employees[id].locations.clone()).collect();
            all.sort_unstable();
            all.dedup();
            answer["included"] = all.iter().map(|id| self.location(*id)).collect();
        }
        Ok((200, answer))
    }

    pub(super) fn get(&mut self, asked: &Asked<Self>) -> Outcome {
        asked.caller.needs(READ)?;
        Ok((200, json!({ "data": self.resource(self.known(asked)?) })))
    }

    pub(super) fn create(&mut self, asked: &Asked<Self>) -> Outcome {
        asked.caller.needs(WRITE)?;
        let data = &asked.body["data"];
        is_employee(data)?;
        let attributes = data["attributes"].as_object().unwrap();
        self.takes(attributes, None)?;
        let locations = self.named(data, "locations")?.unwrap_or_default();
        let assistants = self.named(data, "assistants")?.unwrap_or_default();
        let id = self.keep(attributes, locations, assistants, false);
        Ok((201, json!({ "data": self.resource(id) })))
    }

    pub(super) fn change(&mut self, asked: &Asked<Self>) -> Outcome {
        asked.caller.needs(WRITE)?;
        let id = self.known(asked)?;
        let data = &asked.body["data"];
        is_employee(data)?;
        if data["id"] != asked.id(0) {
            return Err(
                Refusal::new(409, "conflict", "the id is not that of the URL").at("/data/id")
            );
        }
        let none = Map::new();
        let attributes = data.get("attributes").and_then(Value::as_object).unwrap_or(&none);
        self.takes(attributes, Some(id))?;
        let locations = self.named(data, "locations")?;
        let assistants = self.named(data, "assistants")?;
        let employee = self.employees.get_mut(&id).unwrap();
        employee.attributes.extend(attributes.clone());
        employee.locations = locations.unwrap_or(employee.locations.clone());
        employee.assistants = assistants.unwrap_or(employee.assistants.clone());
        employee.stamp();
        Ok((200, json!({ "data": self.resource(id) })))
    }

    pub(super) fn delete(&mut self, asked: &Asked<Self>) -> Outcome {
        asked.caller.needs(WRITE)?;
        let id = self.known(asked)?;
        let employee = self.employees.get_mut(&id).unwrap();
        if employee.is_deleted() {
            return Err(no_employee());
        }
        employee.attributes.insert("deleted".to_owned(), json!(true));
        employee.stamp();
        Ok((204, Value::Null))
    }

    fn known(&self, asked: &Asked<Self>) -> Result<u64, Refusal> {
        let id = asked.id(0).parse().ok().filter(|id| self.employees.contains_key(id));
        id.ok_or_else(no_employee)
    }

    /// The attributes that depend on who else is there; `own` is whose they are.
    fn takes(&self, given: &Map<String, Value>, own: Option<u64>) -> Result<(), Refusal> {
        let text = |name: &str| given.get(name).and_then(Value::as_str);
        if text("name") == Some("") {
            let words = "name can't be blank";
            return Err(Refusal::new(422, "blank", words).at("/data/attributes/name"));
        }
        let before = own.map(|id| &self.employees[&id]);
        let returns = given.get("deleted") == Some(&json!(false));
        let email =
            text("email").or_else(|| before.filter(|_| returns).map(|one| one.text("email")));
        let mut others = self.employees.iter().filter(|(id, _)| Some(**id) != own);
        let taken = |email| others.any(|(_, one)| !one.is_deleted() && one.has_email(email));
        match email.is_some_and(taken) {
            true => {
                let words = "email has already been taken";
                Err(Refusal::new(422, "taken", words).at("/data/attributes/email"))
            }
            false => Ok(()),
        }
    }

    /// The ids of a relationship, if it is given.
    fn named(&self, data: &Value, name: &str) -> Result<Option<Vec<u64>>, Refusal> {
        let at = format!("/data/relationships/{name}/data");
        let Some(items) = data.pointer(&at["/data".len()..]).and_then(Value::as_array) else {
            return Ok(None);
        };
        let kind = if name == "locations" { "locations" } else { "employees" };
        let mut ids = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let at = format!("{at}/{index}");
            if item["type"] != kind {
                return Err(Refusal::new(409, "conflict", format!("{kind} are expected")).at(at));
            }
            let id = item["id"].as_str().and_then(|id| id.parse().ok());
            let there = id.filter(|id| match kind {
                "locations" => self.locations.contains_key(id),
                _ => self.employees.get(id).is_some_and(|one| !one.is_deleted()),
            });
            let none = || Refusal::new(404, "not_found", format!("none of the {kind}")).at(at);
            ids.push(there.ok_or_else(none)?);
        }
        Ok(Some(ids))
    }
}

fn no_employee() -> Refusal {
    Refusal::new(404, "not_found", "there is no such employee")
}

/// JSON:API 1.1: a resource of another type is a conflict.
fn is_employee(data: &Value) -> Result<(), Refusal> {
    match data["type"] == "employees" {
        true => Ok(()),
        false => Err(Refusal::new(409, "conflict", "the type must be employees").at("/data/type")),
    }
}
