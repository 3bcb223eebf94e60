//! Writes small linked kernels, right ones and wrong ones: one loaded segment with texts, records and tables, the four
//! symbols, and the section of origins. No code: the check reads data only.

mod elf;
mod records;

use std::path::PathBuf;

use ukstore::layout as at;
use ukstore::{Kind, Unit};

const BASE: u64 = 0x10_0000;
const SEGMENT_AT: usize = 0x1000;

/// What a fixture's entry leads to.
pub(crate) enum To {
    /// The family at an index.
    Family(usize),
    /// A family that is not in the table.
    Nowhere,
    /// Words with this help.
    Text(&'static str),
    /// A class: its help, label and fields.
    Class(&'static str, &'static str, Vec<Field>),
    /// A group: its help and fields.
    Group(&'static str, Vec<Field>),
    /// A setting: its help, unit, whether it is a fault, and its family.
    Setting(&'static str, Unit, bool, Option<usize>),
    /// The switches of the sources.
    Sources,
    /// A tag that does not exist.
    Tag(u32),
}

/// A family of a fixture.
pub(crate) struct Family {
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
    pub(crate) kind: Kind,
    pub(crate) unit: Unit,
    /// Where its samples come from.
    pub(crate) tag: u8,
    /// Prefixes of its series.
    pub(crate) series: &'static [&'static str],
    /// One of `NATURE_`.
    pub(crate) nature: u8,
}

impl Family {
    /// One without labels.
    pub(crate) fn plain(name: &'static str, kind: Kind, unit: Unit) -> Self {
        Self { name, help: "It.", kind, unit, tag: 0, series: &[], nature: at::NATURE_REAL }
    }
}

/// A field of a fixture's class or group.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
    pub(crate) label: &'static str,
    pub(crate) values: &'static [&'static str],
    pub(crate) family: Option<usize>,
    pub(crate) kind: Kind,
    pub(crate) unit: Unit,
}

impl Field {
    /// A counter without labels.
    pub(crate) fn counter(name: &'static str, family: Option<usize>) -> Self {
        Self { name, help: "A field.", label: "", values: &[], family, kind: Kind::Counter, unit: Unit::None }
    }
}

