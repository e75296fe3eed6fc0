//! Files that are no mapping, no test and no configuration, and some that are built to hurt: each is a finding or a
//! clear error, in bounded time and memory, and never a panic. The binary runs under a limit of its address space;
//! what does not end is a failure.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed, and says where")]

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

/// A sound mapping, short enough to be broken in every place.
const SOUND: &str = r#"mapping: 1
name: acme
evidence: seen
tenant: { token: { type: text, secret: true } }
upstream:
  base_url: https://api.acme.example
  auth: { bearer: { token: "{tenant.token}" } }
resources:
  Role:
    endpoint: /Roles
    schema: urn:okta:scim:schemas:core:1.0:Role
    key: id
    attributes: { displayName: { field: name } }
    operations:
      list: { call: GET /roles, items: roles, paging: none }
"#;

/// Kilobytes: 256 MiB.
const MEMORY: u32 = 256 * 1024;

/// Long enough for a debug build on a busy machine, where a hang never ends.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("scimshim-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.0.join(name), bytes).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Exit code and output of the binary, within the limits.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let limited = format!("ulimit -v {MEMORY} && exec \"$0\" \"$@\" 2>&1");
    let mut child = Command::new("sh")
        .args(["-c", &limited, env!("CARGO_BIN_EXE_scimshim")])
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = child.stdout.take().unwrap();
    let (sent, ended) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        output.read_to_end(&mut bytes).unwrap();
        let _ = sent.send(bytes);
    });
    let printed = ended.recv_timeout(PATIENCE);
    if printed.is_err() {
        child.kill().unwrap();
    }
    let code = child.wait().unwrap().code();
    assert!(printed.is_ok(), "{arguments:?} does not end");
    let printed = String::from_utf8(printed.unwrap()).unwrap();
    assert!(code.is_some(), "{arguments:?} was killed: {printed}");
    (code.unwrap(), printed)
}

/// The file as a mapping, as a mapping's tests and as a configuration: refused as it should be, or said to be sound.
fn everywhere(folder: &Folder, name: &str, says: &str) {
    let beside = "sound.test.yaml";
    folder.write("sound.yaml", SOUND.as_bytes());
    let _ = fs::remove_file(folder.0.join(beside));
    std::os::unix::fs::symlink(folder.0.join(name), folder.0.join(beside)).unwrap();
    let as_mapping = ["check", name];
    let as_tests = ["test", "sound.yaml"];
    let as_configuration = ["check", "--config", name];
    for arguments in [&as_mapping[..], &as_tests, &as_configuration] {
        let (code, printed) = run(&folder.0, arguments);
        assert!([1, 2].contains(&code), "{name} {arguments:?}: {code}\n{printed}");
        assert!(!printed.contains("panicked"), "{name} {arguments:?}: {printed}");
        assert!(printed.len() < 400_000, "{name} {arguments:?} prints {} bytes", printed.len());
        assert!(printed.contains(says), "{name} {arguments:?} does not say {says}:\n{printed}");
    }
}

