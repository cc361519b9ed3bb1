//! The core names no clock, file, socket, thread, environment, process, hash order or randomness.
//! Each law is a function from text to faults, and each is shown a text with every fault.

use crate::arrows::{Fault, root};
use std::path::Path;
use std::process::Command;

/// What the core may depend on, and whether it must be optional.
const DEPENDENCIES: [(&str, bool); 3] = [("libm", false), ("schemars", true), ("serde", false)];

/// Words that the sources of the core must not hold, each with what is wrong with it.
const WORDS: [(&str, &str); 22] = [
    ("std", "the standard library"),
    ("Instant", "a clock"),
    ("SystemTime", "a clock"),
    ("UNIX_EPOCH", "a clock"),
    ("File", "a file"),
    ("TcpStream", "a socket"),
    ("TcpListener", "a socket"),
    ("UdpSocket", "a socket"),
    ("thread", "a thread"),
    ("thread_local", "a thread"),
    ("env", "the environment"),
    ("option_env", "the environment"),
    ("include_str", "a file"),
    ("include_bytes", "a file"),
    ("process", "a process"),
    ("HashMap", "an order that differs from run to run"),
    ("HashSet", "an order that differs from run to run"),
    ("RandomState", "randomness"),
    ("rand", "randomness"),
    ("getrandom", "randomness"),
    ("unsafe", "unsafe code"),
    ("async", "a runtime"),
];

/// Methods that call the platform's own mathematics, whose last digit differs from one to another.
/// `libm` gives the same everywhere.
const PLATFORM_MATHS: [&str; 16] = [
    "exp", "exp2", "exp_m1", "ln", "ln_1p", "log", "log2", "log10", "powf", "powi", "sin", "cos",
    "tan", "atan2", "cbrt", "hypot",
];

fn header_faults(lib: &str) -> Vec<Fault> {
    ["#![no_std]", "#![forbid(unsafe_code)]"]
        .into_iter()
        .filter(|line| !lib.lines().any(|found| found.trim() == *line))
        .map(|line| format!("src/lib.rs: lacks {line}"))
        .collect()
}

fn dependency_faults(manifest: &str) -> Vec<Fault> {
    let manifest: toml::Table = match manifest.parse() {
        Ok(manifest) => manifest,
        Err(error) => return vec![format!("Cargo.toml: {error}")],
    };
    let mut faults = Vec::new();
    for section in ["build-dependencies", "target", "build"] {
        if manifest.contains_key(section) {
            faults.push(format!("Cargo.toml: found [{section}], expected none"));
        }
    }
    let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
    for (name, value) in dependencies.into_iter().flatten() {
        let is_optional = value.get("optional").and_then(toml::Value::as_bool) == Some(true);
        match DEPENDENCIES.iter().find(|(allowed, _)| allowed == name) {
            None => {
                faults.push(format!("Cargo.toml: {name} is not on the list of what may be used"));
            }
            Some((_, true)) if !is_optional => {
                faults.push(format!("Cargo.toml: {name} must be optional"));
            }
            Some(_) => {}
        }
    }
    faults
}

fn source_faults(name: &str, source: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (number, line) in code(source).lines().enumerate() {
        let place = format!("{name}:{}", number + 1);
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        for word in line.split(|c| !is_word(c)) {
            if let Some((_, what)) = WORDS.iter().find(|(known, _)| *known == word) {
                faults.push(format!("{place}: `{word}` names {what}"));
            }
        }
        for method in PLATFORM_MATHS {
            if line.contains(&format!(".{method}(")) || line.contains(&format!("f64::{method}")) {
                faults.push(format!("{place}: `{method}` calls the platform's mathematics"));
            }
        }
    }
    faults
}

/// The source without comments and texts, line by line as it was.
fn code(source: &str) -> String {
    let mut kept = String::with_capacity(source.len());
    let mut rest = source.chars().peekable();
    while let Some(c) = rest.next() {
        match (c, rest.peek()) {
            ('/', Some('/')) => while rest.next_if(|c| *c != '\n').is_some() {},
            ('"', _) => {
                kept.push('"');
                while let Some(c) = rest.next() {
                    match c {
                        '\\' => drop(rest.next_if(|c| *c != '\n')),
                        '"' => break,
                        '\n' => kept.push('\n'),
                        _ => {}
                    }
                }
                kept.push('"');
            }
            // A letter in quotes, such as `'"'`; a lifetime has no second quote.
            ('\'', Some('"')) => drop(rest.next()),
            _ => kept.push(c),
        }
    }
    kept
}

/// Every source below a folder, by its name from there.
pub(crate) fn sources(folder: &Path, under: &str, into: &mut Vec<(String, String)>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("a readable entry").path())
        .collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().expect("an entry has a name").to_string_lossy().into_owned();
        let name = format!("{under}{name}");
        if path.is_dir() {
            sources(&path, &format!("{name}/"), into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push((name, std::fs::read_to_string(&path).expect("UTF-8")));
        }
    }
}

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/laws/impure").join(name);
    std::fs::read_to_string(path).expect("committed")
}

