//! A shell in a folder, as a reader has it: one command after the other, what each prints, how it ends.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

/// No command of a page takes so long; one that does hangs.
const LONG: Duration = Duration::from_secs(60);

/// What the shell prints behind each command, with the exit code. No command prints it.
const END: &str = "\u{1}end";

pub struct Terminal {
    shell: Child,
    typed: ChildStdin,
    printed: Receiver<String>,
}

impl Terminal {
    /// A shell that finds the built binary, and whose gateway listens on these ports.
    pub fn open(folder: &Path, ports: [u16; 2]) -> Self {
        let binary = Path::new(env!("CARGO_BIN_EXE_scimshim")).parent().unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let [scim, admin] = ports.map(|port| format!("127.0.0.1:{port}"));
        let mut shell = Command::new("sh")
            .current_dir(folder)
            .env("PATH", format!("{}:{path}", binary.display()))
            .env("SCIMSHIM_SERVER__LISTEN", scim)
            .env("SCIMSHIM_ADMIN__LISTEN", admin)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut typed = shell.stdin.take().unwrap();
        writeln!(typed, "exec 2>&1").unwrap();
        let out = BufReader::new(shell.stdout.take().unwrap());
        let (tell, printed) = channel();
        thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    return;
                }
            }
        });
        Self { shell, typed, printed }
    }

    /// Runs a command to its end: what it printed, and its exit code.
    pub fn run(&mut self, command: &str) -> (String, i32) {
        // Of what ends without a newline the last line is closed, of all else an empty one is added.
        writeln!(self.typed, "{command}\nprintf '\\n{END} %s\\n' $?").unwrap();
        let mut lines = Vec::new();
        loop {
            let line = self.line(command);
            if let Some(code) = line.strip_prefix(END) {
                let code = code.trim().parse().unwrap();
                if lines.last().is_some_and(String::is_empty) {
                    lines.pop();
                }
                return (lines.join("\n"), code);
            }
            lines.push(line);
        }
    }

    /// Begins a command that does not end: its first lines, as many as asked for. It takes the shell's
    /// place, so that it ends with it.
    pub fn begin(&mut self, command: &str, lines: usize) -> String {
        writeln!(self.typed, "exec env {command}").unwrap();
        (0..lines).map(|_| self.line(command)).collect::<Vec<_>>().join("\n")
    }

    fn line(&self, command: &str) -> String {
        self.printed.recv_timeout(LONG).unwrap_or_else(|_| panic!("`{command}` hangs or has ended"))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}
