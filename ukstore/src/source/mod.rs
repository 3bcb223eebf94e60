//! Where values come from: cells, groups of cells, labels, functions. Not for objects: see `object/`.

mod cell;
mod group;
pub mod histogram;
mod info;
mod labelled;
mod list;
mod number;
mod prompts;
mod sampled;
mod states;
mod text;

pub use cell::{Counter, Flag, FloatGauge, Gauge};
pub use group::Group;
pub use histogram::{Buckets, Histogram, MAX_BOUND_TEXT, MAX_BOUNDS, MAX_BUCKETS, Native, Snapshot, bound_text};
pub use info::{Info, LabelValue, MAX_LABELS};
pub use labelled::{Cells, Counters, Gauges, Label, Labelled, Labels};
pub use list::{List, Words};
pub use number::Number;
pub(crate) use number::{signed, unsigned};
pub use prompts::Prompts;
pub use sampled::{MAX_SAMPLE_AGE_NS, Sampled, has_samples, sample_all};
pub use states::{State, States};
pub use text::{MAX_TEXT, Text, TextCell};
