//! The record of one metric family. Not for its samples: see `read/walk.rs`.

use core::fmt;

use super::{Field, GroupRecord, layout};
use crate::object::ClassRecord;
use crate::source::{Cells, Counter, Gauge, Histogram, Info, List, MAX_LABELS, Prompts, Sampled, States};
use crate::{Kind, Series, Unit, Value};

/// One metric family: name, help, type and unit, and where its samples come from. 32 bytes (`layout.rs`).
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Family {
    /// `# HELP name help\n# TYPE name type\n`, how its series begin: `name`, or of a field of a class `name{label="`, and the
    /// name of its source. Joined when the program was built.
    text: &'static str,
    source: Source,
}

/// The two lengths find name and help in the header; with a source's tag this fills eight bytes.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct Meta {
    pub(super) name_len: u8,
    pub(super) nature: Nature,
    pub(super) help_len: u16,
    pub(super) kind: Kind,
    pub(super) unit: Unit,
}

/// Whether a metric can be anything but zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Nature {
    /// It is measured.
    Real = layout::NATURE_REAL,
    /// This machine has nothing of the kind: it is zero, as an operating system tells that could have it and has none.
    Zero = layout::NATURE_ZERO,
}

/// Where samples come from. Each variant repeats [`Meta`] so that it shares the tag's word.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub(crate) enum Source {
    Counter(Meta, &'static Counter),
    Gauge(Meta, &'static Gauge),
    /// A function that returns at once: called by whoever reads.
    Computed(Meta, fn() -> Value),
    /// A function that is called by a thread of its own; what it last gave.
    Sampled(Meta, &'static Sampled),
    Counters(Meta, &'static Cells<Counter>) = layout::SOURCE_COUNTERS,
    Gauges(Meta, &'static Cells<Gauge>) = layout::SOURCE_GAUGES,
    Histogram(Meta, &'static Histogram) = layout::SOURCE_HISTOGRAM,
    States(Meta, &'static States) = layout::SOURCE_STATES,
    Info(Meta, &'static Info) = layout::SOURCE_INFO,
    /// The field at this index of a group.
    Group(u8, Meta, &'static GroupRecord),
    /// The field at this index of every object of a class.
    Class(u8, Meta, &'static ClassRecord),
    List(Meta, &'static List) = layout::SOURCE_LIST,
    /// A function that returns at once and gives one series for each value of a label.
    Prompts(Meta, &'static Prompts) = layout::SOURCE_PROMPTS,
    /// A field's, in no table: no exposition has it.
    Untold(Meta) = layout::SOURCE_UNTOLD,
}

/// For the macros: the constant part of a family, checked.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Head {
    text: &'static str,
    meta: Meta,
}

/// The length of `# HELP `.
const NAME_AT: usize = 7;
/// The lengths of what else is in a header: `# HELP `, a space, a line break, `# TYPE `, a space, a line break.
const HEADER_FRAME: usize = 18;

impl Head {
    /// `text` must be `# HELP name help\n# TYPE name type\n` of the other arguments, the opening, and the name of the source.
    #[must_use]
    pub const fn new(text: &'static str, name: &str, help: &str, kind: Kind, unit: Unit) -> Self {
        assert!(name.len() <= 255, "ukstore: a metric name has at most 255 bytes");
        assert!(help.len() <= 2047, "ukstore: a help text has at most 2047 bytes");
        #[expect(clippy::cast_possible_truncation, reason = "bounded by the two lines above")]
        let meta = Meta { name_len: name.len() as u8, nature: Nature::Real, help_len: help.len() as u16, kind, unit };
        Self { text, meta }
    }

    /// The same of what is zero by nature.
    #[must_use]
    pub const fn zero(mut self) -> Self {
        self.meta.nature = Nature::Zero;
        self
    }
}

/// For the macros: one constructor for each source.
#[doc(hidden)]
impl Family {
    const fn new(head: Head, source: Source) -> Self {
        Self { text: head.text, source }
    }

    #[must_use]
    pub const fn counter(head: Head, cell: &'static Counter) -> Self {
        Self::new(head, Source::Counter(head.meta, cell))
    }

    #[must_use]
    pub const fn gauge(head: Head, cell: &'static Gauge) -> Self {
        Self::new(head, Source::Gauge(head.meta, cell))
    }

    #[must_use]
    pub const fn computed(head: Head, function: fn() -> Value) -> Self {
        Self::new(head, Source::Computed(head.meta, function))
    }

    #[must_use]
    pub const fn sampled(head: Head, sampled: &'static Sampled) -> Self {
        Self::new(head, Source::Sampled(head.meta, sampled))
    }

    #[must_use]
    pub const fn counters(head: Head, cells: &'static Cells<Counter>) -> Self {
        Self::new(head, Source::Counters(head.meta, cells))
    }

    #[must_use]
    pub const fn gauges(head: Head, cells: &'static Cells<Gauge>) -> Self {
        Self::new(head, Source::Gauges(head.meta, cells))
    }

    #[must_use]
    pub const fn histogram(head: Head, histogram: &'static Histogram) -> Self {
        Self::new(head, Source::Histogram(head.meta, histogram))
    }

    #[must_use]
    pub const fn states(head: Head, states: &'static States) -> Self {
        Self::new(head, Source::States(head.meta, states))
    }

    #[must_use]
    pub const fn info(head: Head, info: &'static Info) -> Self {
        Self::new(head, Source::Info(head.meta, info))
    }

    #[must_use]
    pub const fn of_group(head: Head, index: u8, group: &'static GroupRecord) -> Self {
        Self::new(head, Source::Group(index, head.meta, group))
    }

    #[must_use]
    pub const fn of_class(head: Head, index: u8, class: &'static ClassRecord) -> Self {
        Self::new(head, Source::Class(index, head.meta, class))
    }

    #[must_use]
    pub const fn untold(head: Head) -> Self {
        Self::new(head, Source::Untold(head.meta))
    }

    #[must_use]
    pub const fn prompts(head: Head, prompts: &'static Prompts) -> Self {
        Self::new(head, Source::Prompts(head.meta, prompts))
    }

    #[must_use]
    pub const fn list(head: Head, list: &'static List) -> Self {
        Self::new(head, Source::List(head.meta, list))
    }
}

impl Family {
    /// The metric name, in OpenMetrics' words the name of its samples: a counter's ends in `_total`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        let end = NAME_AT + usize::from(self.meta().name_len);
        self.text.get(NAME_AT..end).unwrap_or_default()
    }

    /// One sentence or more on what is measured; never empty, no line breaks, no backslashes.
    #[must_use]
    pub fn help(&self) -> &'static str {
        let start = NAME_AT + usize::from(self.meta().name_len) + 1;
        self.text.get(start..start + usize::from(self.meta().help_len)).unwrap_or_default()
    }

    /// The `# HELP` and `# TYPE` lines of the Prometheus text format 0.0.4, both with their line break.
    #[must_use]
    pub fn header(&self) -> &'static str {
        self.text.get(..self.header_len()).unwrap_or_default()
    }

    /// The source it belongs to: the first name of its paths.
    #[must_use]
    pub fn source_name(&self) -> &'static str {
        self.text.get(self.header_len() + self.opening_len()..).unwrap_or_default()
    }

    /// How its series begin: with the name, and those of objects go on up to the object's name: `name{label="`.
    #[must_use]
    pub fn opening(&self) -> &'static str {
        self.text.get(self.header_len()..self.header_len() + self.opening_len()).unwrap_or_default()
    }

    /// The header and, behind it, the opening of the first series.
    #[must_use]
    pub fn beginning(&self) -> &'static str {
        self.text.get(..self.header_len() + self.opening_len()).unwrap_or_default()
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

    /// The label and its values, if it has one series for each of several.
    pub(crate) const fn label(&self) -> Option<(&'static str, &'static [&'static str])> {
        match self.source {
            Source::Counters(_, cells) => Some((cells.label(), cells.values())),
            Source::Gauges(_, cells) => Some((cells.label(), cells.values())),
            Source::Prompts(_, prompts) => Some((prompts.label(), prompts.values())),
            _ => None,
        }
    }

    /// The names of its labels: but for a histogram's `le`, and a state set's, which is its own name.
    pub(crate) fn label_names(&self) -> impl Iterator<Item = &'static str> {
        let mut names = [""; MAX_LABELS];
        let mut fill = |given: &mut dyn Iterator<Item = &'static str>| {
            names.iter_mut().zip(given).for_each(|(place, name)| *place = name);
        };
        match self.source {
            Source::Info(_, info) => fill(&mut info.labels().iter().map(|(name, _)| *name)),
            Source::List(_, list) => fill(&mut list.labels().iter().copied()),
            Source::Group(field, _, group) => fill(&mut own_label(group.fields(), field)),
            Source::Class(field, _, class) => {
                fill(&mut core::iter::once(class.label()).chain(own_label(class.fields(), field)));
            }
            Source::Prompts(_, prompts) => {
                // Labels that are the same in each stand there alone.
                let prefix = prompts.prefixes().first().copied().unwrap_or_default();
                fill(&mut Series::Fixed(prefix).labels().map(|(name, _)| name));
            }
            _ => fill(&mut self.label().map(|(name, _)| name).into_iter()),
        }
        names.into_iter().filter(|name| !name.is_empty())
    }

    /// Whether its series have a label of this name, among those of [`label_names`](Self::label_names).
    pub(crate) fn has_label(&self, name: &str) -> bool {
        self.label_names().any(|label| label == name)
    }

    /// Whether its series are there as long as the machine lives: all are, but those of objects.
    #[must_use]
    pub const fn is_static(&self) -> bool {
        !matches!(self.source, Source::Class(..))
    }

    /// Whether expositions have it.
    pub(crate) const fn is_told(&self) -> bool {
        !matches!(self.source, Source::Untold(_))
    }

    pub(crate) const fn source(&self) -> Source {
        self.source
    }

    const fn opening_len(&self) -> usize {
        match self.source {
            Source::Class(_, meta, class) => meta.name_len as usize + class.label().len() + "{=\"".len(),
            _ => self.meta().name_len as usize,
        }
    }

    const fn header_len(&self) -> usize {
        let meta = self.meta();
        HEADER_FRAME + 2 * meta.name_len as usize + meta.help_len as usize + meta.kind.type_name().len()
    }

    const fn meta(&self) -> Meta {
        match self.source {
            Source::Counter(meta, _)
            | Source::Gauge(meta, _)
            | Source::Computed(meta, _)
            | Source::Sampled(meta, _)
            | Source::Counters(meta, _)
            | Source::Gauges(meta, _)
            | Source::Histogram(meta, _)
            | Source::States(meta, _)
            | Source::Info(meta, _)
            | Source::Group(_, meta, _)
            | Source::Class(_, meta, _)
            | Source::List(meta, _)
            | Source::Prompts(meta, _)
            | Source::Untold(meta) => meta,
        }
    }
}

/// The name of a field's own label, if it has one.
fn own_label(fields: &'static [Field], index: u8) -> impl Iterator<Item = &'static str> {
    fields.get(usize::from(index)).map(|field| field.label().0).into_iter()
}

/// The name only: a class and its families lead to each other.
impl fmt::Debug for Family {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Family").field(&self.name()).finish()
    }
}
