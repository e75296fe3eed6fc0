//! What a create sends, with what is made up for it.

use super::{Error, place, read, write::Writer};
use crate::{
    diagnostic::Place,
    mapping::{
        convert::Converter,
        generate::Recipe,
        plan::{ExtraValue, Rule},
    },
    scim::resource::Resource,
    secret::Secret,
    upstream::record::{FieldPath, text_of},
};
use serde_json::Value;

/// What a create sends.
#[derive(Debug)]
pub struct Creation {
    /// `fields`.
    pub fields: Value,
    /// The texts in it that were made up: whatever is said of the create, these are not.
    pub made: Vec<Secret>,
}

impl Writer<'_> {
    /// What a create sends, with what is made up for it: where a rule says `generate` and the client
    /// sends nothing. An update never makes anything up: it would change a person's password.
    pub fn creation(
        &self,
        resource: &Resource,
        sends: impl Fn(usize, &Rule) -> bool,
        make: impl Fn(&Recipe) -> Option<Secret>,
    ) -> Result<Creation, Error> {
        let mut creation =
            Creation { fields: self.fields(resource, &sends, true)?, made: Vec::new() };
        let mut put =
            |field: &FieldPath, recipe: &Recipe, converters: &[Converter], place: &Place| {
                let (value, secrets) = made(make(recipe), converters, place)?;
                field.set(&mut creation.fields, value);
                creation.made.extend(secrets);
                Ok::<(), Error>(())
            };
        for (index, rule) in self.plan.rules.iter().enumerate() {
            let (Some(recipe), Some(field)) = (&rule.generate, rule.field()) else { continue };
            let unassigned = place::take(resource, &rule.target).is_none();
            if unassigned && sends(index, rule) && read::in_force(rule, self.tenant)? {
                put(field, recipe, &rule.passage.converters, &rule.place)?;
            }
        }
        for extra in &self.plan.fields {
            if let ExtraValue::Generate(recipe) = &extra.value
                && self.extra_in_force(extra)?
            {
                put(&extra.field, recipe, &extra.converters, &extra.place)?;
            }
        }
        Ok(creation)
    }
}

/// What was made up as the vendor is sent it, and the texts that nobody else may see: itself, and what
/// its converters make of it. No message holds any of them.
fn made(
    secret: Option<Secret>,
    converters: &[Converter],
    place: &Place,
) -> Result<(Value, Vec<Secret>), Error> {
    let fault = |message: &str| Error::Expression {
        place: place.clone(),
        message: format!("no value could be generated: {message}"),
    };
    let secret = secret.ok_or_else(|| fault("the system gives no randomness"))?;
    let mut value = Value::from(secret.expose());
    for converter in converters {
        value = converter.write(&value).map_err(|_| fault("a converter does not take it"))?;
    }
    let sent = text_of(&value).map(Secret::new);
    Ok((value, [secret].into_iter().chain(sent).collect()))
}
