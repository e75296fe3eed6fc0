//! PATCH paths (RFC 7644 §3.5.2): the input is a path's text.

use super::{PROFILES, USER, USERS, refused};
use scimshim::scim::{
    budget::Budget,
    compare::elements,
    error::ScimType,
    filter::matches::Selector,
    patch::{PatchKind, PatchOp, apply::apply, path::PatchPath},
    profile::Profile,
    reading::Reading,
    resource::Resource,
};
use serde_json::Value;

pub fn run(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    let mut stricter = None;
    for profile in PROFILES {
        match PatchPath::parse(text, &mut Reading::new(profile)) {
            Err(error) => {
                refused::bad(&error, &[ScimType::InvalidPath]);
                assert!(error.detail.starts_with("path at "), "{error:?}");
                assert!(stricter.is_none(), "{profile:?} refuses what a stricter one takes");
            }
            Ok(path) => {
                assert!(stricter.is_none_or(|stricter| stricter == path), "{profile:?}");
                stricter = Some(path);
            }
        }
    }
    let Some(path) = stricter else { return false };
    // As in `filter`: near a limit, what is printed may pass it.
    if text.len() <= 5_000 && text.matches(['(', '[']).count() <= 24 {
        let printed = path.to_string();
        let again = PatchPath::parse(&printed, &mut Reading::new(Profile::Strict));
        assert_eq!(again.as_ref(), Ok(&path), "{printed}");
    }
    USERS.iter().for_each(|user| removes_what_it_names(&path, user));
    true
}

/// RFC 7644 §3.5.2.2: what is removed is gone, nothing else is, and removing it again changes nothing.
fn removes_what_it_names(path: &PatchPath, user: &Resource) {
    let remove = PatchOp { kind: PatchKind::Remove, path: Some(path.clone()), value: None };
    let run = |before: &Resource| {
        let applied = apply(std::slice::from_ref(&remove), before, &USER, &mut Reading::default());
        applied.map(|applied| applied.resource)
    };
    let place = USER.resolve(&path.attribute);
    let after = match run(user) {
        Ok(after) => after,
        Err(error) => {
            use ScimType::{InvalidFilter, InvalidPath, Mutability, NoTarget, Sensitive};
            let kinds = [InvalidFilter, InvalidPath, Mutability, NoTarget, Sensitive];
            return refused::bad(&error, &kinds);
        }
    };
    assert_eq!(run(&after).as_ref(), Ok(&after), "{path}");
    let Some((place, attribute)) = place.and_then(|place| Some((place, place.attribute?))) else {
        return;
    };
    // They follow from what the resource holds, and an operation on them says nothing.
    if attribute.name == "schemas" {
        return assert_eq!(&after, user);
    }
    let left = after.attribute(place.extension, &attribute.name);
    match (&path.filter, &path.sub, place.sub) {
        (Some(filter), None, _) => {
            // As the profile of `run` reads it.
            let filter = filter.canonical_within(attribute, &mut Reading::default()).unwrap();
            let selector = Selector::of_elements(&filter, attribute).unwrap();
            let mut budget = Budget::of_patch();
            let mut selects = |element| selector.selects(element, &mut budget).unwrap();
            let left = left.map(elements).unwrap_or_default();
            assert!(!left.iter().any(&mut selects), "{path}: {left:?}");
        }
        (None, _, None) => assert_eq!(left, None, "{path}"),
        _ => {}
    }
    let others = |resource: &Resource| -> Vec<(String, Value)> {
        let urn = place.extension.map(|schema| &schema.id);
        let touched = |name: &String| *name == attribute.name || Some(name) == urn;
        let others = resource.as_map().iter().filter(|(name, _)| !touched(name));
        others.map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    assert_eq!(others(&after), others(user), "{path}");
}
