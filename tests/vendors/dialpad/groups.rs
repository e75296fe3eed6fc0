//! Offices, departments, call centres and coaching teams, and who is in them.

use super::super::{
    reply::{Outcome, Refusal},
    route::Asked,
};
use super::{Dialpad, Group, bad, collection, conflict, key};
use serde_json::{Value, json};

const OFFICE: &str = "office";
const DEPARTMENT: &str = "department";
const CALLCENTER: &str = "callcenter";
const TEAM: &str = "coachingteam";

impl Dialpad {
    /// Puts a group there; returns its id.
    pub fn group(
        &mut self,
        kind: &'static str,
        id: Option<u64>,
        name: &str,
        office: u64,
        more: Value,
    ) -> u64 {
        let id = id.unwrap_or_else(|| self.new_id());
        let group = Group { kind, name: name.to_owned(), office, more, members: Vec::new() };
        self.groups.insert(id, group);
        id
    }

    fn shown_group(&self, id: u64) -> Value {
        let Group { kind, name, office, more, .. } = &self.groups[&id];
        let country = self.offices[office].country;
        let mut shown = json!({
            "id": id.to_string(), "name": name, "office_id": office.to_string(),
            "country": country, "state": "active", "ring_seconds": "30",
        });
        if *kind == OFFICE {
            shown["is_primary_office"] = json!(id == super::SAN_FRANCISCO);
        }
        for (name, value) in more.as_object().into_iter().flatten() {
            shown[name] = match (name.as_str(), key(value)) {
                ("ring_seconds", Some(number)) => json!(number.to_string()),
                _ => value.clone(),
            };
        }
        shown
    }

    fn list_groups(&mut self, kind: &str, asked: &Asked<Self>) -> Outcome {
        let call = asked.call;
        let office: Option<u64> = call.filter("office_id").and_then(|id| id.parse().ok());
        let part = call.filter("name_search").map(str::to_lowercase);
        let fits = |(_, group): &(&u64, &Group)| {
            group.kind == kind
                && office.is_none_or(|office| group.office == office)
                && part.as_ref().is_none_or(|part| group.name.to_lowercase().contains(part))
        };
        let ids = self.groups.iter().filter(fits).map(|(id, _)| *id).collect();
        let (shown, cursor) = self.page(call, ids)?;
        Ok(collection(shown.iter().map(|id| self.shown_group(*id)).collect(), cursor))
    }

    fn known_group(&self, kind: &str, asked: &Asked<Self>) -> Result<u64, Refusal> {
        let id = asked.id(0).parse().map_err(|_| bad("id: an int64 is expected"))?;
        match self.groups.get(&id).filter(|group| group.kind == kind) {
            Some(_) => Ok(id),
            None => Err(Refusal::new(404, "", format!("there is no such {kind}"))),
        }
    }

    fn get_group(&mut self, kind: &str, asked: &Asked<Self>) -> Outcome {
        Ok((200, self.shown_group(self.known_group(kind, asked)?)))
    }

    /// All at once, rooms apart from users.
    fn operators(&mut self, kind: &str, asked: &Asked<Self>) -> Outcome {
        let group = &self.groups[&self.known_group(kind, asked)?];
        let users: Vec<Value> = group.members.iter().map(|(id, _)| self.shown(*id)).collect();
        Ok((200, json!({ "users": users, "rooms": [] })))
    }

    fn add(&mut self, kind: &str, asked: &Asked<Self>, user: &Value, role: &str) -> Outcome {
        let group = self.known_group(kind, asked)?;
        let user = self.operator(user)?;
        let members = &mut self.groups.get_mut(&group).unwrap().members;
        if members.iter().any(|(known, _)| *known == user) {
            return Err(conflict("the user is already there"));
        }
        members.push((user, role.to_owned()));
        Ok((200, self.shown_operator(user)))
    }

    fn remove(&mut self, kind: &str, asked: &Asked<Self>, user: &Value) -> Outcome {
        let group = self.known_group(kind, asked)?;
        let user = self.operator(user)?;
        let members = &mut self.groups.get_mut(&group).unwrap().members;
        let before = members.len();
        members.retain(|(known, _)| *known != user);
        match members.len() < before {
            true => Ok((200, self.shown_operator(user))),
            false => Err(Refusal::new(404, "", "the user is not there")),
        }
    }

