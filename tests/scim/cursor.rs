//! Cursors: read by the search that gave them, and by no other.

use scimshim::scim::{
    attribute::AttributePath,
    cursor::{Cursor, Search},
    error::ScimType,
    filter::Filter,
    message::{Query, Start},
    sort::Sort,
};

fn query(filter: Option<&str>, descending: Option<bool>) -> Query {
    let present = |name: &str| Filter::Present(AttributePath::core(name));
    Query {
        filter: filter.map(present),
        start: Start::Cursor(String::new()),
        count: None,
        sort: descending.map(|descending| Sort { by: AttributePath::core("id"), descending }),
    }
}

#[test]
fn a_cursor_fits_one_search() {
    let own = Search::new("acme", "User", &query(Some("title"), Some(true)));
    for cursor in [
        Cursor { before: 0, count: None },
        Cursor { before: 100, count: Some(50) },
        Cursor { before: 2_147_483_647, count: Some(0) },
    ] {
        let text = own.text(cursor);
        let unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        assert!(text.chars().all(unreserved), "{text}");
        assert_eq!(own.read(&text, cursor.count), Ok(cursor));
        assert_eq!(own.read(&text, None), Ok(cursor), "a count that is left out is the first one");
        for other in [
            Search::new("other", "User", &query(Some("title"), Some(true))),
            Search::new("acme", "Group", &query(Some("title"), Some(true))),
            Search::new("acme", "User", &query(Some("id"), Some(true))),
            Search::new("acme", "User", &query(None, Some(true))),
            Search::new("acme", "User", &query(Some("title"), Some(false))),
            Search::new("acme", "User", &query(Some("title"), None)),
        ] {
            let error = other.read(&text, cursor.count).unwrap_err();
            assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidCursor)));
        }
    }
}

#[test]
fn what_is_no_cursor_or_has_another_count_is_refused() {
    let own = Search::new("acme", "User", &query(None, None));
    let text = own.text(Cursor { before: 100, count: Some(50) });
    let forged = text.replacen("100", "101", 1);
    for wrong in
        ["not-a-cursor", "1", "1.", "1..", "..", "1.2.3.4", "-1..0", &forged, &format!("{text}.")]
    {
        let error = own.read(wrong, Some(50)).unwrap_err();
        assert_eq!(
            (error.status, error.scim_type),
            (400, Some(ScimType::InvalidCursor)),
            "{wrong}"
        );
    }
    let far = own.text(Cursor { before: usize::MAX, count: None });
    assert!(own.read(&far, None).is_err(), "no list is so long");
    let error = own.read(&text, Some(51)).unwrap_err();
    assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidCount)));
    let error = own.read(&own.text(Cursor { before: 1, count: None }), Some(2)).unwrap_err();
    assert_eq!(error.scim_type, Some(ScimType::InvalidCount));
}
