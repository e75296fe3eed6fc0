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
    /// By page number.
    Page {
        /// Parameter of the page.
        param: String,
        /// Number of the first page.
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
            Paging::NextUrl { .. } | Paging::Link { .. } => call,
        }
    }

    /// The call for the page that holds position `start` (from 0), and how many records of that
    /// page and those before it are passed over. Only where pages can be reached directly.
    pub fn at(&self, call: &Call, start: usize) -> Option<(Call, usize)> {
        let start = start as u64;
        match self {
            Paging::Page { param, first, size, .. } if *size > 0 => {
                let page = start / size;
                let call = with(call.clone(), param, first + page, self.in_body());
                Some((self.sized(call), usize::try_from(page * size).ok()?))
            }
            Paging::Offset { param, first, .. } => {
                let call = with(call.clone(), param, first + start, self.in_body());
                Some((self.sized(call), usize::try_from(start).ok()?))
            }
            _ => None,
        }
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
            Paging::Page { param, first, size, total, more, in_body, .. } => {
                if self.ended(answer, received, so_far, *size, total.as_ref(), more.as_ref()) {
                    return Ok(None);
                }
                let page = current(call, param, *in_body).unwrap_or(*first);
                Ok(Some(with(call.clone(), param, page + 1, *in_body)))
            }
            Paging::Offset { param, first, size, total, more, in_body, .. } => {
                if self.ended(answer, received, so_far, *size, total.as_ref(), more.as_ref()) {
                    return Ok(None);
                }
                let offset = current(call, param, *in_body).unwrap_or(*first);
                Ok(Some(with(call.clone(), param, offset + received as u64, *in_body)))
            }
            Paging::Cursor { param, next, more, in_body, .. } => {
                let stop = more.as_ref().is_some_and(|more| !truthy(more.first(&answer.body)));
                let cursor = next.first(&answer.body).and_then(text_of).filter(|c| !c.is_empty());
                let Some(cursor) = cursor.filter(|_| !stop) else { return Ok(None) };
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
            Paging::NextUrl { .. } | Paging::Link { .. } => None,
        }
    }

    fn in_body(&self) -> bool {
        match self {
            Paging::Page { in_body, .. }
            | Paging::Offset { in_body, .. }
            | Paging::Cursor { in_body, .. } => *in_body,
            Paging::NextUrl { .. } | Paging::Link { .. } => false,
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

    /// `more` decides where it is; else the total; else a page that is not full is the last.
    fn ended(
        &self,
        answer: &Answer,
        received: usize,
        so_far: usize,
        size: u64,
        total: Option<&Locator>,
        more: Option<&Locator>,
    ) -> bool {
        if let Some(more) = more {
            return !truthy(more.first(&answer.body));
        }
        if total.is_some()
            && let Some(total) = self.total(answer)
        {
            // A vendor that says more than it gives must not be asked for ever.
            return so_far as u64 >= total || received == 0;
        }
        (received as u64) < size
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
            (page(None, None), json!({}), 1, 1, None),
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
    fn page_and_offset_reach_a_place_directly() {
        let page = Paging::Page {
            param: "page".into(),
            first: 1,
            size_param: None,
            size: 50,
            total: None,
            more: None,
            in_body: false,
        };
        let (there, skipped) = page.at(&call(), 120).unwrap();
        assert_eq!((said(&there).as_str(), skipped), ("/users?state=all&page=3", 100));
    }
}
