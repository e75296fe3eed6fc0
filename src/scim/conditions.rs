//! The conditions that a request puts on the version of its resource (RFC 7644 §3.14, RFC 9110 §13).

use super::{
    error::{Error, ScimType},
    resource::Resource,
    resource_type::ResourceType,
    shown::cut,
    version,
};
use serde_json::Value;

/// `If-Match` and `If-None-Match`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Conditions {
    if_match: Option<Tags>,
    if_none_match: Option<Tags>,
}

/// The same as they came: what several header lines say, joined by commas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Preconditions<'a> {
    /// `If-Match`, or the `version` of an operation in Bulk.
    pub if_match: Option<&'a str>,
    /// `If-None-Match`
    pub if_none_match: Option<&'a str>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Tags {
    /// `*`: whatever there is.
    Any,
    /// Without `W/` and quotes.
    Listed(Vec<String>),
}

impl Conditions {
    /// Reads them; 400 invalidValue when one is no list of entity tags: a check that is asked for and not
    /// made would overwrite somebody's change.
    pub fn read(sent: Preconditions<'_>) -> Result<Self, Error> {
        let tags = |name: &str, text: Option<&str>| {
            text.map(|text| Tags::read(text).ok_or_else(|| malformed(name, text))).transpose()
        };
        Ok(Self {
            if_match: tags("If-Match", sent.if_match)?,
            if_none_match: tags("If-None-Match", sent.if_none_match)?,
        })
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.if_match.is_none() && self.if_none_match.is_none()
    }

    /// For who reads: whether the client has this version already (304, R101). 412 when `If-Match` names
    /// none that is there (RFC 9110 §13.2.2: it is looked at first).
    pub fn unchanged(&self, resource: &Resource, kind: &ResourceType) -> Result<bool, Error> {
        self.known(self.version(resource, kind))
    }

    /// The same of a discovery document. A list has no version, whatever its elements have.
    pub fn unchanged_document(&self, document: &Value) -> Result<bool, Error> {
        let one = !self.is_empty() && document.pointer("/meta/location").is_some();
        self.known(one.then(|| version::of_document(document)))
    }

    fn known(&self, version: Option<String>) -> Result<bool, Error> {
        let Some(version) = version else { return Ok(false) };
        self.matched(&version)?;
        Ok(self.if_none_match.as_ref().is_some_and(|tags| tags.has(&version)))
    }

    /// For who writes: 412 unless the resource is as the client means it (R100; RFC 7644 §3.14).
    pub fn hold(&self, resource: &Resource, kind: &ResourceType) -> Result<(), Error> {
        let Some(version) = self.version(resource, kind) else { return Ok(()) };
        self.matched(&version)?;
        match &self.if_none_match {
            Some(tags) if tags.has(&version) => {
                Err(failed(format!("its version is {version}, which `If-None-Match` excludes")))
            }
            _ => Ok(()),
        }
    }

    /// Made only when somebody asks: it reads the whole resource.
    fn version(&self, resource: &Resource, kind: &ResourceType) -> Option<String> {
        (!self.is_empty()).then(|| version::of(resource, kind))
    }

    fn matched(&self, version: &str) -> Result<(), Error> {
        match &self.if_match {
            Some(tags) if !tags.has(version) => Err(failed(format!(
                "its version is {version} now, another than `If-Match` names; read it again"
            ))),
            _ => Ok(()),
        }
    }
}

impl Tags {
    fn read(text: &str) -> Option<Self> {
        if text.trim() == "*" {
            return Some(Self::Any);
        }
        let (mut listed, mut rest) = (Vec::new(), text);
        loop {
            // RFC 9110 §5.6.1: a list may have empty elements. A comma may stand inside of the quotes.
            rest = rest.trim_start_matches([' ', '\t', ',']);
            if rest.is_empty() {
                return (!listed.is_empty()).then_some(Self::Listed(listed));
            }
            let quoted = rest.strip_prefix("W/").unwrap_or(rest).strip_prefix('"')?;
            let (inner, after) = quoted.split_once('"')?;
            listed.push(version::opaque(&format!("\"{inner}\""))?.to_owned());
            rest = after.trim_start_matches([' ', '\t']);
            if !rest.is_empty() && !rest.starts_with(',') {
                return None;
            }
        }
    }

    /// RFC 7644 §3.14 compares weak tags, so only what stands between the quotes counts (RFC 9110
    /// §8.8.3.2: the weak comparison).
    fn has(&self, version: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(listed) => {
                version::opaque(version).is_some_and(|own| listed.iter().any(|tag| tag == own))
            }
        }
    }
}

fn malformed(name: &str, text: &str) -> Error {
    let found = cut(text);
    let detail =
        format!("`{name}`: found `{found}`, expected `*` or entity tags such as `W/\"1\"`");
    Error::bad(ScimType::InvalidValue, detail)
}

/// RFC 7644 §3.12: 412.
fn failed(why: String) -> Error {
    Error::new(412, format!("nothing was done with the resource: {why}"))
}
