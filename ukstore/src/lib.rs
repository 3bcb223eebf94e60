//! What the machine knows about itself.
//!
//! A thing that can be told has a *path*, as in procfs: `/memory/heap/used_bytes`. If it is a number it also has a place
//! in a *metric family*: a name, a type, a unit, a line of help, and labels. Both are declared once, as an item, beside
//! the code that knows the thing; the doc comment is the help:
//!
//! ```
//! ukstore::counters! {
//!     /// Requests answered, by status.
//!     static REQUESTS = "/web/requests_total", "web_requests_total", status = ["2xx", "4xx", "5xx"];
//! }
//!
//! REQUESTS[0].inc(); // one atomic add; nothing is formatted until somebody reads
//! assert_eq!(ukstore::read("/web/requests_total/2xx"), Ok(ukstore::Value::U64(1)));
//! ```
//!
//! # What there is
//! *Cells*, moved by the program: [`counter!`], [`gauge!`], [`histogram!`], [`states!`], [`text!`]; with a label's values
//! [`counters!`] and [`gauges!`], whose values [`labels!`] makes an enum; several that belong together, [`group!`].
//! *Facts*: [`info!`]. *Functions*, called when somebody reads: [`computed!`]. *Objects* that come and go: [`class!`]
//! declares what those of a kind tell, and [`Class::add`] puts one into the tree until its handle is dropped.
//! *Settings*, which may be written while the machine runs: [`setting!`], [`fault!`].
//!
//! # Two tables, and no work at boot
//! A declaration becomes two constant records of 32 bytes, in read-only memory: an [`Entry`] for the path, a [`Family`]
//! for the metric. The linker gathers those of all crates and sorts them by name; [`entries`] and [`families`] are the
//! two slices. Path order would tear families apart (`/net/management/…` comes before `/net/service/…`), and expositions
//! want them whole, hence two. Everything that never changes, such as `# HELP` lines and `name{label="value"}`, the
//! compiler joins to one text. On the host, where there is no linker script of ours, the tables are sorted when first
//! used, so the same code runs in any crate's tests.
//!
//! # Reading
//! [`lookup`] finds what is at a path, [`read`] its value, [`Directory::children`] lists. A [`Walk`] gives every
//! sample, family by family, to an encoder, and can rest after any of them: between two calls it holds a key, never a
//! lock or a reference. [`Points`] give the same samples source by source, as lines of many numbers want them. What belongs
//! together, a histogram, or a group or an object when it is listed, is copied in one
//! critical section of a bounded number of instructions. The sources, which are the first names of paths, can be switched
//! off ([`Source::switch`]).
//!
//! # Whose code runs where
//! A reader may be the thread that must never be held up. So it runs code of others only where that was vouched for with
//! the word `prompt`: returns at once, waits for nothing. A class's field names a cell of the object, and reading a cell
//! is a load. Any other function of [`computed!`] is called by a thread of its own ([`sample_all`]), and when it is late
//! its value is absent. Writing a setting runs nothing of the program: it looks, or subscribes to events
//! ([`Subscriber`]).
//!
//! # What does not compile
//! Names follow Prometheus' practices ([`names`]); help and units cannot be forgotten:
//!
//! ```compile_fail
//! ukstore::counter! {
//!     /// A counter whose name does not end in `_total`.
//!     static REQUESTS = "/web/requests", "web_requests";
//! }
//! ```
//! ```compile_fail
//! ukstore::counter! {
//!     static WITHOUT_HELP = "/web/requests_total", "web_requests_total";
//! }
//! ```
//! ```compile_fail
//! ukstore::gauge! {
//!     /// A name that ends in a unit, and no unit.
//!     static SIZE = "/web/cache_bytes", "web_cache_bytes";
//! }
//! ```
//! ```compile_fail
//! ukstore::counters! {
//!     /// The same label value twice.
//!     static REQUESTS = "/web/requests_total", "web_requests_total", status = ["2xx", "2xx"];
//! }
//! ```
//! What one crate cannot see, the same path or name in two of them, is found in the linked kernel by
//! `ukstore_inspect`, which knows the records by their [`layout`].
//!
//! # Not here
//! Encodings and protocols are the exporter's. The `critical-section` crate's interface is the only thing asked of the
//! machine: interrupts off in the kernel, a lock on the host.
#![no_std]
#![deny(unsafe_code)]

extern crate alloc;
#[cfg(not(target_os = "none"))]
extern crate std;

/// The guide for programs: its examples are tests.
#[cfg(doctest)]
#[doc = include_str!("../../docs/ukstore.md")]
struct Guide;

/// Whether counters, gauges and histograms are moved: always, but in a build with the feature `silent`, against which is
/// measured what counting costs. What is read only to be counted, a clock above all, stands behind it.
pub const COUNTS: bool = !cfg!(feature = "silent");

mod declare;
mod event;
mod gate;
mod machine;
mod object;
mod own;
mod read;
mod record;
mod scraped;
mod setting;
mod source;
mod switches;
mod tables;
mod tag;

pub use declare::names;
#[doc(hidden)]
pub use declare::text;
pub use event::{Change, EVENTS, Event, Subscriber};
pub use gate::{MAX_SOURCES, Source, source, sources};
pub use machine::{Machine, attach};
#[doc(hidden)]
pub use object::{Batch, Columns, FieldRead, HistogramSum, Key, Which};
pub use object::{Class, ClassRecord, MAX_NAME, Name, OTHER, Object, Objects};
pub use read::{
    Child, Content, Directory, Error, Item, Leaf, Listing, Mark, Node, Opened, Part, Points, Sample, Series, Take,
    Walk, WholeHistogram, lookup, read,
};
#[doc(hidden)]
pub use record::{Column, FieldLabel, Head};
pub use record::{
    Entry, Family, Field, GroupRecord, Kind, MAX_GROUP, MAX_GROUP_HISTOGRAMS, TextRecord, Unit, Value, Word, layout,
};
#[doc(hidden)]
pub use setting::Limits;
pub use setting::{LastWrite, Refused, Scalar, Setting, SettingRecord, TextSetting, Writer, write};
pub use source::{
    Buckets, Counter, Counters, Flag, FloatGauge, Gauge, Gauges, Group, Histogram, Info, Label, LabelValue, Labelled,
    Labels, MAX_BOUND_TEXT, MAX_BOUNDS, MAX_BUCKETS, MAX_LABELS, MAX_SAMPLE_AGE_NS, MAX_TEXT, Native, Number, Snapshot,
    State, Text, TextCell, bound_text, has_samples, histogram, sample_all,
};
#[doc(hidden)]
pub use source::{Cells, List, Prompts, Sampled, States, Words};
pub use switches::{MAX_ITEMS, Mistake, Switches};
pub use tables::{entries, families};
pub use tag::{Tag, tag, tags};
