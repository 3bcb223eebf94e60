//! Writes the entries of this build: counters, each with a path and a family of its own, as a program would declare them.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

fn main() {
    let many = env::var_os("CARGO_FEATURE_MANY").is_some();
    let mut code = String::new();
    for index in 0..if many { 10_000 } else { 10 } {
        let (group, entry) = (index / 25, index % 25);
        let path = format!("/bench/group_{group:03}/entry_{entry:02}_total");
        writeln!(
            code,
            "periscope::ukstore::counter! {{ /// One of many.\n static C{index} = \"{path}\", \"bench_{index:05}_total\"; }}"
        )
        .expect("a text takes what is written");
    }
    let folder = env::var_os("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&folder).join("entries.rs"), code).expect("cargo's folder can be written");
    println!("cargo:rerun-if-changed=build.rs");
}
