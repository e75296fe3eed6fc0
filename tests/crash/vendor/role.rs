//! The child's part: it serves until its input ends.

use super::{
    DIARY, LAGS, SEED,
    diary::{Diary, Event},
    mood::Mood,
    people::{Answer, Call, People},
};
use serde_json::{Value, json};
use std::{
    env,
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    thread,
};

struct Served {
    people: Mutex<People>,
    diary: Diary,
    seed: Option<u64>,
    lags: bool,
    healed: AtomicBool,
    down: AtomicBool,
    /// The next PATCH is answered with 503.
    short: AtomicBool,
    calls: AtomicU64,
    under_way: Mutex<usize>,
    ended: Condvar,
}

#[test]
fn role_serves() {
    let Some(diary) = env::var_os(DIARY) else { return };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("\nlistening {}", listener.local_addr().unwrap().port());
    thread::spawn(|| {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let served = Arc::new(Served {
        people: Mutex::default(),
        diary: Diary::begin(Path::new(&diary)),
        seed: env::var(SEED).ok().map(|seed| seed.parse().unwrap()),
        lags: env::var_os(LAGS).is_some(),
        healed: AtomicBool::new(false),
        down: AtomicBool::new(false),
        short: AtomicBool::new(false),
        calls: AtomicU64::new(0),
        under_way: Mutex::new(0),
        ended: Condvar::new(),
    });
    for stream in listener.incoming().flatten() {
        let served = Arc::clone(&served);
        // A caller that is gone is no error of ours.
        thread::spawn(move || drop(served.converse(stream)));
    }
}

impl Served {
    fn converse(&self, stream: TcpStream) -> io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        while let Some(call) = read(&mut reader)? {
            if let Some(word) = call.path.strip_prefix("/control/") {
                self.control(word);
                return answer(&stream, &(200, json!({})), "");
            }
            // Dropped with nothing read of it further and nothing said.
            if self.down.load(SeqCst) {
                return Ok(());
            }
            *self.under_way.lock().unwrap() += 1;
            let goes_on = self.call(&stream, &call);
            *self.under_way.lock().unwrap() -= 1;
            self.ended.notify_all();
            if !goes_on? {
                return Ok(());
            }
        }
        Ok(())
    }

    fn control(&self, word: &str) {
        match word {
            "down" => self.down.store(true, SeqCst),
            "up" => self.down.store(false, SeqCst),
            "short" => self.short.store(true, SeqCst),
            "heal" => self.healed.store(true, SeqCst),
            "sour" => self.healed.store(false, SeqCst),
            _ => {
                let under_way = self.under_way.lock().unwrap();
                drop(self.ended.wait_while(under_way, |count| *count > 0).unwrap());
            }
        }
    }

    fn mood(&self, number: u64, call: &Call) -> Mood {
        match self.seed {
            _ if call.method == "PATCH" && self.short.swap(false, SeqCst) => Mood::Unavailable,
            Some(seed) if !self.healed.load(SeqCst) => {
                Mood::of(seed, number, call.method == "GET", self.lags)
            }
            _ => Mood::Good,
        }
    }

    /// Whether the conversation goes on.
    fn call(&self, stream: &TcpStream, call: &Call) -> io::Result<bool> {
        let number = self.calls.fetch_add(1, SeqCst) + 1;
        let mood = self.mood(number, call);
        self.diary.write(number, Event::called(call, mood));
        let serve = || self.people.lock().unwrap().serve(number, call, &self.diary);
        let patience = "retry-after: 1\r\n";
        let (told, more) = match mood {
            Mood::Good => (Some(serve()), ""),
            Mood::Unavailable => (Some((503, json!({ "error": "not now" }))), ""),
            Mood::TooMany => (Some((429, json!({ "error": "too many" }))), patience),
            Mood::ResetBefore => (None, ""),
            Mood::ResetAfter => {
                serve();
                (None, "")
            }
            Mood::HalfBody => {
                let (status, body) = serve();
                half(stream, &(status, body))?;
                (None, "")
            }
            Mood::Slow(while_) => {
                thread::sleep(while_);
                (Some(serve()), "")
            }
        };
        match told {
            Some(told) => {
                self.diary.write(number, Event::Answered(told.0));
                answer(stream, &told, more).map(|()| true)
            }
            None => {
                self.diary.write(number, Event::Cut);
                Ok(false)
            }
        }
    }
}

impl Event {
    fn called(call: &Call, mood: Mood) -> Self {
        let (method, path, body) = (call.method.clone(), call.path.clone(), call.body.clone());
        Self::Called { method, path, body, mood: format!("{mood:?}") }
    }
}

/// The next call; none when the caller has hung up.
fn read(reader: &mut BufReader<TcpStream>) -> io::Result<Option<Call>> {
    let mut first = String::new();
    if reader.read_line(&mut first)? == 0 {
        return Ok(None);
    }
    let mut words = first.split_whitespace();
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (mut length, mut key) = (0, None);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        if let Some(value) = line.strip_prefix("idempotency-key:") {
            key = Some(value.trim().to_owned());
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let [method, path, query] = [method, path, query].map(str::to_owned);
    Ok(Some(Call { method, path, query, body, key }))
}

fn written((status, body): &Answer, more: &str) -> String {
    let body = body.to_string();
    format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{more}\r\n{body}",
        body.len()
    )
}

fn answer(mut stream: &TcpStream, told: &Answer, more: &str) -> io::Result<()> {
    stream.write_all(written(told, more).as_bytes())
}

fn half(mut stream: &TcpStream, told: &Answer) -> io::Result<()> {
    let written = written(told, "");
    stream.write_all(&written.as_bytes()[..written.len() - 7])
}
