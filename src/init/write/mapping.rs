//! The mapping, from top to bottom.

use super::{
    call, fills, group, lists,
    page::Page,
    scalar::{flow, literal, scalar},
};
use crate::init::survey::{
    Action, Base, Calls, Person, Place, Rule, Scheme, State, Survey, Variable, Way, Write,
};
use serde_json::Value;

/// Its text.
pub fn text(name: &str, survey: &Survey<'_>) -> String {
    let mut page = Page::default();
    head(&mut page, name, survey);
    tenant(&mut page, survey);
    upstream(&mut page, survey);
    page.gap();
    page.line(0, "resources:");
    user(&mut page, survey);
    page.text()
}

fn head(page: &mut Page, name: &str, survey: &Survey<'_>) {
    page.comment(0, "Drafted from the vendor's OpenAPI document by names and shapes alone. Each line that says `guess` has its");
    page.comment(0, "reason and its place in the document: read it there, try it, then say `documented` or `seen` below.");
    page.line(0, "mapping: 1");
    page.line(0, &format!("name: {name}"));
    page.line(0, &format!("title: {}", scalar(&shortened(&survey.title))));
    page.line(0, "evidence: assumed");
    page.gap();
}

/// A title stands in one line.
fn shortened(title: &str) -> String {
    title.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(60).collect()
}

fn tenant(page: &mut Page, survey: &Survey<'_>) {
    page.line(0, "tenant:");
    let about = match survey.auth.kind {
        Scheme::Basic => "the password of the account",
        _ => "the vendor's credential for this tenant",
    };
    page.line(2, &format!("token: {{ type: text, secret: true, about: {about} }}"));
    if survey.auth.kind == Scheme::Basic {
        page.line(2, "account: { type: text, about: who logs in }");
    }
    for variable in survey.variables() {
        declared(page, variable);
    }
    page.gap();
}

fn declared(page: &mut Page, variable: &Variable) {
    let mut keys = vec![format!("type: {}", variable.kind)];
    let text = variable.kind == "text";
    if let Some(default) = variable.default.as_ref().filter(|_| text) {
        keys.push(format!("default: {}", scalar(default)));
    }
    if text && !variable.options.is_empty() {
        let options: Vec<Value> = variable.options.iter().map(|one| one.as_str().into()).collect();
        keys.push(format!("one_of: {}", flow(&options.into())));
    }
    page.said(2, &format!("{}: {{ {} }}", variable.name, keys.join(", ")), &variable.about);
}

fn upstream(page: &mut Page, survey: &Survey<'_>) {
    page.line(0, "upstream:");
    let url = &survey.base.url;
    page.said(2, &format!("base_url: {}", address(url)), &survey.base.why);
    let token = "\"{tenant.token}\"";
    let auth = match &survey.auth.kind {
        Scheme::Bearer => format!("bearer: {{ token: {token} }}"),
        Scheme::Basic => format!("basic: {{ user: \"{{tenant.account}}\", password: {token} }}"),
        Scheme::Header(name) => format!("api_key: {{ header: {}, value: {token} }}", scalar(name)),
        Scheme::Query(name) => format!("api_key: {{ query: {}, value: {token} }}", scalar(name)),
    };
    page.said(2, &format!("auth: {{ {auth} }}"), &survey.auth.why);
    page.comment(2, "Look up: how many calls the vendor takes, and what it answers to an address that is taken.");
    page.line(2, "limits: { concurrent: 4 }");
    page.comment(2, "errors: [{ when: \"answer.status == 400 && answer.body.code == 'taken'\", means: conflict }]");
}

/// An address is written plain, for all that its colon could mean something elsewhere.
fn address(url: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/".contains(c);
    if url.chars().all(plain) { url.to_owned() } else { scalar(url) }
}

fn user(page: &mut Page, survey: &Survey<'_>) {
    let person = &survey.person;
    page.comment(2, &format!("guess: the users are {}", person.calls.why));
    page.line(2, "User:");
    page.said(4, &format!("key: {}", scalar(&person.key.0.path())), &person.key.1);
    if let Some((exists, why)) = &person.exists {
        page.said(4, &format!("exists: {exists}"), why);
    }
    page.line(4, "match: [userName]");
    page.said(4, "on_match: conflict", "or `adopt`: take over the account that is there");
    page.line(4, "attributes:");
    for rule in &person.rules {
        attribute(page, rule, matches!(person.state, State::Calls(..)));
    }
    page.comment(6, "externalId: { kept: true } where the vendor has no field for it; needs `store:` in the configuration");
    fills::section(page, &person.fills);
    operations(page, survey);
    if !person.missing.is_empty() {
        page.gap();
        page.comment(2, "To be written by hand, for the document does not have it:");
    }
    for missing in &person.missing {
        page.comment(2, &format!("- {missing}"));
    }
    group::section(page, survey);
}

