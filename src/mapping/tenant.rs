//! The Plan of one tenant: places and affixes that name `{tenant.x}` become what they are for it, once, so
//! that no request has to ask.

use super::{
    convert::Converter,
    expr::{Scope, Template},
    path::Select,
    plan::{
        Capture, DeleteBy, Elements, ExtraField, Find, Operation, Operations, Outline, Part,
        Passage, Plan, ResourcePlan, Rule, RuleKind, Step, SubKind, Target,
    },
};
use crate::upstream::{
    paging::Paging,
    record::{FieldPath, Locator},
};
use serde_json::Value;

impl Plan {
    /// The Plan as it is for a tenant; nothing where it is the same for all. The error names the text
    /// that cannot be made, never a value.
    pub fn of_tenant(&self, tenant: &Value) -> Result<Option<Plan>, String> {
        let mut filler = Filler { scope: Scope::new().with("tenant", tenant), filled: false };
        let mut plan = self.clone();
        for resource in &mut plan.resources {
            filler.resource(resource)?;
        }
        for lookup in &mut plan.lookups {
            filler.field(&mut lookup.name_at)?;
            filler.field(&mut lookup.key_at)?;
            let steps = [&mut lookup.step].into_iter().chain(&mut lookup.by_key);
            steps.into_iter().try_for_each(|step| filler.step(step))?;
        }
        Ok(filler.filled.then_some(plan))
    }
}

type Filled = Result<(), String>;

struct Filler<'a> {
    scope: Scope<'a>,
    /// Whether any text was the tenant's.
    filled: bool,
}

