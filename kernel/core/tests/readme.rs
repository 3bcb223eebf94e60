//! The README's table of boot parameters says what the parser does.

use kernel_core::params::PARAMETERS;
use std::{fs, path::Path};

#[test]
fn the_readme_lists_every_parameter() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let Ok(readme) = fs::read_to_string(path) else {
        return; // the crate was taken out of the repository
    };
    let table: Vec<String> = PARAMETERS.iter().map(ToString::to_string).collect();
    let is_complete = table.iter().all(|row| readme.lines().any(|line| line == row));
    assert!(is_complete, "README.md must have these rows:\n{}", table.join("\n"));
}
