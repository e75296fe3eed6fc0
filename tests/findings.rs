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
