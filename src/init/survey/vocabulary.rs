//! The words by which vendors name things, folded: `firstName`, `first_name` and `FirstName` are one.

use crate::init::openapi::{Field, Kind};

/// Objects that only group fields: `profile.title` is a title, `office.title` is none.
const GROUPING: [&str; 17] = [
    "address",
    "attributes",
    "contact",
    "contactinfo",
    "data",
    "details",
    "employment",
    "general",
    "info",
    "job",
    "name",
    "person",
    "personal",
    "personalinfo",
    "profile",
    "user",
    "work",
];
/// Words before a name that say whose it is, which is known.
const OWNERS: [&str; 4] = ["user", "employee", "member", "person"];

/// A name without case and without what parts its words.
pub fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What a field may be called: its own name where what is around it only groups, its name behind
/// that of the object, and its name without the owner's before it.
fn callings(path: &[&str]) -> Vec<String> {
    let Some((last, above)) = path.split_last() else { return Vec::new() };
    let name = folded(last);
    let mut found = Vec::new();
    if above.iter().all(|name| GROUPING.contains(&folded(name).as_str())) {
        let owner = OWNERS.iter().find_map(|owner| name.strip_prefix(owner));
        // A `username` is no name of a user.
        let bare = owner.filter(|rest| !rest.is_empty() && name != "username");
        found.push(name.clone());
        found.extend(bare.map(str::to_owned));
    }
    found.extend(above.last().map(|above| format!("{}{name}", folded(above))));
    found
}

/// The field that is called by one of the names, the earliest name first, then the least deep.
pub fn called<'f, 'a>(
    fields: &'f [Field<'a>],
    names: &[&str],
    kinds: &[Kind],
) -> Option<&'f Field<'a>> {
    let rank = |field: &&Field<'_>| {
        let callings = callings(&field.path);
        let rank = names.iter().position(|name| callings.iter().any(|found| found == name))?;
        Some((rank, field.path.len()))
    };
    let fitting = fields.iter().filter(|field| kinds.contains(&field.kind));
    let ranked = fitting.filter_map(|field| Some((rank(&field)?, field)));
    ranked.min_by_key(|(rank, _)| *rank).map(|(_, field)| field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_called_by_its_name_and_by_its_place() {
        let table: [(&[&str], &[&str]); 6] = [
            (&["firstName"], &["firstname"]),
            (&["profile", "first_name"], &["firstname", "profilefirstname"]),
            (&["office", "name"], &["officename"]),
            (&["user_email"], &["useremail", "email"]),
            (&["user_name"], &["username"]),
            (&[], &[]),
        ];
        for (path, expected) in table {
            assert_eq!(callings(path), expected, "{path:?}");
        }
    }
}
