//! A page as its fenced blocks, in order. An HTML comment on the line above a block, which no reader
//! sees, says what the block is: `<!-- file: NAME -->`, `<!-- exit: 2 -->`, `<!-- terminal: 2 -->`.

use std::{ops::Range, path::PathBuf};

/// A page of the repository.
pub struct Page {
    pub path: PathBuf,
    pub text: String,
    pub blocks: Vec<Block>,
}

/// A fenced block.
pub struct Block {
    /// `page.md:12`, where a reader looks.
    pub place: String,
    /// The heading above.
    pub heading: String,
    /// `yaml`, `diff`, `console` or another.
    pub language: String,
    /// What the comment above it says.
    pub mark: Option<(String, String)>,
    pub text: String,
    /// Where the text stands in the page.
    pub range: Range<usize>,
}

impl Page {
    pub fn read(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        let blocks = blocks(name, &text);
        Self { path, text, blocks }
    }
}

impl Block {
    /// The value of its mark of this name.
    pub fn marked(&self, name: &str) -> Option<&str> {
        self.mark.as_ref().filter(|(mark, _)| mark == name).map(|(_, value)| value.as_str())
    }
}

fn blocks(name: &str, text: &str) -> Vec<Block> {
    let (mut blocks, mut open) = (Vec::new(), None::<Block>);
    let (mut at, mut above, mut heading) = (0, "", "");
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let bare = line.trim_end();
        if let Some(language) = bare.strip_prefix("```") {
            match open.take() {
                Some(mut block) => {
                    block.text = text.get(block.range.start..at).unwrap().to_owned();
                    block.range.end = at;
                    blocks.push(block);
                }
                None => {
                    let start = at + line.len();
                    open = Some(Block {
                        place: format!("{name}:{}", number + 1),
                        heading: heading.to_owned(),
                        language: language.to_owned(),
                        mark: mark(above),
                        text: String::new(),
                        range: start..start,
                    });
                }
            }
        } else if open.is_none() && bare.starts_with('#') {
            heading = bare.trim_start_matches('#').trim();
        }
        (at, above) = (at + line.len(), bare);
    }
    assert!(open.is_none(), "{name}: a block is not closed");
    blocks
}

/// `<!-- name: value -->`
fn mark(line: &str) -> Option<(String, String)> {
    let (name, value) = line.strip_prefix("<!-- ")?.strip_suffix(" -->")?.split_once(": ")?;
    Some((name.to_owned(), value.to_owned()))
}
