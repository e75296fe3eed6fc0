//! What tells one page of a list from the page before it.

use serde_json::Value;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Of a page that has records; small, because every remembered place of a walk holds one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint {
    /// Its first record.
    first: u64,
    /// All of them, in whatever order.
    all: u64,
    /// The records have keys: one of them cannot begin two pages.
    keyed: bool,
}

impl Fingerprint {
    /// Of these records. What `key` does not know is told by all that it says.
    pub fn of(items: &[Value], key: impl Fn(&Value) -> Option<String>) -> Option<Self> {
        let mark = |item: &Value| {
            let key = key(item);
            let mut hasher = DefaultHasher::new();
            key.clone().unwrap_or_else(|| item.to_string()).hash(&mut hasher);
            (hasher.finish(), key.is_some())
        };
        let (first, keyed) = mark(items.first()?);
        let all = items.iter().fold(0_u64, |all, item| all.wrapping_add(mark(item).0));
        Some(Self { first, all, keyed })
    }

    /// Whether the vendor gave the same page again. A new record may have moved its end, or its beginning.
    pub fn repeats(&self, before: &Self) -> bool {
        self.all == before.all || self.keyed && before.keyed && self.first == before.first
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_same_page_is_known_again() {
        let keyed = |page: &Value| {
            let key = |item: &Value| item["id"].as_i64().map(|id| id.to_string());
            Fingerprint::of(page.as_array().unwrap(), key).unwrap()
        };
        let (a, b, c) = (json!({ "id": 1 }), json!({ "id": 2 }), json!({ "id": 3 }));
        let changed = json!({ "id": 1, "name": "new" });
        let page = keyed(&json!([a, b]));
        for (other, same) in [
            (json!([a, b]), true),
            (json!([changed, b]), true),
            (json!([b, a]), true),
            (json!([a, c]), true),
            (json!([b, c]), false),
            (json!([c]), false),
        ] {
            assert_eq!(keyed(&other).repeats(&page), same, "{other}");
        }
        // Without keys only the whole page tells.
        let unkeyed = |page: &Value| Fingerprint::of(page.as_array().unwrap(), |_| None).unwrap();
        let page = unkeyed(&json!(["admin", "user"]));
        assert!(unkeyed(&json!(["admin", "user"])).repeats(&page));
        assert!(!unkeyed(&json!(["admin", "guest"])).repeats(&page));
        assert_eq!(Fingerprint::of(&[], |_| None), None);
    }
}
