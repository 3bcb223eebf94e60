//! Reading: a path, a directory, or everything. Nothing here waits.

mod directory;
mod error;
mod group;
mod leaf;
mod lookup;
mod of_class;
mod points;
mod rows;
mod sample;
mod search;
mod series;
mod walk;
mod whole;

pub use directory::{Child, Directory, Listing};
pub use error::Error;
pub use leaf::{Content, Leaf};
pub use lookup::{Node, lookup, read};
pub use points::Points;
pub use sample::{Item, Opened, Part, Sample, Series, Take, WholeHistogram};
pub use walk::{Mark, Walk};
