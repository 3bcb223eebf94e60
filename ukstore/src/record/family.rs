//! The record of one metric family. Not for its samples: see `read/walk.rs`.

use super::layout;
use crate::object::ClassRecord;
use crate::source::{Counter, Counters, Gauge, Gauges, Histogram, Info, List};
use crate::{Kind, Unit, Value};

/// One metric family: name, help, type and unit, and where its samples come from. 32 bytes (`layout.rs`).
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Family {
    /// `# HELP name help\n# TYPE name type\n`, joined when the program was built.
    header: &'static str,
    source: Source,
}

/// The two lengths find name and help in the header; with a source's tag this fills eight bytes.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct Meta {
    pub(super) name_len: u16,
    pub(super) help_len: u16,
    pub(super) kind: Kind,
    pub(super) unit: Unit,
}

/// Where samples come from. Each variant repeats [`Meta`] so that it shares the tag's word.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub(crate) enum Source {
    Counter(Meta, &'static Counter),
    Gauge(Meta, &'static Gauge),
    Computed(Meta, fn() -> Value),
    Counters(Meta, &'static Counters) = layout::SOURCE_COUNTERS,
    Gauges(Meta, &'static Gauges) = layout::SOURCE_GAUGES,
    Histogram(Meta, &'static Histogram) = layout::SOURCE_HISTOGRAM,
    Info(Meta, &'static Info),
    /// The field at this index of every object of a class.
    Field(u8, Meta, &'static ClassRecord),
    List(Meta, &'static List),
}

/// For the macros: the constant part of a family, checked.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Head {
    header: &'static str,
    meta: Meta,
}

/// The length of `# HELP `.
const NAME_AT: usize = 7;

impl Head {
    /// `header` must be `# HELP name help\n# TYPE name type\n` of the other arguments.
    #[must_use]
    pub const fn new(header: &'static str, name: &str, help: &str, kind: Kind, unit: Unit) -> Self {
        assert!(name.len() <= 255, "ukstore: a metric name has at most 255 bytes");
        assert!(help.len() <= 4095, "ukstore: a help text has at most 4095 bytes");
        #[expect(clippy::cast_possible_truncation, reason = "bounded by the two lines above")]
        let meta = Meta { name_len: name.len() as u16, help_len: help.len() as u16, kind, unit };
        Self { header, meta }
    }
}

/// For the macros: one constructor for each source.
#[doc(hidden)]
impl Family {
    #[must_use]
    pub const fn counter(head: Head, cell: &'static Counter) -> Self {
        Self { header: head.header, source: Source::Counter(head.meta, cell) }
    }

    #[must_use]
    pub const fn gauge(head: Head, cell: &'static Gauge) -> Self {
        Self { header: head.header, source: Source::Gauge(head.meta, cell) }
    }

    #[must_use]
    pub const fn computed(head: Head, function: fn() -> Value) -> Self {
        Self { header: head.header, source: Source::Computed(head.meta, function) }
    }

    #[must_use]
    pub const fn counters(head: Head, cells: &'static Counters) -> Self {
        Self { header: head.header, source: Source::Counters(head.meta, cells) }
    }

    #[must_use]
    pub const fn gauges(head: Head, cells: &'static Gauges) -> Self {
        Self { header: head.header, source: Source::Gauges(head.meta, cells) }
    }

    #[must_use]
    pub const fn histogram(head: Head, histogram: &'static Histogram) -> Self {
        Self { header: head.header, source: Source::Histogram(head.meta, histogram) }
    }

    #[must_use]
    pub const fn info(head: Head, info: &'static Info) -> Self {
        Self { header: head.header, source: Source::Info(head.meta, info) }
    }

    #[must_use]
    pub const fn field(head: Head, index: u8, class: &'static ClassRecord) -> Self {
        Self { header: head.header, source: Source::Field(index, head.meta, class) }
    }

    pub(crate) const fn list(head: Head, list: &'static List) -> Self {
        Self { header: head.header, source: Source::List(head.meta, list) }
    }
}

impl Family {
    /// The metric name, in OpenMetrics' words the name of its samples: a counter's ends in `_total`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        let end = NAME_AT + usize::from(self.meta().name_len);
        self.header.get(NAME_AT..end).unwrap_or_default()
    }

    /// One sentence or more on what is measured; never empty, no line breaks, no backslashes.
    #[must_use]
    pub fn help(&self) -> &'static str {
        let start = NAME_AT + usize::from(self.meta().name_len) + 1;
        self.header.get(start..start + usize::from(self.meta().help_len)).unwrap_or_default()
    }

    /// The `# HELP` and `# TYPE` lines of the Prometheus text format 0.0.4, both with their line break.
    #[must_use]
    pub const fn header(&self) -> &'static str {
        self.header
    }

    /// What sort of thing it measures.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.meta().kind
    }

    /// The unit it measures in.
    #[must_use]
    pub const fn unit(&self) -> Unit {
        self.meta().unit
    }

    pub(crate) const fn source(&self) -> Source {
        self.source
    }

    const fn meta(&self) -> Meta {
        match self.source {
            Source::Counter(meta, _)
            | Source::Gauge(meta, _)
            | Source::Computed(meta, _)
            | Source::Counters(meta, _)
            | Source::Gauges(meta, _)
            | Source::Histogram(meta, _)
            | Source::Info(meta, _)
            | Source::Field(_, meta, _)
            | Source::List(meta, _) => meta,
        }
    }
}
