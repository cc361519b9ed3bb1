//! The built binary in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Where the binary lies, to stand on the path of scripts.
pub(crate) fn directory() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_greenroom")).parent().expect("a file has a folder").to_owned()
}

/// The program, to be run in `world`.
pub(crate) fn greenroom(world: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greenroom"));
    command.current_dir(world).args(arguments).env("COLUMNS", "100");
    command
}

/// What it prints; it must succeed.
pub(crate) fn printed(world: &Path, arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } =
        greenroom(world, arguments).output().expect("the binary was built for this test");
    let told = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{arguments:?}: {status}: {told}");
    String::from_utf8(stdout).expect("UTF-8")
}

/// The names of all files below a folder, sorted, hidden ones included.
pub(crate) fn files(world: &Path) -> Vec<String> {
    fn walk(folder: &Path, under: &str, into: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder of this test") {
            let entry = entry.expect("a file of this test");
            let name = format!("{under}{}", entry.file_name().to_string_lossy());
            if entry.file_type().expect("it was there").is_dir() {
                walk(&entry.path(), &format!("{name}/"), into);
            } else {
                into.push(name);
            }
        }
    }
    let mut names = Vec::new();
    walk(world, "", &mut names);
    names.sort();
    names
}
