//! What `explain` says, word for word. To see a change: `GOLDEN=write cargo test --test explain`, and read the
//! difference.

use scimshim::mapping;
use std::{fs, path::Path, process::Command};

const FOLDER: &str = "tests/explain/golden";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn explain(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scimshim"));
    command.arg("explain").args(arguments).current_dir(root());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The text is that of the file, which is written where one asks for it.
fn is_golden(name: &str, text: &str) {
    let file = root().join(FOLDER).join(name);
    let text = text.replace(&format!("scimshim/{}", env!("CARGO_PKG_VERSION")), "scimshim/VERSION");
    if std::env::var_os("GOLDEN").is_some_and(|asked| asked == "write") {
        fs::write(&file, text).unwrap();
        return;
    }
    let golden = fs::read_to_string(&file).unwrap();
    for (line, (found, expected)) in text.lines().zip(golden.lines()).enumerate() {
        assert_eq!(found, expected, "{name}, line {}", line + 1);
    }
    assert_eq!(text.len(), golden.len(), "{name} has other lines at its end:\n{text}");
}

#[test]
fn a_plan_is_told_word_for_word() {
    is_golden("plan.txt", &explain(&["tests/explain/golden/vendor.yaml"]));
}

#[test]
fn a_request_is_told_with_what_it_depends_on() {
    for name in ["requests", "answered"] {
        let file = format!("{FOLDER}/{name}.yaml");
        let told = explain(&["tests/explain/golden/vendor.yaml", "--request", &file]);
        is_golden(&format!("{name}.txt"), &told);
    }
}

#[test]
fn lookups_are_told_word_for_word() {
    is_golden("lookup.txt", &explain(&["tests/explain/golden/lookup.yaml"]));
    for name in ["lookup_requests", "lookup_answered"] {
        let file = format!("{FOLDER}/{name}.yaml");
        let told = explain(&["tests/explain/golden/lookup.yaml", "--request", &file]);
        is_golden(&format!("{name}.txt"), &told);
    }
}

#[test]
fn who_is_outside_is_told_word_for_word() {
    is_golden("outside.txt", &explain(&["tests/suite/outside.yaml"]));
    let file = format!("{FOLDER}/outside_answered.yaml");
    let told = explain(&["tests/suite/outside.yaml", "--request", &file]);
    is_golden("outside_answered.txt", &told);
}

/// How calls are signed by what no variable holds.
#[test]
fn credentials_that_are_fetched_or_brought_are_told_word_for_word() {
    for name in ["login", "passed"] {
        let file = format!("{FOLDER}/{name}.yaml");
        is_golden(&format!("{name}.txt"), &explain(&[&file]));
        let told = explain(&[&file, "--request", &format!("{FOLDER}/roles.yaml")]);
        is_golden(&format!("{name}_roles.txt"), &told);
    }
    // Nobody is here whose credential could be shown.
    let mut command = Command::new(env!("CARGO_BIN_EXE_scimshim"));
    let (file, request) = (format!("{FOLDER}/passed.yaml"), format!("{FOLDER}/roles.yaml"));
    command.args(["explain", &file, "--request", &request, "--live-reads"]);
    let output = command.current_dir(root()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("the client's own credential"), "{said}");
}

#[test]
fn groups_that_are_values_are_told_word_for_word() {
    is_golden("values.txt", &explain(&["tests/explain/golden/values.yaml"]));
    let request = ["--request", "tests/explain/golden/values_answered.yaml"];
    let told = explain(&["tests/explain/golden/values.yaml", request[0], request[1]]);
    is_golden("values_answered.txt", &told);
}

#[test]
fn links_are_told_word_for_word() {
    is_golden("linked.txt", &explain(&["tests/suite/linked.yaml"]));
}

/// No rule, no call and no row of a shipped mapping is left out.
#[test]
fn a_plan_tells_everything() {
    for name in ["acall", "carbon-voice", "dialpad", "envoy", "sample"] {
        let file = format!("mappings/{name}.yaml");
        let text = fs::read_to_string(root().join(&file)).unwrap();
        let plan = mapping::load(&file, &text).plan.unwrap();
        let told = mapping::explain::plan(&plan);
        let says = |part: &str| assert!(told.contains(part), "{part} is not in\n{told}");
        for resource in &plan.resources {
            for rule in &resource.rules {
                says(&format!("{:>4}  {} ", rule.place.span.line, rule.target));
            }
            for step in resource.operations.all().flat_map(|operation| &operation.steps) {
                says(&step.place.to_string());
            }
        }
        plan.upstream.errors.iter().for_each(|row| says(&row.place.to_string()));
    }
}
