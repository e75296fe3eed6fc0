//! A filter over all kinds, as each of them sees it.

use crate::fixture::{group_type, types, user_type};
use http::Method;
use scimshim::scim::{
    decode::decode,
    error::{Error, ScimType},
    filter::{
        narrow::{Narrowed, narrowed},
        parse::parse,
    },
    message::{Across, Request, Start},
    reading::Reading,
};

const NOTHING: &str = "-";
const EVERYTHING: &str = "*";

#[test]
fn what_a_kind_does_not_have_is_unassigned_there() {
    for (text, user, group) in [
        ("displayName eq \"a\"", "displayName eq \"a\"", "displayName eq \"a\""),
        ("USERNAME eq \"a\"", "userName eq \"a\"", NOTHING),
        ("userName ne \"a\"", "userName ne \"a\"", EVERYTHING),
        ("userName eq null", "userName eq null", EVERYTHING),
        ("userName ne null", "userName ne null", NOTHING),
        ("userName pr", "userName pr", NOTHING),
        ("not (userName pr)", "not (userName pr)", EVERYTHING),
        ("emails[type eq \"work\"]", "emails.type eq \"work\"", NOTHING),
        ("id eq 7 and active ne \"True\"", "id eq \"7\" and active ne true", "id eq \"7\""),
        (
            "members[value eq \"1\" and type eq \"User\"]",
            NOTHING,
            "members[value eq \"1\" and type eq \"User\"]",
        ),
        // What kind it is needs no vendor.
        ("meta.resourceType eq \"User\"", EVERYTHING, NOTHING),
        ("META.resourcetype ne \"User\"", NOTHING, EVERYTHING),
        ("meta.resourceType pr", EVERYTHING, EVERYTHING),
        ("meta.resourceType eq \"User\" and title pr", "title pr", NOTHING),
        ("(meta.resourceType eq \"Group\" or title pr) and id pr", "title pr and id pr", "id pr"),
        ("title pr or displayName pr", "title pr or displayName pr", "displayName pr"),
        ("title pr or meta.resourceType eq \"Group\"", "title pr", EVERYTHING),
    ] {
        let filter = parse(text, &mut Reading::default()).unwrap();
        for (kind, expected) in [(user_type(), user), (group_type(), group)] {
            let left = match narrowed(&filter, &kind, &mut Reading::default()).unwrap() {
                Narrowed::Nothing => NOTHING.to_owned(),
                Narrowed::Everything => EVERYTHING.to_owned(),
                Narrowed::Filter(filter) => filter.to_string(),
            };
            assert_eq!(left, expected, "{text} of {}", kind.name);
        }
    }
}

fn ask(query: &str) -> Result<Across, Error> {
    let reading = &mut Reading::default();
    match decode(&Method::GET, "/", Some(query), b"", &types(), reading)? {
        Request::Across(across) => Ok(across),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_base_url_is_searched() {
    let asked =
        ask("filter=userName%20pr&sortBy=userName&cursor&count=5&attributes=userName").unwrap();
    let kinds: Vec<_> = asked.parts.iter().map(|part| part.kind.as_str()).collect();
    assert_eq!(kinds, ["User"], "no group can match");
    assert_eq!((asked.query.start, asked.query.count), (Start::Cursor(String::new()), Some(5)));
    for (query, scim_type) in [
        ("filter=userName%20zz%20%22a%22", ScimType::InvalidFilter),
        // A slip is no answer.
        ("filter=emial%20pr", ScimType::InvalidFilter),
        ("filter=displayName%20pr%20or%20emails%5Bkind%20pr%5D", ScimType::InvalidFilter),
        ("filter=active%20gt%20true", ScimType::InvalidFilter),
        // X5, whatever else the filter says.
        ("filter=meta.resourceType%20eq%20%22Group%22%20and%20password%20pr", ScimType::Sensitive),
        ("filter=id%20pr&sortBy=password", ScimType::Sensitive),
        ("filter=id%20pr&sortBy=emial", ScimType::InvalidValue),
        ("filter=id%20pr&cursor&startIndex=1", ScimType::InvalidValue),
    ] {
        let error = ask(query).unwrap_err();
        assert_eq!((error.status, error.scim_type), (400, Some(scim_type)), "{query}");
    }
}
