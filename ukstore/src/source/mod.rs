//! Where values come from: cells, groups of cells, labels, functions. Not for objects: see `object/`.

mod cell;
pub mod histogram;
mod info;
mod labelled;
mod list;

pub use cell::{Counter, Gauge};
pub use histogram::{Buckets, Histogram, MAX_BOUNDS, MAX_BUCKETS, Native, Snapshot};
pub use info::{Info, LabelValue, MAX_LABELS};
pub use labelled::{Counters, Gauges, Labelled};
pub(crate) use list::List;
