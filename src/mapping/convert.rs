//! Two-way converters: each with its inverse.
//!
//! Written in writing order; reading applies the inverses in reverse. `write` fails in words for
//! the client (400 invalidValue); `read` gives nothing for a vendor value that does not fit.

use crate::upstream::record::text_of;
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{Timestamp, civil, tz::TimeZone};
use serde_json::{Number, Value};

/// One converter of a rule.
#[derive(Debug, Clone, PartialEq)]
pub enum Converter {
    /// Lower case.
    Lower,
    /// Upper case.
    Upper,
    /// Without white space around.
    Trim,
    /// Text to JSON number, digits exact.
    Number,
    /// Number or boolean to text.
    Text,
    /// Adds before; as it is written until the tenant is known.
    Prefix(String),
    /// Adds behind; the same.
    Suffix(String),
    /// List to one text.
    Split(String),
    /// One text to list.
    Join(String),
    /// dateTime to strftime text in a fixed zone.
    Date {
        /// strftime.
        format: String,
        /// A fixed zone.
        zone: TimeZone,
    },
    /// dateTime to seconds since 1970.
    EpochSeconds,
    /// dateTime to milliseconds since 1970.
    EpochMillis,
    /// `+`, then digits.
    PhoneE164,
    /// Digits only.
    PhoneDigits,
    /// Base64 of a text.
    Base64,
    /// JSON as text.
    Json,
    /// Read only: what follows the last `/`.
    LastSegment,
}

impl Converter {
    /// `date` with its format and zone: `UTC` or a fixed offset such as `+02:00`. Named zones
    /// need a database that a container without files does not have.
    pub fn date(format: &str, zone: &str) -> Result<Self, String> {
        let fixed = match zone {
            "UTC" | "Z" => Some(TimeZone::UTC),
            offset => jiff::fmt::strtime::parse("%:z", offset)
                .ok()
                .and_then(|parsed| parsed.offset())
                .map(TimeZone::fixed),
        };
        let zone =
            fixed.ok_or_else(|| format!("`{zone}` is no zone; expected UTC or an offset"))?;
        // A format that cannot print cannot be trusted to parse.
        let sample = Timestamp::UNIX_EPOCH.to_zoned(zone.clone());
        let format = format.to_owned();
        match jiff::fmt::strtime::format(&format, &sample) {
            Ok(_) => Ok(Self::Date { format, zone }),
            Err(_) => Err(format!("`{format}` is no date format")),
        }
    }

    /// SCIM to vendor.
    pub fn write(&self, value: &Value) -> Result<Value, String> {
        let found = || text_of(value).unwrap_or_else(|| "a list or a map".to_owned());
        let text = || text_of(value).ok_or_else(|| "expected a single value".to_owned());
        Ok(match self {
            Converter::Lower => text()?.to_lowercase().into(),
            Converter::Upper => text()?.to_uppercase().into(),
            Converter::Trim => text()?.trim().into(),
            Converter::Number => {
                number(value).ok_or_else(|| format!("`{}` is no number", found()))?
            }
            Converter::Text => text()?.into(),
            Converter::Prefix(prefix) => format!("{prefix}{}", text()?).into(),
            Converter::Suffix(suffix) => format!("{}{suffix}", text()?).into(),
            Converter::Split(separator) => joined(value, separator)?,
            Converter::Join(separator) => split(&text()?, separator),
            Converter::Date { format, zone } => {
                let zoned = instant(value)
                    .ok_or_else(|| format!("`{}` is no date and time", found()))?
                    .to_zoned(zone.clone());
                jiff::fmt::strtime::format(format, &zoned)
                    .map_err(|_| format!("`{}` cannot be written as a date", found()))?
                    .into()
            }
            Converter::EpochSeconds => instant(value)
                .ok_or_else(|| format!("`{}` is no date and time", found()))?
                .as_second()
                .into(),
            Converter::EpochMillis => instant(value)
                .ok_or_else(|| format!("`{}` is no date and time", found()))?
                .as_millisecond()
                .into(),
            Converter::PhoneE164 | Converter::PhoneDigits => {
                let digits =
                    digits(&text()?).ok_or_else(|| format!("`{}` has no digits", found()))?;
                match self {
                    Converter::PhoneE164 => format!("+{digits}").into(),
                    _ => digits.into(),
                }
            }
            Converter::Base64 => STANDARD.encode(text()?).into(),
            Converter::Json => value.to_string().into(),
            Converter::LastSegment => value.clone(),
        })
    }

