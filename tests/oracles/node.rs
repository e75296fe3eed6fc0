//! The process in which the oracles run.

use serde_json::Value;
use std::{
    env,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

pub struct Node {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Node {
    pub fn start() -> Self {
        let folder = env::var("SCIMSHIM_ORACLES").unwrap_or_else(|_| {
            panic!("SCIMSHIM_ORACLES is not set, expected the folder of node_modules")
        });
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/.ci/oracles.mjs");
        let mut child = Command::new("node")
            .args([script, &folder])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (questions, answers) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, questions, answers: BufReader::new(answers) }
    }

    /// One question, one answer.
    pub fn ask(&mut self, question: &Value) -> Value {
        writeln!(self.questions, "{question}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer)
            .unwrap_or_else(|error| panic!("{question}: {error}: `{answer}`"))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
