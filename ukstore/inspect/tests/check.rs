//! Every fault the check knows, each in a kernel that is right but for it: the program must end with 1 and name
//! what to mend, and must pass the right kernel.

mod kernel;

use std::process::{Command, Output};

use kernel::{Family, Field, Kernel, To};
use ukstore::{Kind, MAX_SOURCES, Unit, layout};

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
    // Ten entries and seven families of 32 bytes. Two values of log lines, three of the queues, two of the cache, and
    // seven entries that are one thing each.
    let ([text, class, group, setting], [cells, _, states, info]) = (layout::RECORD_SIZES, layout::SOURCE_SIZES);
    // One has a label with two values, two are in no exposition.
    let fields =
        4 * (layout::FIELD_SIZE + layout::FIELD_READ_SIZE) + layout::LABEL_SIZE + 2 * 16 + 2 * layout::FAMILY_SIZE;
    let records = text + class + group + 2 * setting + fields + cells + 4 * 16 + states + 4 * 16 + info;
    let each = (544 + records).div_ceil(14);
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        format!(
            "ukstore: 10 entries, 7 families, 0.5 kB of tables; with their records {each} B for each number, text or \
             setting, texts aside\n"
        )
    );
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_path_declared_twice_names_both_places() {
    let mut kernel = Kernel::right();
    kernel.entry("/web/role", To::Family(0), "kernel/src/web.rs:2");
    assert_eq!(
        fault("path_twice", &kernel),
        "error: entry /web/role is declared more than once: apps/web/src/main.rs:40 and kernel/src/web.rs:2"
    );
}

#[test]
fn a_family_declared_twice_names_both_places() {
    let mut kernel = Kernel::right();
    kernel.family(Family::plain("web_role", Kind::Gauge, Unit::None), "kernel/src/web.rs:2", "");
    assert_eq!(
        fault("family_twice", &kernel),
        "error: family web_role is declared more than once: apps/web/src/main.rs:40 and kernel/src/web.rs:2"
    );
}

#[test]
fn a_series_that_is_there_twice_is_refused() {
    let mut kernel = Kernel::right();
    kernel.families[2].series = &["uk_log_lines_total{level=\"info\"}", "uk_log_lines_total{level=\"info\"}"];
    assert_eq!(
        fault("series_twice", &kernel),
        "error: series uk_log_lines_total{level=\"info\"} is there twice: kernel/src/log.rs:7"
    );
    kernel.families[2].series = &["web_role{web_role=\"leader\"}"];
    assert_eq!(
        fault("series_of_two", &kernel),
        "error: series web_role{web_role=\"leader\"} is in two families: uk_log_lines_total at kernel/src/log.rs:7 \
         and web_role at apps/web/src/main.rs:40"
    );
}

/// What is wrong with a path below an entry of each sort.
#[test]
fn a_path_below_an_entry_is_refused() {
    for (path, above, place, why) in [
        (
            "/log/lines_total/error",
            "/log/lines_total",
            "kernel/src/log.rs:7",
            "error is a value of its label: rename one",
        ),
        (
            "/log/lines_total/lost",
            "/log/lines_total",
            "kernel/src/log.rs:7",
            "that lists its label's values only: declare it elsewhere",
        ),
        (
            "/queues/count",
            "/queues",
            "kernel/src/queue.rs:5",
            "that is a class, and an object may be called so: declare it elsewhere",
        ),
        (
            "/ukstore/sources/log",
            "/ukstore/sources",
            "ukstore/src/own.rs:1",
            "that lists the sources: declare it elsewhere",
        ),
        (
            "/web/cache/hits_total/x",
            "/web/cache",
            "apps/web/src/main.rs:30",
            "that is a group, and hits_total is a field of it: rename one",
        ),
        (
            "/web/cache/size",
            "/web/cache",
            "apps/web/src/main.rs:30",
            "that is a group, which lists its fields only: make it a field, or declare it elsewhere",
        ),
        (
            "/web/limit/soft",
            "/web/limit",
            "apps/web/src/main.rs:20",
            "that is a value, which has nothing below it: rename one",
        ),
        (
            "/web/role/since",
            "/web/role",
            "apps/web/src/main.rs:40",
            "that is a value, which has nothing below it: rename one",
        ),
    ] {
        let mut kernel = Kernel::right();
        kernel.entry(path, To::Text("It."), "kernel/src/new.rs:2");
        kernel.entries.sort_by_key(|(path, _)| *path);
        assert_eq!(
            fault("below", &kernel),
            format!("error: entry {path} at kernel/src/new.rs:2 is below {above} at {place}: {why}")
        );
    }
}