impl Filler<'_> {
    fn resource(&mut self, resource: &mut ResourcePlan) -> Filled {
        self.field(&mut resource.key)?;
        resource.rules.iter_mut().try_for_each(|rule| self.rule(rule))?;
        for find in &mut resource.operations.find {
            find.filter.iter_mut().try_for_each(|term| self.target(&mut term.target))?;
        }
        resource.matches.iter_mut().try_for_each(|by| self.target(&mut by.target))?;
        suited(resource)?;
        resource.in_record = Outline::of_fields(&resource.rules);
        for ExtraField { field, converters, .. } in &mut resource.fields {
            self.field(field)?;
            self.converters(converters)?;
        }
        self.operations(&mut resource.operations)
    }

    fn rule(&mut self, rule: &mut Rule) -> Filled {
        self.target(&mut rule.target)?;
        self.passage(&mut rule.passage)?;
        match &mut rule.kind {
            RuleKind::Field { field, .. } => self.field(field),
            RuleKind::List { field, elements: Elements { subs, .. } } => {
                for sub in subs {
                    self.passage(&mut sub.passage)?;
                    if let SubKind::Field(field) = &mut sub.kind {
                        self.field(field)?;
                    }
                }
                self.field(field)
            }
            _ => Ok(()),
        }
    }

    fn operations(&mut self, operations: &mut Operations) -> Filled {
        let Operations { get, get_many, list, linked: _, find, create, update, delete } =
            operations;
        for find in find.iter_mut() {
            find.filter.iter_mut().try_for_each(|term| self.passage(&mut term.passage))?;
        }
        let finds = find.iter_mut().filter_map(Find::call_mut);
        let lists = list.iter_mut().chain(finds).map(|list| &mut list.operation);
        let delete = delete.iter_mut().filter_map(|delete| match &mut delete.how {
            DeleteBy::Call(operation) => Some(&mut **operation),
            DeleteBy::Update(_) => None,
        });
        get.iter_mut()
            .chain(get_many.iter_mut().map(|many| &mut many.operation))
            .chain(lists)
            .chain(create)
            .chain(update.iter_mut().map(|update| &mut update.operation))
            .chain(delete)
            .try_for_each(|operation| self.operation(operation))
    }

    fn operation(&mut self, operation: &mut Operation) -> Filled {
        operation.steps.iter_mut().try_for_each(|step| self.step(step))
    }

    fn step(&mut self, step: &mut Step) -> Filled {
        let Step { capture, record, items, into, part, paging, .. } = step;
        for (_, capture) in capture {
            if let Capture::Place(place) = capture {
                self.locator(place)?;
            }
        }
        record.iter_mut().chain(items).try_for_each(|place| self.locator(place))?;
        into.iter_mut().try_for_each(|place| self.field(place))?;
        if let Some(Part { of, take }) = part {
            of.iter_mut().try_for_each(|place| self.field(place))?;
            take.iter_mut().try_for_each(|place| self.locator(place))?;
        }
        paging.iter_mut().try_for_each(|paging| self.paging(paging))
    }

    fn paging(&mut self, paging: &mut Paging) -> Filled {
        match paging {
            Paging::OneAnswer | Paging::Link { .. } => Ok(()),
            Paging::NextUrl { field } => self.locator(field),
            Paging::Page { total, more, .. } | Paging::Offset { total, more, .. } => {
                total.iter_mut().chain(more).try_for_each(|place| self.locator(place))
            }
            Paging::Cursor { next, total, more, .. } => {
                let others = total.iter_mut().chain(more);
                [next].into_iter().chain(others).try_for_each(|place| self.locator(place))
            }
        }
    }

    fn passage(&mut self, passage: &mut Passage) -> Filled {
        self.converters(&mut passage.converters)
    }

    fn converters(&mut self, converters: &mut [Converter]) -> Filled {
        for converter in converters {
            if let Converter::Prefix(text) | Converter::Suffix(text) = converter
                && let Some(own) = self.text(text)?
            {
                *text = own;
            }
        }
        Ok(())
    }

    /// The element that is meant: `accounts.^[type=='{tenant.kind}']`.
    fn target(&mut self, target: &mut Target) -> Filled {
        if let Target::Element { select: Select::Where { value: Value::String(text), .. }, .. } =
            target
            && let Some(own) = self.text(text)?
        {
            *text = own;
        }
        Ok(())
    }

    fn field(&mut self, field: &mut FieldPath) -> Filled {
        for text in field.selectors_mut() {
            if let Some(own) = self.text(text)? {
                *text = own;
            }
        }
        Ok(())
    }

    fn locator(&mut self, place: &mut Locator) -> Filled {
        let query = match place {
            Locator::Field(field) => return self.field(field),
            Locator::Json(query) => query.to_string(),
        };
        let Some(template) = template(&query)? else { return Ok(()) };
        self.filled = true;
        let own = template.quoted(&self.scope).map_err(|error| of(&query, &error.message))?;
        *place = Locator::parse(&own).map_err(|_| of(&query, "it is no JSONPath then"))?;
        Ok(())
    }

    /// What a text is for the tenant; nothing where it is the same for all.
    fn text(&mut self, text: &str) -> Result<Option<String>, String> {
        let Some(template) = template(text)? else { return Ok(None) };
        self.filled = true;
        match template.text(&self.scope) {
            Ok(Some(own)) => Ok(Some(own)),
            Ok(None) => Err(of(text, "it is null")),
            Err(error) => Err(of(text, &error.message)),
        }
    }
}

/// Selectors that a tenant fills in are held to what those are that stand in the file: a value of the attribute, and
/// an element that no other rule means.
fn suited(resource: &ResourcePlan) -> Filled {
    for (index, rule) in resource.rules.iter().enumerate() {
        let Target::Element {
            list,
            select: Select::Where { name, value: Value::String(text) },
            ..
        } = &rule.target
        else {
            continue;
        };
        let place = format!("{list}[{name}]");
        let known = resource.kind.resolve(list).and_then(|found| found.attribute?.sub(name));
        if let Some(sub) = known.filter(|sub| sub.enforced)
            && !sub.canonical_values.iter().any(|value| value.eq_ignore_ascii_case(text))
        {
            let listed = sub.canonical_values.join(", ");
            return Err(of(&place, &format!("it is none of {listed}")));
        }
        if resource.rules.iter().take(index).any(|other| other.target == rule.target) {
            return Err(of(&place, "two rules would mean the same element"));
        }
    }
    Ok(())
}

fn template(text: &str) -> Result<Option<Template>, String> {
    if !text.contains(['{', '}']) {
        return Ok(None);
    }
    Template::parse(text).map(Some).map_err(|fault| of(text, &fault.message))
}

fn of(text: &str, why: &str) -> String {
    format!("`{text}` cannot be made: {why}")
}
