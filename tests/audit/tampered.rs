//! What was done to a log, and what is said of it.

use crate::{
    harness::root,
    world::{folder, lines, text, two_strands, verify},
};
use std::fs;

type Lines = Vec<String>;

#[test]
fn whatever_was_done_to_it_is_found_where_it_was_done() {
    let folder = folder("audit-tampered");
    two_strands(&folder);
    let sound: Lines = text(&folder).lines().map(str::to_owned).collect();
    let hash = |line: usize| lines(&folder)[line - 1]["hash"].as_str().unwrap().to_owned();
    let changed = |line: usize, from: &str, to: &str| {
        let mut lines = sound.clone();
        assert!(lines[line - 1].contains(from), "{}", lines[line - 1]);
        lines[line - 1] = lines[line - 1].replacen(from, to, 1);
        lines
    };
    let without = |line: usize| {
        let mut lines = sound.clone();
        lines.remove(line - 1);
        lines
    };
    let with = |at: usize, line: String| {
        let mut lines = sound.clone();
        lines.insert(at - 1, line);
        lines
    };
    let swapped = |one: usize, other: usize| {
        let mut lines = sound.clone();
        lines.swap(one - 1, other - 1);
        lines
    };
    let not_its_hash =
        "`hash` is not the one that the key gives for this line: it was changed or inserted";
    let capitals = hash(2).to_uppercase();
    #[rustfmt::skip]
    let table: Vec<(&str, Lines, usize, Vec<String>)> = vec![
        ("another outcome", changed(2, "\"status\":201", "\"status\":409"), 2, vec![not_its_hash.to_owned()]),
        ("another client", changed(3, "\"client\":\"okta\"", "\"client\":\"entra\""), 3, vec![not_its_hash.to_owned()]),
        ("another time", changed(1, "\"time\":\"2", "\"time\":\"3"), 1, vec![not_its_hash.to_owned(), "or the key is another".to_owned()]),
        ("a blank more", changed(3, "\"n\":3,", "\"n\":3, "), 3, vec![not_its_hash.to_owned()]),
        ("a hash in capitals", changed(2, &hash(2), &capitals), 2, vec![not_its_hash.to_owned()]),
        ("no line", with(3, "{}".to_owned()), 3, vec!["this is no line of an audit log, expected one".to_owned()]),
        ("an empty line", with(3, String::new()), 3, vec!["this is no line of an audit log".to_owned()]),
        ("a removed line", without(3), 3, vec![
            format!("`prev` is {}, expected {}", hash(3), hash(2)),
            "line 4 of its strand, expected 3: lines were removed".to_owned(),
        ]),
        ("a removed end of a strand", without(4), 4, vec!["lines are missing between them".to_owned()]),
        ("a removed beginning of a strand", without(5), 5, vec!["this is line 2 of strand".to_owned(), "lines are missing between them".to_owned()]),
        ("two lines in another order", swapped(2, 3), 2, vec!["line 3 of its strand, expected 2".to_owned(), "the order was changed".to_owned()]),
        ("a line a second time", with(4, sound[1].clone()), 4, vec!["line 2 of its strand, expected 4: it stands here again".to_owned()]),
        ("the first line again", with(5, sound[0].clone()), 5, vec!["this line begins a chain of its own".to_owned()]),
        ("no beginning", sound[2..].to_vec(), 1, vec!["the beginning is missing".to_owned(), "`--after HEAD`".to_owned()]),
        ("no first strand", sound[4..].to_vec(), 1, vec![format!("`prev` is {}, expected {}", hash(4), "0".repeat(64))]),
        ("nothing", Vec::new(), 1, vec!["all of it was removed".to_owned()]),
    ];
    for (what, lines, line, parts) in table {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        folder.write("tampered.log", &text);
        let (code, said) = verify(&folder, &["tampered.log"]);
        assert_eq!(code, 2, "{what}: {said}");
        assert!(said.starts_with(&format!("tampered.log:{line}: ")), "{what}: {said}");
        for part in parts {
            assert!(said.contains(&part), "{what}: {part} is missing in {said}");
        }
        assert_eq!(said.lines().count(), 1, "{what}: {said}");
    }
    // Who has changed a line is not told what its hash should be.
    folder.write("tampered.log", &format!("{}\n", changed(1, "\"n\":1", "\"n\":7")[0]));
    let (_, said) = verify(&folder, &["tampered.log"]);
    assert!(!said.chars().filter(char::is_ascii_hexdigit).collect::<String>().contains(&hash(1)));
    let digits = said.split(|c: char| !c.is_ascii_hexdigit()).any(|word| word.len() == 64);
    assert!(!digits, "{said}");
}

