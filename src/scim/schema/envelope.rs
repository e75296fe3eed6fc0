//! What every resource carries whatever its schema (RFC 7643 §3.1: "common attributes").

use super::definition::{Attribute, Mutability::ReadOnly, Returned, Uniqueness};
use std::sync::LazyLock;

static COMMON: LazyLock<[Attribute; 4]> = LazyLock::new(|| {
    [
        // Written by us from what the resource holds; never taken from a client.
        Attribute::reference("schemas", &["uri"])
            .about("The schemas whose attributes the resource holds.")
            .list()
            .required()
            .mutability(ReadOnly)
            .returned(Returned::Always),
        Attribute::text("id")
            .about("The resource's identifier here: given once, never used again.")
            .case_exact()
            .required()
            .mutability(ReadOnly)
            .returned(Returned::Always)
            .unique(Uniqueness::Server),
        // R44, RFC 7643 §3.1: with case.
        Attribute::text("externalId")
            .about("The resource's identifier at the client.")
            .case_exact(),
        meta(),
    ]
});

/// `schemas`, `id`, `externalId` and `meta`.
pub fn common() -> &'static [Attribute] {
    &*COMMON
}

/// R14; RFC 7643 §3.1.
fn meta() -> Attribute {
    Attribute::complex(
        "meta",
        vec![
            Attribute::text("resourceType")
                .about("The name of the resource type.")
                .case_exact()
                .mutability(ReadOnly),
            Attribute::date_time("created")
                .about("When the resource was made.")
                .mutability(ReadOnly),
            Attribute::date_time("lastModified")
                .about("When the resource was last changed.")
                .mutability(ReadOnly),
            Attribute::reference("location", &["uri"])
                .about("Where the resource is read.")
                .mutability(ReadOnly)
                .told(),
            Attribute::text("version")
                .about("The resource's entity tag.")
                .case_exact()
                .mutability(ReadOnly)
                .told(),
        ],
    )
    .about("What the server knows about the resource.")
    .mutability(ReadOnly)
}
