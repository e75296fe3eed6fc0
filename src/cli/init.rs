//! `init`: a mapping and its tests to start from, empty or out of a vendor's OpenAPI document.

use super::{DONE, FINDINGS, could_not_run, say};
use crate::{
    diagnostic::{Severity, render_human},
    init::{self, Draft},
    mapping,
};
use std::{
    fs::{self, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

/// What `init` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The mapping's name, of a-z, 0-9 and `-`: `acme` makes acme.yaml and acme.test.yaml
    name: String,
    /// The vendor's OpenAPI 3 document, JSON or YAML; what it says is guessed into a first mapping
    #[arg(long, value_name = "FILE")]
    openapi: Option<PathBuf>,
    /// Where the two files go. Left out: the current folder
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
    /// Write over files that are there
    #[arg(long)]
    force: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> ExitCode {
    match begun(arguments) {
        Ok(code) => ExitCode::from(code),
        Err(why) => could_not_run(why),
    }
}

fn begun(arguments: &Arguments) -> Result<u8, String> {
    let name = &arguments.name;
    if !init::is_name(name) {
        return Err(format!(
            "`{name}` is no name of a mapping: a-z, 0-9 and `-` alone, e.g. `acme`"
        ));
    }
    let draft = match &arguments.openapi {
        None => init::start(name),
        Some(file) => init::from_openapi(name, &file.display().to_string(), &document(file)?)?,
    };
    let folder = arguments.into.clone().unwrap_or_default();
    if !folder.as_os_str().is_empty() && !folder.is_dir() {
        return Err(format!("{} is no folder: make it first", folder.display()));
    }
    let mapping = folder.join(format!("{name}.yaml"));
    let tests = folder.join(format!("{name}.test.yaml"));
    write(&mapping, &tests, &draft, arguments.force)?;
    draft.told.iter().for_each(say);
    Ok(judged(&mapping, &tests, &draft))
}

/// The document's text. One byte more than is read is enough to know that it is too long.
fn document(file: &Path) -> Result<String, String> {
    let name = file.display();
    let told = |error: io::Error| format!("{name}: {error}");
    let mut bytes = Vec::new();
    let opened = fs::File::open(file).map_err(told)?;
    opened.take(init::LARGEST as u64 + 1).read_to_end(&mut bytes).map_err(told)?;
    if bytes.len() > init::LARGEST {
        let most = init::LARGEST / (1024 * 1024);
        return Err(format!("{name} is larger than {most} MiB: is it an OpenAPI document?"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        format!("{name} is not UTF-8: byte {at} is none; save it as UTF-8")
    })
}

/// Both files or none: a mapping of one start and tests of another would fail without a reason.
fn write(mapping: &Path, tests: &Path, draft: &Draft, force: bool) -> Result<(), String> {
    let taken = [mapping, tests].into_iter().find(|path| path.exists());
    if let Some(taken) = taken.filter(|_| !force) {
        return Err(format!(
            "{} is there: nothing was written; `--force` writes over it",
            taken.display()
        ));
    }
    for (path, text) in [(mapping, &draft.mapping), (tests, &draft.tests)] {
        let mut open = OpenOptions::new();
        // Somebody else may have made it since.
        open.write(true).create(force).create_new(!force).truncate(force);
        let written = open.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
        written.map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

/// What `check` says of it, and what to do next.
fn judged(mapping: &Path, tests: &Path, draft: &Draft) -> u8 {
    let file = mapping.display().to_string();
    let loaded = mapping::load(&file, &draft.mapping);
    if !loaded.findings.is_empty() {
        say(render_human(&loaded.findings, |_| Some(draft.mapping.clone())));
        say("");
    }
    say(format!("wrote {file} and {}", tests.display()));
    say("next:");
    for step in [
        format!(
            "  edit {file} with the vendor's documentation beside it: its comments say what to look up"
        ),
        format!("  scimshim check {file}"),
        format!("  scimshim test {file}"),
        format!("  scimshim explain {file}"),
        "  scimshim schema > mapping.schema.json".to_owned(),
        "    and `# yaml-language-server: $schema=mapping.schema.json` as its first line: editors complete and check it".to_owned(),
    ] {
        say(step);
    }
    let refused = loaded.findings.iter().any(|finding| finding.severity == Severity::Error);
    if refused { FINDINGS } else { DONE }
}
