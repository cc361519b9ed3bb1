//! A case: prose, files, a command, and what the user must see.
//!
//! ```text
//! # Why this matters, in sentences.
//! --- file NAME           the lines that follow become a file (without the last line break)
//! --- setup               lines for `sh`, before the files are counted
//! --- run                 lines for `sh -e`; `greenroom` is on the path
//! --- exit 3              the exit code
//! --- stdout              what is printed; left out where nothing is
//! --- stderr              what is told; left out where nothing is
//! --- left                files that are new or changed afterwards; left out where none are
//! ```

use crate::program;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output};

/// A parsed case.
#[derive(Default)]
pub(crate) struct Case {
    prose: String,
    files: Vec<(String, String)>,
    setup: String,
    run: String,
    /// Everything from `--- exit` on.
    expected: String,
}

impl Case {
    /// Reads a case, or says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut case = Self::default();
        let (input, expected) = match text.find("\n--- exit") {
            Some(place) => text.split_at(place + 1),
            None => (text, ""),
        };
        expected.clone_into(&mut case.expected);
        let mut section = &mut case.prose;
        for line in input.lines() {
            section = match line.strip_prefix("--- ") {
                None => {
                    section.push_str(line);
                    section.push('\n');
                    section
                }
                Some("setup") => &mut case.setup,
                Some("run") => &mut case.run,
                Some(other) => match other.strip_prefix("file ") {
                    Some(name) => {
                        case.files.push((name.to_owned(), String::new()));
                        &mut case.files.last_mut().expect("just pushed").1
                    }
                    None => return Err(format!("the unknown section `{line}`")),
                },
            };
        }
        if !case.prose.starts_with("# ") {
            return Err("no prose: a case begins with `# ` and says why it matters".to_owned());
        }
        if case.run.is_empty() {
            return Err("no `--- run`".to_owned());
        }
        Ok(case)
    }

    /// What was expected, as it stands in the file.
    pub(crate) fn expected(&self) -> &str {
        &self.expected
    }

    /// Runs it in a new folder and answers what happened, in the form of the file.
    pub(crate) fn play(&self) -> String {
        let world = tempfile::tempdir().expect("room for a temporary folder");
        for (name, content) in &self.files {
            // A file ends as it is shown, but empty ones are empty.
            std::fs::write(world.path().join(name), content).expect("room for a small file");
        }
        let prepared = sh(world.path(), &self.setup);
        let told = String::from_utf8_lossy(&prepared.stderr).into_owned();
        assert!(prepared.status.success(), "setup: {}\n{told}", self.setup);
        let before = contents(world.path());
        let Output { status, stdout, stderr } = sh(world.path(), &self.run);
        let mut text = format!("--- exit {}\n", status.code().map_or(-1, |code| code));
        for (name, bytes) in [("stdout", stdout), ("stderr", stderr)] {
            let printed = String::from_utf8_lossy(&bytes);
            if !printed.is_empty() {
                writeln!(text, "--- {name}\n{}", printed.trim_end_matches('\n'))
                    .expect("a string takes any text");
            }
        }
        let after = contents(world.path());
        let left: Vec<&String> = after
            .iter()
            .filter(|(name, hash)| before.get(*name) != Some(hash))
            .map(|x| x.0)
            .collect();
        let gone = before.keys().filter(|name| !after.contains_key(*name));
        let gone: Vec<String> = gone.map(|name| format!("{name} is gone")).collect();
        if !left.is_empty() || !gone.is_empty() {
            text.push_str("--- left\n");
            for name in left.into_iter().chain(&gone) {
                writeln!(text, "{name}").expect("a string takes any text");
            }
        }
        text
    }

    /// The file with another expectation.
    pub(crate) fn with(source: &str, expected: &str) -> String {
        let input = source.find("\n--- exit").map_or(source, |place| &source[..=place]);
        format!("{}\n{expected}", input.trim_end())
    }
}

fn sh(world: &Path, script: &str) -> Output {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut paths = vec![program::directory()];
    paths.extend(std::env::split_paths(&path));
    let path = std::env::join_paths(paths).expect("a target folder without a colon");
    Command::new("sh")
        .args(["-e", "-c", script])
        .current_dir(world)
        .env("PATH", path)
        .env("COLUMNS", "100")
        .env("LC_ALL", "C")
        .output()
        .expect("a POSIX shell")
}

/// Each file's content, to see what a run left.
fn contents(world: &Path) -> BTreeMap<String, Vec<u8>> {
    let read = |name: String| {
        let bytes = std::fs::read(world.join(&name)).unwrap_or_default();
        (name, bytes)
    };
    program::files(world).into_iter().map(read).collect()
}
