//! Every rule stands at the line that obeys it, with the section of the RFC that makes it one.

use std::{collections::BTreeMap, fs, path::Path};

/// A rule, and the RFCs with the sections that it stands in: one of them is enough.
type Source = (&'static str, &'static [(u16, &'static str)]);

#[rustfmt::skip]
const SOURCES: &[Source] = &[
    ("R01", &[(7644, "2"), (9110, "11.6.1")]),
    ("R02", &[(7644, "3.12")]),
    ("R03", &[(7644, "3.1"), (7644, "8.1")]),
    ("R04", &[(7644, "3.8")]),
    ("R05", &[(7644, "3.8")]),
    ("R06", &[(7644, "3.8")]),
    ("R07", &[(7644, "3.12")]),
    ("R08", &[(7644, "3.12")]),
    ("R09", &[(7644, "3.12")]),
    ("R10", &[(7644, "3.8"), (8259, "8.1")]),
    ("R11", &[(7644, "3.3")]),
    ("R12", &[(7643, "3.1")]),
    ("R13", &[(7643, "3.1")]),
    ("R14", &[(7643, "3.1"), (7643, "2.3.5")]),
    ("R15", &[(7643, "3")]),
    ("R16", &[(7643, "4.1.1")]),
    ("R17", &[(7643, "4.1.1")]),
    ("R18", &[(7644, "3.3"), (7644, "3.12")]),
    ("R19", &[(7643, "4.1.1"), (7643, "2.2")]),
    ("R20", &[(7643, "2.1")]),
    ("R21", &[(7643, "4.1.1"), (7643, "7")]),
    ("R22", &[(7643, "2.5")]),
    ("R23", &[(7643, "2.4")]),
    ("R24", &[(7643, "2.3.2"), (7644, "3.12")]),
    ("R25", &[(7643, "3"), (7643, "3.3")]),
    ("R26", &[(7643, "4.1.2"), (7644, "3.3")]),
    ("R27", &[(7644, "3.4.2.5"), (7644, "3.9")]),
    ("R28", &[(7644, "3.4.2.5")]),
    ("R29", &[(7644, "3.10"), (7644, "3.4.2.5")]),
    ("R30", &[(7644, "3.4.2.5")]),
    ("R31", &[(7643, "7"), (7644, "3.9")]),
    ("R32", &[(7644, "3.9")]),
    ("R33", &[(7644, "3.4.2.5")]),
    ("R34", &[(7644, "3.4.2")]),
    ("R35", &[(7644, "3.4.2")]),
    ("R36", &[(7644, "3.4.2.4")]),
    ("R37", &[(7644, "3.4.2.4")]),
    ("R38", &[(7644, "3.4.2.4")]),
    ("R39", &[(7644, "3.4.2.4")]),
    ("R40", &[(7644, "3.4.2.4")]),
    ("R41", &[(7644, "3.4.2.4")]),
    ("R42", &[(7644, "3.4.2.2")]),
    ("R43", &[(7644, "3.4.2.2"), (7643, "2.1")]),
    ("R44", &[(7643, "3.1")]),
    ("R45", &[(7644, "3.4.2.2")]),
    ("R46", &[(7644, "3.4.2.2")]),
    ("R47", &[(7644, "3.4.2.2")]),
    ("R48", &[(7644, "3.4.2.2")]),
    ("R49", &[(7644, "3.4.2.2")]),
    ("R50", &[(7644, "3.4.2.2"), (7644, "3.10")]),
    ("R51", &[(7644, "3.4.2.2")]),
    ("R52", &[(7644, "3.4.2.2")]),
    ("R53", &[(7644, "3.4.2.2")]),
    ("R54", &[(7644, "3.4.2.2"), (7644, "3.12")]),
    ("R55", &[(7644, "3.4.2.2")]),
    ("R56", &[(7644, "3.4.3")]),
    ("R57", &[(7644, "3.4.2.3")]),
    ("R58", &[(7644, "3.5.1")]),
    ("R59", &[(7644, "3.5.1")]),
    ("R60", &[(7644, "3.5.1")]),
    ("R61", &[(7644, "3.5.1"), (7644, "3.12")]),
    ("R62", &[(7643, "3.1"), (7644, "3.5.1")]),
    ("R63", &[(7644, "3.5.2")]),
    ("R64", &[(7644, "3.5.2")]),
    ("R65", &[(7644, "3.5.2")]),
    ("R66", &[(7644, "3.5.2.1")]),
    ("R67", &[(7644, "3.5.2.1")]),
    ("R68", &[(7644, "3.5.2.3")]),
    ("R69", &[(7644, "3.5.2.3")]),
    ("R70", &[(7644, "3.5.2.3")]),
    ("R71", &[(7644, "3.5.2.3")]),
    ("R72", &[(7644, "3.5.2.2")]),
    ("R73", &[(7644, "3.5.2.2")]),
    ("R74", &[(7644, "3.5.2.2")]),
    ("R75", &[(7644, "3.5.2")]),
    ("R76", &[(7644, "3.5.2")]),
    ("R77", &[(7644, "3.5.2")]),
    ("R78", &[(7644, "3.5.2")]),
    ("R79", &[(7644, "3.5.2"), (7644, "3.10")]),
    ("R80", &[(7644, "3.5.2"), (7644, "3.12")]),
    ("R81", &[(7644, "3.5.2")]),
    ("R82", &[(7644, "3.5.2"), (7643, "2.1")]),
    ("R83", &[(7643, "4.2"), (7643, "8.7.1")]),
    ("R84", &[(7644, "3.5.2.1")]),
    ("R85", &[(7644, "3.5.2.2")]),
    ("R86", &[(7644, "3.5.2.2"), (7644, "3.5.2.3")]),
    ("R87", &[(7643, "4.1.2"), (7643, "4.2")]),
    ("R88", &[(7643, "4.2"), (7644, "3.5.2")]),
    ("R89", &[(7644, "3.6")]),
    ("R90", &[(7644, "3.6")]),
    ("R91", &[(7644, "4"), (7643, "5")]),
    ("R92", &[(7644, "4")]),
    ("R93", &[(7644, "4")]),
    ("R94", &[(7644, "4"), (7643, "7")]),
    ("R95", &[(7644, "4")]),
    ("R96", &[(7644, "4")]),
    ("R97", &[(7644, "4")]),
    ("R98", &[(7643, "5"), (7644, "3.12")]),
    ("R99", &[(7644, "3.11")]),
    ("R100", &[(7644, "3.14")]),
    ("R101", &[(7644, "3.14")]),
    ("R102", &[(7644, "3.7")]),
    ("R103", &[(7644, "3.7.4")]),
    ("R104", &[(7644, "3.7")]),
    ("R105", &[(9865, "2")]),
    ("R106", &[(9865, "2.1")]),
    ("R107", &[(9865, "3")]),
    ("R108", &[(9865, "4")]),
    ("R109", &[(9967, "2.5.1")]),
    ("X1", &[(7644, "3.5.1"), (7643, "7")]),
    ("X2", &[(7643, "7")]),
    ("X3", &[(7644, "3.4.2"), (7644, "3.12")]),
    ("X4", &[(7644, "3.9")]),
    ("X5", &[(7644, "7.5.2")]),
    ("X6", &[(7644, "3.7.1"), (7644, "3.7.4")]),
    ("X7", &[(7644, "3.12")]),
    ("X8", &[(7643, "2.3.1")]),
    ("X9", &[(7643, "3")]),
    ("X10", &[(9865, "2"), (9865, "2.1")]),
    ("X11", &[(9865, "4")]),
];

#[test]
fn every_rule_is_named_where_it_is_obeyed_and_so_is_its_section() {
    let mut comments = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut comments);
    let mut named: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for comment in &comments {
        for word in comment.split(|c: char| !c.is_ascii_alphanumeric()) {
            named.entry(word).or_default().push(comment);
        }
    }
    let obeyed = |(rule, sections): &Source| {
        let comments = named.get(rule).map(Vec::as_slice).unwrap_or_default();
        comments.iter().any(|comment| sections.iter().any(|section| says(comment, *section)))
    };
    let missing: Vec<_> = SOURCES.iter().filter(|source| !obeyed(source)).collect();
    assert!(missing.is_empty(), "no comment in src names these and their section: {missing:#?}");
}

#[test]
fn every_rule_has_its_source() {
    let rules = (1..=109).map(|number| format!("R{number:02}"));
    let rules = rules.chain((1..=11).map(|number| format!("X{number}")));
    assert!(rules.eq(SOURCES.iter().map(|(rule, _)| (*rule).to_owned())));
}

/// Whether the comment names the section (`RFC 7644 §3.5.2, §3.12`) and no longer one.
fn says(comment: &str, (rfc, section): (u16, &str)) -> bool {
    let mut of = None;
    let mut words = comment.split([' ', ',', ';', '(', ')', ':']).peekable();
    while let Some(word) = words.next() {
        match word.strip_prefix('§') {
            None if word == "RFC" => of = words.peek().and_then(|number| number.parse().ok()),
            Some(named) if of == Some(rfc) && named.trim_end_matches('.') == section => {
                return true;
            }
            _ => {}
        }
    }
    false
}

/// The comments below a folder: the lines of each, joined.
fn collect(folder: &Path, comments: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, comments);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let mut within = false;
            for line in text.lines() {
                let comment = line.trim_start().strip_prefix("//");
                match (comment, comments.last_mut()) {
                    (Some(more), Some(last)) if within => {
                        last.push(' ');
                        last.push_str(more.trim_start_matches(['/', '!']));
                    }
                    (Some(first), _) => {
                        comments.push(first.trim_start_matches(['/', '!']).to_owned())
                    }
                    (None, _) => {}
                }
                within = comment.is_some();
            }
        }
    }
}