#[test]
fn the_core_is_pure() {
    let scheduler = root().join("scheduler");
    let read = |name| std::fs::read_to_string(scheduler.join(name)).expect("the core is there");
    assert_eq!(header_faults(&read("src/lib.rs")), [""; 0]);
    assert_eq!(dependency_faults(&read("Cargo.toml")), [""; 0]);
    let mut all = Vec::new();
    sources(&scheduler.join("src"), "src/", &mut all);
    assert!(all.len() > 20, "only {} sources", all.len());
    let faults: Vec<Fault> =
        all.iter().flat_map(|(name, source)| source_faults(name, source)).collect();
    assert_eq!(faults, [""; 0]);
}

#[test]
fn an_impure_manifest_is_reported() {
    assert_eq!(
        dependency_faults(&fixture("Cargo.toml.txt")),
        [
            "Cargo.toml: found [build-dependencies], expected none",
            "Cargo.toml: found [target], expected none",
            "Cargo.toml: rand is not on the list of what may be used",
            "Cargo.toml: schemars must be optional",
            "Cargo.toml: tokio is not on the list of what may be used",
        ]
    );
    assert_eq!(
        header_faults("#![warn(missing_docs)]\n"),
        ["src/lib.rs: lacks #![no_std]", "src/lib.rs: lacks #![forbid(unsafe_code)]"]
    );
}

#[test]
fn every_impure_word_is_reported() {
    let faults = source_faults("impure.rs", &fixture("words.rs.txt"));
    expect_test::expect_file!["data/laws/impure/words.faults.txt"]
        .assert_eq(&format!("{}\n", faults.join("\n")));
    for (word, _) in WORDS {
        let named = format!("`{word}` names");
        assert!(faults.iter().any(|fault| fault.contains(&named)), "{word} is not shown");
    }
    for method in PLATFORM_MATHS {
        let named = format!("`{method}` calls");
        assert!(faults.iter().any(|fault| fault.contains(&named)), "{method} is not shown");
    }
}

#[test]
fn words_in_comments_and_texts_are_no_fault() {
    let source = "// std::fs\n/// A HashMap would be wrong.\nfn a() -> &'static str { \"std // \\\"env\" }\nlet q = '\"'; // std\n";
    assert_eq!(source_faults("a.rs", source), [""; 0]);
}

/// The compiler itself refuses: without the standard library there is no clock to name.
#[test]
fn no_std_refuses_a_clock() {
    let folder = tempfile::tempdir().expect("room for a temporary folder");
    let check = |name: &str, body: &str| {
        let source = folder.path().join(name);
        let text = format!("#![no_std]\n#![forbid(unsafe_code)]\nextern crate alloc;\n{body}\n");
        std::fs::write(&source, text).expect("room for a small file");
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        Command::new(rustc)
            .args(["--edition=2024", "--crate-type=lib", "--emit=metadata", "--out-dir"])
            .arg(folder.path())
            .arg(&source)
            .current_dir(root())
            .output()
            .expect("the compiler that built this test")
    };
    let pure = check("pure.rs", "pub fn now() -> u64 { 0 }");
    assert!(pure.status.success(), "{}", String::from_utf8_lossy(&pure.stderr));
    let clock =
        check("clock.rs", "pub fn now() -> std::time::Instant { std::time::Instant::now() }");
    assert!(!clock.status.success());
    let told = String::from_utf8_lossy(&clock.stderr);
    assert!(told.contains("std"), "{told}");
}

/// `scheduler/clippy.toml` refuses each of them by path, whatever it is imported as.
#[test]
fn clippy_reports_every_banned_path() {
    let is_there = Command::new(env!("CARGO")).args(["clippy", "--version"]).output();
    if !is_there.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: clippy is not installed, so its rules for the core are not tried");
        return;
    }
    let folder = tempfile::tempdir().expect("room for a temporary folder");
    let put = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("room for a small file");
    };
    std::fs::create_dir(folder.path().join("src")).expect("room for a folder");
    put("Cargo.toml", "[package]\nname = \"impure\"\nedition = \"2024\"\n[workspace]\n");
    put("src/lib.rs", &fixture("banned.rs.txt"));
    put(
        "clippy.toml",
        &std::fs::read_to_string(root().join("scheduler/clippy.toml")).expect("there"),
    );
    let output = Command::new(env!("CARGO"))
        .args(["clippy", "--offline", "--quiet", "--message-format=short"])
        .args(["--manifest-path", "Cargo.toml", "--target-dir", "target"])
        .current_dir(folder.path())
        .env_remove("CARGO_TARGET_DIR")
        .env_remove("RUSTFLAGS")
        .output()
        .expect("clippy was there");
    let told = String::from_utf8_lossy(&output.stderr);
    let told: Vec<&str> =
        told.lines().filter_map(|line| Some(line.split_once("disallowed ")?.1)).collect();
    expect_test::expect_file!["data/laws/impure/banned.faults.txt"]
        .assert_eq(&format!("{}\n", told.join("\n")));
}
