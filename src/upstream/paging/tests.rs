use super::*;
use serde_json::json;

fn call() -> Call {
    Call {
        name: "User.list".into(),
        method: http::Method::GET,
        path: "/users".into(),
        query: vec![("state".into(), "all".into())],
        headers: http::HeaderMap::new(),
        body: Body::Empty,
        safe: true,
        packs: None,
        place: crate::diagnostic::Place::default(),
    }
}

fn said(call: &Call) -> String {
    let query: Vec<String> = call.query.iter().map(|(k, v)| format!("{k}={v}")).collect();
    format!("{}?{}", call.path, query.join("&"))
}

fn answer(body: Value) -> Answer {
    Answer { status: 200, body, ..Answer::default() }
}

fn at(text: &str) -> Option<Locator> {
    Some(Locator::parse(text).unwrap())
}

#[test]
fn every_way_goes_on_and_ends() {
    let page = |total, more| Paging::Page {
        param: "page".into(),
        first: 1,
        size_param: Some("n".into()),
        size: 2,
        total,
        more,
        in_body: false,
    };
    let offset = Paging::Offset {
        param: "skip".into(),
        first: 0,
        size_param: None,
        size: 2,
        total: at("t"),
        more: None,
        in_body: false,
    };
    let cursor = Paging::Cursor {
        param: "after".into(),
        next: at("next").unwrap(),
        more: None,
        size_param: None,
        size: 2,
        total: None,
        in_body: false,
    };
    let url = Paging::NextUrl { field: at("next").unwrap() };
    let base = "https://v.example/api";
    let table = [
        (page(None, None), json!({}), 2, 2, Some("/users?state=all&page=2&n=2")),
        (page(None, None), json!({}), 1, 3, Some("/users?state=all&page=2&n=2")),
        (page(None, None), json!({}), 1, 1, None),
        (page(None, None), json!({}), 0, 2, None),
        (page(at("t"), None), json!({"t": 3}), 2, 2, Some("/users?state=all&page=2&n=2")),
        (page(at("t"), None), json!({"t": 2}), 2, 2, None),
        (page(at("t"), None), json!({"t": 9}), 0, 2, None),
        (page(None, at("m")), json!({"m": true}), 1, 1, Some("/users?state=all&page=2&n=2")),
        (page(None, at("m")), json!({"m": false}), 2, 2, None),
        (offset.clone(), json!({"t": 9}), 2, 2, Some("/users?state=all&skip=2")),
        (cursor.clone(), json!({"next": "x y"}), 2, 2, Some("/users?state=all&after=x y")),
        (cursor.clone(), json!({"next": null}), 2, 2, None),
        (cursor, json!({"next": ""}), 2, 2, None),
        (
            url.clone(),
            json!({"next": "https://v.example/api/users?p=%C3%A9"}),
            2,
            2,
            Some("/users?p=é"),
        ),
        (url.clone(), json!({"next": "/api/users?p=2"}), 2, 2, Some("/users?p=2")),
        (url, json!({}), 2, 2, None),
    ];
    for (paging, body, received, so_far, expected) in table {
        let first = paging.first(call());
        let next = paging.next(&first, &answer(body.clone()), received, so_far, base).unwrap();
        assert_eq!(next.as_ref().map(said).as_deref(), expected, "{paging:?} {body}");
    }
}

#[test]
fn a_vendor_cannot_lead_us_round_in_circles() {
    let base = "https://v.example/api";
    let cursor = Paging::Cursor {
        param: "state".into(),
        next: at("next").unwrap(),
        more: None,
        size_param: None,
        size: 2,
        total: None,
        in_body: false,
    };
    assert!(cursor.next(&call(), &answer(json!({"next": "all"})), 1, 1, base).is_err());
}

#[test]
fn link_headers_are_followed_under_the_base_or_refused() {
    let paging = Paging::Link { rel: "next".into() };
    let base = "https://v.example/api";
    let table = [
        ("<https://v.example/api/users?p=3>; rel=\"next\"", Ok(Some("/users?p=3"))),
        ("<?p=3>; rel=next", Ok(Some("/users?p=3"))),
        ("<https://v.example/api/users?p=1>; rel=\"prev\"", Ok(None)),
        ("<https://evil.example/api/users?p=3>; rel=\"next\"", Err(())),
        ("https://v.example/api/users?p=3; rel=next", Err(())),
    ];
    for (header, expected) in table {
        let mut answer = answer(Value::Null);
        answer.headers.insert(http::header::LINK, header.parse().unwrap());
        let next = paging.next(&call(), &answer, 1, 1, base).map_err(|_| ());
        let said = next.map(|next| next.as_ref().map(said));
        assert_eq!(said.as_ref().map(Option::as_deref), expected.as_ref().map(|e| *e), "{header}");
    }
    assert!(paging.next(&call(), &answer(Value::Null), 1, 1, base).unwrap().is_none());
}

#[test]
fn page_and_offset_reach_a_place_by_what_pages_really_held() {
    let size_param = Some("n".to_owned());
    let page = Paging::Page {
        param: "page".into(),
        first: 1,
        size_param: size_param.clone(),
        size: 100,
        total: None,
        more: None,
        in_body: false,
    };
    let offset = Paging::Offset {
        param: "skip".into(),
        first: 1,
        size_param,
        size: 100,
        total: None,
        more: None,
        in_body: false,
    };
    let table = [
        (&page, "2", 25, 120, Some(("/users?state=all&page=5", 100))),
        (&page, "4", 75, 99, None),
        (&page, "3", 50, 75, Some(("/users?state=all&page=4", 75))),
        // Not all of one length, and none read.
        (&page, "3", 49, 120, None),
        (&page, "2", 0, 120, None),
        (&page, "1", 0, 120, None),
        (&offset, "26", 25, 120, Some(("/users?state=all&skip=121", 120))),
        (&offset, "26", 25, 25, None),
        (&offset, "1", 0, 120, None),
    ];
    for (paging, at, read, wanted, expected) in table {
        let param = paging.param().unwrap();
        let found = paging.leap(&set(call(), param, at.into(), false), read, wanted);
        let found = found.map(|(call, before)| (said(&call), before));
        let expected = expected.map(|(call, before)| (call.to_owned(), before));
        assert_eq!(found, expected, "{param} {at}, {read} read, {wanted} wanted");
    }
}

#[test]
fn more_without_a_cursor_is_a_contradiction() {
    let cursor = Paging::Cursor {
        param: "after".into(),
        next: at("next").unwrap(),
        more: at("more"),
        size_param: None,
        size: 2,
        total: None,
        in_body: false,
    };
    for (body, expected) in [
        (json!({ "more": true }), Err(())),
        (json!({ "more": true, "next": "" }), Err(())),
        (json!({ "more": false, "next": "x" }), Ok(false)),
        (json!({ "next": "x" }), Ok(false)),
        (json!({ "more": true, "next": "x" }), Ok(true)),
    ] {
        let next = cursor.next(&call(), &answer(body.clone()), 2, 2, "https://v.example");
        assert_eq!(next.map(|next| next.is_some()).map_err(|_| ()), expected, "{body}");
    }
}