#[test]
fn what_is_no_yaml_is_told_wherever_it_stands() {
    let folder = Folder::new("no-yaml");
    let bomb =
        "a: &a [x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: [*b, *b]\n";
    let deep: String = (0..1_000).map(|depth| " ".repeat(depth) + "a:\n").collect();
    let utf16: Vec<u8> = SOUND.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let table: [(&str, Vec<u8>, &str); 16] = [
        ("alias bomb", bomb.into(), "anchors are not read"),
        ("cycle", "a: &a { b: *a }\n".into(), "anchors are not read"),
        ("merge", "a: { <<: { b: 1 } }\n".into(), "merge keys are not read"),
        ("tab", "a:\n\tb: 1\n".into(), "indent with spaces"),
        ("key twice", "a: 1\na: 2\n".into(), "key `a` stands twice"),
        ("one key often", "a: 1\n".repeat(50_000).into(), "and 49899 more"),
        ("invalid UTF-8", b"a: \xff\xfe\n".to_vec(), "the file is not UTF-8: byte 3"),
        ("binary", (0..=255).cycle().take(9_999).collect(), "the file is not UTF-8"),
        ("UTF-16", utf16, "no YAML: unexpected character"),
        ("NUL", b"a: b\0c\n".to_vec(), "no YAML: unexpected character"),
        ("deep lists", ("a: ".to_owned() + &"[".repeat(100_000)).into(), "recursion limit"),
        ("deep maps", ("a: ".to_owned() + &"{a: ".repeat(100_000)).into(), "nested deeper than 64"),
        ("deep blocks", deep.into(), "nested deeper than 64"),
        ("open", "a: [b, c\n".into(), "close the bracket"),
        ("two documents", "a: 1\n---\nb: 2\n".into(), "a second document begins"),
        ("long key", ("x".repeat(1_000_000) + ": 1\n").into(), "no YAML"),
    ];
    for (name, bytes, says) in table {
        folder.write("bad.yaml", &bytes);
        eprintln!("{name}");
        everywhere(&folder, "bad.yaml", says);
    }
}

#[test]
fn what_is_no_file_or_too_large_is_not_read() {
    let folder = Folder::new("no-file");
    fs::create_dir(folder.0.join("folder")).unwrap();
    everywhere(&folder, "folder", "it is a folder, and a file is wanted");
    let made = Command::new("mkfifo").arg(folder.0.join("pipe")).status().unwrap();
    assert!(made.success());
    everywhere(&folder, "pipe", "it is a pipe or a device, and a file is wanted");
    everywhere(&folder, "/dev/zero", "it is a pipe or a device, and a file is wanted");
    // A hole of a terabyte: read, it would not fit.
    let large = fs::File::create(folder.0.join("large")).unwrap();
    large.set_len(1 << 40).unwrap();
    everywhere(&folder, "large", "the file has 1099511627776 bytes; at most 1048576 are read");
    folder.write("just", &vec![b'#'; 1024 * 1024 + 1]);
    everywhere(&folder, "just", "the file has 1048577 bytes");
    let (code, printed) = run(&folder.0, &["explain", "sound.yaml", "--request", "/dev/zero"]);
    assert!(code == 1 && printed.contains("a file is wanted"), "{code} {printed}");
}

#[test]
fn what_is_yaml_and_nothing_else_is_told_wherever_it_stands() {
    let folder = Folder::new("yaml");
    let keys: String = (0..100_000).map(|key| format!("k{key}: 1\n")).collect();
    let number =
        format!("mapping: {}\ntest: 1e999999999\nthreads: 1e999999999\n", "9".repeat(9_999));
    let table: [(&str, String, &str); 7] = [
        ("empty", String::new(), ""),
        ("a comment", "# nothing\n".into(), ""),
        ("a list", "- a\n- b\n".into(), "error["),
        ("a text", "hello\n".into(), "error["),
        ("100,000 keys", keys, "unknown key `k"),
        ("a long line", "a: ".to_owned() + &"x".repeat(1_000_000), "unknown key `a`"),
        ("huge numbers", number, "error["),
    ];
    for (name, text, says) in table {
        folder.write("bad.yaml", text.as_bytes());
        eprintln!("{name}");
        everywhere(&folder, "bad.yaml", says);
    }
}

#[test]
fn a_mark_and_other_line_ends_change_nothing() {
    let folder = Folder::new("ends");
    for text in [format!("\u{feff}{SOUND}"), SOUND.replace('\n', "\r\n")] {
        folder.write("sound.yaml", text.as_bytes());
        let sound = "no findings\nsound.yaml: 1 operation, 1 seen\n";
        assert_eq!(run(&folder.0, &["check", "sound.yaml"]), (0, sound.to_owned()));
    }
}

/// The sound mapping with the first text replaced by the second.
fn with(old: &str, new: &str) -> String {
    assert!(SOUND.contains(old), "{old} is in the mapping");
    SOUND.replacen(old, new, 1)
}

