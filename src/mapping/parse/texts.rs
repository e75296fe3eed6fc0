//! The three notations inside texts: paths, expressions, templates. Each is parsed where it
//! stands, against the names that are in scope there.

use crate::{
    diagnostic::{Diagnostic, Place, Span, did_you_mean, nearest},
    mapping::{
        document::{Failed, Use},
        expr::{Expression, Fault, Name, Template, Tree},
        path::{RulePath, Select},
        plan::Encoding,
    },
    upstream::record::{FieldPath, Locator},
    yaml::{Fields, Key, Kind, Node, Reader, Spanned, shape::Shape},
};
use serde_json::Value;
use std::{
    cell::{Cell, RefCell},
    sync::Arc,
};

/// The longest list: of what nobody writes by hand each item would be held against each other.
pub const ITEMS: usize = 1_000;

/// Parses texts of one file.
pub struct Texts<'a> {
    /// Where findings go.
    pub reader: &'a Reader,
    uses: RefCell<Vec<Use>>,
    resource: Cell<Option<usize>>,
    encoding: Cell<Encoding>,
    failed: RefCell<Vec<Failed>>,
    compared: RefCell<Vec<String>>,
}

impl<'a> Texts<'a> {
    /// For one file.
    pub fn new(reader: &'a Reader) -> Self {
        Self {
            reader,
            uses: RefCell::default(),
            resource: Cell::new(None),
            encoding: Cell::new(Encoding::Json),
            failed: RefCell::default(),
            compared: RefCell::default(),
        }
    }

    /// How bodies are written unless a step says otherwise.
    pub fn encoding(&self) -> Encoding {
        self.encoding.get()
    }

    /// From here on bodies are written so.
    pub fn encode(&self, encoding: Encoding) {
        self.encoding.set(encoding);
    }

    /// Remembers an attribute whose rule could not be read: it is there all the same, and what
    /// depends on it is no further mistake.
    pub fn fail(&self, failed: Failed) {
        self.failed.borrow_mut().push(failed);
    }

    /// What failed since this was asked last.
    pub fn take_failed(&self) -> Vec<Failed> {
        self.failed.take()
    }

    /// The texts that expressions compared with since this was asked last.
    pub fn take_compared(&self) -> Vec<String> {
        self.compared.take()
    }

    /// From here on texts stand in the resource of this index.
    pub fn enter(&self, resource: usize) {
        self.resource.set(Some(resource));
    }

    /// Every name that was used.
    pub fn into_uses(self) -> Vec<Use> {
        self.uses.into_inner()
    }

    /// The roots of the names used since a mark taken with [`Texts::mark`].
    pub fn roots_since(&self, mark: usize) -> Vec<String> {
        let uses = self.uses.borrow();
        let mut roots: Vec<String> = uses.iter().skip(mark).map(|name| name.root.clone()).collect();
        roots.sort();
        roots.dedup();
        roots
    }

    /// The names used since a mark: root, and the path selected from it.
    pub fn since(&self, mark: usize) -> Vec<Use> {
        self.uses.borrow().iter().skip(mark).cloned().collect()
    }

    /// How many names were used so far.
    pub fn mark(&self) -> usize {
        self.uses.borrow().len()
    }

    /// Where something stands.
    pub fn place(&self, span: Span) -> Place {
        Place { file: Arc::clone(self.reader.file()), span }
    }

    /// A finding of severity error.
    pub fn error(
        &self,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let mut finding = Diagnostic::error(code, self.place(span), message);
        finding.help = help;
        self.reader.push(finding);
    }

    /// A finding of severity warning.
    pub fn warning(&self, code: &'static str, span: Span, message: String, help: String) {
        self.reader.push(Diagnostic::warning(code, self.place(span), message).help(help));
    }

    /// `expected X, found `y``
    pub fn expected(&self, span: Span, expected: &str, found: &str, help: &str) {
        let message = format!("expected {expected}, found `{found}`");
        self.error("M104", span, message, Some(help.to_owned()));
    }