/// A kernel to be written. The tests change single things of `Kernel::right()`.
pub(crate) struct Kernel {
    pub(crate) entries: Vec<(&'static str, To)>,
    pub(crate) families: Vec<Family>,
    pub(crate) origins: String,
    /// Names of the four symbols.
    pub(crate) symbols: [&'static str; 4],
    /// Bytes the table of entries is longer than its records.
    pub(crate) excess: usize,
}

impl Kernel {
    /// A kernel with every sort of record and no fault.
    pub(crate) fn right() -> Self {
        let drops = Field { label: "reason", values: &["full", "late"], ..Field::counter("drops_total", Some(3)) };
        let size = Field { kind: Kind::Gauge, unit: Unit::Bytes, ..Field::counter("size_bytes", None) };
        let log = Family {
            tag: at::SOURCE_COUNTERS,
            series: &["uk_log_lines_total{level=\"error\"}", "uk_log_lines_total{level=\"info\"}"],
            ..Family::plain("uk_log_lines_total", Kind::Counter, Unit::None)
        };
        let role = Family {
            tag: at::SOURCE_STATES,
            series: &["web_role{web_role=\"leader\"}", "web_role{web_role=\"follower\"}"],
            ..Family::plain("web_role", Kind::StateSet, Unit::None)
        };
        let build = Family { tag: at::SOURCE_INFO, ..Family::plain("uk_build_info", Kind::Info, Unit::None) };
        let mut kernel =
            Self { entries: Vec::new(), families: Vec::new(), origins: String::new(), symbols: at::SYMBOLS, excess: 0 };
        kernel.family(Family::plain("uk_boot_time_seconds", Kind::Gauge, Unit::Seconds), "drivers/src/rtc.rs:9", "");
        kernel.family(build, "kernel/src/boot.rs:1", "version revision ");
        kernel.family(log, "kernel/src/log.rs:7", "level=error=info");
        let dropped = Family::plain("uk_queue_drops_total", Kind::Counter, Unit::None);
        kernel.family(dropped, "kernel/src/queue.rs:5", "queue reason");
        kernel.family(Family::plain("web_hits_total", Kind::Counter, Unit::None), "apps/web/src/main.rs:30", "");
        kernel.family(Family::plain("web_limit", Kind::Gauge, Unit::None), "apps/web/src/main.rs:20", "");
        kernel.family(role, "apps/web/src/main.rs:40", "web_role");
        kernel.entry("/boot/build", To::Family(1), "kernel/src/boot.rs:1");
        kernel.entry("/boot/command_line", To::Text("The words it was started with."), "kernel/src/boot.rs:3");
        kernel.entry("/log/lines_total", To::Family(2), "kernel/src/log.rs:7");
        kernel.entry("/queues", To::Class("Queues.", "queue", vec![drops, size]), "kernel/src/queue.rs:5");
        kernel.entry("/time/boot_time_seconds", To::Family(0), "drivers/src/rtc.rs:9");
        kernel.entry("/ukstore/sources", To::Sources, "ukstore/src/own.rs:1");
        let limit = To::Setting("At most this | that.", Unit::None, false, Some(5));
        let hits = vec![Field::counter("hits_total", Some(4)), Field::counter("misses_total", None)];
        kernel.entry("/web/cache", To::Group("The cache.", hits), "apps/web/src/main.rs:30");
        kernel.entry("/web/drop", To::Setting("Drops.", Unit::None, true, None), "apps/web/src/main.rs:10");
        kernel.entry("/web/limit", limit, "apps/web/src/main.rs:20");
        kernel.entry("/web/role", To::Family(6), "apps/web/src/main.rs:40");
        kernel
    }

    /// Adds an entry and says that it was declared at `place`, `file:line`. Its crate is the place's first folder, but
    /// programs are below `apps/`.
    pub(crate) fn entry(&mut self, path: &'static str, to: To, place: &str) {
        self.entries.push((path, to));
        self.declare("entry", path, place, "");
    }

    /// Adds a family and says that it was declared at `place`, with labels.
    pub(crate) fn family(&mut self, family: Family, place: &str, labels: &str) {
        self.declare("family", family.name, place, &format!("\t/somewhere\t{labels}"));
        self.families.push(family);
    }

    /// Adds an origin.
    pub(crate) fn declare(&mut self, what: &str, name: &str, place: &str, more: &str) {
        let folder = place.strip_prefix("apps/").unwrap_or(place).split('/').next().unwrap_or_default();
        let place = place.replace(':', "\t");
        self.origins += &format!("{what}\t{name}\t{place}\t{folder}::module{more}\n");
    }

    /// Writes the ELF file.
    pub(crate) fn elf(&self) -> Vec<u8> {
        let mut memory = records::Memory::new(self.families.len());
        for (index, family) in self.families.iter().enumerate() {
            memory.family(index, family);
        }
        let mut entries = Vec::new();
        for (path, to) in &self.entries {
            let path = memory.text(path);
            let (tag, target) = memory.target(to);
            entries.extend([&path[..], &tag.to_le_bytes(), &[0; 4], &target.to_le_bytes()].concat());
        }
        let entries_len = entries.len() + self.excess;
        entries.resize(entries_len, 0);
        let entries_at = memory.put(&entries);
        let families_end = BASE + (self.families.len() * at::FAMILY_SIZE) as u64;
        let values = [entries_at, entries_at + entries_len as u64, BASE, families_end];
        elf::elf(&memory.bytes, &self.origins, self.symbols, values)
    }

    /// Writes the ELF file where a program can read it.
    pub(crate) fn file(&self, test: &str) -> PathBuf {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}.elf"));
        std::fs::write(&path, self.elf()).expect("cargo's folder for tests is writable");
        path
    }
}
