//! Who may call a tenant: clients that the configuration knows, or whoever brings a credential that the vendor takes.

use super::{
    source::{Source, finding},
    tenant::Tenant,
};
use crate::diagnostic::Diagnostic;

/// What to do about a tenant or a client without credentials.
pub const NEW_TOKEN: &str = "`scimshim token new` makes a token and the line that belongs here";

/// What is wrong with the clients of a tenant, whose mapping passes the client's own credential on or does not.
pub fn of_tenant(
    name: &str,
    tenant: &Tenant,
    passes_on: bool,
    source: &Source,
) -> Option<Diagnostic> {
    let (code, message, help) = match (passes_on, tenant.clients.is_empty()) {
        (true, false) => (
            "C032",
            format!(
                "the clients of tenant `{name}` would never be asked for: its mapping passes their own credential on"
            ),
            "take `clients` out: the vendor judges the credential; the tenant is known by its `path`",
        ),
        (false, true) => {
            ("C007", format!("tenant `{name}` has no clients: nobody could call"), NEW_TOKEN)
        }
        _ => return None,
    };
    let place = source.place(&["tenants", name, "clients"]);
    Some(finding(code, place, message, Some(help.to_owned())))
}
