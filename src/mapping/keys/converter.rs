//! Converters: what each takes, and a sample of what it does.

use crate::yaml::shape::{Shape, Takes, may, must};

/// One item of `convert`.
pub static CONVERTER: Shape = Shape::new(
    "converter",
    "a converter",
    "how a value is written otherwise, and read back",
    &[
        may("lower", Takes::Nothing, "lower case", ""),
        may("upper", Takes::Nothing, "upper case", ""),
        may("trim", Takes::Nothing, "without blanks around", ""),
        may("number", Takes::Nothing, "a text as a number, digits exact", ""),
        may("text", Takes::Nothing, "a number or boolean as a text", ""),
        may("prefix", Takes::Text, "this before it; read only where it is there", "\"@\""),
        may(
            "suffix",
            Takes::Text,
            "this behind it; read only where it is there",
            "\"@acme.example\"",
        ),
        may(
            "split",
            Takes::Text,
            "the vendor has one text for a list: cut at this when read",
            "\",\"",
        ),
        may(
            "join",
            Takes::Text,
            "the vendor has a list for one text: joined with this when read",
            "\" \"",
        ),
        may(
            "date",
            Takes::Of(&DATE),
            "an instant in a format of the vendor's",
            "{ format: \"%d.%m.%Y\" }",
        ),
        may(
            "epoch",
            Takes::Words(&["s", "ms"]),
            "an instant as seconds or milliseconds since 1970",
            "ms",
        ),
        may(
            "phone",
            Takes::Words(&["e164", "digits"]),
            "`+` and digits, or digits alone; spaces and the like go",
            "e164",
        ),
        may("base64", Takes::Nothing, "a text as Base64", ""),
        may("json", Takes::Nothing, "any value as JSON in a text", ""),
        may("last_segment", Takes::Nothing, "read only: what follows the last `/`", ""),
    ],
);

/// `date:`
pub static DATE: Shape = Shape::new(
    "date",
    "date",
    "how an instant is written",
    &[
        must("format", Takes::Text, "strftime", "\"%Y-%m-%d\""),
        may("zone", Takes::Text, "`UTC`, or an offset such as `+02:00`", "\"+02:00\"").or("`UTC`"),
    ],
);

/// What a converter does to one value.
#[derive(Debug)]
pub struct Sample {
    /// The converter, as a mapping writes it.
    pub converter: &'static str,
    /// SCIM's value, as JSON; none where nothing is written.
    pub scim: Option<&'static str>,
    /// What it is at the vendor.
    pub vendor: &'static str,
    /// What is read of it then.
    pub back: &'static str,
}

const fn sample(
    converter: &'static str,
    scim: &'static str,
    vendor: &'static str,
    back: &'static str,
) -> Sample {
    Sample { converter, scim: Some(scim), vendor, back }
}

/// One of each converter at least, in the order of the table.
pub static SAMPLES: &[Sample] = &[
    sample("lower", r#""Mia""#, r#""mia""#, r#""mia""#),
    sample("upper", r#""se""#, r#""SE""#, r#""SE""#),
    sample("trim", r#"" Mia ""#, r#""Mia""#, r#""Mia""#),
    sample("number", r#""9007199254740993""#, "9007199254740993", r#""9007199254740993""#),
    sample("text", "7", r#""7""#, "7"),
    sample("{ prefix: \"@\" }", r#""mia""#, r#""@mia""#, r#""mia""#),
    sample("{ suffix: \"@acme.example\" }", r#""mia""#, r#""mia@acme.example""#, r#""mia""#),
    sample("{ split: \",\" }", r#"["a","b"]"#, r#""a,b""#, r#"["a","b"]"#),
    sample("{ join: \" \" }", r#""a b""#, r#"["a","b"]"#, r#""a b""#),
    sample(
        "{ date: { format: \"%d.%m.%Y\" } }",
        r#""2026-01-02T00:00:00Z""#,
        r#""02.01.2026""#,
        r#""2026-01-02T00:00:00Z""#,
    ),
    sample("{ epoch: s }", r#""2026-01-02T03:04:05Z""#, "1767323045", r#""2026-01-02T03:04:05Z""#),
    sample(
        "{ epoch: ms }",
        r#""2026-01-02T03:04:05Z""#,
        "1767323045000",
        r#""2026-01-02T03:04:05Z""#,
    ),
    sample("{ phone: e164 }", r#""+46 8 555""#, r#""+468555""#, r#""+468555""#),
    sample("{ phone: digits }", r#""+468555""#, r#""468555""#, r#""+468555""#),
    sample("base64", r#""åb""#, r#""w6Vi""#, r#""åb""#),
    sample("json", r#"["a"]"#, r#""[\"a\"]""#, r#"["a"]"#),
    Sample { converter: "last_segment", scim: None, vendor: r#""/users/7""#, back: r#""7""# },
];
