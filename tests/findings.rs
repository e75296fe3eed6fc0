//! Mappings with mistakes, and every finding of each at once: `findings/x.yaml` gives `x.txt`.
//! `UPDATE=1 cargo test --test findings` rewrites the texts; read the change before you keep it.

use scimshim::{diagnostic::render_human, mapping};
use std::path::Path;

#[test]
fn every_mistake_is_found_at_once_with_place_and_remedy() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/findings");
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        seen += 1;
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let loaded = mapping::load(&name, &text);
        assert!(loaded.plan.is_none(), "{name} is refused");
        let shown = render_human(&loaded.findings, |_| Some(text.clone()));
        let expected = path.with_extension("txt");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&expected, format!("{shown}\n")).unwrap();
        }
        let expected = std::fs::read_to_string(&expected).unwrap_or_default();
        assert_eq!(shown.trim_end(), expected.trim_end(), "{name}");
    }
    assert!(seen >= 2, "the folder holds mappings");
}

#[test]
fn a_file_full_of_mistakes_is_read_in_one_go_and_shown_in_part() {
    let mapping = "mapping: 1\nname: a\nevidence: seen\nupstream:\n  base_url: https://a.example\n";
    let rest = "resources:\n  User:\n    key: id\n    attributes:\n";
    let keys = |indent: &str, value: &str| -> String {
        (0..60_000).map(|number| format!("{indent}k{number}: {value}\n")).collect()
    };
    let rules = (0..20_000).map(|number| format!("      k{number}: {{ field: f{number} }}\n"));
    let rules: String = rules.collect();
    for text in [format!("{mapping}{}", keys("  ", "1")), format!("{mapping}{rest}{rules}")] {
        let loaded = mapping::load("m.yaml", &text);
        assert!(loaded.findings.len() >= 20_000);
        let shown = render_human(&loaded.findings, |_| Some(text.clone()));
        let more = format!("... and {} more", loaded.findings.len() - 100);
        assert!(shown.contains(&more));
        assert_eq!(shown.matches("error[").count(), 100);
    }
}

#[test]
fn what_is_no_mapping_at_all_is_told_at_its_beginning() {
    let large = "a".repeat(1024 * 1024 + 1);
    for (text, says) in
        [("", "the file is empty"), ("# nothing\n", "the file is empty"), (&*large, "at most")]
    {
        let loaded = mapping::load("m.yaml", text);
        let [only] = loaded.findings.as_slice() else { panic!("{:?}", loaded.findings) };
        assert_eq!((only.place.span.line, only.place.span.column), (1, 1), "{says}");
        assert!(only.message.contains(says) && only.help.is_some(), "{only}");
    }
}
