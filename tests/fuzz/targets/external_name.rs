//! Okta's external names in a mapping: the input is a name.

use scimshim::{
    diagnostic::Severity,
    mapping::{
        self,
        path::RulePath,
        plan::ResourcePlan,
        translate::{names::Names, place, read, write::Writer},
    },
    scim::{profile::Profile, reading::Reading, resource::Resource},
};
use serde_json::{Value, json};

pub fn run(input: &[u8]) -> bool {
    let Ok(name) = std::str::from_utf8(input) else { return false };
    match RulePath::parse(name) {
        Err(why) => assert!(!why.is_empty()),
        Ok(path) => assert_eq!(RulePath::parse(&path.to_string()), Ok(path)),
    }
    is_a_rule_or_a_finding(name)
}

/// Whatever an admin pastes: it is a rule that reads what it wrote, or a finding says where it stands and
/// what is wrong with it.
fn is_a_rule_or_a_finding(name: &str) -> bool {
    let loaded = mapping::load("t.yaml", &mapping(name));
    for finding in &loaded.findings {
        assert!(!finding.message.is_empty() && finding.place.span.line > 0, "{finding:?}");
    }
    let refused = loaded.findings.iter().any(|finding| finding.severity == Severity::Error);
    assert_eq!(loaded.plan.is_none(), refused, "{:?}", loaded.findings);
    let plan = loaded.plan.as_ref();
    plan.iter().flat_map(|plan| &plan.resources).for_each(reads_what_it_wrote);
    plan.is_some()
}

fn reads_what_it_wrote(plan: &ResourcePlan) {
    let (tenant, now) = (json!({}), Value::Null);
    let writer = Writer { plan, tenant: &tenant, now: &now, names: &Names::default() };
    let Some(target) =
        plan.rules.iter().find(|rule| is_slot(rule.field())).map(|rule| &rule.target)
    else {
        return;
    };
    let mut sent = Resource::new();
    place::put(&mut sent, target, json!("V"));
    // A position counts from what is there, and nothing is there before it.
    if place::take(&sent, target).is_none() {
        return;
    }
    // A text is no value of every attribute.
    let reading = &mut Reading::new(Profile::Strict);
    if Resource::canonical(sent.as_value().clone(), &plan.kind, reading).as_ref() != Ok(&sent) {
        return;
    }
    let mut record = writer.fields(&sent, |_, _| true, false).unwrap();
    assert_eq!(record["slot"], "V", "{target}");
    record["id"] = json!(7);
    let read = read::resource(plan, &record, &tenant, &Names::default()).unwrap().resource;
    assert_eq!(place::take(&read, target), Some(&json!("V")), "{target}");
}

fn is_slot<T: ToString>(field: Option<T>) -> bool {
    field.is_some_and(|field| field.to_string() == "slot")
}

/// JSON's quotes are YAML's.
fn mapping(name: &str) -> String {
    let name = Value::from(name);
    format!(
        r#"
mapping: 1
name: t
evidence: assumed
tenant: {{ token: {{ type: text, secret: true }} }}
upstream: {{ base_url: https://v.example, auth: {{ bearer: {{ token: "{{tenant.token}}" }} }} }}
schemas:
  urn:x:own:2.0:User:
    attributes: {{ plain: {{ type: string }}, name: {{ attributes: {{ phonetic: {{ type: string }} }} }} }}
resources:
  User:
    key: id
    attributes:
      userName: {{ field: login }}
      active: {{ field: on }}
      {name}: {{ field: slot }}
    operations:
      get: {{ call: "GET /u/{{key}}", record: . }}
      find: [{{ filter: "userName eq {{login}}", call: GET /u, query: {{ q: "{{login}}" }}, items: . }}]
      create: {{ call: POST /u, record: . }}
      update: [{{ name: change, call: "PATCH /u/{{key}}" }}]
"#
    )
}
