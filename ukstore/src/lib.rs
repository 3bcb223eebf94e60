//! What the machine knows about itself: a tree of paths, like procfs, and the metric families of an exposition.
#![no_std]
#![deny(unsafe_code)]

extern crate alloc;
#[cfg(not(target_os = "none"))]
extern crate std;

mod declare;
mod object;
mod own;
mod read;
mod record;
mod source;
mod tables;

pub use declare::names;
#[doc(hidden)]
pub use declare::text;
pub use object::{Class, ClassRecord, Field, MAX_NAME, Name, Object, Objects};
pub use read::{Child, Directory, Error, Item, Listing, Metric, Node, Part, Sample, Series, Walk, lookup, read};
#[doc(hidden)]
pub use record::Head;
pub use record::{Entry, Family, Kind, TextRecord, Unit, Value, layout};
pub use source::{
    Counter, Counters, Gauge, Gauges, Histogram, Info, LabelValue, Labelled, MAX_BOUNDS, MAX_LABELS, Snapshot,
};
pub use tables::{entries, families};
