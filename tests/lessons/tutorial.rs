//! `mappings/tutorial.md` from top to bottom: a reader who does what it says in an empty folder sees
//! what it shows.
//!
//! - `file` above a `yaml` block: the file is this. Above a `diff`: this changes in it.
//! - `console`: each `$` line is typed, and what follows is printed. `exit` above it is the code of its
//!   last command, 0 unless it says so. `terminal: 2` is a second one, whose command does not end.
//! - In what is printed `…` stands for what differs from run to run.

use crate::{
    folder::Folder,
    page::{Block, Page},
    terminal::Terminal,
};
use std::net::TcpListener;

/// Where `serve` listens by default, and so in the page.
const SHOWN: [&str; 2] = ["127.0.0.1:8080", "127.0.0.1:9090"];

#[test]
fn the_tutorial_is_what_its_reader_sees() {
    let page = Page::read("mappings/tutorial.md");
    let folder = Folder::new("tutorial");
    let ports = free();
    let mut terminal = Terminal::open(&folder.0, ports);
    let mut others = Vec::new();
    let mut shown = Vec::new();
    for block in &page.blocks {
        match block.language.as_str() {
            "yaml" => folder.write(block.marked("file").expect(&block.place), &block.text),
            "diff" => {
                let name = block.marked("file").expect(&block.place);
                folder.write(name, &changed(block, &folder.read(name)));
            }
            "console" if block.marked("terminal").is_some() => {
                let mut other = Terminal::open(&folder.0, ports);
                shown.push((block, begun(block, &mut other, ports)));
                others.push(other);
            }
            "console" => shown.push((block, session(block, &mut terminal, ports))),
            // The vendor's own page.
            "http" => {}
            other => panic!("{}: what is a `{other}` block?", block.place),
        }
    }
    assert!(shown.len() >= 10, "the tutorial shows what commands print");
    if std::env::var_os("UPDATE").is_some() {
        rewrite(&page, &shown);
        return;
    }
    for (block, found) in &shown {
        assert!(same(&block.text, found), "{}: printed was\n{found}", block.place);
    }
}

/// Two ports that nobody has.
fn free() -> [u16; 2] {
    // Both are held at once, so that they differ.
    let held = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    held.map(|listener| listener.local_addr().unwrap().port())
}

/// A text of the page with the ports of this run.
fn here(text: &str, ports: [u16; 2]) -> String {
    SHOWN.iter().zip(ports).fold(text.to_owned(), |text, (shown, port)| {
        text.replace(shown, &format!("127.0.0.1:{port}"))
    })
}

/// A text of this run with the ports of the page.
fn there(text: &str, ports: [u16; 2]) -> String {
    SHOWN.iter().zip(ports).fold(text.to_owned(), |text, (shown, port)| {
        text.replace(&format!("127.0.0.1:{port}"), shown)
    })
}

/// The file with the block's change: its `-` and unmarked lines stand in it once, and its `+` and
/// unmarked lines take their place.
fn changed(block: &Block, file: &str) -> String {
    let lines = |sign: char| -> String {
        let of = block.text.lines().filter(|line| !line.starts_with(sign));
        of.map(|line| format!("{}\n", line.get(1..).unwrap_or_default())).collect()
    };
    let (before, after) = (lines('+'), lines('-'));
    assert_eq!(file.matches(&before).count(), 1, "{}: not once in\n{file}", block.place);
    file.replacen(&before, &after, 1)
}

/// The block as it would look after this run.
fn session(block: &Block, terminal: &mut Terminal, ports: [u16; 2]) -> String {
    let (mut found, mut last) = (String::new(), 0);
    for line in block.text.lines() {
        let Some(command) = line.strip_prefix("$ ") else { continue };
        let (printed, code) = terminal.run(&here(command, ports));
        found += &format!("{line}\n");
        if !printed.is_empty() {
            found += &format!("{}\n", there(&printed, ports));
        }
        last = code;
    }
    let expected = block.marked("exit").map_or(0, |code| code.parse().unwrap());
    assert_eq!(last, expected, "{}: exit code\n{found}", block.place);
    found
}

/// The same of a command that goes on.
fn begun(block: &Block, terminal: &mut Terminal, ports: [u16; 2]) -> String {
    let (line, rest) = block.text.split_once('\n').unwrap();
    let command = line.strip_prefix("$ ").expect(&block.place);
    let printed = terminal.begin(&here(command, ports), rest.lines().count());
    format!("{line}\n{}\n", there(&printed, ports))
}

/// Whether what is shown is what was found, line by line.
fn same(shown: &str, found: &str) -> bool {
    shown.lines().count() == found.lines().count()
        && shown.lines().zip(found.lines()).all(|(shown, found)| fits(shown, found))
}

/// Whether the parts of `shown` between `…` stand in `found` in this order, the first and the last at
/// its ends.
fn fits(shown: &str, found: &str) -> bool {
    let Some((first, rest)) = shown.split_once('…') else { return shown == found };
    let Some(mut left) = found.strip_prefix(first) else { return false };
    let mut parts = rest.split('…').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return left.ends_with(part);
        }
        let Some((_, behind)) = left.split_once(part) else { return false };
        left = behind;
    }
    true
}

#[test]
fn what_differs_from_run_to_run_is_left_out_and_nothing_else() {
    for (shown, found, expected) in [
        ("same", "same", true),
        ("same", "sane", false),
        ("sst_…", "sst_ab", true),
        ("sst_…", "ssh_ab", false),
        ("…Z INFO …=1", "2026Z INFO a=1", true),
        ("…Z INFO …=1", "2026Z INFO a=12", false),
        ("…Z INFO …=1", "2026Z WARN a=1", false),
    ] {
        assert_eq!(fits(shown, found), expected, "{shown} / {found}");
    }
}

/// The page as it would be after this run; blocks that hold stay as they are, with their `…`.
fn rewrite(page: &Page, shown: &[(&Block, String)]) {
    let mut text = page.text.clone();
    for (block, found) in shown.iter().rev().filter(|(block, found)| !same(&block.text, found)) {
        text.replace_range(block.range.clone(), found);
    }
    std::fs::write(&page.path, text).unwrap();
}
