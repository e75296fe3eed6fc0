//! Serving: by which mapping each replica that is alive serves a tenant.

use super::{super::error::Error, read::Reader};

/// See [`Store::serves`](super::super::Store::serves).
pub async fn serves(
    reader: Reader,
    replica: String,
    tenant: String,
    mapping: String,
) -> Result<u64, Error> {
    // Written when it changes, and when this replica was taken for dead meanwhile, which deletes what it had said.
    let said = "SELECT count(*) FROM serving WHERE replica = $1 AND tenant = $2 AND mapping = $3";
    if reader.count(said, &[&replica, &tenant, &mapping]).await? == 0 {
        // Of one that is dead there is nothing to say: the others do not count it.
        let say = "INSERT INTO serving (replica, tenant, mapping)
             SELECT id, $2, $3 FROM replica WHERE id = $1
             ON CONFLICT (replica, tenant) DO UPDATE SET mapping = excluded.mapping";
        reader.query(say, &[&replica, &tenant, &mapping]).await?;
    }
    let others = "SELECT count(*) FROM serving JOIN replica ON id = replica
         WHERE replica <> $1 AND tenant = $2 AND mapping <> $3 AND until > clock_timestamp()";
    reader.count(others, &[&replica, &tenant, &mapping]).await
}