    /// Keys of the language that this version does not carry out: refused, never ignored. Whether there
    /// was one.
    pub fn unsupported(&self, fields: &mut Fields<'_>) -> bool {
        let refused = fields.refused();
        for key in &refused {
            let message = format!("`{}` is not supported by this version", key.text);
            let help = "not in this version: leave it out".to_owned();
            self.error("M111", key.span, message, Some(help));
        }
        !refused.is_empty()
    }

    /// Keys of another form beside `form`, which says that this is none.
    pub fn apart(&self, fields: &mut Fields<'_>, form: &str, other: &Shape, help: &str) {
        for key in fields.of_other(other) {
            let message = format!("`{form}` and `{}` exclude each other", key.text);
            self.error("M106", key.span, message, Some(help.to_owned()));
        }
    }

    /// The entries of a map with free keys.
    pub fn entries<'n>(&self, node: &'n Node, what: &str) -> &'n [(Key, Node)] {
        match &node.kind {
            Kind::Map(entries) => {
                self.filled(node, what, entries.is_empty());
                entries
            }
            _ => {
                let help = "write each below the other as `name: value`";
                self.expected(node.span, &format!("a map: {what}"), node.type_name(), help);
                &[]
            }
        }
    }

    /// The items of a list.
    pub fn items<'n>(&self, node: &'n Node, what: &str) -> &'n [Node] {
        match &node.kind {
            Kind::List(items) if items.len() > ITEMS => {
                let message = format!("expected {what}, at most {ITEMS}, found {}", items.len());
                let help = "take out what does nothing: is it the right file?".to_owned();
                self.error("M104", node.span, message, Some(help));
                &[]
            }
            Kind::List(items) => {
                self.filled(node, what, items.is_empty());
                items
            }
            Kind::Text(text) if text.chars().all(|c| c.is_alphanumeric() || ".:_-".contains(c)) => {
                let message = format!("expected a list: {what}, found `{text}`");
                self.error("M104", node.span, message, Some(format!("write `[{text}]`")));
                &[]
            }
            Kind::Text(text) => {
                let message = format!("expected {what}, a list; found a text");
                self.error(
                    "M104",
                    node.span,
                    message,
                    Some(format!("put brackets around: `[{text}]`")),
                );
                &[]
            }
            _ => {
                let message = format!("expected {what}, a list; found {}", node.type_name());
                let help = "begin each with `- `, or put brackets around".to_owned();
                self.error("M104", node.span, message, Some(help));
                &[]
            }
        }
    }

    /// An empty section says nothing, and looks as if it did.
    fn filled(&self, node: &Node, what: &str, empty: bool) {
        if empty {
            let message = format!("expected {what}, found nothing");
            self.error("M107", node.span, message, Some("leave it out".to_owned()));
        }
    }

    /// The text of a scalar node; a map is most often a template that lost its quotes.
    pub fn text<'n>(
        &self,
        node: &'n Node,
        what: &str,
    ) -> Option<Spanned<std::borrow::Cow<'n, str>>> {
        let value = match &node.kind {
            Kind::Text(text) => text.as_str().into(),
            Kind::Number(number) => number.to_string().into(),
            Kind::Bool(value) => value.to_string().into(),
            Kind::Map(entries) if entries.len() == 1 => {
                self.unquoted(node, entries);
                return None;
            }
            _ => {
                self.expected(node.span, what, node.type_name(), "write one text here, in quotes");
                return None;
            }
        };
        Some(Spanned { value, span: node.span })
    }

    fn unquoted(&self, node: &Node, entries: &[(Key, Node)]) {
        let inner = entries.first().map(|(key, _)| key.text.as_str()).unwrap_or_default();
        let message = format!("`{{{inner}}}` is a map, not a template");
        let help = format!("put it in quotes: `\"{{{inner}}}\"`");
        self.error("M105", node.span, message, Some(help));
    }

    /// A CEL expression over `names`.
    pub fn expression(&self, node: &Node, names: &[&str]) -> Option<Expression> {
        let text = self.text(node, "an expression")?;
        match Expression::parse(&text.value) {
            Ok(expression) => {
                self.note(expression.names(), names, node);
                self.compared.borrow_mut().extend(expression.compared());
                Some(expression)
            }
            Err(fault) => {
                self.fault(&fault, node);
                None
            }
        }
    }

    /// The expression at a key.
    pub fn expression_at(
        &self,
        fields: &mut Fields<'_>,
        key: &'static str,
        names: &[&str],
    ) -> Option<Expression> {
        fields.node(key).and_then(|node| self.expression(node, names))
    }

    /// A template over `names`.
    pub fn template(&self, node: &Node, names: &[&str]) -> Option<Template> {
        if let Kind::Number(_) | Kind::Bool(_) = node.kind {
            return Some(Template::fixed(node.to_json()).at(node.span));
        }
        let text = self.text(node, "a template")?;
        match Template::parse(&text.value) {
            Ok(template) => {
                self.note(&template.names(), names, node);
                self.compared.borrow_mut().extend(template.compared());
                Some(template.at(node.span))
            }
            Err(fault) => {
                self.fault(&fault, node);
                None
            }
        }
    }

    /// The template at a key.
    pub fn template_at(
        &self,
        fields: &mut Fields<'_>,
        key: &'static str,
        names: &[&str],
    ) -> Option<Template> {
        fields.node(key).and_then(|node| self.template(node, names))
    }

    /// A tree of templates: a body.
    pub fn tree(&self, node: &Node, names: &[&str]) -> Option<Tree> {
        Some(match &node.kind {
            Kind::Text(_) => Tree::Template(self.template(node, names)?),
            Kind::List(items) => {
                Tree::List(items.iter().map(|item| self.tree(item, names)).collect::<Option<_>>()?)
            }
            // `{changed}` without quotes: a key without a value, and no null was written.
            Kind::Map(entries) if matches!(entries.as_slice(), [(_, value)] if value.span.start == value.span.end) =>
            {
                self.unquoted(node, entries);
                return None;
            }
            Kind::Map(entries) => {
                let members = entries
                    .iter()
                    .map(|(key, node)| Some((key.text.clone(), self.tree(node, names)?)));
                Tree::Map(members.collect::<Option<_>>()?)
            }
            _ => Tree::Fixed(node.to_json()),
        })
    }

    /// An attribute path. Its selector may hold `{tenant.x}`.
    pub fn rule_path(&self, text: &str, span: Span) -> Option<RulePath> {
        match RulePath::parse(text) {
            Ok(path) => {
                if let Some(Select::Where { value: Value::String(selector), .. }) = &path.select {
                    let node = Node { span, head: span, kind: Kind::Text(text.to_owned()) };
                    self.of_tenant(selector, text.find(selector).unwrap_or_default(), &node);
                }
                Some(path)
            }
            Err(message) => {
                let help = "e.g. `name.givenName`, `emails.^[type=='work'].value`, `urn:...:User:department`";
                self.error("M203", span, message, Some(help.to_owned()));
                None
            }
        }
    }

    /// A field path: a place that can be written.
    pub fn field_path(&self, node: &Node) -> Option<Spanned<FieldPath>> {
        let help = "use a field path such as `person.first`, or `direction: read` with `read:`";
        self.place_path(node, help)
    }

    /// The key's: it is written where a record is made up, so there is no other way to say it.
    pub fn key_path(&self, node: &Node) -> Option<Spanned<FieldPath>> {
        self.place_path(node, "use a field path such as `id` or `person.id`")
    }

    fn place_path(&self, node: &Node, help: &str) -> Option<Spanned<FieldPath>> {
        let text = self.text(node, "a field path")?;
        if text.value.starts_with('$') {
            let message = "JSONPath where a place must be written";
            self.error("M207", node.span, message, Some(help.to_owned()));
            return None;
        }
        match FieldPath::parse(&text.value) {
            Ok(path) => {
                self.selectors(&path, &text.value, node);
                Some(Spanned { value: path, span: node.span })
            }
            Err(fault) => {
                let help = "e.g. `person.first`, `contacts[kind=mail].address`, `\"a.b\".c`";
                self.error(
                    "M203",
                    node.inside(fault.offset, 1),
                    fault.message,
                    Some(help.to_owned()),
                );
                None
            }
        }
    }

    /// Selectors may hold `{tenant.x}`.
    fn selectors(&self, path: &FieldPath, written: &str, node: &Node) {
        for selector in path.selectors() {
            self.of_tenant(selector, written.find(selector).unwrap_or_default(), node);
        }
    }

    /// Checks the holes of a text that is made for each tenant; it begins `at` so many bytes.
    fn of_tenant(&self, text: &str, at: usize, node: &Node) {
        if !text.contains(['{', '}']) {
            return;
        }
        let shifted = |offset: usize| offset + at;
        match Template::parse(text) {
            Ok(template) => {
                let names = template.names().into_iter();
                let names = names.map(|name| Name { offset: shifted(name.offset), ..name });
                self.note(&names.collect::<Vec<_>>(), &["tenant"], node);
            }
            Err(fault) => self.fault(&Fault { offset: shifted(fault.offset), ..fault }, node),
        }
    }

    /// A place in an answer: a field path or JSONPath.
    pub fn locator(&self, node: &Node) -> Option<Locator> {
        let text = self.text(node, "a place in the answer")?;
        match Locator::parse(&text.value) {
            Ok(locator) => {
                match &locator {
                    Locator::Field(path) => self.selectors(path, &text.value, node),
                    Locator::Json(_) => self.of_tenant(&text.value, 0, node),
                }
                Some(locator)
            }
            Err(fault) => {
                let help = "e.g. `users`, `data.0.id`, `$.data[?@.kind == 'user']`".to_owned();
                self.error("M203", node.inside(fault.offset, 1), fault.message, Some(help));
                None
            }
        }
    }

    /// The place at a key.
    pub fn locator_at(&self, fields: &mut Fields<'_>, key: &'static str) -> Option<Locator> {
        fields.node(key).and_then(|node| self.locator(node))
    }

    /// `steps.X` where no step stands before.
    fn no_step(&self, name: &Name, span: Span) {
        let message = match name.path.first() {
            Some(step) => format!("`steps.{step}` is not an earlier step"),
            None => "there are no earlier steps".to_owned(),
        };
        let help = "only what an earlier entry of `steps` captures is there".to_owned();
        self.error("M604", span, message, Some(help));
    }

    fn fault(&self, fault: &Fault, node: &Node) {
        let place = node.inside(fault.offset, 1);
        self.error(fault.code, place, fault.message.clone(), Some(fault.help.clone()));
    }

    /// Remembers the names for the checks; one that is not in scope is a finding at once.
    fn note(&self, used: &[Name], in_scope: &[&str], node: &Node) {
        for name in used {
            let place = node.inside(name.offset, name.root.len());
            let root = name.root.as_str();
            if root == "steps" && !in_scope.contains(&root) {
                self.no_step(name, place);
                continue;
            }
            if !in_scope.contains(&root) {
                let message = format!(
                    "`{}` is not in scope here; there are {}",
                    name.root,
                    in_scope.join(", ")
                );
                // What most APIs call it; and whose id is meant nobody has to guess.
                let id = in_scope.contains(&"key") && name.root.to_lowercase().ends_with("id");
                let help = match (id, nearest(root, in_scope.iter().copied())) {
                    (true, _) => "did you mean `key`, as in `GET /users/{key}`?".to_owned(),
                    (false, Some(near)) => did_you_mean(near),
                    (false, None) => {
                        format!("take it from one of these; a text is put in quotes: `'{root}'`")
                    }
                };
                self.error("M602", place, message, Some(help));
                continue;
            }
            self.uses.borrow_mut().push(Use {
                resource: self.resource.get(),
                root: name.root.clone(),
                path: name.path.clone(),
                span: place,
            });
        }
    }
}
