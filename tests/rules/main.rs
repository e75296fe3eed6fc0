//! The rules of RFC 7643, 7644, 9865 and 9967 that servers break most, each as rows of one table: what is sent
//! to the demo over a socket, and what must come back. They hold for a client with Okta's habits and for one
//! that has none.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed, and says where"
)]

mod comments;
mod create;
mod delete;
mod demo;
mod discovery;
mod exchange;
mod filter;
mod further;
mod group;
mod list;
mod offered;
mod patch;
mod predicate;
mod project;
mod replace;
mod row;
mod service;

use demo::Demo;
use row::Row;
use std::collections::BTreeSet;

/// All that is served.
fn table() -> Vec<Row> {
    let chapters = [
        service::rows(),
        create::rows(),
        project::rows(),
        list::rows(),
        filter::rows(),
        replace::rows(),
        patch::rows(),
        group::rows(),
        delete::rows(),
        discovery::rows(),
        offered::rows(),
        further::rows(),
    ];
    chapters.into_iter().flatten().collect()
}

/// Every row is tried; the rules that break, and how.
fn broken(profile: &str, rows: &[Row]) -> Vec<(&'static str, String)> {
    let demo = Demo::start(profile);
    let rows = rows.iter().enumerate();
    rows.filter_map(|(number, row)| Some((row.rule, row.try_on(&demo, number).err()?))).collect()
}

fn hold(profile: &str, rows: &[Row]) {
    let broken: Vec<_> = broken(profile, rows).into_iter().map(|(_, how)| how).collect();
    let (count, all) = (broken.len(), rows.len());
    assert!(broken.is_empty(), "{count} of {all} rows break:\n{}", broken.join("\n"));
}

#[test]
fn the_rules_hold_for_okta() {
    hold("okta", &table());
}

#[test]
fn the_rules_hold_for_a_strict_client() {
    hold("strict", &table());
}

/// A PATCH is a 204 to Entra, unless it asks for attributes (R81), and R69 is its own. What is not listed
/// holds for it too; what is listed shows that a row can break.
#[test]
fn the_rules_hold_for_entra_but_for_its_leniencies() {
    let broken: Vec<_> = broken("entra", &table()).into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(broken, ["R13", "R66", "R69", "R70", "R73", "R77", "R78", "R82", "R101", "X9"]);
}

#[test]
fn every_rule_has_a_row() {
    let found: BTreeSet<_> = table().iter().map(|row| row.rule.to_owned()).collect();
    let asked: BTreeSet<_> = (1..=109)
        .map(|number| format!("R{number:02}"))
        .chain((1..=11).map(|number| format!("X{number}")))
        // It needs a mapping of its own: `tests/okta/declared.rs`.
        .filter(|rule| rule != "X2")
        .collect();
    assert_eq!(found, asked);
}
