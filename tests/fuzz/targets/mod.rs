//! The properties, each a function over bytes that panics when it does not hold. It says whether the bytes were
//! taken: as a filter, a path, a PATCH that applies.

pub mod decode;
pub mod external_name;
pub mod filter;
pub mod patch_apply;
pub mod patch_path;
mod refused;

use crate::fixture;
use scimshim::scim::{
    profile::Profile,
    resource::Resource,
    resource_type::{ResourceType, ResourceTypes},
};
use serde_json::json;
use std::sync::LazyLock;

/// From the one that bears nothing to the one that bears most: what one takes, the next reads the same.
const PROFILES: [Profile; 3] = [Profile::Strict, Profile::Okta, Profile::Entra];

static USER: LazyLock<ResourceType> = LazyLock::new(fixture::user_type);
static GROUP: LazyLock<ResourceType> = LazyLock::new(fixture::group_type);
static TYPES: LazyLock<ResourceTypes> = LazyLock::new(fixture::types);

/// Users to ask about: one with nearly all there is, one with nearly nothing, one who is neither.
static USERS: LazyLock<[Resource; 3]> = LazyLock::new(|| {
    [
        fixture::mia(),
        fixture::resource(json!({ "id": "2", "userName": "b" })),
        fixture::resource(json!({
            "id": "3", "userName": "MIA.berg@acme.example", "active": false, "title": "x",
            "emails": [{ "value": "a", "primary": false }, { "value": "b", "type": "WORK", "display": "c" }],
            fixture::BADGE: { "level": -1, "tags": ["blue"] },
        })),
    ]
});
