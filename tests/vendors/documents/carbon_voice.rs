//! Carbon Voice's document, in our words: the three calls of it that a gateway needs.

use super::{
    Named, Operation, Record,
    Type::{List, Object, Stamp, Text},
    openapi::Document,
    taken::{Probe, answers_hold, same_routes},
};
use crate::{
    fakes::{
        carbon_voice::CarbonVoice,
        route::{Evidence, Vendor},
    },
    literal::carbon_voice::{HEADERS, hold_page},
};

const USER: super::Type = Object(Record {
    fields: &[
        ("id", Text),
        ("link", Text),
        ("created_at", Stamp),
        ("first_name", Text),
        ("last_name", Text),
        ("full_name", Text),
        ("emails", List(&Text)),
        ("phones", List(&Text)),
        ("languages", List(&Text)),
    ],
    required: &["id", "link", "created_at", "first_name", "full_name"],
});
const WORKSPACE: super::Type =
    Object(Record { fields: &[("id", Text), ("name", Text)], required: &["id", "name"] });
const SEARCH: &[Named] = &[("email", Text), ("phone", Text)];

const EXTRACT: &[Operation] = &[
    Operation {
        statuses: &[200, 403, 404],
        // The pages beside the document know a search by name too.
        beyond: &["name"],
        ..Operation::new("GET", "/simplified/users/search", USER).asks(SEARCH)
    },
    Operation {
        statuses: &[200, 403, 404],
        ..Operation::new("GET", "/simplified/users/{id}", USER)
    },
    Operation {
        statuses: &[200, 403],
        ..Operation::new("GET", "/simplified/workspaces/basic-info", List(&WORKSPACE))
    },
];

#[tokio::test]
async fn carbon_voice_takes_and_answers_what_its_document_says() {
    same_routes::<CarbonVoice>(EXTRACT);
    let vendor = CarbonVoice::start().await;
    let probe = Probe { vendor, headers: &HEADERS, message: "/errmsg" };
    assert_eq!(probe.takes(EXTRACT).await, 2);
    answers_hold(EXTRACT, &hold_page().await);
}

#[test]
#[ignore = "wants the vendors' documents"]
fn carbon_voice_says_so_itself() {
    let document = Document::read("carbon_voice_openapi.json");
    EXTRACT.iter().for_each(|operation| document.says(operation));
    // What is seen or assumed is so because the document does not know it.
    for route in CarbonVoice::ROUTES {
        let documented = route.evidence == Evidence::Documented;
        assert_eq!(document.knows(route.method, route.path), documented, "{}", route.path);
    }
}