    /// Vendor to SCIM.
    pub fn read(&self, value: &Value) -> Option<Value> {
        Some(match self {
            Converter::Lower | Converter::Upper | Converter::Trim | Converter::PhoneE164 => {
                text_of(value)?.into()
            }
            Converter::Number => text_of(value)?.into(),
            // The reverse of text is the number or boolean that it was.
            Converter::Text => match text_of(value)?.as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                text => number(&Value::String(text.to_owned())).unwrap_or_else(|| text.into()),
            },
            Converter::Prefix(prefix) => text_of(value)?.strip_prefix(prefix)?.into(),
            Converter::Suffix(suffix) => text_of(value)?.strip_suffix(suffix)?.into(),
            Converter::Split(separator) => split(&text_of(value)?, separator),
            Converter::Join(separator) => joined(value, separator).ok()?,
            Converter::Date { format, zone } => shown(parsed(format, zone, &text_of(value)?)?),
            Converter::EpochSeconds => {
                shown(Timestamp::from_second(text_of(value)?.parse().ok()?).ok()?)
            }
            Converter::EpochMillis => {
                shown(Timestamp::from_millisecond(text_of(value)?.parse().ok()?).ok()?)
            }
            Converter::PhoneDigits => format!("+{}", digits(&text_of(value)?)?).into(),
            Converter::Base64 => {
                String::from_utf8(STANDARD.decode(text_of(value)?).ok()?).ok()?.into()
            }
            Converter::Json => serde_json::from_str(&text_of(value)?).ok()?,
            Converter::LastSegment => text_of(value)?.rsplit('/').next()?.into(),
        })
    }
}

impl std::fmt::Display for Converter {
    /// As a mapping writes it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Converter::Lower => f.write_str("lower"),
            Converter::Upper => f.write_str("upper"),
            Converter::Trim => f.write_str("trim"),
            Converter::Number => f.write_str("number"),
            Converter::Text => f.write_str("text"),
            Converter::Prefix(text) => write!(f, "prefix `{text}`"),
            Converter::Suffix(text) => write!(f, "suffix `{text}`"),
            Converter::Split(text) => write!(f, "split `{text}`"),
            Converter::Join(text) => write!(f, "join `{text}`"),
            Converter::Date { format, .. } => write!(f, "date `{format}`"),
            Converter::EpochSeconds => f.write_str("epoch s"),
            Converter::EpochMillis => f.write_str("epoch ms"),
            Converter::PhoneE164 => f.write_str("phone e164"),
            Converter::PhoneDigits => f.write_str("phone digits"),
            Converter::Base64 => f.write_str("base64"),
            Converter::Json => f.write_str("json"),
            Converter::LastSegment => f.write_str("last_segment"),
        }
    }
}

/// Digits exact: a number is never rounded on its way.
fn number(value: &Value) -> Option<Value> {
    match value {
        Value::Number(number) => Some(Value::Number(number.clone())),
        Value::String(text) => serde_json::from_str::<Number>(text.trim()).ok().map(Value::Number),
        _ => None,
    }
}

/// Nothing where there are none.
fn digits(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (!digits.is_empty()).then_some(digits)
}

fn joined(value: &Value, separator: &str) -> Result<Value, String> {
    let Value::Array(items) = value else { return Err("expected a list".to_owned()) };
    let texts: Option<Vec<String>> = items.iter().map(text_of).collect();
    let texts = texts.ok_or_else(|| "expected a list of single values".to_owned())?;
    if texts.iter().any(|text| text.contains(separator)) {
        // It would come back as two.
        return Err(format!("no value may hold `{separator}`"));
    }
    Ok(texts.join(separator).into())
}

