//! Paging: an Answer becomes the Call for the next page. Pure.

mod link;
mod under;

use super::{
    call::{Answer, Body, Call},
    record::{Locator, text_of},
};
use serde_json::Value;
use under::under;

/// How a vendor pages.
#[derive(Debug, Clone)]
pub enum Paging {
    /// One answer is really all: `paging: none`.
    OneAnswer,
    /// By page number.
    Page {
        /// Parameter of the page.
        param: String,
        /// Number of the first page.
        first: u64,
        /// Parameter of the page's size.
        size_param: Option<String>,
        /// Records on a page, as it is asked for; the vendor may give fewer.
        size: u64,
        /// Where the answer says how many there are.
        total: Option<Locator>,
        /// Where the answer says whether there are more.
        more: Option<Locator>,
        /// The parameters stand in the body.
        in_body: bool,
    },
    /// By the position of the first record.
    Offset {
        /// Parameter of the position.
        param: String,
        /// Position of the first record of all.
        first: u64,
        /// Parameter of the page's size.
        size_param: Option<String>,
        /// Records on a page.
        size: u64,
        /// Where the answer says how many there are.
        total: Option<Locator>,
        /// Where the answer says whether there are more.
        more: Option<Locator>,
        /// The parameters stand in the body.
        in_body: bool,
    },
    /// By a cursor that the answer gives.
    Cursor {
        /// Parameter of the cursor.
        param: String,
        /// Where the answer has it.
        next: Locator,
        /// Where the answer says whether there are more.
        more: Option<Locator>,
        /// Parameter of the page's size.
        size_param: Option<String>,
        /// Records on a page.
        size: u64,
        /// Where the answer says how many there are.
        total: Option<Locator>,
        /// The parameters stand in the body.
        in_body: bool,
    },
    /// By a URL that the answer gives.
    NextUrl {
        /// Where the answer has it.
        field: Locator,
    },
    /// By a `Link` header (RFC 8288).
    Link {
        /// The relation: `next`.
        rel: String,
    },
}

impl Paging {
    /// The call for the first page.
    pub fn first(&self, call: Call) -> Call {
        match self {
            Paging::Page { param, first, .. } => {
                self.sized(with(call, param, *first, self.in_body()))
            }
            Paging::Offset { param, first, .. } => {
                self.sized(with(call, param, *first, self.in_body()))
            }
            Paging::Cursor { .. } => self.sized(call),
            Paging::OneAnswer | Paging::NextUrl { .. } | Paging::Link { .. } => call,
        }
    }

    /// From `call`, whose page has `read` records before it, on to the page that holds position `wanted`
    /// (from 0), past those between; with how many records come before that page. Only where pages can be
    /// reached directly, and some were read: they show how many records a page really holds.
    pub fn leap(&self, call: &Call, read: usize, wanted: usize) -> Option<(Call, usize)> {
        let (read, wanted) = (read as u64, wanted as u64);
        let (param, number, before) = match self {
            Paging::Page { param, first, .. } => {
                let known = current(call, param, self.in_body())?.checked_sub(*first)?;
                // Pages of different lengths have no place that could be reckoned.
                let length = read.checked_div(known).filter(|length| length * known == read)?;
                let page = wanted.checked_div(length).filter(|page| *page > known)?;
                (param, first + page, page * length)
            }
            Paging::Offset { param, first, .. } if 0 < read && read < wanted => {
                (param, first + wanted, wanted)
            }
            _ => return None,
        };
        let before = usize::try_from(before).ok()?;
        Some((with(call.clone(), param, number, self.in_body()), before))
    }

    /// The call for the page after `call`'s. `received` records came with it, `so_far` with it and
    /// those before it. The error says what is wrong with the vendor's word.
    pub fn next(
        &self,
        call: &Call,
        answer: &Answer,
        received: usize,
        so_far: usize,
        base_url: &str,
    ) -> Result<Option<Call>, String> {
        match self {
            Paging::OneAnswer => Ok(None),
            Paging::Page { param, first, size, more, in_body, .. } => {
                if self.ended(answer, received, so_far, *size, more.as_ref()) {
                    return Ok(None);
                }
                let page = current(call, param, *in_body).unwrap_or(*first);
                Ok(Some(with(call.clone(), param, page + 1, *in_body)))
            }
            Paging::Offset { param, first, size, more, in_body, .. } => {
                if self.ended(answer, received, so_far, *size, more.as_ref()) {
                    return Ok(None);
                }
                let offset = current(call, param, *in_body).unwrap_or(*first);
                Ok(Some(with(call.clone(), param, offset + received as u64, *in_body)))
            }
            Paging::Cursor { param, next, more, in_body, .. } => {
                let more = more.as_ref().map(|more| truthy(more.first(&answer.body)));
                let cursor = next.first(&answer.body).and_then(text_of).filter(|c| !c.is_empty());
                let cursor = match (cursor, more) {
                    (Some(cursor), None | Some(true)) => cursor,
                    (None, Some(true)) => {
                        return Err(format!(
                            "the vendor says that there is more, and nothing is at `{next}`"
                        ));
                    }
                    (_, Some(false)) | (None, None) => return Ok(None),
                };
                if text_at(call, param, *in_body).as_ref() == Some(&cursor) {
                    return Err(
                        "the vendor gives the same cursor again: the list never ends".into()
                    );
                }
                Ok(Some(set(call.clone(), param, cursor, *in_body)))
            }
            Paging::NextUrl { field } => {
                let url = field.first(&answer.body).and_then(text_of).filter(|url| !url.is_empty());
                url.map(|url| under(call, &url, base_url)).transpose()
            }
            Paging::Link { rel } => {
                let url = link::target(&answer.headers, rel)?;
                url.map(|url| under(call, &url, base_url)).transpose()
            }
        }
    }

