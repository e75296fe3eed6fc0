//! What the vendor answers to each call.

use super::{Reply, State, asked::Asked, not_ok, people, refuse};
use serde_json::{Value, json};

/// The largest page; more is not given, whatever is asked.
const PAGE: usize = 50;

/// Answers one call.
pub fn answer(state: &mut State, asked: &Asked, now: i64) -> Reply {
    let path: Vec<&str> = asked.path.split('/').filter(|part| !part.is_empty()).collect();
    match (asked.method.as_str(), path.as_slice()) {
        ("GET", ["people"]) => {
            let (after, size) = (asked.number("after").unwrap_or(0), asked.size(PAGE));
            let (page, count) = state.people.page(asked.get("seek"), after, size);
            let last = page.last().and_then(|person| uid(person)).filter(|_| page.len() == size);
            let shown = page.iter().map(|person| person_shown(state, person)).collect();
            paged(shown, last, count)
        }
        ("POST", ["people"]) => {
            let key = state.new_key();
            match state.people.make(key, &asked.body, now) {
                Ok(_) => one_person(state, key),
                Err(refused) => refused,
            }
        }
        ("GET", ["people", key]) => one_person(state, number(key)),
        ("PATCH", ["people", key]) => {
            let key = number(key);
            match state.people.change(key, &asked.body, now) {
                Ok(_) => one_person(state, key),
                Err(refused) => refused,
            }
        }
        ("POST", ["people", key, verb @ ("suspend" | "resume")]) => {
            let status = if *verb == "suspend" { "S" } else { "A" };
            match state.people.change_status(number(key), status, now) {
                true => (200, Some(json!({ "ok": true }))),
                false => not_ok("gone", "no such person"),
            }
        }
        ("DELETE", ["people", key]) => {
            let key = number(key);
            if !state.people.end(key) {
                return refuse(404, "no such person");
            }
            state.teams.leave_all(key);
            (204, None)
        }
        ("GET", ["teams"]) => {
            let (after, size) = (asked.number("after").unwrap_or(0), asked.size(PAGE));
            let (page, count) = state.teams.page(asked.get("seek"), after, size);
            let last = page.last().and_then(|team| uid(team)).filter(|_| page.len() == size);
            paged(page.into_iter().cloned().collect(), last, count)
        }
        ("POST", ["teams"]) => {
            let key = state.new_key();
            one(state.teams.make(key, &asked.body, now).cloned())
        }
        ("GET", ["teams", key]) => {
            let found = state.teams.get(number(key)).cloned();
            one(found.ok_or_else(|| refuse(404, "no such team")))
        }
        ("PATCH", ["teams", key]) => {
            one(state.teams.change(number(key), &asked.body, now).cloned())
        }
        ("DELETE", ["teams", key]) => match state.teams.end(number(key)) {
            true => (204, None),
            false => refuse(404, "no such team"),
        },
        ("GET", ["memberships"]) => memberships(state, asked),
        ("POST", ["memberships"]) => join(state, &asked.body),
        ("DELETE", ["memberships", team, person]) => {
            match state.teams.leave(number(team), number(person)) {
                true => (204, None),
                false => refuse(404, "no such membership"),
            }
        }
        ("GET", ["roles"]) => {
            let (after, size) = (asked.number("after").unwrap_or(0), asked.size(PAGE));
            let (page, count) = state.roles.page(asked.get("seek"), after, size);
            let last = page.last().and_then(|role| role.get("role_id")).and_then(Value::as_u64);
            let last = last.filter(|_| page.len() == size);
            paged(page.into_iter().cloned().collect(), last, count)
        }
        ("POST", ["roles"]) => one(state.roles.make(&asked.body, now)),
        ("GET", ["roles", key]) => {
            let found = state.roles.get(number(key)).cloned();
            one(found.ok_or_else(|| refuse(404, "no such role")))
        }
        ("PATCH", ["roles", key]) => one(state.roles.change(number(key), &asked.body, now)),
        ("DELETE", ["roles", key]) => match state.roles.end(number(key)) {
            true => (204, None),
            false => refuse(404, "no such role"),
        },
        _ => refuse(404, "no such address"),
    }
}

fn one(record: Result<Value, Reply>) -> Reply {
    match record {
        Ok(record) => (200, Some(json!({ "data": record }))),
        Err(refused) => refused,
    }
}

fn one_person(state: &State, key: u64) -> Reply {
    let found = state.people.get(key).map(|person| person_shown(state, person));
    one(found.ok_or_else(|| refuse(404, "no such person")))
}

fn person_shown(state: &State, person: &Value) -> Value {
    let teams = uid(person).map(|key| state.teams.list_of(key)).unwrap_or_default();
    people::shown(person, teams)
}

fn paged(data: Vec<Value>, last: Option<u64>, count: usize) -> Reply {
    let after = last.map(|key| key.to_string());
    (200, Some(json!({ "data": data, "page": { "after": after, "count": count } })))
}

fn memberships(state: &State, asked: &Asked) -> Reply {
    let Some(team) = asked.number("team") else {
        return refuse(422, "say which team");
    };
    let (after, size) = (asked.number("after").unwrap_or(0), asked.size(PAGE));
    let members: Vec<u64> = state.teams.members(team).collect();
    let page: Vec<u64> = members.iter().copied().filter(|key| *key > after).take(size).collect();
    let last = page.last().copied().filter(|_| page.len() == size);
    let own = |key: u64| state.people.get(key).and_then(|person| person.get("caption"));
    let caption = |key: &u64| {
        state.teams.called(team, *key).or_else(|| own(*key)).cloned().unwrap_or_default()
    };
    let data = page
        .iter()
        .map(|key| json!({ "team_id": team, "person_id": key, "caption": caption(key) }))
        .collect();
    paged(data, last, members.len())
}

fn join(state: &mut State, body: &Value) -> Reply {
    let key = |name: &str| body.get(name).and_then(Value::as_u64).unwrap_or(0);
    let (team, person) = (key("team_id"), key("person_id"));
    if state.teams.get(team).is_none() {
        return not_ok("gone", "no such team");
    }
    if state.people.get(person).is_none() {
        return not_ok("no_such_person", "no such person");
    }
    let caption = body.get("caption").cloned().unwrap_or_default();
    match state.teams.join(team, person, caption) {
        true => (200, Some(json!({ "ok": true }))),
        false => refuse(409, "is in the team already"),
    }
}

/// 0 is nobody's key.
fn number(text: &str) -> u64 {
    text.parse().unwrap_or(0)
}

fn uid(record: &Value) -> Option<u64> {
    record.get("uid").and_then(Value::as_u64)
}