fn split(text: &str, separator: &str) -> Value {
    text.split(separator).map(str::trim).filter(|part| !part.is_empty()).map(Value::from).collect()
}

fn instant(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

/// xsd:dateTime in UTC (RFC 7643 §2.3.5).
fn shown(instant: Timestamp) -> Value {
    instant.to_string().into()
}

/// With the format's own offset where it has one, else in the rule's zone; a date alone is its
/// first moment.
fn parsed(format: &str, zone: &TimeZone, text: &str) -> Option<Timestamp> {
    let parsed = jiff::fmt::strtime::parse(format, text).ok()?;
    if let Ok(instant) = parsed.to_timestamp() {
        return Some(instant);
    }
    let local = parsed.to_datetime().or_else(|_| parsed.to_date().map(civil::Date::into)).ok()?;
    zone.to_timestamp(local).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_written_reads_back() {
        let date = |format: &str, zone: &str| Converter::date(format, zone).unwrap();
        let big: Value = serde_json::from_str("9007199254740993").unwrap();
        let table = [
            (Converter::Number, json!("9007199254740993"), big.clone()),
            (Converter::Text, big, json!("9007199254740993")),
            (Converter::Text, json!(true), json!("true")),
            (Converter::Prefix("@".into()), json!("å"), json!("@å")),
            (Converter::Suffix("!".into()), json!("x"), json!("x!")),
            (Converter::Split(",".into()), json!(["a", "b"]), json!("a,b")),
            (Converter::Join(",".into()), json!("a,b"), json!(["a", "b"])),
            (Converter::EpochSeconds, json!("2026-01-02T03:04:05Z"), json!(1767323045)),
            (Converter::EpochMillis, json!("2026-01-02T03:04:05.678Z"), json!(1767323045678i64)),
            (
                date("%Y-%m-%d %H:%M:%S", "UTC"),
                json!("2026-01-02T03:04:05Z"),
                json!("2026-01-02 03:04:05"),
            ),
            (
                date("%Y-%m-%d %H:%M:%S", "+02:00"),
                json!("2026-01-02T03:04:05Z"),
                json!("2026-01-02 05:04:05"),
            ),
            (date("%d.%m.%Y", "UTC"), json!("2026-01-02T00:00:00Z"), json!("02.01.2026")),
            (Converter::PhoneE164, json!("+4685550100"), json!("+4685550100")),
            (Converter::PhoneDigits, json!("+4685550100"), json!("4685550100")),
            (Converter::Base64, json!("日本"), json!("5pel5pys")),
            (Converter::Json, json!({"a": [1]}), json!("{\"a\":[1]}")),
        ];
        for (converter, scim, vendor) in table {
            assert_eq!(converter.write(&scim).unwrap(), vendor, "{converter:?}");
            assert_eq!(converter.read(&vendor).unwrap(), scim, "{converter:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_or_unreadable() {
        let date = Converter::date("%Y-%m-%d", "UTC").unwrap();
        for (converter, scim) in [
            (Converter::Number, json!("7a")),
            (date.clone(), json!("yesterday")),
            (Converter::EpochMillis, json!(true)),
            (Converter::Split(",".into()), json!(["a,b"])),
            (Converter::Lower, json!([1])),
            (Converter::PhoneE164, json!("none")),
            (Converter::PhoneDigits, json!("none")),
        ] {
            assert!(converter.write(&scim).is_err(), "{converter:?} {scim}");
        }
        for (converter, vendor) in [
            (date, json!("02.01.2026")),
            (Converter::EpochSeconds, json!("x")),
            (Converter::Prefix("@".into()), json!("x")),
            (Converter::Base64, json!("%%")),
            (Converter::PhoneDigits, json!("none")),
            (Converter::Json, json!("{")),
        ] {
            assert_eq!(converter.read(&vendor), None, "{converter:?} {vendor}");
        }
        assert!(Converter::date("%Y", "Mars/Olympus").is_err());
        assert!(Converter::date("%Ü", "UTC").is_err());
    }
}
