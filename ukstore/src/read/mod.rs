//! Reading: a path, a directory, or everything. Nothing here writes, and nothing waits.

mod directory;
mod lookup;
mod sample;
mod search;
mod series;
mod walk;

pub use directory::{Child, Directory, Listing};
pub use lookup::{Error, Metric, Node, lookup, read};
pub use sample::{Item, Part, Sample, Series};
pub use walk::Walk;
