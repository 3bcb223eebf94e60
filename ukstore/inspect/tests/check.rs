//! Every fault the check knows, each in a kernel that is right but for it: the program must end with 1 and name
//! what to mend, and must pass the right kernel.

mod kernel;

use std::process::{Command, Output};

use kernel::{Family, Kernel, To};
use ukstore::{Kind, Unit};

fn run(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ukstore_inspect")).args(words).output().expect("the program starts")
}

/// The faults of a kernel, one a line.
fn faults(test: &str, kernel: &Kernel) -> Vec<String> {
    let output = run(&["check", kernel.file(test).to_str().expect("cargo's folders are UTF-8")]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(output.stdout.is_empty(), "a faulty kernel gets no summary");
    String::from_utf8(output.stderr).expect("faults are text").lines().map(str::to_owned).collect()
}

/// The one fault of a kernel.
fn fault(test: &str, kernel: &Kernel) -> String {
    let mut faults = faults(test, kernel);
    assert_eq!(faults.len(), 1, "{faults:#?}");
    faults.remove(0)
}

#[test]
fn a_right_kernel_passes_with_one_line() {
    let file = Kernel::right().file("right");
    let output = run(&["check", file.to_str().unwrap(), "--crates", "kernel,drivers"]);
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "ukstore: 4 entries, 2 families, 0.2 kB of tables\n");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_path_declared_twice_names_both_places() {
    let mut kernel = Kernel::right();
    kernel.entries.push(("/uptime_seconds", To::Series(0, 0)));
    kernel.declare("entry", "/uptime_seconds", "apps/web/src/main.rs:40", "web");
    assert_eq!(
        fault("path_twice", &kernel),
        "error: entry /uptime_seconds is declared more than once: drivers/src/rtc.rs:9 and apps/web/src/main.rs:40"
    );
}

#[test]
fn a_family_declared_twice_names_both_places() {
    let mut kernel = Kernel::right();
    kernel.families.push(Family {
        name: "uk_log_lines_total",
        help: "Lines.",
        kind: Kind::Counter,
        unit: Unit::None,
        series: &["uk_log_lines_total{level=\"error\"}"],
    });
    kernel.declare("family", "uk_log_lines_total", "apps/web/src/main.rs:41", "web");
    assert_eq!(
        fault("family_twice", &kernel),
        "error: family uk_log_lines_total is declared more than once: \
         kernel/src/log.rs:7 and apps/web/src/main.rs:41"
    );
}

#[test]
fn a_series_that_is_there_twice_is_refused() {
    let mut kernel = Kernel::right();
    kernel.families[1].series = &["uk_log_lines_total{level=\"info\"}", "uk_log_lines_total{level=\"info\"}"];
    let fault = fault("series_twice", &kernel);
    assert!(fault.contains("uk_log_lines_total{level=\"info\"} is there twice: kernel/src/log.rs:7"), "{fault}");
}

#[test]
fn bad_names_are_refused_with_their_place() {
    let mut kernel = Kernel::right();
    kernel.entries.push(("/zz//x", To::Series(0, 0)));
    kernel.declare("entry", "/zz//x", "a.rs:1", "kernel");
    for (name, kind, unit) in [
        ("uk_x_seconds", Kind::Counter, Unit::Seconds),
        ("uk_y-z", Kind::Gauge, Unit::None),
        ("uk_z_count", Kind::Gauge, Unit::None),
        ("uk_z_milliseconds", Kind::Gauge, Unit::None),
        ("uk_z_total", Kind::Gauge, Unit::None),
    ] {
        kernel.families.push(Family { name, help: "It.", kind, unit, series: &[] });
        kernel.declare("family", name, "b.rs:2", "kernel");
    }
    let faults = faults("names", &kernel);
    assert_eq!(faults.len(), 6, "{faults:#?}");
    assert_eq!(faults[0], "error: entry /zz//x at a.rs:1: a path has single slashes");
    assert_eq!(faults[1], "error: family uk_x_seconds at b.rs:2: a counter's name ends in _total");
    assert!(faults[1..].iter().all(|fault| fault.contains("at b.rs:2: ")), "{faults:#?}");
}

#[test]
fn missing_help_and_missing_units_are_refused() {
    let mut kernel = Kernel::right();
    kernel.families[0].help = "";
    kernel.families[0].unit = Unit::None;
    kernel.entries[0].1 = To::Text("");
    assert_eq!(
        faults("help", &kernel),
        [
            "error: entry /boot/command_line at kernel/src/boot.rs:3: help is missing: write a doc comment",
            "error: family uk_boot_time_seconds at drivers/src/rtc.rs:9: \
             unit is missing: the name ends in one, so declare it",
            "error: family uk_boot_time_seconds at drivers/src/rtc.rs:9: help is missing: write a doc comment",
        ]
    );
}

#[test]
fn a_crate_without_a_trace_was_dropped() {
    let file = Kernel::right().file("crates");
    let output = run(&["check", file.to_str().unwrap(), "--crates", "kernel,exporter,drivers"]);
    assert_eq!(output.status.code(), Some(1));
    let fault = String::from_utf8(output.stderr).unwrap();
    assert!(fault.starts_with("error: crate exporter has no entry in the kernel"), "{fault}");
    assert_eq!(fault.lines().count(), 1, "{fault}");
}

#[test]
fn a_declaration_without_its_record_was_dropped() {
    let mut kernel = Kernel::right();
    kernel.entries.remove(0);
    let fault = fault("entry_dropped", &kernel);
    assert!(fault.contains("/boot/command_line is declared at kernel/src/boot.rs:3 but missing"), "{fault}");
}

#[test]
fn a_record_nobody_declared_is_refused() {
    let mut kernel = Kernel::right();
    kernel.entries.push(("/zz", To::Series(0, 0)));
    let fault = fault("undeclared", &kernel);
    assert!(fault.contains("entry /zz is in the kernel, but no macro"), "{fault}");
}

#[test]
fn an_entry_must_lead_somewhere() {
    let mut kernel = Kernel::right();
    kernel.entries[1].1 = To::Nowhere;
    kernel.entries[2].1 = To::Tag(9);
    let faults = faults("nowhere", &kernel);
    assert!(
        faults[0].ends_with("/log/lines_total/error at kernel/src/log.rs:7: its family is missing from the kernel")
    );
    assert!(faults[1].contains("/log/lines_total/info at kernel/src/log.rs:7: unknown sort 9"), "{faults:#?}");
    assert_eq!(faults.len(), 2);
}

#[test]
fn tables_must_be_sorted() {
    let mut kernel = Kernel::right();
    kernel.entries.swap(0, 3);
    assert!(fault("entries_unsorted", &kernel).contains("SORT_BY_NAME"));
    let mut kernel = Kernel::right();
    kernel.families.swap(0, 1);
    kernel.entries[1].1 = To::Series(0, 0);
    assert!(fault("families_unsorted", &kernel).contains("SORT_BY_NAME"));
}

#[test]
fn a_file_that_cannot_be_checked_is_no_success() {
    let mut kernel = Kernel::right();
    kernel.symbols[2] = "stripped";
    assert!(fault("stripped", &kernel).contains("no symbol __ukstore_families_start"));
    let mut kernel = Kernel::right();
    kernel.excess = 8;
    assert!(fault("padded", &kernel).contains("the table of entries is no whole number of records long"));
    let mut elf = Kernel::right().elf();
    elf[..4].copy_from_slice(b"FLE\x7f");
    let path = Kernel::right().file("no_elf");
    std::fs::write(&path, elf).unwrap();
    let output = run(&["check", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("not a linked kernel"));
    assert_eq!(run(&["check", "/nowhere/kernel.elf"]).status.code(), Some(1));
    assert_eq!(run(&[]).status.code(), Some(2));
    assert_eq!(run(&["check"]).status.code(), Some(2));
}

/// Any byte of a file may be wrong; the check may complain or not, but must end by itself.
#[test]
fn no_damage_makes_it_panic() {
    let elf = Kernel::right().elf();
    let path = Kernel::right().file("damaged");
    let interesting = (0..120).chain(0x1000..elf.len()).step_by(7);
    for at in interesting {
        let mut damaged = elf.clone();
        damaged[at] ^= 0xff;
        std::fs::write(&path, damaged).unwrap();
        let code = run(&["check", path.to_str().unwrap()]).status.code();
        assert!(matches!(code, Some(0 | 1)), "byte {at}: {code:?}");
    }
}
