//! Whether the vendor takes the credential that a client has brought: asked before anything is told of what the gateway
//! itself holds, because no call of the vendor's stands between that and the client.

use super::{
    Context,
    error::{Failure, unsupported},
    pages::{Pages, list_step},
};

/// Nothing is asked where the gateway has a credential of its own and knows its clients, where the kind is the
/// vendor's alone, and where the vendor has taken the credential a short while ago.
pub async fn prove(cx: &Context<'_>) -> Result<(), Failure> {
    let held = cx.plan.kept() || cx.plan.holds();
    if !held || cx.live.upstream.whose().is_none() || cx.recall.is_proven() {
        return Ok(());
    }
    // A mapping without any list is refused: see M517.
    let list = cx.live.plan.resources.iter().find_map(|resource| {
        let list = resource.operations.list.as_ref()?;
        Some((resource, list))
    });
    let (resource, list) = list.ok_or_else(|| unsupported("listing"))?;
    let cx = cx.about(resource);
    Pages::from_the_first(&cx, list_step(list)?)?.next(&cx).await?;
    cx.remember();
    Ok(())
}
