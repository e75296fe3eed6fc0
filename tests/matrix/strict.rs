//! A client that does not repeat by itself is told the same, but for what is not there right now: that is a 503.

use crate::{act::Act, all::all, fakes::acall::Acall, world::Setting};

#[tokio::test]
async fn a_client_that_repeats_no_429_is_told_503() {
    let acts = vec![Act::Create, Act::Read, Act::Update, Act::Deactivate, Act::Delete];
    all::<Acall>(Setting { acts, profile: "strict", ..Setting::of::<Acall>() }).await;
}