    /// Nobody who is deleted can be one.
    fn operator(&self, id: &Value) -> Result<u64, Refusal> {
        let known =
            key(id).filter(|id| self.users.get(id).is_some_and(|user| user["state"] != "deleted"));
        known.ok_or_else(super::no_user)
    }

    fn shown_operator(&self, id: u64) -> Value {
        let user = &self.users[&id];
        let mut shown = json!({ "name": user["display_name"] });
        for name in [
            "id",
            "company_id",
            "office_id",
            "country",
            "image_url",
            "is_on_duty",
            "phone_numbers",
            "state",
        ] {
            if let Some(value) = user.get(name) {
                shown[name] = value.clone();
            }
        }
        shown
    }

    fn add_operator(&mut self, kind: &str, asked: &Asked<Self>) -> Outcome {
        users_only(asked)?;
        let role = asked.text("role").unwrap_or("operator");
        self.add(kind, asked, &asked.body["operator_id"], role)
    }

    fn remove_operator(&mut self, kind: &str, asked: &Asked<Self>) -> Outcome {
        users_only(asked)?;
        self.remove(kind, asked, &asked.body["operator_id"])
    }

    /// All are active.
    pub(super) fn list_offices(&mut self, asked: &Asked<Self>) -> Outcome {
        self.list_groups(OFFICE, asked)
    }

    pub(super) fn get_office(&mut self, asked: &Asked<Self>) -> Outcome {
        self.get_group(OFFICE, asked)
    }

    pub(super) fn available_licenses(&mut self, asked: &Asked<Self>) -> Outcome {
        let office = self.known_group(OFFICE, asked)?;
        let left = |licence| self.left(office, licence).unwrap_or_default().to_string();
        Ok((
            200,
            json!({
                "talk_lines": left("talk"), "sell_lines": left("agents"),
                "contact_center_lines": left("lite_support_agents"),
            }),
        ))
    }

    pub(super) fn office_operators(&mut self, asked: &Asked<Self>) -> Outcome {
        self.operators(OFFICE, asked)
    }

    pub(super) fn add_office_operator(&mut self, asked: &Asked<Self>) -> Outcome {
        self.add_operator(OFFICE, asked)
    }

    pub(super) fn remove_office_operator(&mut self, asked: &Asked<Self>) -> Outcome {
        self.remove_operator(OFFICE, asked)
    }

    pub(super) fn list_departments(&mut self, asked: &Asked<Self>) -> Outcome {
        self.list_groups(DEPARTMENT, asked)
    }

    pub(super) fn get_department(&mut self, asked: &Asked<Self>) -> Outcome {
        self.get_group(DEPARTMENT, asked)
    }

    pub(super) fn create_department(&mut self, asked: &Asked<Self>) -> Outcome {
        asked.caller.administers()?;
        let office = self.office(&asked.body["office_id"])?;
        self.free_name(asked.text("name"), office, None)?;
        let id = self.group(DEPARTMENT, None, "", office, json!({}));
        self.describe(id, asked);
        Ok((200, self.shown_group(id)))
    }

    pub(super) fn update_department(&mut self, asked: &Asked<Self>) -> Outcome {
        let id = self.known_group(DEPARTMENT, asked)?;
        self.free_name(asked.text("name"), self.groups[&id].office, Some(id))?;
        self.describe(id, asked);
        Ok((200, self.shown_group(id)))
    }

    pub(super) fn delete_department(&mut self, asked: &Asked<Self>) -> Outcome {
        let id = self.known_group(DEPARTMENT, asked)?;
        let mut shown = self.shown_group(id);
        shown["state"] = json!("deleted");
        self.groups.remove(&id);
        Ok((200, shown))
    }

    fn free_name(&self, name: Option<&str>, office: u64, own: Option<u64>) -> Result<(), Refusal> {
        let Some(name) = name else { return Ok(()) };
        if name.is_empty() {
            return Err(bad("name: it must not be empty"));
        }
        let alike = |(id, group): (&u64, &Group)| {
            group.kind == DEPARTMENT
                && group.office == office
                && group.name == name
                && Some(*id) != own
        };
        match self.groups.iter().any(alike) {
            true => Err(conflict(format!("the office has a department {name}"))),
            false => Ok(()),
        }
    }

