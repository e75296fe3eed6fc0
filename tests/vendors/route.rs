//! A vendor as a table of its calls.

use super::{
    call::Call,
    field::{Body, Field},
    reply::{Outcome, Refusal, Reply},
};
use serde_json::Value;

/// Where a call is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The vendor's own pages.
    Documented,
    /// Code of others that makes the call.
    Seen,
    /// Nobody says so in public.
    Assumed,
}

/// One call that a vendor knows.
pub struct Route<V: Vendor> {
    pub method: &'static str,
    /// `/users/{id}`; the first route that fits is taken.
    pub path: &'static str,
    pub evidence: Evidence,
    pub query: &'static [Field],
    pub body: Option<Body>,
    pub answer: fn(&mut V, &Asked<V>) -> Outcome,
}

impl<V: Vendor> Route<V> {
    /// The ids in the path of a call of this route, whatever its method.
    pub fn captured(&self, call: &Call) -> Option<Vec<String>> {
        let given = call.segments();
        let known: Vec<&str> = self.path.split('/').collect();
        if known.len() != given.len() {
            return None;
        }
        let mut ids = Vec::new();
        for (known, given) in known.iter().zip(given) {
            match known.starts_with('{') {
                true => ids.push(given),
                false if *known == given => {}
                false => return None,
            }
        }
        Some(ids)
    }
}

/// A call that a route takes.
pub struct Asked<'a, V: Vendor> {
    pub call: &'a Call,
    pub ids: Vec<String>,
    pub body: Value,
    pub caller: V::Caller,
}

impl<V: Vendor> Asked<'_, V> {
    /// One id of the path.
    pub fn id(&self, index: usize) -> &str {
        self.ids.get(index).map_or("", String::as_str)
    }

    /// A text of the body.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.body.get(name).and_then(Value::as_str)
    }
}

/// What makes one vendor another than the next.
pub trait Vendor: Sized + Send + 'static {
    /// What a credential tells of who calls.
    type Caller;
    const ROUTES: &'static [Route<Self>];
    const MEDIA: &'static str = "application/json";
    /// Parameters that every call takes.
    const ANYWHERE: &'static [Field] = &[];
    /// For a body or a query that does not fit.
    const UNFIT: u16 = 400;

    /// Who calls; the routes that are open to all get somebody who may do nothing else.
    fn caller(&self, call: &Call) -> Result<Self::Caller, Refusal>;

    /// The vendor's own shape of an error.
    fn error(&mut self, refusal: &Refusal) -> Value;

    /// Headers that the vendor puts on an answer with this status.
    fn headers(&self, _status: u16) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// The media type of the answer to a call.
    fn media(_call: &Call) -> &'static str {
        Self::MEDIA
    }

    /// The body of a call.
    fn body(call: &Call) -> Result<Value, Refusal> {
        json(call, Self::MEDIA)
    }

    fn reply(&mut self, call: &Call) -> Reply {
        let (status, body) = match self.outcome(call) {
            Ok(outcome) => outcome,
            Err(refusal) => (refusal.status, self.error(&refusal)),
        };
        Reply { headers: self.headers(status), ..Reply::json(status, Self::media(call), &body) }
    }

    fn outcome(&mut self, call: &Call) -> Outcome {
        let caller = self.caller(call)?;
        let known = || Self::ROUTES.iter().filter_map(|route| Some((route, route.captured(call)?)));
        let Some((route, ids)) = known().find(|(route, _)| route.method == call.method) else {
            return Err(match known().next() {
                Some(_) => Refusal::new(405, "method_not_allowed", "the method is not allowed"),
                None => Refusal::new(404, "not_found", "there is no such path"),
            });
        };
        for (name, value) in &call.query {
            let mut known = route.query.iter().chain(Self::ANYWHERE);
            let field = known.find(|field| field.name == name);
            if !field.is_some_and(|field| field.kind.fits_query(value)) {
                let words = format!("{name}: the parameter is not known or not valid");
                return Err(Refusal::new(Self::UNFIT, "bad_parameter", words).at(name));
            }
        }
        let body = match &route.body {
            Some(fields) => {
                let body = Self::body(call)?;
                fields.check(&body, Self::UNFIT)?;
                body
            }
            None if !call.body.is_empty() => {
                return Err(Refusal::new(Self::UNFIT, "unexpected_body", "no body is expected"));
            }
            None => Value::Null,
        };
        (route.answer)(self, &Asked { call, ids, body, caller })
    }
}

/// A body of this media type.
pub fn json(call: &Call, media: &str) -> Result<Value, Refusal> {
    if call.media() != media {
        let words = format!("the content type must be {media}");
        return Err(Refusal::new(415, "unsupported_media_type", words));
    }
    let parsed = serde_json::from_slice(&call.body);
    parsed.map_err(|error| Refusal::new(400, "malformed", format!("no JSON: {error}")))
}
