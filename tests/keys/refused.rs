//! A key misspelt, a value of the wrong type, a key that is missing: what the schema underlines is what
//! `check` refuses, for every key of every shape.

use crate::{
    config,
    family::{Case, Family, Place, put, value},
    mapping, test_file,
    validator::Validator,
};
use scimshim::yaml::shape::Takes;
use serde_json::{Value, json};

#[test]
fn a_misspelt_key_is_refused() {
    each(|case, mut file| {
        if case.shape.open || case.is_word() {
            return None;
        }
        let map = case.map(&mut file);
        map.remove(case.known.name);
        map.insert(format!("{}x", case.known.name), value(case.known.example));
        Some(file)
    });
}

#[test]
fn a_value_of_the_wrong_type_is_refused() {
    each(|case, mut file| {
        let wrong = wrong(case.known.takes)?;
        case.map(&mut file).insert(case.known.name.to_owned(), wrong);
        Some(file)
    });
}

#[test]
fn a_missing_key_is_refused() {
    each(|case, mut file| {
        if !case.known.must {
            return None;
        }
        case.map(&mut file).remove(case.known.name);
        Some(file)
    });
}

#[test]
fn none_and_two_of_a_choice_are_refused() {
    each(|case, mut file| {
        let choice = case.shape.choice.as_ref()?;
        let map = case.map(&mut file);
        map.retain(|key, _| !choice.of.contains(&key.as_str()));
        Some(file)
    });
    each(|case, mut file| {
        let choice =
            case.shape.choice.as_ref().filter(|choice| choice.of.contains(&case.known.name))?;
        let other = choice.of.iter().copied().find(|other| {
            let pair = [Some((*other, case.known.name)), Some((case.known.name, *other))];
            *other != case.known.name && !pair.contains(&choice.beside)
        })?;
        let map = case.map(&mut file);
        map.insert(case.known.name.to_owned(), value(case.known.example));
        let other = case.shape.find(other).unwrap();
        map.insert(other.name.to_owned(), value(other.example));
        Some(file)
    });
}

/// Keys of the language that this version does not carry out: named by `check`, and offered by no editor.
#[test]
fn a_key_of_a_later_version_is_refused() {
    let family = mapping::family();
    let (validator, mut seen) = (family.validator(), 0);
    for shape in family.shapes().into_values() {
        for known in shape.own.iter().filter(|known| known.refused) {
            seen += 1;
            let of_shape = |place: &&Place| place.shape == shape.name && place.keys.is_empty();
            let place = family.places.iter().find(of_shape);
            let place = place.unwrap_or_else(|| panic!("no place: {}", shape.name));
            let mut file = family.file(place);
            put(&mut file, &format!("{}/{}", place.at, known.name), json!("x"));
            let wrong = family.wrong(&file);
            let told = wrong.iter().any(|one| one.contains("M111") && one.contains(known.name));
            assert!(told, "{}.{}: {wrong:?}", shape.name, known.name);
            assert!(validator.fault(&file).is_some(), "{}.{}", shape.name, known.name);
        }
    }
    assert!(seen > 0, "there are such keys");
}

/// What fits no value of a kind.
fn wrong(takes: Takes) -> Option<Value> {
    Some(match takes {
        Takes::Anything | Takes::Nothing => return None,
        Takes::Text | Takes::Notation(_) | Takes::Like(..) => json!([1]),
        Takes::Whole(_) => json!("many"),
        Takes::Flag => json!("perhaps"),
        Takes::Duration => json!(5),
        Takes::Words(_) => json!("nonsense"),
        Takes::List(_) => json!({ "a": 1 }),
        Takes::Map(..) | Takes::Of(_) | Takes::Forms(_) | Takes::Tagged(_) => json!(7),
        Takes::Either(_) => json!({ "a": [1] }),
    })
}

fn each(made: impl Fn(&Case, Value) -> Option<Value>) {
    let families: [Family; 3] = [mapping::family(), test_file::family(), config::family()];
    let (mut seen, mut taken) = (0, Vec::new());
    for family in families {
        let validator: Validator = family.validator();
        for case in family.cases() {
            let Some(file) = made(&case, family.file(case.place)) else { continue };
            seen += 1;
            if family.wrong(&file).is_empty() {
                taken.push(format!("{} is read: {file}", case.title()));
            }
            if validator.fault(&file).is_none() {
                taken.push(format!("{} is valid: {file}", case.title()));
            }
        }
    }
    assert_eq!(taken, [""; 0]);
    assert!(seen > 0, "there are cases");
}
