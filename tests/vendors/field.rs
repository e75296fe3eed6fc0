//! What a vendor takes in a body or a query: names, types, and which must be there.

use super::reply::Refusal;
use serde_json::Value;

#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Text,
    /// Text without line breaks.
    Line,
    /// The same, of so many characters at most.
    LineOf(usize),
    Email,
    Flag,
    /// A whole number that is not negative.
    Count,
    /// An int64, as a number or as a text of digits.
    Key,
    OneOf(&'static [&'static str]),
    List(&'static Kind),
    Object(&'static Body),
    /// Whatever stands in the braces.
    Map,
}

#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub name: &'static str,
    pub kind: Kind,
    pub nullable: bool,
}

impl Field {
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, nullable: false }
    }

    /// The same where null takes away what is there.
    pub const fn or_null(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, nullable: true }
    }
}

/// All fields that are known, and those that must be there.
#[derive(Clone, Copy, Debug)]
pub struct Body {
    pub fields: &'static [Field],
    pub required: &'static [&'static str],
}

impl Body {
    /// Refuses with `status` what does not fit.
    pub fn check(&self, value: &Value, status: u16) -> Result<(), Refusal> {
        self.fits("", value).map_err(|(code, at, message)| {
            Refusal::new(status, code, format!("{at}: {message}")).at(at)
        })
    }

    fn fits(&self, at: &str, value: &Value) -> Result<(), Misfit> {
        let Value::Object(given) = value else {
            return Err(misfit("wrong_type", at, "an object is expected"));
        };
        for name in self.required {
            if given.get(*name).is_none_or(Value::is_null) {
                return Err(misfit("missing", &format!("{at}/{name}"), "is required"));
            }
        }
        for (name, value) in given {
            let at = format!("{at}/{name}");
            let Some(field) = self.fields.iter().find(|field| field.name == name) else {
                return Err(misfit("unknown_field", &at, "is not known"));
            };
            if !(value.is_null() && field.nullable) {
                field.kind.fits(&at, value)?;
            }
        }
        Ok(())
    }
}

/// Code, place, words.
type Misfit = (&'static str, String, String);

fn misfit(code: &'static str, at: &str, message: &str) -> Misfit {
    (code, at.to_owned(), message.to_owned())
}

impl Kind {
    fn fits(&self, at: &str, value: &Value) -> Result<(), Misfit> {
        let text = value.as_str();
        let (fits, expected) = match self {
            Self::Text => (text.is_some(), "a text".to_owned()),
            Self::Line => (text.is_some_and(is_line), "one line of text".to_owned()),
            Self::LineOf(most) => {
                let short = |text: &str| is_line(text) && text.chars().count() <= *most;
                (text.is_some_and(short), format!("one line of at most {most} characters"))
            }
            Self::Email => (text.is_some_and(is_email), "an email address".to_owned()),
            Self::Flag => (value.is_boolean(), "true or false".to_owned()),
            Self::Count => {
                let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
                (number.is_some(), "a whole number that is not negative".to_owned())
            }
            Self::Key => {
                let digits = text.is_some_and(|text| text.parse::<i64>().is_ok());
                (digits || value.as_i64().is_some(), "an int64".to_owned())
            }
            Self::OneOf(words) => {
                let known = text.is_some_and(|text| words.contains(&text));
                (known, format!("one of {}", words.join(", ")))
            }
            Self::Map => (value.is_object(), "an object".to_owned()),
            Self::Object(body) => return body.fits(at, value),
            Self::List(kind) => {
                let Value::Array(items) = value else {
                    return Err(misfit("wrong_type", at, "a list is expected"));
                };
                let mut each = items.iter().enumerate();
                return each
                    .try_for_each(|(index, item)| kind.fits(&format!("{at}/{index}"), item));
            }
        };
        match fits {
            true => Ok(()),
            false => Err(misfit("wrong_type", at, &format!("{expected} is expected"))),
        }
    }

    /// The same for what stands in a query, where all is text.
    pub fn fits_query(&self, value: &str) -> bool {
        match self {
            Self::Flag => matches!(value, "true" | "false"),
            Self::Count => value.parse::<u32>().is_ok(),
            Self::Key => value.parse::<i64>().is_ok(),
            _ => self.fits("", &Value::from(value)).is_ok(),
        }
    }
}

fn is_line(text: &str) -> bool {
    !text.contains(['\r', '\n'])
}

/// One `@`, something before it, and a domain with a dot in it.
pub fn is_email(text: &str) -> bool {
    let Some((name, domain)) = text.split_once('@') else { return false };
    let dotted = domain.split('.').count() > 1 && domain.split('.').all(|part| !part.is_empty());
    !name.is_empty() && dotted && !text.contains(char::is_whitespace) && !domain.contains('@')
}