#[test]
fn an_end_that_was_cut_off_shows_against_the_head() {
    let folder = folder("audit-cut");
    two_strands(&folder);
    let all = lines(&folder);
    let hash = |line: usize| all[line - 1]["hash"].as_str().unwrap();
    let sound = text(&folder);
    let kept = |count: usize| sound.split_inclusive('\n').take(count).collect::<String>();
    for (left, head, expected) in [
        (7, 7, Some(0)),
        (7, 3, Some(4)),
        (7, 6, Some(1)),
        (3, 3, Some(0)),
        (3, 4, None),
        (6, 7, None),
    ] {
        folder.write("cut.log", &kept(left));
        let (code, said) = verify(&folder, &["cut.log", "--head", hash(head)]);
        let shown = format!("{left} left, {head} asked for: {said}");
        match expected {
            Some(behind) => {
                assert_eq!(code, 0, "{shown}");
                let lines = if behind == 1 { "line" } else { "lines" };
                assert!(
                    said.contains(&format!("{behind} {lines} behind {}", hash(head))),
                    "{shown}"
                );
            }
            None => {
                assert_eq!(code, 2, "{shown}");
                assert!(
                    said.starts_with(&format!("cut.log:{left}: no line has the hash")),
                    "{shown}"
                );
                assert!(said.contains("the end was cut off"), "{shown}");
            }
        }
    }
    // Without it nobody can know: a log that ends earlier is one that was looked at earlier.
    folder.write("cut.log", &kept(3));
    let (code, said) = verify(&folder, &["cut.log"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("1 strand without an end"), "{said}");
}

#[test]
fn several_files_are_one_chain_in_their_order() {
    let folder = folder("audit-files");
    two_strands(&folder);
    let sound = text(&folder);
    let all: Vec<&str> = sound.split_inclusive('\n').collect();
    for (name, part) in [("1", &all[..3]), ("2", &all[3..5]), ("3", &all[5..])] {
        folder.write(name, &part.concat());
    }
    folder.write("empty", "");
    folder.write("torn", all[0].trim_end());
    let head = |line: usize| lines(&folder)[line - 1]["hash"].as_str().unwrap().to_owned();
    let (third, first) = (head(3), head(1));
    #[rustfmt::skip]
    let table: [(&[&str], i32, &str); 10] = [
        (&["1", "2", "3"], 0, "7 lines in 2 strands"),
        (&["1", "empty", "2", "3"], 0, "7 lines in 2 strands"),
        (&["2", "3", "--after", &third], 0, "4 lines in 1 strand"),
        (&["2", "3", "--after", &first], 2, "2:1: `prev` is"),
        (&["1", "3"], 2, "3:1: `prev` is"),
        (&["2", "1", "3"], 2, "2:1: `prev` is"),
        (&["1", "3", "2"], 2, "3:1: `prev` is"),
        (&["torn", "2"], 2, "torn:1: the line is cut off"),
        (&["1", "nowhere"], 1, "nowhere: cannot be read"),
        (&["empty"], 2, "empty:1: there is no line"),
    ];
    for (arguments, code, part) in table {
        let (found, said) = verify(&folder, arguments);
        assert_eq!(found, code, "{arguments:?}: {said}");
        assert!(said.contains(part), "{arguments:?}: {said}");
    }
}

#[test]
fn whatever_bytes_it_is_given_it_says_so() {
    let folder = folder("audit-bytes");
    let long = vec![b'x'; 3 * 1024 * 1024];
    for bytes in
        [b"\xff\xfe\n".as_slice(), b"\0\0\0\n", b"{\"strand\":\"\",\"hash\":\"\"}\n", &long]
    {
        fs::write(folder.0.join("bytes"), bytes).unwrap();
        let (code, said) = verify(&folder, &["bytes"]);
        assert_eq!(code, 2, "{said}");
        assert!(said.starts_with("bytes:1: "), "{said}");
    }
}

/// The page's own example is one: what it says of the hash is so.
#[test]
fn the_pages_example_verifies_with_the_pages_key() {
    let folder = folder("audit-page");
    let page = fs::read_to_string(root().join("deploy/audit.md")).unwrap();
    let (_, key) = page.split_once("verify with the key ").unwrap();
    folder.write("audit-key", key.split_once('.').unwrap().0);
    let (_, example) = page.split_once("```json\n").unwrap();
    folder.write("page.log", example.split_once("```").unwrap().0);
    let (code, said) = verify(&folder, &["page.log"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.starts_with("3 lines in 1 strand"), "{said}");
}
