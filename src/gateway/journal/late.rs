//! Late: a call that has left although another replica had taken the resource over.

use super::super::Context;

/// Whoever has the resource now is told, and looks at once what came of it.
pub async fn report(cx: &Context<'_>) {
    let (Some(lease), Ok(store)) = (&cx.lease, cx.store()) else { return };
    match store.report(cx.tenant, &lease.name).await {
        Ok(true) => {}
        Ok(false) => tracing::error!(
            tenant = cx.tenant,
            name = lease.name,
            "a call left long after another replica had taken over: what it changed is not put right"
        ),
        // The watch is over by itself, and looked at then.
        Err(error) => tracing::warn!(tenant = cx.tenant, "a late call is not reported: {error}"),
    }
}
