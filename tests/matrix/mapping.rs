//! A mapping for who has no time: its limits are those of a test, what it remembers is forgotten at once, and each of
//! its calls carries where it stands in the file, so that two that look the same are told apart.

use crate::steps;
use scimshim::mapping;
use std::{
    cmp::Reverse,
    fs,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

/// The header with `LINE:COLUMN` of the step that calls, in the mapping as it is shipped.
pub const MARK: &str = "X-Step";

/// The shipped mapping of this name, as text.
pub fn shipped(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("mappings/{name}.yaml"));
    fs::read_to_string(path).unwrap()
}

/// A mapping in a file of its own: one try and one repetition of each call, this long for each, as many calls as are
/// made. What is given up is given up at once: the fakes carry nothing out that is late.
pub fn impatient(name: &str, text: &str, timeout: &str) -> PathBuf {
    static WRITTEN: AtomicU32 = AtomicU32::new(0);
    let own = format!(
        "  timeout: {timeout}\n  settle: 1ms\n  retries: {{ times: 1, first: 1ms, longest: 2ms }}\n"
    );
    let text = forgetful(&marked(name, text));
    let limits = regex::Regex::new(r"(?m)^  limits: \{.*\}\n").unwrap();
    let text = limits.replace(&text, &own);
    let text = match text.contains(&own) {
        true => text.into_owned(),
        false => text.replacen("\nupstream:\n", &format!("\nupstream:\n{own}"), 1),
    };
    let folder = std::env::temp_dir().join(format!("scimshim-matrix-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
    let path = folder.join(format!("{name}-{number}.yaml"));
    fs::write(&path, text).unwrap();
    path
}

/// With the mark of each call beside it.
fn marked(name: &str, text: &str) -> String {
    let plan = mapping::load(name, text).plan.unwrap();
    let mut places: Vec<(usize, usize)> = steps::calls(&plan)
        .map(|step| (step.place.span.line as usize, step.place.span.column as usize))
        .collect();
    // The last first: those before it stay where they are.
    places.sort_by_key(|place| Reverse(*place));
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for (line, column) in places {
        let written = &mut lines[line - 1];
        let calls = written.match_indices("call:").map(|(at, _)| at);
        let at = calls.filter(|at| *at <= column).last().unwrap();
        let mark = format!("headers: {{ {MARK}: \"{line}:{column}\" }}");
        match written[..at].contains('{') {
            true => written.insert_str(at, &format!("{mark}, ")),
            false => lines.insert(line, " ".repeat(at) + &mark),
        }
    }
    lines.join("\n") + "\n"
}

/// With lookups that are asked each time: what is remembered no fault strikes.
fn forgetful(text: &str) -> String {
    let cache = regex::Regex::new(r"(?m)^    cache: .*\n").unwrap();
    let call = regex::Regex::new(r"(?m)^    call: .*\n").unwrap();
    let Some((head, rest)) = text.split_once("\nlookups:\n") else { return text.to_owned() };
    let end = rest.find("\n\n").map_or(rest.len(), |end| end + 1);
    let (lookups, rest) = rest.split_at(end);
    let lookups = cache.replace_all(lookups, "");
    let lookups = call.replace_all(&lookups, "${0}    cache: 1ms\n");
    format!("{head}\nlookups:\n{lookups}{rest}")
}
