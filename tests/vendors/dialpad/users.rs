//! Users: found, made, changed, suspended, deleted.

use super::super::{
    reply::{Outcome, Refusal},
    route::Asked,
};
use super::{Dialpad, bad, call_by_name, collection, conflict, has_email, no_user, text, texts};
use serde_json::{Value, json};

impl Dialpad {
    pub(super) fn list(&mut self, asked: &Asked<Self>) -> Outcome {
        let call = asked.call;
        let state = call.filter("state").unwrap_or("active");
        let all_states = state == "all" || call.unfiltered;
        let admins = call.filter("company_admin").map(|value| json!(value == "true"));
        let fits = |(_, user): &(&u64, &Value)| {
            (all_states || user["state"] == state)
                && call.filter("email").is_none_or(|email| has_email(user, email))
                && call.filter("number").is_none_or(|number| {
                    texts(user, "phone_numbers").iter().any(|known| known == number)
                })
                && admins.as_ref().is_none_or(|admins| user["is_super_admin"] == *admins)
        };
        let ids = self.users.iter().filter(fits).map(|(id, _)| *id).collect();
        let (shown, cursor) = self.page(call, ids)?;
        Ok(collection(shown.iter().map(|id| self.shown(*id)).collect(), cursor))
    }

    pub(super) fn get(&mut self, asked: &Asked<Self>) -> Outcome {
        Ok((200, self.shown(self.known(asked.id(0))?)))
    }

    pub(super) fn create(&mut self, asked: &Asked<Self>) -> Outcome {
        let email = asked.text("email").unwrap();
        let office = self.office(&asked.body["office_id"])?;
        self.free(email, None)?;
        let licence = asked.text("license").unwrap_or("talk");
        self.has_licence(office, licence)?;
        let name = |name| asked.text(name).unwrap_or_default();
        let id = self.put(email, name("first_name"), name("last_name"), office);
        self.users.get_mut(&id).unwrap()["license"] = json!(licence);
        if asked.body.get("auto_assign") == Some(&json!(true)) {
            let number = self.next_number(office, None);
            self.give(id, number, true);
        }
        Ok((200, self.shown(id)))
    }

    pub(super) fn update(&mut self, asked: &Asked<Self>) -> Outcome {
        let id = self.known(asked.id(0))?;
        let before = self.users[&id].clone();
        if before["state"] == "deleted" {
            return Err(bad("the user is deleted"));
        }
        let mut after = before.clone();
        for (name, value) in asked.body.as_object().unwrap() {
            match name.as_str() {
                "emails" => self.takes_emails(id, value)?,
                "phone_numbers" => takes_numbers(&before, value)?,
                "office_id" => {
                    let office = self.office(value)?;
                    self.takes_move(&before, office)?;
                    after[name] = json!(office.to_string());
                    continue;
                }
                "admin_office_ids" => {
                    let ids = value.as_array().into_iter().flatten();
                    let offices: Result<Vec<u64>, Refusal> =
                        ids.map(|id| self.office(id)).collect();
                    after[name] = offices?.iter().map(u64::to_string).collect();
                    continue;
                }
                // Said once, and never shown.
                "keep_paid_numbers" | "presence_status" => continue,
                _ => {}
            }
            match value.is_null() {
                true => drop(after.as_object_mut().unwrap().remove(name)),
                false => after[name] = value.clone(),
            }
        }
        let needs = |user: &Value| {
            let active = user["state"] == "active";
            active.then(|| (user["office_id"].clone(), user["license"].clone()))
        };
        if let Some((office, licence)) =
            needs(&after).filter(|one| needs(&before).as_ref() != Some(one))
        {
            self.has_licence(self.office(&office)?, licence.as_str().unwrap_or_default())?;
        }
        let rules =
            texts(&after, "admin_office_ids").len() + usize::from(after["is_super_admin"] == true);
        after["is_admin"] = json!(rules > 0);
        call_by_name(&mut after);
        self.users.insert(id, after);
        Ok((200, self.shown(id)))
    }

    pub(super) fn move_office(&mut self, asked: &Asked<Self>) -> Outcome {
        self.update(asked)
    }

    pub(super) fn delete(&mut self, asked: &Asked<Self>) -> Outcome {
        let id = self.known(asked.id(0))?;
        let user = self.users.get_mut(&id).unwrap();
        if user["state"] == "deleted" {
            return Err(no_user());
        }
        let name = text(user, "display_name");
        user["display_name"] = json!(format!("{name} (deactivated)"));
        user["state"] = json!("deleted");
        user["is_available"] = json!(false);
        user["do_not_disturb"] = json!(true);
        for gone in ["emails", "phone_numbers", "forwarding_numbers"] {
            user.as_object_mut().unwrap().remove(gone);
        }
        self.groups
            .values_mut()
            .for_each(|group| group.members.retain(|(member, _)| *member != id));
        Ok((200, self.shown(id)))
    }

    fn free(&self, email: &str, own: Option<u64>) -> Result<(), Refusal> {
        let mut others = self.users.iter().filter(|(id, _)| Some(**id) != own);
        match others.any(|(_, user)| has_email(user, email)) {
            true => Err(conflict(format!("{email} belongs to another user"))),
            false => Ok(()),
        }
    }

    fn takes_emails(&self, id: u64, emails: &Value) -> Result<(), Refusal> {
        let emails = emails.as_array().into_iter().flatten().filter_map(Value::as_str);
        let emails: Vec<&str> = emails.collect();
        if emails.is_empty() {
            return Err(bad("emails: a user needs one"));
        }
        emails.into_iter().try_for_each(|email| self.free(email, Some(id)))
    }

    fn takes_move(&self, user: &Value, office: u64) -> Result<(), Refusal> {
        let abroad = user["country"] != self.offices[&office].country;
        match abroad && !texts(user, "phone_numbers").is_empty() {
            true => Err(bad("office_id: a user with phone numbers cannot move abroad")),
            false => Ok(()),
        }
    }
}

/// Numbers are only taken away or put in another order here.
fn takes_numbers(user: &Value, numbers: &Value) -> Result<(), Refusal> {
    let known = texts(user, "phone_numbers");
    let mut given = numbers.as_array().into_iter().flatten().filter_map(Value::as_str);
    match given.all(|number| known.iter().any(|one| one == number)) {
        true => Ok(()),
        false => Err(bad("phone_numbers: a number is added by assign_number")),
    }
}