fn attribute(page: &mut Page, rule: &Rule<'_>, by_calls: bool) {
    let name = &rule.attribute;
    if let Some((value, kind)) = &rule.element {
        page.comment(6, &rule.why);
        page.line(6, &format!("{name}:"));
        page.line(8, &format!("field: {}", scalar(&rule.place.path())));
        page.line(8, "direction: read");
        page.line(8, "element:");
        let path = if value.is_here() { ".".to_owned() } else { scalar(&value.path()) };
        page.line(10, &format!("value: {{ field: {path} }}"));
        page.line(10, "primary: { first: true }");
        if let Some(kind) = kind {
            page.line(10, &format!("type: {{ constant: {kind} }}"));
        }
        return;
    }
    let mut keys = vec![("field", scalar(&rule.place.path()))];
    let mut key = |name, value: &str| keys.push((name, value.to_owned()));
    // A client that sends none is no reason to refuse a person: the vendor alone must have one.
    let made_up = name == "password" && rule.required;
    if made_up {
        key("generate", "{ length: 20, needs: [upper, lower, digit, symbol] }");
    } else if rule.required && rule.way != Way::Read {
        key("required", "true");
    }
    match rule.way {
        Way::Read => key("direction", "read"),
        Way::Write => key("direction", "write"),
        Way::Both => {}
    }
    if rule.only_create() && !(by_calls && name == "active") {
        key("only", "create");
    }
    if !rule.values.is_empty() {
        key("values", &format!("{{ {} }}", rows(&rule.values).join(", ")));
    }
    if let Some(convert) = &rule.convert {
        key("convert", convert);
    }
    if let Some(default) = rule.default.as_ref().filter(|_| rule.create.is_some()) {
        key("default", &scalar(&literal(default)));
    }
    if rule.refers {
        key("refers", "User");
    }
    if made_up {
        page.comment(6, "Made up where the client sends none, and shown to nobody. Look up the vendor's rules for it.");
    }
    let told: Vec<String> = keys.iter().map(|(key, value)| format!("{key}: {value}")).collect();
    let line = format!("{name}: {{ {} }}", told.join(", "));
    if page.fits(6, &line) {
        return page.said(6, &line, &rule.why);
    }
    page.said(6, &format!("{name}:"), &rule.why);
    for (key, told) in keys.iter().map(|(key, _)| *key).zip(told) {
        if key == "values" && !page.fits(8, &told) {
            page.line(8, "values:");
            rows(&rule.values).iter().for_each(|row| page.line(10, row));
        } else {
            page.line(8, &told);
        }
    }
}

/// A table, a row for each of SCIM's values.
fn rows(values: &[(String, Vec<Value>)]) -> Vec<String> {
    let row = |(scim, vendor): &(String, Vec<Value>)| {
        let key = if scim == "true" || scim == "false" { scim.clone() } else { scalar(scim) };
        match vendor.as_slice() {
            [only] if only.as_str() != Some("*") => format!("{key}: {}", flow(only)),
            several => format!("{key}: {}", flow(&several.to_vec().into())),
        }
    };
    values.iter().map(row).collect()
}

fn operations(page: &mut Page, survey: &Survey<'_>) {
    let (base, person) = (&survey.base, &survey.person);
    let calls = &person.calls;
    let of = |method: &str, path: &str| {
        format!("call: {} {}", method.to_uppercase(), call::path(base, calls, path))
    };
    page.line(4, "operations:");
    page.line(6, "get:");
    page.line(8, &of("get", &calls.path));
    page.line(8, &format!("record: {}", lists::place(&calls.record.place.path())));
    if let (Some((list, people)), Some((_, paging))) = (&calls.list, &person.list) {
        page.line(6, "list:");
        page.line(8, &of("get", &list.path));
        lists::query(page, 8, &person.always.query, &person.always.why);
        items(page, 8, &people.place, calls);
        lists::pages(page, 8, paging);
    }
    find(page, survey);
    if let Some(create) = &person.create {
        page.line(6, "create:");
        made(page, base, person, create);
    }
    if let Some(update) = &person.update {
        page.line(6, "update:");
        changed(page, base, person, update);
    }
    if let Some(delete) = &calls.delete {
        page.line(6, "delete:");
        page.line(8, &of("delete", &delete.path));
    }
}

/// Where the list stands, which some vendors leave out when it is empty.
fn items(page: &mut Page, indent: usize, place: &Place, calls: &Calls<'_>) {
    page.line(indent, &format!("items: {}", lists::place(&place.path())));
    let list = calls.list.as_ref().map(|(_, people)| people);
    if let Some(people) = list.filter(|people| people.place == *place && people.nullable) {
        let why = format!("guess: the list may be null, and is empty then ({})", people.said);
        page.said(indent, "may_lack_items: true", &why);
    }
}

