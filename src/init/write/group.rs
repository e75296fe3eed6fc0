//! The groups of a mapping, or what is said in their place.

use super::{
    call, fills, lists,
    page::Page,
    scalar::{flow, scalar},
};
use crate::init::survey::{Group, Sent, Survey};
use serde_json::{Map, Value};

/// The section.
pub fn section(page: &mut Page, survey: &Survey<'_>) {
    page.gap();
    let Some(group) = &survey.group else {
        page.comment(
            2,
            "Groups were not clearly found (one read, all read, members read, added and removed). Where the vendor \
             has some, write `Group:` as `User:` above; where it has none: Group: { kept: true }, with `store:` in \
             the configuration.",
        );
        return;
    };
    page.comment(
        2,
        &format!("guess: the groups are {} ({})", group.get.call(), group.get.part.place),
    );
    page.line(2, "Group:");
    page.line(4, &format!("key: {}", scalar(&group.key.path())));
    page.line(4, "match: [displayName]");
    page.line(4, "on_match: conflict");
    page.line(4, "attributes:");
    let way = match (&group.create, &group.update) {
        (None, None) => "direction: read",
        (Some(_), None) => "required: true, only: create",
        (_, Some(_)) => "required: true",
    };
    let name = format!("displayName: {{ field: {}, {way} }}", scalar(&group.name.place.path()));
    page.said(6, &name, &group.name.why);
    page.line(6, "members:");
    page.line(8, &format!("field: {}", group.members.into));
    page.line(8, "unordered: true");
    page.line(8, "element:");
    let (read, ..) = &group.members.read;
    let value =
        format!("value: {{ field: {}, refers: User }}", scalar(&group.members.value.path()));
    page.said(10, &value, &format!("guess: its name ({})", read.part.place));
    fills::section(page, &group.fills);
    operations(page, survey, group);
}

fn operations(page: &mut Page, survey: &Survey<'_>, group: &Group<'_>) {
    let path = |path: &str| call::below(&survey.base, path, &["{key}", "{item.value}"]);
    let of = |method: &str, own: &str| format!("call: {} {}", method.to_uppercase(), path(own));
    let members = &group.members;
    let (read, items, paging) = &members.read;
    page.line(4, "operations:");
    page.line(6, "get:");
    page.line(8, "steps:");
    page.line(10, "- name: group");
    page.line(12, &of("get", &group.get.path));
    page.line(12, &format!("record: {}", lists::place(&group.record.place.path())));
    page.line(10, "- name: members");
    page.line(12, &of("get", &read.path));
    page.line(12, &format!("items: {}", lists::place(&items.path())));
    lists::pages(page, 12, paging);
    page.line(12, &format!("into: {}", members.into));
    let (list, items, paging) = &group.list;
    page.line(6, "list:");
    page.line(8, &of("get", &list.path));
    page.line(8, &format!("items: {}", lists::place(&items.path())));
    lists::pages(page, 8, paging);
    page.line(8, "read_again: [members]");
    page.line(6, "find:");
    match &group.find {
        Some((parameter, why)) => {
            page.line(8, "- filter: displayName eq {name}");
            page.line(10, &of("get", &list.path));
            let query = [(parameter.clone(), "{name}".to_owned())];
            lists::query(page, 10, &query, std::slice::from_ref(why));
            page.line(10, &format!("items: {}", lists::place(&items.path())));
            page.line(10, "read_again: [members]");
        }
        None => {
            let why = "not in the document: no parameter that searches is known by its name; all are read";
            page.said(8, "- { filter: \"displayName eq {name}\", scan: { at_most: 10000 } }", why);
        }
    }
    if let Some((create, record)) = &group.create {
        page.line(6, "create:");
        page.line(8, "claims: [displayName]");
        page.line(8, &of("post", &create.path));
        page.line(8, &format!("record: {}", lists::place(&record.path())));
    }
    page.line(6, "update:");
    if let Some(update) = &group.update {
        page.line(8, "- name: rename");
        page.line(10, "claims: [displayName]");
        page.line(10, &of("patch", &update.path));
    }
    let ways = [
        ("leave", "removes", "removed", &members.remove, "[2xx, 404]"),
        ("join", "adds", "added", &members.add, "[2xx, 409]"),
    ];
    for (name, part, list, (operation, sent), accept) in ways {
        page.said(
            8,
            &format!("- name: {name}"),
            &format!("guess: its path ({})", operation.part.place),
        );
        page.line(10, &format!("claims: [members {part}]"));
        page.line(10, &format!("for_each: changes.members.{list}"));
        page.line(10, &of(operation.method, &operation.path));
        if !sent.is_empty() {
            page.line(10, &format!("body: {}", flow(&body(sent, &Value::from("{item.value}")))));
        }
        page.line(10, &format!("accept: {accept}"));
    }
    if let Some(delete) = &group.delete {
        page.line(6, "delete:");
        page.line(8, &of("delete", &delete.path));
    }
}

/// The body about one member; as a mapping has it where the key is a template.
pub fn body(sent: &[Sent], key: &Value) -> Value {
    let template = key.as_str().is_some_and(|key| key.contains('{'));
    let value = |one: &Sent| match (&one.word, one.number && template) {
        (Some(word), _) => Value::from(word.as_str()),
        (None, true) => Value::from("{number(item.value)}"),
        (None, false) => key.clone(),
    };
    sent.iter().map(|one| (one.name.clone(), value(one))).collect::<Map<_, _>>().into()
}
