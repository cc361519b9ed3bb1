//! The example of the README is the one that is compiled as documentation.

/// The lines of the first example, without what marks them as a comment.
fn example(text: &str) -> String {
    let lines = text.lines().map(|line| line.trim_start_matches("//!"));
    let lines =
        lines.map(|line| line.strip_prefix(' ').filter(|_| text.starts_with("#!")).unwrap_or(line));
    lines
        .skip_while(|line| *line != "```rust")
        .take_while(|line| *line != "```")
        .fold(String::new(), |all, line| all + line + "\n")
}

#[test]
fn the_readme_shows_the_compiled_example() {
    let (readme, library) = (include_str!("../README.md"), include_str!("../src/lib.rs"));
    assert!(example(readme).contains("Core::new()"), "the README has an example");
    assert_eq!(example(readme), example(library));
}
