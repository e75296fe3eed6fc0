//! Calls as a mapping writes them and as a test expects them.

use crate::init::survey::{Base, Calls, variable};

/// The path of a call, below the address: its key is `{key}`, other keys are the tenant's.
pub fn path(base: &Base, calls: &Calls<'_>, path: &str) -> String {
    let own = path.strip_prefix(base.prefix.as_str()).unwrap_or(path);
    // What a path says is sent as it is; only the key's hole is the key.
    let key = format!("{{{}}}", calls.key);
    let keyed = path.starts_with(calls.path.as_str());
    let mut told = String::new();
    let mut rest = own;
    while let Some((before, hole)) = rest.split_once('{') {
        let (name, after) = hole.split_once('}').unwrap_or((hole, ""));
        told.push_str(before);
        // Of two keys of one name the last is the user's.
        let last = !after.contains('{');
        match keyed && last && key == format!("{{{name}}}") {
            true => told.push_str("{key}"),
            false => told.push_str(&format!("{{tenant.{}}}", variable(name))),
        }
        rest = after;
    }
    told + rest
}

/// A path below a group: its holes in their order.
pub fn below(base: &Base, path: &str, holes: &[&str]) -> String {
    let own = path.strip_prefix(base.prefix.as_str()).unwrap_or(path);
    let mut holes = holes.iter();
    let parts = own.split('{').enumerate().map(|(at, part)| match (at, part.split_once('}')) {
        (1.., Some((_, after))) => format!("{}{after}", holes.next().unwrap_or(&"")),
        _ => part.to_owned(),
    });
    parts.collect()
}

/// A parameter's name or value in a test's address.
pub fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().fold(String::new(), |told, byte| match plain(byte) {
        true => told + char::from(byte).encode_utf8(&mut [0; 4]),
        false => format!("{told}%{byte:02X}"),
    })
}
