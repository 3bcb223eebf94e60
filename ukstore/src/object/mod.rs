//! Objects that come and go while the machine runs. The only part of the crate that allocates, and only when an
//! object is added.

mod batch;
mod class;
mod columns;
mod fold;
mod index;
mod name;
mod objects;
mod record;
mod slots;
mod table;

pub use batch::Batch;
pub(crate) use batch::END;
pub use class::{Class, Object};
pub use columns::{Columns, FieldRead};
pub(crate) use columns::{histogram_of, value_of};
pub use fold::HistogramSum;
pub(crate) use fold::sum;
pub use name::{MAX_NAME, Name};
pub use objects::Objects;
pub use record::{ClassRecord, OTHER};
pub use table::{Key, Which};
