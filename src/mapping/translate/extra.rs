//! Entries of `fields`: what the vendor is told that no attribute stands for.

use super::{
    Error,
    passage::unassigned,
    unit::Unit,
    write::{Writer, refused},
};
use crate::{
    mapping::{
        expr::{Expression, Scope, Tree},
        plan::{ExtraField, ExtraValue, Target},
    },
    scim::{attribute::AttributePath, resource::Resource},
};
use serde_json::Value;

impl Writer<'_> {
    /// Whether its `when` holds for this tenant.
    pub(super) fn extra_in_force(&self, extra: &ExtraField) -> Result<bool, Error> {
        let Some(when) = &extra.when else { return Ok(true) };
        let held = when.evaluate(&Scope::new().with("tenant", self.tenant));
        held.map(|held| held == Value::Bool(true))
            .map_err(|error| Error::expression(&extra.place, &error))
    }

    /// Entries of `fields` that are written from what has changed go with it; one that comes to nothing
    /// now is cleared, or it would stay as it was.
    pub(super) fn follow(
        &self,
        fields: &mut Value,
        units: &[Unit],
        after: &Resource,
    ) -> Result<(), Error> {
        let changed = units.iter().filter_map(|unit| self.plan.rules.get(unit.rule));
        for extra in self.plan.fields.iter().filter(|extra| !extra.only_create) {
            let ExtraValue::Write(write) = &extra.value else { continue };
            if changed.clone().any(|rule| names(write, &rule.target))
                && self.extra_in_force(extra)?
            {
                extra.field.set(fields, self.extra(extra, after)?.unwrap_or_default());
            }
        }
        Ok(())
    }

    /// What an entry of `fields` comes to; what is made up is [`Writer::creation`]'s.
    pub(super) fn extra(
        &self,
        extra: &ExtraField,
        resource: &Resource,
    ) -> Result<Option<Value>, Error> {
        let scope = self.scope(resource);
        let fault = |error| Error::expression(&extra.place, &error);
        if !self.extra_in_force(extra)? {
            return Ok(None);
        }
        let mut value = match &extra.value {
            // What is written out is meant as it stands, null too.
            ExtraValue::Constant(Tree::Fixed(value)) => return Ok(Some(value.clone())),
            ExtraValue::Constant(tree) => tree.render(&scope).map_err(fault)?,
            ExtraValue::Write(expression) => {
                self.names.need(expression.names());
                expression.evaluate(&scope).map_err(fault)?
            }
            ExtraValue::Generate(_) => return Ok(None),
        };
        if unassigned(&value) {
            return Ok(None);
        }
        if let Some(lookup) = &extra.lookup {
            let key = self.names.key(lookup, &value);
            match key.map_err(|why| refused(&extra.field.to_string(), &why))? {
                Some(key) => value = key,
                None => return Ok(None),
            }
        }
        for converter in &extra.converters {
            value = converter
                .write(&value)
                .map_err(|message| Error::Expression { place: extra.place.clone(), message })?;
        }
        Ok(Some(value))
    }
}

/// Whether an expression over `resource` asks for the attribute that a rule carries.
fn names(write: &Expression, target: &Target) -> bool {
    let AttributePath { urn, name, .. } = target.attribute();
    let wanted: Vec<&str> = urn.iter().map(String::as_str).chain([name.as_str()]).collect();
    let asked = write.names().iter().filter(|asked| asked.root == "resource");
    // Of `resource` alone, or of a whole extension, any attribute may be meant.
    let mut paths = asked.map(|asked| asked.path.iter().zip(&wanted));
    paths.any(|mut path| path.all(|(asked, wanted)| asked == wanted))
}
