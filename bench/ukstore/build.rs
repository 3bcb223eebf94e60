//! Writes what is looked up and walked: 1,000 counters that are families of their own, and 1,000 that are labelled, 100 in
//! each of ten families. Names are as long as the kernel's, and in directories as its are.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

fn main() {
    let mut code = String::new();
    for index in 0..1000 {
        let (group, entry) = (index / 25, index % 25);
        let path = format!("/bench/group_{group:02}/entry_{entry:02}_total");
        writeln!(
            code,
            "periscope::ukstore::counter! {{ /// One of many.\n static S{index} = \"{path}\", \"bench_single_{index:03}_total\"; }}"
        )
        .expect("a text takes what is written");
    }
    let values: Vec<String> = (0..100).map(|value| format!("\"v{value:02}\"")).collect();
    for family in 0..10 {
        let path = format!("/bench/labelled/family_{family}_total");
        writeln!(
            code,
            "periscope::ukstore::counters! {{ /// One of many.\n static L{family} = \"{path}\", \
             \"bench_labelled_{family}_total\", value = [{}]; }}",
            values.join(", ")
        )
        .expect("a text takes what is written");
    }
    let folder = env::var_os("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&folder).join("entries.rs"), code).expect("cargo's folder can be written");
    println!("cargo:rerun-if-changed=build.rs");
}
