//! The five fake vendors by themselves: what each answers to literal HTTP, how they get into trouble, and that two of
//! them take and tell what their vendors' documents say.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that panics has failed, and says where"
)]

// As other targets take it in: its modules lie beside it.
#[path = "fakes.rs"]
#[expect(dead_code, reason = "another target asks more of them")]
mod fakes;

mod documents;
mod literal;

use std::{fs, path::Path};

/// The fakes know nothing of ours, not even a word.
#[test]
fn the_fakes_are_strangers() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vendors");
    let mut read = 0;
    for folder in
        [folder.clone(), folder.join("dialpad"), folder.join("envoy"), folder.join("playvox")]
    {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() || path.ends_with("main.rs") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            assert!(!text.contains(concat!("scim", "shim::")), "{}", path.display());
            read += 1;
        }
    }
    assert!(read > 16, "{read} files");
}
