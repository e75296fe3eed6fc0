//! The modifiers of a rule: those that do something, and those that name something.

use super::Compiler;
use crate::{
    diagnostic::{did_you_mean, nearest},
    mapping::{
        document::{KindSection, RuleSection},
        plan::Direction,
    },
};

/// Keys that stand there and do nothing: the author believes in something that does not happen.
pub fn useless(cx: &mut Compiler<'_>, section: &RuleSection) {
    let kind = match &section.kind {
        KindSection::Ignore => "`ignore`",
        KindSection::Reject => "`reject`",
        KindSection::Constant(_) => "`constant`",
        KindSection::Kept => "`kept`",
        KindSection::Computed(_) => "`read` alone",
        _ if section.direction == Some(Direction::Read) => "`direction: read`",
        _ => "",
    };
    // What a rule that never writes cannot use; and what one that never reads cannot either.
    let kept = matches!(section.kind, KindSection::Kept);
    let writing = [
        ("default", section.default.is_some()),
        ("generate", section.generate.is_some()),
        ("clear", section.clear.is_some()),
        ("only", section.only_create && !kept),
    ];
    let reading = [
        ("direction", section.direction.is_some()),
        ("values", !section.values.is_empty()),
        ("convert", !section.convert.is_empty()),
        ("refers", section.refers.is_some()),
        ("lookup", section.lookup.is_some()),
        ("missing", section.missing.is_some()),
        ("required", section.required),
        ("lossy", section.lossy.is_some()),
    ];
    let unread = matches!(
        section.kind,
        KindSection::Ignore | KindSection::Reject | KindSection::Constant(_)
    );
    let idle = writing.iter().filter(|_| !kind.is_empty());
    // A kept value is as the client wrote it, and is there or not.
    let stays = |key: &str| kept && !matches!(key, "missing" | "required");
    let unused = reading.iter().filter(|(key, _)| unread || stays(key));
    // What belongs to a value is said of the part of the element that is it.
    if let KindSection::List { .. } = section.kind {
        let within = |key: &str| matches!(key, "values" | "refers");
        for (key, _) in reading.iter().filter(|(key, said)| *said && within(key)) {
            let message = format!("`{key}` does nothing beside `element`");
            let help = format!("say `{key}` in it, of the part that it is about");
            cx.error("M217", section.path.span, message, Some(help));
        }
    }
    for (key, _) in idle.chain(unused).filter(|(_, said)| *said) {
        let message = format!("`{key}` does nothing beside {kind}");
        cx.error("M217", section.path.span, message, Some(format!("leave `{key}` out")));
    }
    if section.direction == Some(Direction::Write) && section.missing.is_some() {
        let message = "`missing` does nothing beside `direction: write`";
        cx.error("M217", section.path.span, message, Some("leave `missing` out".to_owned()));
    }
}

/// `unordered` stands beside the field of a list: one with an `element`, or one of plain values.
pub fn unordered(cx: &mut Compiler<'_>, section: &RuleSection, list: bool) {
    let compared = matches!(section.kind, KindSection::List { .. } | KindSection::Field { .. });
    if section.unordered && !(list && compared) {
        let message = "`unordered` needs the field of a list";
        cx.error("M215", section.path.span, message, Some("leave `unordered` out".to_owned()));
    }
}

/// `refers: TYPE` names a resource of this mapping.
pub fn refers(cx: &mut Compiler<'_>, section: &RuleSection) {
    let Some(refers) = &section.refers else { return };
    if cx.resources.contains(&refers.value) {
        return;
    }
    let near = nearest(&refers.value, cx.resources.iter().map(String::as_str));
    let help = near.map_or_else(|| format!("there are {}", cx.resources.join(", ")), did_you_mean);
    cx.error(
        "M213",
        refers.span,
        format!("resource `{}` does not exist", refers.value),
        Some(help),
    );
}
