//! A vendor with people and teams, whose keys are numbers, over a socket.

use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What it has.
#[derive(Default)]
struct State {
    people: Vec<Value>,
    teams: Vec<Value>,
    /// The key of who is made next.
    next: u64,
    /// People go by their login.
    keyed_by_login: bool,
    /// Whom it cannot read.
    broken: u64,
    /// What its search of many does.
    search: Search,
    /// The next call that begins so is done and not answered.
    silent: Option<String>,
    asked: Vec<String>,
}

/// How `POST /people/search` answers.
#[derive(Default, Clone, PartialEq)]
pub enum Search {
    /// With those of the keys whom it has.
    #[default]
    Known,
    /// Without this one.
    Without(u64),
    /// With everybody, whoever is asked for.
    Everybody,
    /// 404 where it has not all of them.
    AllOrNobody,
    Broken,
}

pub struct Vendor {
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl Vendor {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State { next: 101, ..State::default() }));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self { url, state }
    }

    /// What was asked since the last look.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().asked)
    }

    /// Those of it that are no reads.
    pub fn written(&self) -> Vec<String> {
        let mut asked = self.asked();
        asked.retain(|line| !line.starts_with("GET "));
        asked
    }

    /// Somebody who was there before us; gives his key.
    pub fn put(&self, login: &str) -> u64 {
        let mut state = self.state.lock().unwrap();
        let key = state.next;
        state.next += 1;
        state.people.push(json!({ "id": key, "login": login, "active": true }));
        key
    }

    /// Ends one behind everybody's back.
    pub fn lose(&self, key: u64) {
        self.state.lock().unwrap().people.retain(|person| person["id"] != key);
    }

    /// The next one who is made has this key.
    pub fn next(&self, key: u64) {
        self.state.lock().unwrap().next = key;
    }

    /// The next call that begins so is done and not answered.
    pub fn silent(&self, line: &str) {
        self.state.lock().unwrap().silent = Some(line.to_owned());
    }

    /// Reads of this one fail.
    pub fn breaks(&self, key: u64) {
        self.state.lock().unwrap().broken = key;
    }

    /// From now on many are searched so.
    pub fn searches(&self, how: Search) {
        self.state.lock().unwrap().search = how;
    }

    /// Changes somebody behind everybody's back.
    pub fn set(&self, key: u64, name: &str, value: Value) {
        let mut state = self.state.lock().unwrap();
        let person = state.people.iter_mut().find(|person| person["id"] == key);
        person.unwrap()[name] = value;
    }

    /// From now on people go by their login.
    pub fn keyed_by_login(&self) {
        self.state.lock().unwrap().keyed_by_login = true;
    }

    pub fn person(&self, key: u64) -> Value {
        let state = self.state.lock().unwrap();
        state.people.iter().find(|person| person["id"] == key).cloned().unwrap_or_default()
    }

    pub fn team(&self, key: u64) -> Value {
        let state = self.state.lock().unwrap();
        state.teams.iter().find(|team| team["id"] == key).cloned().unwrap_or_default()
    }
}

impl State {
    fn answer(&mut self, method: &str, address: &str, body: Value) -> (u16, Value) {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let table = match parts[0] {
            "people" => &mut self.people,
            "teams" => &mut self.teams,
            _ => return (404, json!({})),
        };
        if (method, parts[0], parts.get(1).copied()) == ("POST", "people", Some("search")) {
            return self.search(&body);
        }
        let Some(key) = parts.get(1) else {
            if method == "POST" {
                let mut made = body;
                made["id"] = json!(self.next);
                self.next += 1;
                table.push(made.clone());
                return (201, made);
            }
            let fits = |record: &Value| match query.split_once('=') {
                Some(("login", login)) => record["login"] == login,
                Some(("person", key)) => {
                    record["people"].as_array().unwrap().iter().any(|one| is(one, key))
                }
                _ => true,
            };
            let found: Vec<Value> = table.iter().filter(|record| fits(record)).cloned().collect();
            return (200, json!({ "items": found }));
        };
        if *key == self.broken.to_string() {
            return (500, json!({}));
        }
        let named = |record: &Value| match self.keyed_by_login && parts[0] == "people" {
            true => record["login"] == *key,
            false => is(&record["id"], key),
        };
        let at = table.iter().position(named);
        let Some(at) = at else { return (404, json!({})) };
        match (method, parts.get(2).copied(), parts.get(3)) {
            ("DELETE", None, _) => {
                table.remove(at);
                return (204, Value::Null);
            }
            ("PATCH", None, _) => {
                for (name, value) in body.as_object().unwrap() {
                    table[at][name] = value.clone();
                }
            }
            ("POST", Some("off"), _) => table[at]["active"] = json!(false),
            ("POST", Some("on"), _) => table[at]["active"] = json!(true),
            ("PUT", Some("people"), Some(who)) => {
                let who: Value = who.parse::<u64>().unwrap().into();
                table[at]["people"].as_array_mut().unwrap().push(who);
            }
            ("DELETE", Some("people"), Some(who)) => {
                let list = table[at]["people"].as_array_mut().unwrap();
                list.retain(|one| !is(one, who));
            }
            _ => {}
        }
        (200, table[at].clone())
    }
}

impl State {
    fn search(&self, body: &Value) -> (u16, Value) {
        let ids: Vec<&str> =
            body["ids"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let asked = |person: &Value| ids.iter().any(|id| is(&person["id"], id));
        let shown = |person: &&Value| match self.search {
            Search::Everybody => true,
            Search::Without(key) => asked(person) && person["id"] != key,
            _ => asked(person),
        };
        let mut found: Vec<&Value> = self.people.iter().filter(shown).collect();
        // In no order that anybody asked for.
        found.reverse();
        match self.search {
            Search::Broken => (500, json!({})),
            Search::AllOrNobody if found.len() < ids.len() => (404, json!({})),
            _ => (200, json!({ "found": found })),
        }
    }
}

/// Whether a number is written so.
fn is(number: &Value, text: &str) -> bool {
    number.as_u64().is_some_and(|number| text.parse() == Ok(number))
}

async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then(|| value.parse().unwrap())
    });
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await.unwrap();
    let mut line = head.lines().next().unwrap().split(' ');
    let (method, address) = (line.next().unwrap(), line.next().unwrap());
    let (status, answer) = {
        let (mut state, line) = (state.lock().unwrap(), format!("{method} {address}"));
        let silent = state.silent.take_if(|begins| line.starts_with(begins.as_str())).is_some();
        state.asked.push(line);
        let body = serde_json::from_slice(&body).unwrap_or_default();
        let answer = state.answer(method, address, body);
        if silent {
            return;
        }
        answer
    };
    let text = if answer.is_null() { String::new() } else { answer.to_string() };
    let length = text.len();
    let text = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}"
    );
    let _ = stream.write_all(text.as_bytes()).await;
    let _ = stream.shutdown().await;
}
