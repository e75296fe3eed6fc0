//! A tenant's `guard:`: `off`, or how many in what time.

use crate::{
    diagnostic::{did_you_mean, nearest},
    gateway::guard::Limit,
    server::settings::duration,
};
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor, value::MapAccessDeserializer},
};
use std::{fmt, time::Duration};

const OFF: &str = "off";
const EXPECTED: &str = "`off`, or a map with `most` and `within`";

/// What holds where nothing is said.
pub fn standard() -> Option<Limit> {
    Some(Limit::default())
}

/// Reads it; none: it is off.
pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Limit>, D::Error> {
    deserializer.deserialize_any(Written)
}

/// The map, each key with the default of its own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Map {
    most: u64,
    #[serde(deserialize_with = "duration")]
    within: Duration,
}

impl Default for Map {
    fn default() -> Self {
        let Limit { most, within } = Limit::default();
        Self { most, within }
    }
}

struct Written;

impl<'de> Visitor<'de> for Written {
    type Value = Option<Limit>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<Limit>, A::Error> {
        let Map { most, within } = Map::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Some(Limit { most, within }))
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Option<Limit>, E> {
        if word == OFF {
            return Ok(None);
        }
        let meant = nearest(word, [OFF]).map(did_you_mean);
        let meant = meant.map(|meant| format!("; {meant}")).unwrap_or_default();
        Err(E::custom(format!("expected {EXPECTED}, found text{meant}")))
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Option<Limit>, E> {
        let meant = if flag { String::new() } else { format!("; {}", did_you_mean(OFF)) };
        Err(E::custom(format!("expected {EXPECTED}, found {flag}{meant}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_has_its_default() {
        let limit = |most, seconds| Some(Limit { most, within: Duration::from_secs(seconds) });
        for (text, expected) in [
            ("\"off\"", None),
            ("{}", standard()),
            ("{ \"most\": 20 }", limit(20, 3600)),
            ("{ \"within\": \"30m\" }", limit(100, 1800)),
            ("{ \"most\": 5, \"within\": \"24h\" }", limit(5, 86_400)),
        ] {
            let mut json = serde_json::Deserializer::from_str(text);
            assert_eq!(read(&mut json).unwrap(), expected, "{text}");
        }
        for text in
            ["\"on\"", "true", "null", "3", "[]", "{ \"most\": -1 }", "{ \"within\": \"0s\" }"]
        {
            let mut json = serde_json::Deserializer::from_str(text);
            assert!(read(&mut json).is_err(), "{text}");
        }
    }
}
