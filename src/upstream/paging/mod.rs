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
mod tests;
