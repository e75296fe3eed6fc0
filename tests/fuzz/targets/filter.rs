//! Filters (RFC 7644 §3.4.2.2): the input is a filter's text.

use super::{GROUP, PROFILES, TYPES, USER, USERS, refused};
use scimshim::scim::{
    error::ScimType,
    filter::{
        Filter,
        matches::{check, matches},
        narrow::{Narrowed, known, narrowed},
        parse::parse,
    },
    profile::Profile,
    reading::Reading,
    resource_type::ResourceType,
};

/// Longer or deeper than this, what is printed may pass a limit that what was read did not:
/// `a[b pr or c pr].d pr` is printed with a level more, and `a eq 1e9` with a sign more.
const LONGEST: usize = 5_000;
const DEEPEST: usize = 24;

pub fn run(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    let read = |profile| parse(text, &mut Reading::new(profile));
    let mut stricter = None;
    for profile in PROFILES {
        match read(profile) {
            Err(error) => {
                refused::bad(&error, &[ScimType::InvalidFilter]);
                assert!(error.detail.starts_with("filter at "), "{error:?}");
                assert!(stricter.is_none(), "{profile:?} refuses what a stricter one takes");
            }
            Ok(filter) => {
                assert!(stricter.is_none_or(|stricter| stricter == filter), "{profile:?}");
                stricter = Some(filter);
            }
        }
    }
    let Some(filter) = stricter else { return false };
    if is_small(text) {
        prints_as_itself(&filter);
    }
    for kind in [&*USER, &*GROUP] {
        means_one_thing(&filter, kind);
    }
    true
}

fn is_small(text: &str) -> bool {
    text.len() <= LONGEST && text.matches(['(', '[']).count() <= DEEPEST
}

/// Canonical text is read back, quoted, by those who bear nothing.
fn prints_as_itself(filter: &Filter) {
    let printed = filter.to_string();
    let again = parse(&printed, &mut Reading::new(Profile::Strict));
    assert_eq!(again.as_ref(), Ok(filter), "{printed}");
}

/// Checked, spelled as the schema does, narrowed to one kind and negated, a filter says the same of everybody.
fn means_one_thing(filter: &Filter, kind: &ResourceType) {
    if let Err(error) = check(filter, kind) {
        refused::bad(&error, &[ScimType::InvalidFilter, ScimType::Sensitive]);
        for user in USERS.iter() {
            assert_eq!(matches(filter, user, kind).as_ref(), Err(&error), "{filter}");
        }
        return;
    }
    let canonical = |filter: &Filter| filter.canonical(kind, &mut Reading::new(Profile::Strict));
    let once = canonical(filter).unwrap();
    assert_eq!(canonical(&once).as_ref(), Ok(&once), "{filter}");
    let canonical = once;
    assert_eq!(check(&canonical, kind), Ok(()), "{filter}: {canonical}");
    if is_small(&filter.to_string()) {
        prints_as_itself(&canonical);
    }
    assert_eq!(known(filter, &TYPES), Ok(()), "{filter}");
    let narrowed = narrowed(filter, kind, &mut Reading::new(Profile::Strict)).unwrap();
    let not = Filter::Not(Box::new(filter.clone()));
    for user in USERS.iter() {
        let of = |filter: &Filter| matches(filter, user, kind).unwrap();
        let matched = of(filter);
        assert_eq!(of(&canonical), matched, "{canonical}: {user:?}");
        assert_eq!(of(&not), !matched, "{filter}: {user:?}");
        let left = match &narrowed {
            Narrowed::Nothing => false,
            Narrowed::Everything => true,
            Narrowed::Filter(left) => of(left),
        };
        assert_eq!(left, matched, "{narrowed:?}: {user:?}");
    }
}
