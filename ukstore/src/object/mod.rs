//! Objects that come and go while the machine runs. The only part of the crate that allocates, and only when an
//! object is added.

mod class;
mod name;
mod record;
mod table;

pub(crate) use class::Reading;
pub use class::{Class, Object, Objects};
pub use name::{MAX_NAME, Name};
pub use record::{ClassRecord, Column, Field};
pub(crate) use table::Key;
