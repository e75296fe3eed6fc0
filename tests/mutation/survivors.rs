//! Mutants that nobody notices, each with the reason why that is no fault of the tests.

/// The mutant, with its mapping, and why.
const SURVIVORS: [(&str, &str); 2] = [
    (
        "mailman: User: update \"rename\": claim \"displayName\" dropped",
        "it becomes the rest, and of the rest there is nothing else",
    ),
    (
        "mailman: Group: create: claim \"displayName\" dropped",
        "it claims the members too, whom its call does not carry either: they follow as an update",
    ),
];

/// Why this one may survive.
pub fn why(name: &str) -> Option<&'static str> {
    SURVIVORS.iter().find(|(known, _)| *known == name).map(|(_, why)| *why)
}

/// All that are explained of a mapping.
pub fn of(mapping: &str) -> impl Iterator<Item = &'static str> {
    let prefix = format!("{mapping}: ");
    SURVIVORS.iter().map(|(name, _)| *name).filter(move |name| name.starts_with(&prefix))
}