    /// How many records there are, where the answer says so.
    pub fn total(&self, answer: &Answer) -> Option<u64> {
        match self {
            Paging::Page { total, .. }
            | Paging::Offset { total, .. }
            | Paging::Cursor { total, .. } => {
                total.as_ref()?.first(&answer.body).and_then(text_of)?.parse().ok()
            }
            Paging::OneAnswer | Paging::NextUrl { .. } | Paging::Link { .. } => None,
        }
    }

    /// Where an answer says that the list goes on, and whether this one has that place: without it no page
    /// but the first is ever read.
    pub fn goes_on_by(&self, answer: &Answer) -> Option<(&Locator, bool)> {
        let place = match self {
            Paging::Page { more, .. } | Paging::Offset { more, .. } => more.as_ref()?,
            Paging::Cursor { next, .. } => next,
            Paging::NextUrl { field } => field,
            // A header that a vendor leaves out of its last page.
            Paging::OneAnswer | Paging::Link { .. } => return None,
        };
        Some((place, place.first(&answer.body).is_some()))
    }

    /// The parameter that a vendor has to know.
    pub fn param(&self) -> Option<&str> {
        match self {
            Paging::Page { param, .. }
            | Paging::Offset { param, .. }
            | Paging::Cursor { param, .. } => Some(param),
            Paging::OneAnswer | Paging::NextUrl { .. } | Paging::Link { .. } => None,
        }
    }

    fn in_body(&self) -> bool {
        match self {
            Paging::Page { in_body, .. }
            | Paging::Offset { in_body, .. }
            | Paging::Cursor { in_body, .. } => *in_body,
            Paging::OneAnswer | Paging::NextUrl { .. } | Paging::Link { .. } => false,
        }
    }

    fn sized(&self, call: Call) -> Call {
        match self {
            Paging::Page { size_param: Some(param), size, in_body, .. }
            | Paging::Offset { size_param: Some(param), size, in_body, .. }
            | Paging::Cursor { size_param: Some(param), size, in_body, .. } => {
                with(call, param, *size, *in_body)
            }
            _ => call,
        }
    }

    /// `more` decides where it is; else the total; else a page without records is behind the last. A page
    /// that is shorter than what was asked for, or than those before it, proves nothing: vendors cap pages at
    /// a size of their own, and take hidden records out of pages that they have cut already.
    fn ended(
        &self,
        answer: &Answer,
        received: usize,
        so_far: usize,
        size: u64,
        more: Option<&Locator>,
    ) -> bool {
        if let Some(more) = more {
            return !truthy(more.first(&answer.body));
        }
        if let Some(total) = self.total(answer) {
            // A vendor that says more than it gives must not be asked for ever.
            return so_far as u64 >= total || received == 0;
        }
        // Nobody's pages hold one record only: a search for one person costs one call.
        let alone = received == 1 && so_far == 1 && size > 1;
        received == 0 || alone
    }
}

fn truthy(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::String(text)) => !text.is_empty() && text != "false",
        Some(_) => true,
    }
}

fn with(call: Call, param: &str, value: u64, in_body: bool) -> Call {
    if !in_body {
        return set(call, param, value.to_string(), false);
    }
    let mut call = call;
    if let Body::Json(Value::Object(members)) = &mut call.body {
        members.insert(param.to_owned(), value.into());
    }
    call
}

/// Sets a parameter, replacing the one of the page before.
fn set(mut call: Call, param: &str, value: String, in_body: bool) -> Call {
    if in_body {
        if let Body::Json(Value::Object(members)) = &mut call.body {
            members.insert(param.to_owned(), Value::String(value));
        }
        return call;
    }
    match call.query.iter_mut().find(|(name, _)| name == param) {
        Some((_, old)) => *old = value,
        None => call.query.push((param.to_owned(), value)),
    }
    call
}

fn text_at(call: &Call, param: &str, in_body: bool) -> Option<String> {
    match (in_body, &call.body) {
        (true, Body::Json(body)) => body.get(param).and_then(text_of),
        (true, _) => None,
        (false, _) => {
            call.query.iter().find(|(name, _)| name == param).map(|(_, value)| value.clone())
        }
    }
}

fn current(call: &Call, param: &str, in_body: bool) -> Option<u64> {
    text_at(call, param, in_body)?.parse().ok()
}

#[cfg(test)]
mod tests {
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
            assert_eq!(
                said.as_ref().map(Option::as_deref),
                expected.as_ref().map(|e| *e),
                "{header}"
            );
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
}
