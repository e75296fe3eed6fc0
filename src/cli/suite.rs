//! A test file against its mapping, before anything runs: what would make a test say nothing, or
//! something else than it looks like.

use super::exchange::File;
use crate::{
    diagnostic::{Diagnostic, Place, did_you_mean, nearest},
    gateway::rehearsal::BASE,
    mapping::plan::Plan,
    yaml::Spanned,
};
use std::path::Path;

/// Every finding of `file`, which stands beside the mapping at `path`.
pub fn findings(file: &File, plan: &Plan, path: &Path) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    mapping(file, path, &mut findings);
    variables(file, plan, &mut findings);
    let base = BASE.rsplit_once("//").and_then(|(_, rest)| rest.split_once('/'));
    let base = base.map(|(_, path)| format!("/{path}")).unwrap_or_default();
    for exchange in &file.exchanges {
        if !exchange.answered {
            let message =
                format!("test `{}` has no `response`: it would pass whatever comes", exchange.name);
            let help = "say at least `response: { status: 200 }`";
            findings.push(Diagnostic::error("T103", exchange.place.clone(), message).help(help));
        }
        if let Some(below) = exchange.request.address.strip_prefix(&base)
            && below.starts_with('/')
        {
            let message = format!("the request's path has the base path `{base}`");
            let help = format!("paths stand below it: `{below}`");
            findings.push(Diagnostic::error("T107", exchange.place.clone(), message).help(help));
        }
        let rows = exchange.store.iter().chain(&exchange.store_after);
        findings.extend(rows.flat_map(|rows| rows.findings(plan)));
    }
    findings
}

fn mapping(file: &File, path: &Path, findings: &mut Vec<Diagnostic>) {
    let Some(named) = &file.mapping else { return };
    let beside = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let beside = beside.unwrap_or_default();
    if named.value != beside {
        let place = Place { file: file.tenant_place.file.clone(), span: named.span };
        let message = format!("`mapping` names `{}`, and this file tests `{beside}`", named.value);
        let help = "a test file stands beside its mapping: `x.test.yaml` beside `x.yaml`";
        findings.push(Diagnostic::error("T104", place, message).help(help));
    }
}

fn variables(file: &File, plan: &Plan, findings: &mut Vec<Diagnostic>) {
    let known = || plan.variables.iter().map(|variable| variable.name.as_str());
    let own = file.exchanges.iter().flat_map(|exchange| &exchange.tenant_names);
    let named = file.tenant_names.iter().chain(own);
    for Spanned { value: name, span } in
        named.filter(|name| !known().any(|known| known == name.value))
    {
        let message = format!("tenant variable `{name}` is not declared by the mapping");
        let help = match (nearest(name, known()), known().next()) {
            (Some(near), _) => did_you_mean(near),
            (None, Some(_)) => {
                format!("the mapping has {}", known().collect::<Vec<_>>().join(", "))
            }
            (None, None) => "the mapping has none: take it out".to_owned(),
        };
        let place = Place { file: file.tenant_place.file.clone(), span: *span };
        findings.push(Diagnostic::error("T105", place, message).help(help));
    }
    let given = |name: &str| {
        file.tenant.contains_key(name)
            || file.exchanges.iter().all(|exchange| exchange.tenant.contains_key(name))
    };
    let missing: Vec<&str> = plan
        .variables
        .iter()
        .filter(|variable| variable.default.is_none() && !given(&variable.name))
        .map(|variable| variable.name.as_str())
        .collect();
    if !missing.is_empty() {
        let message = format!("tenant variable `{}` is missing", missing.join("`, `"));
        let help = "without it calls carry no credential and no address: add it to `tenant:`";
        let finding = Diagnostic::warning("T106", file.tenant_place.clone(), message);
        findings.push(finding.help(help));
    }
}
