//! The profile as a table, in the words of Okta's profile editor.

use super::{Entry, Kind, Profile, word};

const HEAD: [&str; 9] = [
    "display name",
    "variable name",
    "external name",
    "external namespace",
    "data type",
    "enum",
    "required",
    "mutability",
    "attribute type",
];

/// What to type, and what is there already.
pub fn table(profile: &Profile) -> String {
    let (known, added): (Vec<&Entry>, Vec<&Entry>) =
        profile.entries.iter().partition(|entry| entry.known);
    let mut text = format!("{}: the users' profile of its app in Okta\n", profile.title);
    for (title, entries) in [
        ("To be added in the profile editor", added),
        ("There from the start, in an app made from one of Okta's SCIM templates", known),
    ] {
        if !entries.is_empty() {
            text.push_str(&format!("\n{title}:\n\n{}", rows(&entries)));
        }
    }
    if !profile.by_itself.is_empty() {
        text.push_str(&format!(
            "\nOkta sends without an attribute of the profile: {}\n",
            profile.by_itself.join(", ")
        ));
    }
    for (name, why) in &profile.left_out {
        text.push_str(&format!("Not in a profile: {name} ({why})\n"));
    }
    text.push_str(
        "\nOkta never sends an attribute without an external namespace, nor one that nothing is mapped to.\n",
    );
    text
}

fn rows(entries: &[&Entry]) -> String {
    let cells = entries.iter().map(|entry| row(entry));
    let rows: Vec<[String; 9]> = std::iter::once(HEAD.map(str::to_owned)).chain(cells).collect();
    let mut widths = [0; 9];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let line = |row: &[String; 9]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("  {cell:<width$}"));
        format!("{}\n", cells.collect::<String>().trim_end())
    };
    rows.iter().map(line).collect()
}

fn row(entry: &Entry) -> [String; 9] {
    let or_dash = |text: String| if text.is_empty() { "-".to_owned() } else { text };
    [
        entry.title.clone(),
        entry.variable.clone(),
        entry.external_name.clone(),
        entry.namespace.clone(),
        match entry.kind {
            Kind::String => "string",
            Kind::Boolean => "boolean",
            Kind::Integer => "integer",
            Kind::Number => "number",
            Kind::Texts => "string array",
        }
        .to_owned(),
        or_dash(entry.values.join(", ")),
        if entry.required { "yes" } else { "no" }.to_owned(),
        word(entry.mutability).to_owned(),
        if entry.by_group() { "Group" } else { "Personal" }.to_owned(),
    ]
}