#[test]
fn no_text_of_a_mapping_is_too_deep_or_too_long_to_be_told() {
    let folder = Folder::new("texts");
    let read = |text: String| with("{ field: name }", &format!("{{ read: \"{text}\" }}"));
    let items = |text: String| with("items: roles", &format!("items: \"{text}\""));
    let field = |text: String| with("field: name", &format!("field: \"{text}\""));
    let call = |text: String| with("GET /roles", &format!("\"GET /roles{text}\""));
    let pattern = |text: &str| {
        let schema =
            format!("urn:x:y: {{ attributes: {{ a: {{ type: string, pattern: '{text}' }} }} }}");
        with("resources:", &format!("schemas: {{ {schema} }}\nresources:"))
    };
    let rows =
        (0..15_000).map(|row| format!("\n    - {{ when: answer.status == {row}, means: busy }}"));
    let rows: String = rows.collect();
    let values: Vec<String> = (0..20_000).map(|value| format!("a{value}: b{value}")).collect();
    let values = values.join(", ");
    let table: [(&str, String, &str); 24] = [
        (
            "long CEL",
            read("1 + ".repeat(1_100) + "1"),
            "the expression has 4401 bytes; at most 4096",
        ),
        ("brackets", read("(".repeat(2_000) + &")".repeat(2_000)), "error[M606]"),
        ("signs", read("!".repeat(4_000) + "true"), "error[M606]"),
        ("a wide sum", read("1+".repeat(2_000) + "1"), "more than 256 operators"),
        ("a long selection", read("record".to_owned() + &".a".repeat(2_000)), "error[M606]"),
        ("a long indexing", read("record".to_owned() + &"[0]".repeat(1_300)), "error[M606]"),
        ("a long chain", read("record".to_owned() + &".trim()".repeat(580)), "error[M606]"),
        ("a long `and`", read("true".to_owned() + &"&&true".repeat(680)), "error[M606]"),
        ("a nested choice", read("true?1:".repeat(500) + "1"), "error[M60"),
        (
            "an expression's pattern",
            read("record.a.matches('((a{999}){999}){999}')".into()),
            "M601",
        ),
        ("JSONPath of filters", items("$".to_owned() + &"[?@".repeat(300)), "error[M203]"),
        (
            "JSONPath of brackets",
            items(format!("$[?{}@.a{}]", "(".repeat(400), ")".repeat(400))),
            "M203",
        ),
        ("a long JSONPath", items("$".to_owned() + &".a".repeat(50_000)), "at most 1024"),
        ("a long field path", field("a".to_owned() + &".a".repeat(100_000)), "at most 1024"),
        ("selectors", field("a".to_owned() + &"[a=b".repeat(200)), "error[M203]"),
        (
            "an attribute path",
            with("displayName:", &format!("? {}a\n      :", "a.".repeat(9_000))),
            "error[",
        ),
        ("braces", call("{".repeat(99_999)), "M601"),
        (
            "nested braces",
            call(format!("{{{}{}}}", "{".repeat(9_998), "}".repeat(9_998))),
            "warning",
        ),
        ("many holes", call("{tenant.token}".repeat(9_999)), "no findings"),
        ("a deep pattern", pattern(&"(".repeat(99_999)), "error[M104]"),
        ("a wide pattern", pattern("((a{999}){999}){999}"), "error[M104]"),
        ("many rows", with("  auth:", &format!("  errors:{rows}\n  auth:")), "at most 1000"),
        (
            "a huge table",
            with("field: name", &format!("field: name, values: {{ {values} }}")),
            "at most 1000",
        ),
        (
            "huge numbers",
            with(
                "  auth:",
                "  timeout: 99999999999999999999h\n  limits: { scan: 1e400, requests: 4294967296 }\n  auth:",
            ),
            "error[M104]",
        ),
    ];
    let mut wrong = Vec::new();
    for (name, text, says) in table {
        folder.write("m.yaml", text.as_bytes());
        let (code, printed) = run(&folder.0, &["check", "m.yaml"]);
        let told =
            printed.contains(says) && printed.len() < 20_000 && !printed.contains("panicked");
        if !told || ![0, 2].contains(&code) {
            let shown: String = printed.chars().take(600).collect();
            wrong.push(format!("{name}: {code}, {} bytes, not {says}: {shown}", printed.len()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Texts are read on the threads of `serve` as well, and on those of tests: their stack is smaller.
fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(run).unwrap().join().unwrap();
}

#[test]
fn what_is_taken_fits_a_small_stack() {
    let nested =
        |open: &str, deep: usize, close: &str| open.repeat(deep) + "record.a" + &close.repeat(deep);
    let texts = [
        "1+".repeat(256) + "1",
        "record".to_owned() + &".a".repeat(256),
        "record".to_owned() + &"[0]".repeat(240),
        "record".to_owned() + &".trim()".repeat(120),
        "true".to_owned() + &"&&true".repeat(256),
        nested("(", 31, ")"),
        nested("[", 31, "]"),
        nested("{'a':", 31, "}"),
        nested("text(", 31, ")"),
        nested("coalesce(", 31, ")"),
        nested("!(", 28, ")"),
        "true?1:".repeat(30) + "1",
    ];
    on_a_small_stack(move || {
        for text in texts {
            let mapping = with("{ field: name }", &format!("{{ read: \"{text}\" }}"));
            let loaded = scimshim::mapping::load("m.yaml", &mapping);
            assert!(loaded.plan.is_some(), "{text}: {:?}", loaded.findings);
        }
        let field = format!("field: a{}", ".a".repeat(500));
        assert!(scimshim::mapping::load("m.yaml", &with("field: name", &field)).plan.is_some());
    });
}

/// Some of the brackets and chains stand where the counts do not see them: they take them for quoted.
#[test]
fn what_is_nested_too_deep_is_told_on_a_small_stack() {
    use scimshim::mapping::expr::{Expression, Scope};
    let brackets =
        |before: &str, deep: usize| format!("{before}{}1{}", "(".repeat(deep), ")".repeat(deep));
    let closing = format!("['{}', {}]", ")".repeat(40), brackets("", 60));
    let mut texts: Vec<String> = (8..80).map(|deep| brackets("", deep)).collect();
    let refused = [
        brackets("r'\\' + ", 1_000),
        brackets("'''a'b''' + ", 1_000),
        brackets("", 33),
        closing.clone(),
        format!("{}{closing}", "(".repeat(31)),
        "r'\\' + ".to_owned() + &"1+".repeat(2_000) + "1",
        "r'\\' + record".to_owned() + &".a".repeat(2_000),
        "r'\\' + record".to_owned() + &"[0]".repeat(1_300),
        "r'\\' + ".to_owned() + &"true?1:".repeat(500) + "1",
        format!("'{}' + {}1", ")".repeat(40), "1+".repeat(1_200)),
        "a(".repeat(2_048),
        "[".repeat(4_096),
        "{".repeat(4_096),
        "?".repeat(4_096),
    ];
    texts.extend([
        brackets("'", 1_000),
        brackets("'\n", 1_000),
        brackets("// '\n", 1_000),
        brackets("`", 1_000),
        "r'\\' + ".to_owned() + &"!".repeat(4_000) + "true",
        "'''".to_owned() + &"(".repeat(4_000),
    ]);
    on_a_small_stack(move || {
        for text in &refused {
            let fault = Expression::parse(text).unwrap_err();
            assert!(["M601", "M606"].contains(&fault.code), "{text}: {fault:?}");
        }
        for text in texts {
            // It only has to end, and to be evaluated where it is taken.
            if let Ok(read) = Expression::parse(&text) {
                assert!(read.evaluate(&Scope::new()).is_ok() || text.contains('!'), "{text}");
            }
        }
    });
}