#[test]
fn names_that_meet_in_openmetrics_are_refused() {
    for (name, kind, shared, other, place) in [
        ("uk_queue_drops", Kind::Gauge, "uk_queue_drops", "uk_queue_drops_total", "kernel/src/queue.rs:5"),
        ("web_hits", Kind::Histogram, "web_hits", "web_hits_total", "apps/web/src/main.rs:30"),
        ("web_hits_created", Kind::Gauge, "web_hits_created", "web_hits_total", "apps/web/src/main.rs:30"),
        ("uk_build", Kind::StateSet, "uk_build", "uk_build_info", "kernel/src/boot.rs:1"),
        ("web_role_total", Kind::Counter, "web_role", "web_role", "apps/web/src/main.rs:40"),
    ] {
        let mut kernel = Kernel::right();
        kernel.family(Family::plain(name, kind, Unit::None), "kernel/src/new.rs:2", "");
        let (mut one, mut two) = (format!("{other} at {place}"), format!("{name} at kernel/src/new.rs:2"));
        // Sorting would move what records lead to by index, so the new one stays last, and order is a fault of its own.
        let faults = faults("openmetrics", &kernel);
        let found = faults.iter().filter(|fault| fault.contains("OpenMetrics")).collect::<Vec<_>>();
        if found[0].starts_with(&format!("error: families {two}")) {
            (one, two) = (two, one);
        }
        assert_eq!(
            found,
            [&format!("error: families {one} and {two} would both have {shared} in OpenMetrics: rename one")]
        );
    }
}

#[test]
fn a_histogram_and_what_looks_like_its_samples_are_refused() {
    let mut kernel = Kernel::right();
    kernel.family(Family::plain("zz_wait", Kind::Histogram, Unit::None), "kernel/src/wait.rs:2", "");
    for name in ["zz_wait_bucket", "zz_wait_count", "zz_wait_sum"] {
        kernel.family(Family::plain(name, Kind::Gauge, Unit::None), "kernel/src/new.rs:3", "");
    }
    let faults = faults("histogram", &kernel);
    for (at, name) in ["zz_wait_bucket", "zz_wait_count", "zz_wait_sum"].into_iter().enumerate() {
        let rule = "the endings _count, _sum and _bucket belong to histograms' samples";
        assert_eq!(faults[at], format!("error: family {name} at kernel/src/new.rs:3: {rule}"));
        assert_eq!(
            faults[3 + at],
            format!(
                "error: families zz_wait at kernel/src/wait.rs:2 and {name} at kernel/src/new.rs:3 would both have \
                 {name} in OpenMetrics: rename one"
            )
        );
    }
    assert_eq!(faults.len(), 6);
}

#[test]
fn more_sources_than_switches_are_refused() {
    let mut kernel = Kernel::right();
    // The right kernel has six: boot, log, queues, time, ukstore, web.
    for number in 6..MAX_SOURCES {
        kernel.entry(format!("/x{number:02}/y").leak(), To::Text("It."), "kernel/src/x.rs:1");
    }
    assert!(
        run(&["check", kernel.file("sources").to_str().unwrap()]).status.success(),
        "as many as there are switches"
    );
    kernel.entry("/zz/y", To::Text("It."), "kernel/src/z.rs:1");
    let fault = fault("sources", &kernel);
    assert!(
        fault.starts_with("error: 65 sources, and there are switches for 64: let some paths begin with"),
        "{fault}"
    );
    assert!(
        fault.contains(" boot at kernel/src/boot.rs:1, ") && fault.ends_with(", zz at kernel/src/z.rs:1"),
        "{fault}"
    );
}

#[test]
fn bad_names_are_refused_with_their_place() {
    let mut kernel = Kernel::right();
    kernel.entry("/zz//x", To::Family(0), "a.rs:1");
    for (name, kind, unit) in [
        ("x_seconds", Kind::Counter, Unit::Seconds),
        ("y-z", Kind::Gauge, Unit::None),
        ("z_count", Kind::Gauge, Unit::None),
        ("z_milliseconds", Kind::Gauge, Unit::None),
        ("z_total", Kind::Gauge, Unit::None),
    ] {
        kernel.family(Family::plain(name, kind, unit), "b.rs:2", "");
    }
    let faults = faults("names", &kernel);
    assert_eq!(faults.len(), 6, "{faults:#?}");
    assert_eq!(faults[0], "error: entry /zz//x at a.rs:1: a path has single slashes");
    assert_eq!(faults[1], "error: family x_seconds at b.rs:2: a counter's name ends in _total");
    assert!(faults[1..].iter().all(|fault| fault.contains("at b.rs:2: ")), "{faults:#?}");
}

