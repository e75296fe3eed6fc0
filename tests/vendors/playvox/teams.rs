//! Teams: lists of users with leaders.

use super::{
    super::{
        reply::{Outcome, Refusal},
        route::Asked,
    },
    Playvox, done, failed, list, no_user, same,
};
use serde_json::{Value, json};

impl Playvox {
    pub(super) fn list_teams(&mut self, asked: &Asked<Self>) -> Outcome {
        let shown: Vec<Value> = self.teams.values().map(|team| self.shown(team)).collect();
        list(asked.call, shown.iter())
    }

    pub(super) fn get_team(&mut self, asked: &Asked<Self>) -> Outcome {
        let team = self.teams.get(asked.id(0)).ok_or_else(no_team)?;
        Ok((200, json!({ "result": self.shown(team) })))
    }

    /// With what is known of its people.
    fn shown(&self, team: &Value) -> Value {
        let info = |name: &str| -> Vec<Value> {
            let ids = team[name].as_array().unwrap().iter();
            let users = ids.filter_map(|id| self.users.get(id.as_str()?));
            let wanted = ["_id", "name", "last_name", "email", "status"];
            users
                .map(|user| wanted.map(|name| (name.to_owned(), user[name].clone())))
                .map(|fields| Value::Object(fields.into_iter().collect()))
                .collect()
        };
        let mut team = team.clone();
        let (users, leaders) = (info("users"), info("team_leader_id"));
        team["total_users"] = json!(users.len());
        team["users_info"] = json!(users);
        team["team_leader_info"] = json!(leaders);
        team
    }

    pub(super) fn create_team(&mut self, asked: &Asked<Self>) -> Outcome {
        self.takes_team(asked, None)?;
        let id = self.new_id();
        let mut team = json!({
            "_id": id, "description": "", "status": "active", "default": false,
            "site_id": "site-1", "users": [],
        });
        lay(&mut team, &asked.body);
        self.teams.insert(id.clone(), team);
        Ok(done(&id))
    }

    pub(super) fn change_team(&mut self, asked: &Asked<Self>) -> Outcome {
        let id = asked.id(0).to_owned();
        if !self.teams.contains_key(&id) {
            return Err(no_team());
        }
        self.takes_team(asked, Some(&id))?;
        lay(self.teams.get_mut(&id).unwrap(), &asked.body);
        Ok(done(&id))
    }

    fn takes_team(&self, asked: &Asked<Self>, own: Option<&str>) -> Result<(), Refusal> {
        let leaders = asked.body.get("team_leader_id").and_then(Value::as_array);
        if leaders.is_some_and(Vec::is_empty) {
            return Err(failed("a team needs a leader"));
        }
        let people = asked.body.get("users").and_then(Value::as_array).into_iter().flatten();
        let mut all = people.chain(leaders.into_iter().flatten()).filter_map(Value::as_str);
        if let Some(id) = all.find(|id| !self.users.contains_key(*id)) {
            return Err(failed(format!("user {id} does not exist")));
        }
        let name = asked.text("name");
        let mut others = self.teams.values().filter(|team| own.is_none_or(|id| team["_id"] != id));
        match name.is_some_and(|name| others.any(|team| same(team, "name", name))) {
            true => Err(failed("name already exists")),
            false => Ok(()),
        }
    }

    pub(super) fn delete_team(&mut self, asked: &Asked<Self>) -> Outcome {
        let id = asked.id(0);
        self.teams.remove(id).map(|_| done(id)).ok_or_else(no_team)
    }

    pub(super) fn join(&mut self, asked: &Asked<Self>) -> Outcome {
        let id = asked.text("id").unwrap();
        let team = self.teams.get_mut(asked.id(0)).ok_or_else(no_team)?;
        if !self.users.contains_key(id) {
            return Err(failed(format!("user {id} does not exist")));
        }
        let users = team["users"].as_array_mut().unwrap();
        if users.iter().any(|known| known == id) {
            return Err(failed("the user is already in the team"));
        }
        users.push(json!(id));
        Ok(done(asked.id(0)))
    }

    pub(super) fn leave(&mut self, asked: &Asked<Self>) -> Outcome {
        let team = self.teams.get_mut(asked.id(0)).ok_or_else(no_team)?;
        let users = team["users"].as_array_mut().unwrap();
        let before = users.len();
        users.retain(|known| known != asked.id(1));
        match users.len() < before {
            true => Ok(done(asked.id(0))),
            false => Err(no_user()),
        }
    }
}

fn no_team() -> Refusal {
    Refusal::new(404, "", "Team not found")
}

fn lay(record: &mut Value, given: &Value) {
    for (name, value) in given.as_object().unwrap() {
        record[name] = value.clone();
    }
}
