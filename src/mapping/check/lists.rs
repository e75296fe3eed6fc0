//! `lookups.NAME` in expressions: a lookup that is there, and whose whole list can be read.

use crate::{
    diagnostic::{Diagnostic, Place, did_you_mean, nearest},
    mapping::document::{Document, Use},
};

/// All uses in a document.
pub fn check(document: &Document, findings: &mut Vec<Diagnostic>) {
    for used in document.uses.iter().filter(|used| used.root == "lookups") {
        let place = Place { file: document.file.clone(), span: used.span };
        findings.extend(
            wrong(document, used)
                .map(|(code, message, help)| Diagnostic::error(code, place, message).help(help)),
        );
    }
}

fn wrong(document: &Document, used: &Use) -> Option<(&'static str, String, String)> {
    let names = || document.lookups.iter().map(|lookup| &*lookup.name);
    let listed = || names().collect::<Vec<_>>().join(", ");
    let Some(name) = used.path.first() else {
        let message = "`lookups` alone is no list".to_owned();
        return Some(("M213", message, "name the one that is meant, `lookups.NAME`".to_owned()));
    };
    let Some(lookup) = document.lookups.iter().find(|lookup| *lookup.name == **name) else {
        let help = match (nearest(name, names()), document.lookups.is_empty()) {
            (Some(near), _) => did_you_mean(near),
            (None, true) => format!("declare it: `lookups: {{ {name}: ... }}`"),
            (None, false) => format!("there are {}", listed()),
        };
        return Some(("M213", format!("lookup `{name}` does not exist"), help));
    };
    lookup.one.then(|| {
        let message = format!("lookup `{name}` finds one name at a time: there is no list of it");
        let help = "take `{value}` out of its call, if the vendor lists all; or `lookup` in a rule";
        ("M214", message, help.to_owned())
    })
}
