//! What an attribute is called in Okta: `accounts.^[type=='slack'].value` is the Slack account, `slackAccount`.

use super::{Entry, known};
use crate::{
    mapping::{path::Select, plan::Target},
    upstream::record::text_of,
};
use std::collections::HashSet;

/// Display name and variable name.
pub fn of(target: &Target) -> (String, String) {
    let mut all = Vec::new();
    match target {
        Target::Attribute(path) => match &path.sub {
            None => all.extend(words(&path.name)),
            // Okta's own `formatted` is that of an address.
            Some(sub) if known::takes(sub) => all.extend([words(&path.name), words(sub)].concat()),
            Some(sub) => all.extend(words(sub)),
        },
        Target::Element { list, select, sub } => {
            match select {
                Select::Where { name, value } if value == &serde_json::Value::Bool(true) => {
                    all.extend(words(name));
                }
                Select::Where { name, value } if value.is_boolean() => {
                    all.push("not".to_owned());
                    all.extend(words(name));
                }
                Select::Where { value, .. } => {
                    all.extend(words(&text_of(value).unwrap_or_default()))
                }
                Select::Index(_) => {}
            }
            all.extend(singular(words(&list.name)));
            if let Select::Index(index) = select {
                all.push((index + 1).to_string());
            }
            if sub != "value" {
                all.extend(words(sub));
            }
        }
    }
    let joined = all.iter().enumerate().map(|(at, word)| match at {
        0 => word.clone(),
        _ => capital(word),
    });
    let joined: String = joined.collect();
    // Okta takes ASCII alone here, with a letter first.
    let plain: String = joined.chars().filter(char::is_ascii_alphanumeric).collect();
    let variable = match plain.starts_with(|c: char| c.is_ascii_alphabetic()) {
        true => plain,
        false => format!("attribute{plain}"),
    };
    (capital(&all.join(" ")), variable)
}

/// `familyNamePhonetic` is three words, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = None;
    for c in name.chars() {
        let begins =
            c.is_uppercase() && before.is_some_and(|b: char| b.is_lowercase() || b.is_numeric());
        if begins || !c.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        before = Some(c);
    }
    words.retain(|word| !word.is_empty());
    words
}

/// One of a list: `accounts` is an account, `addresses` an address.
fn singular(mut words: Vec<String>) -> Vec<String> {
    let Some(last) = words.last_mut() else { return words };
    for (many, one) in [("ies", "y"), ("sses", "ss"), ("s", "")] {
        if let Some(stem) = last.strip_suffix(many).filter(|stem| !stem.is_empty()) {
            *last = format!("{stem}{one}");
            break;
        }
    }
    words
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}", first.unwrap_or_default(), letters.as_str())
}

/// A profile has each variable once; those that an app has from the start keep their names.
pub fn distinct(entries: &mut [Entry]) {
    let mut taken: HashSet<String> = HashSet::new();
    for entry in entries.iter_mut() {
        let wanted = entry.variable.clone();
        let free = |name: &str| {
            !taken.contains(&name.to_lowercase()) && (entry.known || !known::takes(name))
        };
        let mut name = wanted.clone();
        for number in 2.. {
            if free(&name) {
                break;
            }
            name = format!("{wanted}{number}");
        }
        taken.insert(name.to_lowercase());
        entry.variable = name;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{mapping::path::RulePath, scim::attribute::AttributePath};

    #[test]
    fn a_name_reads_as_a_person_would_say_it() {
        for (path, title, variable) in [
            ("accounts.^[type=='slack'].value", "Slack account", "slackAccount"),
            ("roles.^[primary==true].value", "Primary role", "primaryRole"),
            ("emails.^[primary==false].type", "Not primary email type", "notPrimaryEmailType"),
            ("roles.^[type=='LICENSED_USER'].value", "Licensed user role", "licensedUserRole"),
            (
                "addresses.^[type=='home'].postalCode",
                "Home address postal code",
                "homeAddressPostalCode",
            ),
            ("emails.[1].value", "Email 2", "email2"),
            ("entries.^[type=='ü 2'].value", "Ü 2 entry", "attribute2Entry"),
            ("name.formatted", "Name formatted", "nameFormatted"),
            ("name.familyNamePhonetic", "Family name phonetic", "familyNamePhonetic"),
            ("nickName", "Nick name", "nickName"),
            (
                "x509Certificates.^[primary==true].value",
                "Primary x509 certificate",
                "primaryX509Certificate",
            ),
        ] {
            let path = RulePath::parse(path).unwrap();
            let list = AttributePath::core(&path.name);
            let target = match (path.select, path.sub) {
                (Some(select), Some(sub)) => Target::Element { list, select, sub },
                (None, Some(sub)) => Target::Attribute(list.dot(&sub)),
                _ => Target::Attribute(list),
            };
            assert_eq!(of(&target), (title.to_owned(), variable.to_owned()));
        }
    }
}
