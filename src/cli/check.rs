//! `check`: the findings of a configuration and of mappings.

use super::{
    COULD_NOT_RUN, DONE, FINDINGS, could_not_run, runtime, say,
    source::{self, Unread},
};
use crate::{
    app::{audit, build, load, probe, storage},
    diagnostic::{Diagnostic, Severity, render_human, render_json},
    mapping::{self, plan::Plan},
    yaml,
};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// What `check` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A configuration; its mappings are checked with it
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Mappings. Left out, and without `--config`: those in `mappings/`
    #[arg(value_name = "MAPPING")]
    pub mappings: Vec<PathBuf>,
    /// How findings are written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Warnings are findings too
    #[arg(long)]
    pub deny_warnings: bool,
    /// Ask each tenant's vendor too, by the mapping's `probe`; needs the secrets
    #[arg(long, requires = "config")]
    pub live: bool,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people, with the lines they stand in
    Human,
    /// One JSON array
    Json,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> ExitCode {
    let mut findings = Vec::new();
    let mut notes = Vec::new();
    let mut figures = Vec::new();
    let mut unread = false;
    if let Some(file) = &arguments.config {
        match configured(file) {
            Ok((found, noted, known)) => {
                findings.extend(found);
                notes.extend(noted);
                figures.extend(known);
            }
            Err(why) => return could_not_run(why),
        }
        // What is wrong in the files is mended first: it is what the vendor would be asked by.
        if arguments.live && !findings.iter().any(|one| one.severity == Severity::Error) {
            match live(file) {
                Ok(asked) => {
                    let (found, noted): (Vec<_>, Vec<_>) =
                        asked.into_iter().partition(|one| one.severity != Severity::Note);
                    findings.extend(found);
                    // What is not set here has been told as an error.
                    notes.retain(|note| !findings.iter().any(|one| one.place == note.place));
                    notes.extend(noted);
                }
                Err(why) => return could_not_run(why),
            }
        }
    }
    if arguments.config.is_none() || !arguments.mappings.is_empty() {
        let mappings = match mappings(&arguments.mappings) {
            Ok(mappings) => mappings,
            Err(why) => return could_not_run(why),
        };
        for path in mappings {
            match source::text(&path) {
                Ok(text) if is_configuration(&text) => {
                    let file = path.display();
                    could_not_run(format!("{file} is a configuration: use `--config {file}`"));
                    unread = true;
                }
                Ok(text) => {
                    let loaded = mapping::load(&path.display().to_string(), &text);
                    findings.extend(loaded.findings);
                    notes.extend(loaded.notes);
                    figures.extend(loaded.plan.map(|plan| figure(&path, &plan)));
                }
                Err(Unread::Finding(finding)) => findings.push(*finding),
                // The others are looked at all the same.
                Err(Unread::Circumstance(why)) => {
                    could_not_run(why);
                    unread = true;
                }
            }
        }
    }
    if !(unread && findings.is_empty()) {
        show(&findings, &notes, &figures, arguments.format);
    }
    let refused = findings.iter().any(|finding| match finding.severity {
        Severity::Error => true,
        Severity::Warning => arguments.deny_warnings,
        Severity::Note => false,
    });
    ExitCode::from(match (unread, refused) {
        (true, _) => COULD_NOT_RUN,
        (false, true) => FINDINGS,
        (false, false) => DONE,
    })
}

/// A file with tenants and no mapping in it.
fn is_configuration(text: &str) -> bool {
    let root = yaml::parse(&"".into(), text);
    root.is_ok_and(|root| root.get("tenants").is_some() && root.get("mapping").is_none())
}

/// How sure a mapping is of its vendor.
fn figure(path: &Path, plan: &Plan) -> String {
    format!("{}: {}", path.display(), plan.known())
}

/// Findings, notes, and figures of mappings.
type Told = (Vec<Diagnostic>, Vec<Diagnostic>, Vec<String>);

/// The findings of a configuration and of its tenants against their mappings; and the notes, also on
/// what is not here and must be where it runs. No secret is read.
fn configured(file: &Path) -> Result<Told, String> {
    let load::Loaded { config, mut findings, .. } = load::load(file)?;
    let (mut notes, mut figures) = (Vec::new(), Vec::new());
    if let Some((config, source)) = config {
        for (name, tenant) in &config.tenants {
            let stored = config.store.is_some();
            let (found, noted) = build::findings(name, tenant, &source, stored);
            findings.extend(found);
            notes.extend(noted);
        }
        notes.extend(storage::note(&config, &source));
        notes.extend(audit::note(&config, &source));
        // Once, of however many tenants it is.
        let mappings: BTreeSet<&PathBuf> =
            config.tenants.values().map(|tenant| &tenant.mapping).collect();
        figures.extend(mappings.into_iter().filter_map(|path| {
            let text = source::text(path).ok()?;
            Some(figure(path, &mapping::load(&path.display().to_string(), &text).plan?))
        }));
    }
    Ok((findings, notes, figures))
}

/// What each tenant's vendor answers: a note, or an error.
fn live(file: &Path) -> Result<Vec<Diagnostic>, String> {
    let Some((config, source)) = load::load(file)?.config else { return Ok(Vec::new()) };
    let runtime = runtime(1).map_err(|error| format!("cannot start threads: {error}"))?;
    Ok(runtime.block_on(probe::all(&config, &source)))
}

/// The findings; and below them what is worth knowing, a line each, and how sure each mapping is of its vendor.
fn show(findings: &[Diagnostic], notes: &[Diagnostic], figures: &[String], format: Format) {
    if format == Format::Json {
        let all: Vec<Diagnostic> = findings.iter().chain(notes).cloned().collect();
        return say(render_json(&all));
    }
    match findings {
        [] => say("no findings"),
        some => say(render_human(some, |file: &str| source::text(Path::new(file)).ok())),
    }
    for note in notes {
        say(note);
    }
    for figure in figures {
        say(figure);
    }
}

/// The mappings that are named; without a name, those in `mappings/`. A `.test.yaml` among them is
/// passed over, so that `mappings/*.yaml` can be said.
pub fn mappings(named: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let is_mapping = |path: &Path| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        name.is_some_and(|name| name.ends_with(".yaml") && !name.ends_with(".test.yaml"))
    };
    let found: Vec<PathBuf> = match named {
        [] => {
            let folder = std::fs::read_dir("mappings")
                .map_err(|error| format!("name a mapping: `mappings/` cannot be read: {error}"))?;
            let mut files: Vec<PathBuf> = folder.flatten().map(|entry| entry.path()).collect();
            files.retain(|path| is_mapping(path));
            files.sort();
            files
        }
        named => {
            let mut files = named.to_vec();
            files.retain(|path| !path.to_string_lossy().ends_with(".test.yaml"));
            files
        }
    };
    if found.is_empty() { Err("there is no mapping to look at".to_owned()) } else { Ok(found) }
}