#[test]
fn missing_help_and_missing_units_are_refused() {
    let mut kernel = Kernel::right();
    kernel.families[0].help = "";
    kernel.families[0].unit = Unit::None;
    kernel.entries[1].1 = To::Text("");
    kernel.entries[7].1 = To::Setting("", Unit::None, true, None);
    let field = Field { help: "", ..Field::counter("misses_total", None) };
    kernel.entries[6].1 = To::Group("", vec![field]);
    kernel.entries[3].1 = To::Class("", "", Vec::new());
    let missing = "help is missing: write a doc comment";
    assert_eq!(
        faults("help", &kernel),
        [
            format!("error: entry /boot/command_line at kernel/src/boot.rs:3: {missing}"),
            format!("error: entry /queues at kernel/src/queue.rs:5: {missing}"),
            format!("error: entry /web/cache at apps/web/src/main.rs:30: {missing}"),
            format!("error: entry /web/cache at apps/web/src/main.rs:30: field misses_total: {missing}"),
            format!("error: entry /web/drop at apps/web/src/main.rs:10: {missing}"),
            "error: family uk_boot_time_seconds at drivers/src/rtc.rs:9: \
             unit is missing: the name ends in one, so declare it"
                .to_owned(),
            format!("error: family uk_boot_time_seconds at drivers/src/rtc.rs:9: {missing}"),
        ]
    );
}

/// A metric's name says its unit, and its unit is told beside it: neither may be there alone.
#[test]
fn a_unit_in_a_name_is_declared() {
    for (name, kind, unit) in [
        ("zz_seconds", Kind::Gauge, Unit::Seconds),
        ("zz_bytes_total", Kind::Counter, Unit::Bytes),
        ("zz_ratio", Kind::Gauge, Unit::Ratio),
    ] {
        let mut kernel = Kernel::right();
        kernel.family(Family::plain(name, kind, Unit::None), "kernel/src/z.rs:2", "");
        let missing = "unit is missing: the name ends in one, so declare it";
        assert_eq!(fault("unit_missing", &kernel), format!("error: family {name} at kernel/src/z.rs:2: {missing}"));
        kernel.families.last_mut().expect("it was added").unit = unit;
        assert!(run(&["check", kernel.file("unit").to_str().unwrap()]).status.success());
    }
}

#[test]
fn fields_and_labels_have_proper_names() {
    let mut kernel = Kernel::right();
    let field = Field { label: "x", values: &["a", "b/c"], ..Field::counter("a b", None) };
    kernel.entries[3].1 = To::Class("Queues.", "le", vec![field]);
    let at = "error: entry /queues at kernel/src/queue.rs:5: ";
    assert_eq!(
        faults("fields", &kernel),
        [
            format!("{at}the labels le and quantile belong to histograms and summaries"),
            format!("{at}field a b: a name in a path has letters, digits, _ - and . only"),
            format!("{at}field a b: a name in a path has letters, digits, _ - and . only"),
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
    kernel.entries.remove(1);
    let fault = fault("entry_dropped", &kernel);
    assert!(fault.contains("/boot/command_line is declared at kernel/src/boot.rs:3 but missing"), "{fault}");
}

#[test]
fn a_record_nobody_declared_is_refused() {
    let mut kernel = Kernel::right();
    kernel.entries.push(("/zz", To::Family(0)));
    let fault = fault("undeclared", &kernel);
    assert!(fault.contains("entry /zz is in the kernel, but no macro"), "{fault}");
}

#[test]
fn an_entry_must_lead_somewhere() {
    let mut kernel = Kernel::right();
    kernel.entries[0].1 = To::Nowhere;
    kernel.entries[1].1 = To::Tag(9);
    kernel.entries[6].1 = To::Group("The cache.", vec![Field::counter("hits_total", Some(70))]);
    kernel.entries[8].1 = To::Setting("A limit.", Unit::None, false, Some(70));
    let lost = "its family is missing from the kernel: the linker script must keep both tables";
    assert_eq!(
        faults("nowhere", &kernel),
        [
            format!("error: entry /boot/build at kernel/src/boot.rs:1: {lost}"),
            "error: entry /boot/command_line at kernel/src/boot.rs:3: unknown sort 9: \
             build ukstore_inspect and the kernel together"
                .to_owned(),
            format!("error: entry /web/cache at apps/web/src/main.rs:30: field hits_total: {lost}"),
            format!("error: entry /web/limit at apps/web/src/main.rs:20: {lost}"),
        ]
    );
}

#[test]
fn tables_must_be_sorted() {
    let mut kernel = Kernel::right();
    kernel.entries.swap(0, 3);
    assert!(fault("entries_unsorted", &kernel).contains("SORT_BY_NAME"));
    let mut kernel = Kernel::right();
    kernel.families.swap(0, 1);
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
