//! A client that reads a ListResponse while it comes: it checks all of it and keeps none.

use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};
use std::{
    cell::Cell,
    fmt,
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
};

/// What was taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Taken {
    /// What it says of all.
    pub total: usize,
    /// Users in it; itemsPerPage says the same.
    pub held: usize,
    /// Of the body.
    pub bytes: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    total_results: usize,
    items_per_page: usize,
    #[serde(rename = "Resources")]
    resources: Users,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct User {
    id: String,
    user_name: String,
}

/// How many there were, each with the id that it should have.
struct Users(usize);

thread_local! {
    /// The id of the next user: serde has no other way to bring it here.
    static NEXT: Cell<usize> = const { Cell::new(1) };
}

impl<'de> Deserialize<'de> for Users {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Counting)
    }
}

struct Counting;

impl<'de> Visitor<'de> for Counting {
    type Value = Users;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("users")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut users: A) -> Result<Users, A::Error> {
        let mut count = 0;
        while let Some(user) = users.next_element::<User>()? {
            let id = NEXT.replace(NEXT.get() + 1);
            assert_eq!(user.id, id.to_string());
            assert_eq!(user.user_name, format!("user{}@acme.example", id - 1));
            count += 1;
        }
        Ok(Users(count))
    }
}

/// Asks for a list whose first user has the id `first`.
pub fn take(url: &str, path: &str, first: usize) -> Taken {
    NEXT.set(first);
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
    stream.set_nodelay(true).unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer t0ken\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut reader = BufReader::with_capacity(64 * 1024, stream);
    let (mut line, mut chunked) = (String::new(), false);
    reader.read_line(&mut line).unwrap();
    assert!(line.starts_with("HTTP/1.1 200 "), "{path}: {line}");
    while line != "\r\n" {
        chunked |= line.eq_ignore_ascii_case("transfer-encoding: chunked\r\n");
        line.clear();
        reader.read_line(&mut line).unwrap();
    }
    let mut body = Body { reader, chunked, left: 0, bytes: 0 };
    let list: List = serde_json::from_reader(BufReader::new(&mut body)).unwrap();
    assert_eq!(io::copy(&mut body, &mut io::sink()).unwrap(), 0, "nothing after it");
    assert_eq!(list.items_per_page, list.resources.0);
    Taken { total: list.total_results, held: list.resources.0, bytes: body.bytes }
}

/// A body, out of its chunks; one without its last chunk is an error.
struct Body {
    reader: BufReader<TcpStream>,
    chunked: bool,
    /// Of the chunk.
    left: usize,
    bytes: usize,
}

impl Read for Body {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut most = into.len();
        if self.chunked {
            if self.left == 0 {
                let mut size = String::new();
                self.reader.read_line(&mut size)?;
                // After each chunk there is an empty line.
                if size == "\r\n" {
                    size.clear();
                    self.reader.read_line(&mut size)?;
                }
                self.left = usize::from_str_radix(size.trim_end(), 16).map_err(io::Error::other)?;
                if self.left == 0 {
                    self.chunked = false;
                    self.reader.read_line(&mut size)?;
                    return Ok(0);
                }
            }
            most = most.min(self.left);
        }
        let read = self.reader.read(&mut into[..most])?;
        self.left = self.left.saturating_sub(read);
        self.bytes += read;
        Ok(read)
    }
}
