//! A vendor with people who have a role and are in teams, behind a real socket.

use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What it does with a call in place of what it is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fault {
    /// Refuses with this status.
    Status(u16),
    /// Closes the connection and does nothing.
    HangUp,
    /// Does it, and closes the connection.
    DoneAndHangUp,
    /// Says that it did it.
    Lie,
}

#[derive(Default)]
struct State {
    people: Vec<Value>,
    calls: Vec<String>,
    /// What happens to calls whose line begins so.
    faults: Vec<(String, Fault)>,
}

#[derive(Clone)]
pub struct Vendor {
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl Vendor {
    /// With people of these ids, who have nothing.
    pub async fn with(ids: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state: Arc<Mutex<State>> = Arc::default();
        let person =
            |id: &&str| json!({ "id": id, "login": format!("u{id}"), "role": null, "teams": [] });
        state.lock().unwrap().people = ids.iter().map(person).collect();
        let vendor = Self { url, state };
        let own = vendor.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(own.clone().serve(stream));
            }
        });
        vendor
    }

    /// Changes somebody behind everybody's back.
    pub fn set(&self, id: &str, field: &str, value: Value) {
        let mut state = self.state.lock().unwrap();
        let one = state.people.iter_mut().find(|one| one["id"] == *id).unwrap();
        one.as_object_mut().unwrap().insert(field.to_owned(), value);
    }

    /// Somebody goes.
    pub fn lose(&self, id: &str) {
        self.state.lock().unwrap().people.retain(|one| one["id"] != *id);
    }

    /// Who has this in a field, alone or in a list.
    pub fn having(&self, field: &str, value: &str) -> BTreeSet<String> {
        let state = self.state.lock().unwrap();
        let has = |one: &&Value| match &one[field] {
            Value::Array(list) => list.contains(&json!(value)),
            single => *single == json!(value),
        };
        let id = |one: &Value| one["id"].as_str().unwrap().to_owned();
        state.people.iter().filter(has).map(id).collect()
    }

    /// The calls since the last look.
    pub fn told(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().calls)
    }

    /// The same, only what writes.
    pub fn written(&self) -> Vec<String> {
        self.told().into_iter().filter(|call| !call.starts_with("GET")).collect()
    }

    /// From now on calls whose line begins so have this fault; nothing heals all of them.
    pub fn fail(&self, fault: Option<(&str, Fault)>) {
        let faults = fault.map(|(line, fault)| (line.to_owned(), fault));
        self.state.lock().unwrap().faults = faults.into_iter().collect();
    }

    async fn serve(self, mut stream: TcpStream) {
        let Some((line, body)) = asked(&mut stream).await else { return };
        let (fault, answer) = {
            let mut state = self.state.lock().unwrap();
            let said = if body.is_null() { line.clone() } else { format!("{line} {body}") };
            state.calls.push(said);
            let struck = state.faults.iter().find(|(begin, _)| line.starts_with(begin));
            let fault = struck.map(|(_, fault)| *fault);
            let answer = match fault {
                Some(Fault::HangUp) => None,
                Some(Fault::Status(status)) => Some((status, json!({ "error": "no" }))),
                Some(Fault::Lie) => {
                    let mut copy = State { people: state.people.clone(), ..State::default() };
                    Some(answer(&mut copy, &line, &body))
                }
                Some(Fault::DoneAndHangUp) => {
                    answer(&mut state, &line, &body);
                    None
                }
                None => Some(answer(&mut state, &line, &body)),
            };
            (fault, answer)
        };
        let Some((status, body)) = answer else { return };
        // Its own record shows the lie.
        let body = if fault == Some(Fault::Lie) { json!({}) } else { body }.to_string();
        let text = format!(
            "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        let _ = stream.write_all(text.as_bytes()).await;
        let _ = stream.shutdown().await;
    }
}

/// The request line and the body.
async fn asked(stream: &mut TcpStream) -> Option<(String, Value)> {
    let (mut bytes, mut part) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("content-length").then(|| value.parse().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                let line = head.lines().next()?.trim_end_matches(" HTTP/1.1").to_owned();
                return Some((line, serde_json::from_str(body).unwrap_or(Value::Null)));
            }
        }
        match stream.read(&mut part).await {
            Ok(read) if read > 0 => bytes.extend(part.iter().take(read)),
            _ => return None,
        }
    }
}

fn answer(state: &mut State, line: &str, body: &Value) -> (u16, Value) {
    let (method, address) = line.split_once(' ').unwrap();
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let decoded =
        |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
    let parts: Vec<String> = path.split('/').skip(2).map(decoded).collect();
    let Some(id) = parts.first() else {
        let wanted = query.strip_prefix("role=").map(decoded);
        let found: Vec<&Value> = state
            .people
            .iter()
            .filter(|one| wanted.as_ref().is_none_or(|role| one["role"] == **role))
            .collect();
        return (200, json!({ "users": found }));
    };
    let Some(at) = state.people.iter().position(|one| one["id"] == **id) else {
        return (404, json!({ "error": "nobody" }));
    };
    let one = &mut state.people[at];
    match (method, parts.get(2)) {
        ("GET", _) => {}
        ("PATCH", _) => one.as_object_mut().unwrap().extend(body.as_object().unwrap().clone()),
        ("DELETE", None) => {
            state.people.remove(at);
            return (204, Value::Null);
        }
        (method, Some(team)) => {
            let teams = one["teams"].as_array_mut().unwrap();
            teams.retain(|known| known != team);
            if method == "POST" {
                teams.push(json!(team));
            }
        }
        _ => return (405, json!({})),
    }
    (200, one.clone())
}
