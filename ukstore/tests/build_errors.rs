//! What must not build does not build, and the compiler says why and where. Each file of `build_errors/` is a program
//! that is wrong in one thing: its first line says, after `//~`, what the compiler says of the declaration that begins on
//! the second line. They are compiled as the programs of one package, by the cargo that runs this test.
//!
//! What only the linked kernel shows is tested with `ukstore_inspect`.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The program that is right, so that no case fails for a reason that has nothing to do with it.
const GOOD: &str = "good";

/// The cases by name.
fn cases() -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/build_errors");
    let mut cases: Vec<_> = fs::read_dir(folder)
        .expect("the cases are there")
        .map(|entry| entry.expect("their folder can be read").path())
        .map(|path| (path.file_stem().expect("it is a file").to_string_lossy().into_owned(), path))
        .collect();
    cases.sort();
    cases
}

/// Writes a package whose programs are the cases, and gives its folder.
fn package(cases: &[(String, PathBuf)]) -> PathBuf {
    let ukstore = env!("CARGO_MANIFEST_DIR");
    // A workspace of its own: it is inside of this one's folder for what is built.
    let mut manifest = format!(
        "[package]\nname = \"build_errors\"\nedition = \"2024\"\n[workspace]\n\
         [dependencies]\nukstore = {{ path = {ukstore:?} }}\n"
    );
    for (name, path) in cases {
        write!(manifest, "[[bin]]\nname = {name:?}\npath = {path:?}\n").expect("a text takes all");
    }
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("build_errors");
    fs::create_dir_all(&package).expect("cargo's folder for tests is writable");
    fs::write(package.join("Cargo.toml"), manifest).expect("the folder is writable");
    // The versions that this workspace has, which are here already.
    fs::copy(Path::new(ukstore).join("../Cargo.lock"), package.join("Cargo.lock")).expect("the workspace is locked");
    package
}

#[test]
fn what_is_wrong_does_not_build_and_the_compiler_says_why_and_where() {
    let cases = cases();
    let package = package(&cases);
    let output = Command::new(env::var_os("CARGO").expect("cargo runs its tests"))
        .args(["check", "--offline", "--keep-going", "--bins", "--message-format=short"])
        .env("CARGO_TARGET_DIR", package.join("target"))
        .env("CARGO_TERM_COLOR", "never")
        .current_dir(&package)
        .output()
        .expect("cargo starts");
    let said = String::from_utf8(output.stderr).expect("the compiler writes UTF-8");
    let mut faults = Vec::new();
    for (name, path) in &cases {
        let failed = said.contains(&format!("could not compile `build_errors` (bin \"{name}\")"));
        let place = format!("{}:", path.display());
        let errors: Vec<&str> = said
            .lines()
            .filter_map(|line| line.strip_prefix(&place))
            .filter(|line| line.split(": ").nth(1).is_some_and(|sort| sort.starts_with("error")))
            .collect();
        if name == GOOD {
            if failed || !errors.is_empty() {
                faults.push(format!("{name} is right but does not build: {errors:#?}"));
            }
            continue;
        }
        let text = fs::read_to_string(path).expect("a case can be read");
        let expected =
            text.lines().next().and_then(|line| line.strip_prefix("//~ ")).expect("a case says what it expects");
        let is_told = |line: &&str| line.starts_with("2:") && line.contains(expected);
        if !failed || errors.is_empty() || !errors.iter().all(is_told) {
            faults.push(format!("{name} should fail on line 2 with {expected:?} alone: {errors:#?}"));
        }
    }
    assert!(faults.is_empty(), "{}\n{said}", faults.join("\n"));
    assert!(!output.status.success() && cases.len() > 1, "there are cases");
}
