//! Every key's example is put into a smallest file, which is sound with it: so the example is right, and
//! the key is read. In debug builds the reader panics at a key of the table that nobody asks for.

use crate::{config, family::value, mapping, test_file};

#[test]
fn every_example_is_sound() {
    for family in [mapping::family(), test_file::family(), config::family()] {
        assert_eq!((family.read)(&value(family.base).to_string()), [""; 0], "{}", family.root.name);
        let validator = family.validator();
        let mut wrong = Vec::new();
        for case in family.cases() {
            let mut file = family.file(case.place);
            match case.is_word() {
                true => *file.pointer_mut(case.place.at).unwrap() = case.known.name.into(),
                false => {
                    let example = value(case.known.example);
                    case.map(&mut file).insert(case.known.name.to_owned(), example);
                }
            }
            let faults = family.wrong(&file).into_iter().chain(validator.fault(&file));
            wrong.extend(faults.map(|fault| format!("{}: {fault}", case.title())));
        }
        assert_eq!(wrong, [""; 0]);
    }
}

#[test]
fn every_key_says_what_it_means() {
    for family in [mapping::family(), test_file::family(), config::family()] {
        for case in family.cases() {
            let known = case.known;
            assert!(!known.about.is_empty(), "{}", case.title());
            assert_eq!(known.example.is_empty(), case.is_word(), "{}", case.title());
            assert!(!known.must || known.default.is_empty(), "{}", case.title());
        }
    }
}
