//! What a create must be sent and no attribute stands for: the tenant says it, or there is one choice.

use super::{
    base::{Variable, variable},
    place::Place,
    rule::Rule,
};
use crate::init::openapi::{Field, Kind};

/// A field of a create that no attribute writes.
#[derive(Debug, Clone)]
pub struct Fill {
    /// Where it goes.
    pub place: Place,
    /// The one value that it can have.
    pub constant: Option<String>,
    /// Else what the tenant says.
    pub variable: Option<Variable>,
    /// Why.
    pub why: String,
}

/// The fields that a create must be sent and no rule writes.
pub fn of(create: &[Field<'_>], rules: &[Rule<'_>]) -> (Vec<Fill>, Vec<String>) {
    let (mut fills, mut left) = (Vec::new(), Vec::new());
    for field in create.iter().filter(|field| field.required) {
        let place = Place::of(&field.path);
        let written = |rule: &Rule<'_>| {
            let written = rule.create.as_ref().map(Place::path).unwrap_or_default();
            let inside = format!("{}.", place.path());
            // What the vendor makes itself is only said to be there.
            rule.place == place || written == place.path() || written.starts_with(&inside)
        };
        // A default is the vendor's to take, and an object's fields stand in the list themselves.
        let inner = create.iter().any(|one| {
            one.required && one.path.len() > field.path.len() && one.path.starts_with(&field.path)
        });
        if rules.iter().any(written) || field.default.is_some() || inner {
            continue;
        }
        let kind = match field.kind {
            Kind::Text => "text",
            Kind::Number => "number",
            Kind::Boolean => "boolean",
            Kind::Texts => "list",
            _ => {
                left.push(format!(
                    "`{}`, which a create must be sent ({})",
                    place.path(),
                    field.place
                ));
                continue;
            }
        };
        let why = format!("a create must be sent it ({})", field.place);
        let fill = match field.options.as_slice() {
            [only] if field.kind == Kind::Text => {
                Fill { place, constant: Some((*only).to_owned()), variable: None, why }
            }
            options => {
                let own = variable(&field.path.join("_"));
                let variable = Variable {
                    name: own,
                    kind,
                    options: options.iter().map(|option| (*option).to_owned()).collect(),
                    default: None,
                    about: format!("`{}` of each new user ({})", place.path(), field.place),
                };
                Fill { place, constant: None, variable: Some(variable), why }
            }
        };
        fills.push(fill);
    }
    (fills, left)
}
