//! Who is ours: made or adopted by us. A Mark in the store says so, or the Record itself (`managed`). That somebody
//! has a Link only says by which id he goes: whoever was seen has one.

use super::{
    Context,
    begun::{self, End},
    error::Failure,
    found::Found,
    identity::Identity,
};
use crate::{
    mapping::{
        plan::{OnMatch, Owns},
        translate::read,
    },
    scim::{error::Error, resource::Resource},
    store::State,
};

/// Whether this one is.
pub async fn is_ours(cx: &Context<'_>, found: &Found) -> Result<bool, Failure> {
    Ok(read::managed(cx.plan, &found.record, &cx.live.variables)?
        || begun::mark(cx, &found.who.key).await?.is_some())
}

/// Whether clients may change this one.
pub async fn is_changed(cx: &Context<'_>, found: &Found) -> Result<bool, Failure> {
    Ok(cx.plan.owns == Owns::All || is_ours(cx, found).await?)
}

/// Whether a whole person whom the client says to be the same, by a `match` value, is adopted as by a create: a client
/// that found him sends no create any more.
pub async fn adopts(cx: &Context<'_>, found: &Found, said: &Resource) -> Result<bool, Failure> {
    let adopts = cx.plan.owns == Owns::Linked && cx.plan.on_match == OnMatch::Adopt;
    let own = begun::names(cx, &found.resource);
    let same = begun::names(cx, said).first().is_some_and(|name| own.contains(name));
    Ok(adopts && same && cx.plan.marks_ours() && !is_ours(cx, found).await?)
}

/// Marks him as ours, behind what was carried out of the request that adopts him: nobody becomes ours by one that is
/// refused, and one that stopped in between adopts again when it is repeated.
pub async fn adopt(cx: &Context<'_>, who: &Identity) -> Result<(), Failure> {
    let end = End::Done { who, how: State::Adopted, revived: false, repeats: None };
    begun::end(cx, &[], end, Vec::new()).await
}

/// 403 for a change of one who is not, where the mapping says that he is left as he is.
pub async fn check(cx: &Context<'_>, found: &Found) -> Result<(), Failure> {
    if is_changed(cx, found).await? {
        return Ok(());
    }
    let kind = &cx.plan.kind.name;
    let matches: Vec<String> =
        cx.plan.matches.iter().map(|by| format!("`{}`", by.target)).collect();
    let remedy = match (cx.plan.on_match, matches.as_slice()) {
        (OnMatch::Adopt, [_, ..]) => {
            format!("a create or a PUT of the same {} adopts it", matches.join(" or "))
        }
        _ => "`match` and `on_match: adopt` in the mapping would let a create adopt it".to_owned(),
    };
    let detail = format!(
        "this {kind} was neither made nor adopted here, so it is left as it is (`owns: linked`); {remedy}"
    );
    Err(Error::new(403, detail).into())
}