    fn describe(&mut self, id: u64, asked: &Asked<Self>) {
        let group = self.groups.get_mut(&id).unwrap();
        for (name, value) in asked.body.as_object().unwrap() {
            match (name.as_str(), value) {
                ("name", Value::String(name)) => group.name.clone_from(name),
                ("office_id", _) => {}
                (_, Value::Null) => drop(group.more.as_object_mut().unwrap().remove(name)),
                _ => group.more[name] = value.clone(),
            }
        }
    }

    pub(super) fn department_operators(&mut self, asked: &Asked<Self>) -> Outcome {
        self.operators(DEPARTMENT, asked)
    }

    pub(super) fn add_department_operator(&mut self, asked: &Asked<Self>) -> Outcome {
        self.add_operator(DEPARTMENT, asked)
    }

    pub(super) fn remove_department_operator(&mut self, asked: &Asked<Self>) -> Outcome {
        self.remove_operator(DEPARTMENT, asked)
    }

    pub(super) fn list_callcenters(&mut self, asked: &Asked<Self>) -> Outcome {
        self.list_groups(CALLCENTER, asked)
    }

    pub(super) fn get_callcenter(&mut self, asked: &Asked<Self>) -> Outcome {
        self.get_group(CALLCENTER, asked)
    }

    pub(super) fn callcenter_operators(&mut self, asked: &Asked<Self>) -> Outcome {
        self.operators(CALLCENTER, asked)
    }

    /// The user gets the licence, if one is left; it is not given back by [`Self::remove_agent`].
    pub(super) fn add_agent(&mut self, asked: &Asked<Self>) -> Outcome {
        let skill = asked.body.get("skill_level").and_then(key).unwrap_or(100);
        if !(1..=100).contains(&skill) {
            return Err(bad("skill_level: 1 to 100"));
        }
        let user = self.operator(&asked.body["user_id"])?;
        let group = self.known_group(CALLCENTER, asked)?;
        let licence = asked.text("license_type").unwrap_or("agents");
        let already = self.groups[&group].members.iter().any(|(known, _)| *known == user);
        if !already && self.users[&user]["license"] != licence {
            self.has_licence(key(&self.users[&user]["office_id"]).unwrap(), licence)?;
            self.users.get_mut(&user).unwrap()["license"] = json!(licence);
        }
        let role = asked.text("role").unwrap_or("operator");
        self.add(CALLCENTER, asked, &asked.body["user_id"], role)
    }

    pub(super) fn remove_agent(&mut self, asked: &Asked<Self>) -> Outcome {
        self.remove(CALLCENTER, asked, &asked.body["user_id"])
    }

    pub(super) fn list_teams(&mut self, asked: &Asked<Self>) -> Outcome {
        self.list_groups(TEAM, asked)
    }

    pub(super) fn team_members(&mut self, asked: &Asked<Self>) -> Outcome {
        let team = &self.groups[&self.known_group(TEAM, asked)?];
        let member = |(id, role): &(u64, String)| shown_member(&self.users[id], role);
        let items: Vec<Value> = team.members.iter().map(member).collect();
        Ok((200, json!({ "items": items, "cursor": "" })))
    }

    pub(super) fn add_trainee(&mut self, asked: &Asked<Self>) -> Outcome {
        let role = asked.text("role").unwrap();
        self.add(TEAM, asked, &asked.body["member_id"], role)?;
        let user = key(&asked.body["member_id"]).unwrap();
        Ok((200, shown_member(&self.users[&user], role)))
    }
}

/// A member of a coaching team has no `display_name`.
fn shown_member(user: &Value, role: &str) -> Value {
    let mut shown = user.clone();
    for unknown in ["display_name", "international_dialing_enabled"] {
        shown.as_object_mut().unwrap().remove(unknown);
    }
    shown["role"] = json!(role);
    shown
}

fn users_only(asked: &Asked<Dialpad>) -> Result<(), Refusal> {
    match asked.text("operator_type") {
        Some("user") => Ok(()),
        _ => Err(Refusal::new(404, "", "there is no such room")),
    }
}
