//! Numbers: reserved ones first, else a new one of the office's area.

use super::super::{
    reply::{Outcome, Refusal},
    route::Asked,
};
use super::{Dialpad, bad, conflict, key, texts};
use serde_json::{Value, json};

impl Dialpad {
    /// Taken from the reserve, else made in the area.
    pub(super) fn next_number(&mut self, office: u64, area: Option<&str>) -> String {
        if !self.reserved.is_empty() {
            return self.reserved.remove(0);
        }
        let (country, own) = self.offices[&office].dial;
        let made = self.new_id() % 10_000;
        format!("{country}{}555{made:04}", area.unwrap_or(own))
    }

    pub(super) fn give(&mut self, user: u64, number: String, first: bool) {
        let user = self.users.get_mut(&user).unwrap();
        let mut numbers = texts(user, "phone_numbers");
        numbers.insert(if first { 0 } else { numbers.len() }, number);
        user["phone_numbers"] = json!(numbers);
    }

    pub(super) fn assign_number(&mut self, asked: &Asked<Self>) -> Outcome {
        let id = self.living(asked.id(0))?;
        let office = key(&self.users[&id]["office_id"]).unwrap();
        let number = match asked.text("number") {
            None => self.next_number(office, asked.text("area_code")),
            Some(wanted) => {
                let has =
                    |user: &Value| texts(user, "phone_numbers").iter().any(|one| one == wanted);
                if self.users.values().any(has) {
                    return Err(conflict(format!("{wanted} is assigned already")));
                }
                let place = self.reserved.iter().position(|number| number == wanted);
                self.reserved.remove(place.ok_or_else(|| bad("number: it is not reserved"))?)
            }
        };
        let first = asked.body.get("primary") != Some(&json!(false));
        self.give(id, number.clone(), first);
        let office = office.to_string();
        Ok((
            200,
            json!({
                "number": number, "status": "user", "target_id": id.to_string(),
                "target_type": "user", "office_id": office, "type": "local", "deleted": false,
            }),
        ))
    }

    pub(super) fn unassign_number(&mut self, asked: &Asked<Self>) -> Outcome {
        let id = self.living(asked.id(0))?;
        let number = asked.text("number").unwrap();
        let user = self.users.get_mut(&id).unwrap();
        let mut numbers = texts(user, "phone_numbers");
        let Some(place) = numbers.iter().position(|one| one == number) else {
            return Err(Refusal::new(404, "", "the user has no such number"));
        };
        numbers.remove(place);
        user["phone_numbers"] = json!(numbers);
        self.reserved.push(number.to_owned());
        Ok((
            200,
            json!({ "number": number, "status": "available", "type": "local", "deleted": false }),
        ))
    }

    /// The other statuses are of numbers that this company has none of.
    pub(super) fn list_numbers(&mut self, asked: &Asked<Self>) -> Outcome {
        let shown = asked.call.filter("status").is_none_or(|status| status == "available");
        let numbers = self.reserved.iter().filter(|_| shown);
        let number = |number| json!({ "number": number, "status": "available", "type": "local" });
        Ok(super::collection(numbers.map(number).collect(), None))
    }

    fn living(&self, id: &str) -> Result<u64, Refusal> {
        let id = self.known(id)?;
        match self.users[&id]["state"] == "deleted" {
            true => Err(bad("the user is deleted")),
            false => Ok(id),
        }
    }
}
