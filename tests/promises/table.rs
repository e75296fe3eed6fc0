//! The README's table of vendors says of each operation what its mapping says.

use scimshim::mapping::{
    self,
    plan::{DeleteBy, Evidence, Operation, Plan, ResourcePlan, Update},
};
use std::{fs, path::Path};

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

fn word(operation: &Operation) -> &'static str {
    match operation.evidence {
        Evidence::Documented => "documented",
        Evidence::Seen => "seen",
        Evidence::Assumed => "assumed",
    }
}

/// The update that makes a user active, or the opposite: one that claims the transition, else the rest.
fn becoming(user: &ResourcePlan, active: bool) -> &Operation {
    let transition = format!("active becomes {active}");
    let claims = |update: &&Update| {
        let mut claims = update.operation.claims.iter().flatten();
        claims.any(|claim| claim.text == transition)
    };
    user.operations
        .update
        .iter()
        .find(claims)
        .map_or_else(|| rest(user), |update| &update.operation)
}

/// The update of a name or anything else that no other claims.
fn rest(user: &ResourcePlan) -> &Operation {
    let mut updates = user.operations.update.iter().map(|update| &update.operation);
    updates.find(|operation| operation.claims.is_none()).unwrap()
}

fn words(plan: &Plan) -> Vec<&'static str> {
    let user = plan.resource("User").unwrap();
    let operations = &user.operations;
    let delete = match &operations.delete.as_ref().unwrap().how {
        DeleteBy::Call(operation) => operation,
        DeleteBy::Update(_) => becoming(user, false),
    };
    let find = operations.find[0].call().unwrap();
    [
        operations.create.as_ref().unwrap(),
        rest(user),
        becoming(user, false),
        becoming(user, true),
        delete,
        &find.operation,
    ]
    .map(word)
    .into()
}

#[test]
fn the_readme_says_the_evidence_of_each_operation() {
    let readme = read("README.md");
    let rows =
        readme.lines().filter(|line| line.starts_with("| [") && line.contains("](mappings/"));
    let mut told = 0;
    for row in rows {
        let file = row.split(['(', ')']).nth(1).unwrap();
        let loaded = mapping::load(file, &read(file));
        let plan = loaded.plan.unwrap();
        let cells = row.split('|').map(str::trim).skip(2).take(6);
        let said: Vec<&str> =
            cells.map(|cell| cell.split(':').next().unwrap_or_default()).collect();
        assert_eq!(said, words(&plan), "{file}");
        told += 1;
    }
    assert_eq!(told, 5);
}
