//! Who is ours: made or adopted by us. A Mark in the store says so, or the Record itself (`managed`). That somebody
//! has a Link only says by which id he goes: whoever was seen has one.

use super::{Context, begun, error::Failure, found::Found};
use crate::{
    mapping::{
        plan::{OnMatch, Owns},
        translate::read,
    },
    scim::error::Error,
};

/// Whether this one is.
pub async fn is_ours(cx: &Context<'_>, found: &Found) -> Result<bool, Failure> {
    Ok(read::managed(cx.plan, &found.record, &cx.live.variables)?
        || begun::mark(cx, &found.who.key).await?.is_some())
}

/// 403 for a change of one who is not, where the mapping says that he is left as he is.
pub async fn check(cx: &Context<'_>, found: &Found) -> Result<(), Failure> {
    if cx.plan.owns == Owns::All || is_ours(cx, found).await? {
        return Ok(());
    }
    let kind = &cx.plan.kind.name;
    let matches: Vec<String> =
        cx.plan.matches.iter().map(|by| format!("`{}`", by.target)).collect();
    let remedy = match (cx.plan.on_match, matches.as_slice()) {
        (OnMatch::Adopt, [_, ..]) => {
            format!("a create of the same {} adopts it", matches.join(" or "))
        }
        _ => "`match` and `on_match: adopt` in the mapping would let a create adopt it".to_owned(),
    };
    let detail = format!(
        "this {kind} was neither made nor adopted here, so it is left as it is (`owns: linked`); {remedy}"
    );
    Err(Error::new(403, detail).into())
}