fn find(page: &mut Page, survey: &Survey<'_>) {
    let person = &survey.person;
    let find = &person.find;
    let Some(path) = &find.path else {
        // Without a list there is nothing to look through.
        if person.list.is_some() {
            page.line(6, "find:");
            page.said(
                8,
                "- { filter: \"userName eq {login}\", scan: { at_most: 10000 } }",
                &find.why,
            );
        }
        return;
    };
    page.line(6, "find:");
    page.line(8, "- filter: userName eq {login}");
    let path = call::path(&survey.base, &person.calls, path);
    page.line(10, &format!("call: GET {path}"));
    let own = find.paging.is_some() || find.record.is_some();
    let always = if own { &person.find_always } else { &person.always };
    let all: Vec<_> = find.query.iter().chain(&always.query).cloned().collect();
    lists::query(page, 10, &all, std::slice::from_ref(&find.why));
    if let Some(place) = &find.items {
        items(page, 10, place, &person.calls);
    }
    if let Some(record) = &find.record {
        page.line(10, &format!("record: {}", lists::place(&record.path())));
    }
    if let Some(paging) = &find.paging {
        lists::pages(page, 10, paging);
    }
}

fn made(page: &mut Page, base: &Base, person: &Person<'_>, create: &Write<'_>) {
    if let Some(claims) = person.create_claims() {
        page.comment(
            8,
            "guess: the vendor takes these when it makes a user; the others follow as updates",
        );
        page.line(8, "claims:");
        claims.iter().for_each(|claim| page.line(10, &format!("- {claim}")));
    }
    let path = call::path(base, &person.calls, &create.operation.path);
    page.line(8, &format!("call: POST {path}"));
    encoding(page, 8, create);
    match person.created_elsewhere() {
        true => {
            let mut body = Value::Null;
            for (place, from) in person.created() {
                place.put(&mut body, format!("{{{}}}", from.expression("fields")).into());
            }
            let why = "guess: a create names some fields otherwise than the record does";
            page.value(8, "body", &create.around.holding(body), why);
        }
        false => sent(page, 8, create, "{fields}"),
    }
    match &create.record {
        Some(record) => page.line(8, &format!("record: {}", lists::place(&record.path()))),
        None => {
            let key = create.key.expression("answer.body");
            let why = format!("guess: no record in the answer ({})", create.operation.part.place);
            page.said(8, &format!("key: {}", scalar(&format!("{{{key}}}"))), &why);
        }
    }
}

fn changed(page: &mut Page, base: &Base, person: &Person<'_>, update: &Write<'_>) {
    let acts = |page: &mut Page, action: &Action, becomes: bool| {
        page.said(
            8,
            &format!("- name: {}", scalar(&action.word)),
            &format!("guess: its name ({})", action.place),
        );
        page.line(10, &format!("claims: [active becomes {becomes}]"));
        let path = call::path(base, &person.calls, &action.path);
        page.line(10, &format!("call: {} {path}", action.method.to_uppercase()));
    };
    if let State::Calls(_, on) = &person.state {
        acts(page, on, true);
    }
    let path = call::path(base, &person.calls, &update.operation.path);
    let call = format!("call: {} {path}", update.operation.method.to_uppercase());
    let whole = update.operation.method == "put";
    let moved = person.moved();
    let begin = |page: &mut Page, name: &str, why: &str| {
        page.said(8, &format!("- name: {name}"), why);
    };
    if person.has_rest() || whole {
        let why = match (update.assumed, whole) {
            (true, _) => format!(
                "guess: the document does not say what it takes ({})",
                update.operation.part.place
            ),
            (false, true) => {
                format!("all fields, changed or not ({})", update.operation.part.place)
            }
            (false, false) => String::new(),
        };
        begin(page, "change", &why);
        page.line(10, &call);
        encoding(page, 10, update);
        match whole {
            true => sent(page, 10, update, &format!("{{{}}}", person.whole(update))),
            false => sent(page, 10, update, "{changed}"),
        }
        record(page, update);
    }
    if !moved.is_empty() && !whole {
        begin(page, "elsewhere", "guess: an update names these otherwise than the record does");
        let claims: Vec<Value> = moved.iter().map(|rule| rule.attribute.as_str().into()).collect();
        page.line(10, &format!("claims: {}", flow(&claims.into())));
        page.line(10, &call);
        encoding(page, 10, update);
        let mut body = Value::Null;
        for rule in &moved {
            if let Some(place) = &rule.update {
                place.put(&mut body, format!("{{{}}}", rule.place.expression("changed")).into());
            }
        }
        page.value(10, "body", &update.around.holding(body), "");
        record(page, update);
    }
    if let State::Calls(off, _) = &person.state {
        acts(page, off, false);
    }
}

/// The body, where it is not the one that goes without saying.
fn sent(page: &mut Page, indent: usize, write: &Write<'_>, inner: &str) {
    if !write.around.is_here() || !["{fields}", "{changed}"].contains(&inner) {
        page.value(indent, "body", &write.around.holding(inner.into()), "");
    }
}

fn record(page: &mut Page, write: &Write<'_>) {
    if let Some(record) = &write.record {
        page.line(10, &format!("record: {}", lists::place(&record.path())));
    }
}

fn encoding(page: &mut Page, indent: usize, write: &Write<'_>) {
    if write.form {
        page.line(indent, "encoding: form");
    }
}
