//! The tests of groups: one is read, somebody joins, somebody leaves.

use super::{
    call::{self, encoded},
    exchange::{Call, PATCH, Tests},
    group::body,
    sample::filled,
};
use crate::init::{
    openapi::Operation,
    survey::{Group, Sent},
};
use serde_json::{Value, json};

const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// The one group: its key, which a number may be and a text, and its name.
const KEY: &str = "9";
const NAME: &str = "Sales";

impl Tests<'_, '_> {
    /// The tests of the groups, where there are some.
    pub fn group(&mut self) {
        let Some(group) = &self.survey.group else { return };
        self.groups_read(group);
        self.members_moved(group);
        self.groups_written(group);
    }

    fn groups_read(&mut self, group: &Group<'_>) {
        let member = json!([{ "value": self.sample.id }]);
        let request = json!({ format!("GET /Groups/{KEY}"): null });
        let response = json!({ "id": KEY, "displayName": NAME, "members": member });
        let calls = self.read_with(group, NAME, true);
        self.test("a group is read with its members", request, calls, 200, response);

        let one = json!({ "totalResults": 1 });
        let request = json!({ "GET /Groups?startIndex=1&count=10": null });
        let calls = vec![self.listed_groups(group, None, true), self.members(group, true)];
        self.test("all groups are listed", request, calls, 200, one.clone());

        if group.find.is_some() {
            let filter = encoded(&format!("displayName eq \"{NAME}\""));
            let request = json!({ format!("GET /Groups?filter={filter}"): null });
            let calls =
                vec![self.listed_groups(group, Some(NAME), true), self.members(group, true)];
            self.test("a group is looked for", request, calls, 200, one);
        }
    }

    fn groups_written(&mut self, group: &Group<'_>) {
        if let Some((create, record)) = &group.create {
            let mut body = json!({});
            group.name.place.put(&mut body, NAME.into());
            for fill in &group.fills {
                fill.place.put(&mut body, filled(fill));
            }
            let post = Call {
                line: format!("POST {}", self.below(create)),
                body: Some(body),
                answer: json!({ "status": 201, "body": record.holding(self.one(group, NAME)) }),
            };
            let request = json!({ "POST /Groups": { "schemas": [GROUP], "displayName": NAME } });
            let find = group.find.as_ref().map(|_| NAME);
            let calls = [self.listed_groups(group, find, false), post].into_iter();
            let calls = calls.chain(self.read_with(group, NAME, false)).collect();
            let response = json!({ "id": KEY, "displayName": NAME });
            self.test("a new group is looked for, then made", request, calls, 201, response);
        }
        if let Some(update) = &group.update {
            let renamed = "Marketing";
            let line = format!("PATCH {}", self.below(update));
            let body = Some(group.name.place.holding(renamed.into()));
            let rename = Call { line, body, answer: json!({ "body": {} }) };
            let before = self.read_with(group, NAME, false).into_iter();
            let calls =
                before.chain([rename]).chain(self.read_with(group, renamed, false)).collect();
            let replace = json!({ "op": "replace", "path": "displayName", "value": renamed });
            let response = json!({ "id": KEY, "displayName": renamed });
            self.test("a new name is sent", patch(replace), calls, 200, response);
        }
        if let Some(delete) = &group.delete {
            let line = format!("DELETE {}", self.below(delete));
            let ended = Call { line, body: None, answer: json!({ "status": 204 }) };
            let line = format!("GET {}", self.below(&group.get));
            let look = Call { line, body: None, answer: json!({ "status": 404 }) };
            let calls = vec![ended, look];
            let request = json!({ format!("DELETE /Groups/{KEY}"): null });
            self.test("a group is deleted", request, calls, 204, Value::Null);
        }
    }

    fn members_moved(&mut self, group: &Group<'_>) {
        let member = json!([{ "value": self.sample.id }]);
        let add = json!({ "op": "add", "path": "members", "value": member });
        let (operation, sent) = &group.members.add;
        let mut calls = self.read_with(group, NAME, false);
        calls.push(self.moved(operation, sent));
        calls.extend(self.read_with(group, NAME, true));
        self.test("somebody joins", patch(add), calls, 204, Value::Null);

        let path = format!("members[value eq \"{}\"]", self.sample.id);
        let remove = json!({ "op": "remove", "path": path });
        let (operation, sent) = &group.members.remove;
        let mut calls = self.read_with(group, NAME, true);
        calls.push(self.moved(operation, sent));
        calls.extend(self.read_with(group, NAME, false));
        self.test("somebody leaves", patch(remove), calls, 204, Value::Null);
    }

    /// A group is read: itself, then its members, of whom the user is one or not.
    fn read_with(&self, group: &Group<'_>, name: &str, there: bool) -> Vec<Call> {
        let own = Call {
            line: format!("GET {}", self.below(&group.get)),
            body: None,
            answer: json!({ "body": group.record.place.holding(self.one(group, name)) }),
        };
        vec![own, self.members(group, there)]
    }

    /// The record of the group.
    fn one(&self, group: &Group<'_>, name: &str) -> Value {
        let mut record = json!({});
        group.key.put(&mut record, KEY.into());
        group.name.place.put(&mut record, name.into());
        record
    }

    fn members(&self, group: &Group<'_>, there: bool) -> Call {
        let (read, items, paging) = &group.members.read;
        let member = group.members.value.holding(self.sample.id.as_str().into());
        let items = items.holding(if there { json!([member]) } else { json!([]) });
        let line = self.asked_below(&self.below(read), &paging.first);
        Call { line, body: None, answer: json!({ "body": items }) }
    }

    /// The list, searched or not, with the group in it or empty.
    fn listed_groups(&self, group: &Group<'_>, name: Option<&str>, there: bool) -> Call {
        let (list, items, paging) = &group.list;
        let by = group.find.as_ref().zip(name);
        let search = by.map(|((parameter, _), name)| (parameter.clone(), name.to_owned()));
        let query: Vec<_> = search.into_iter().chain(paging.first.clone()).collect();
        let one = self.one(group, NAME);
        let items = items.holding(if there { json!([one]) } else { json!([]) });
        let line = self.asked_below(&self.below(list), &query);
        Call { line, body: None, answer: json!({ "body": items }) }
    }

    fn moved(&self, operation: &Operation<'_>, sent: &[Sent]) -> Call {
        let method = operation.method.to_uppercase();
        let number = self.sample.id.parse::<u64>().ok();
        let numbered = sent.iter().any(|one| one.number);
        let key =
            number.filter(|_| numbered).map_or_else(|| self.sample.id.as_str().into(), Value::from);
        Call {
            line: format!("{method} {}", self.below(operation)),
            body: (!sent.is_empty()).then(|| body(sent, &key)),
            answer: json!({ "status": 204 }),
        }
    }

    fn below(&self, operation: &Operation<'_>) -> String {
        call::below(&self.survey.base, &operation.path, &[KEY, &self.sample.id])
    }
}

fn patch(operation: Value) -> Value {
    json!({ format!("PATCH /Groups/{KEY}"): { "schemas": [PATCH], "Operations": [operation] } })
}
