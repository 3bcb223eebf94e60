//! What the tables consist of: entries, families, fields, and the words they use. Constant data only.

mod entry;
mod family;
mod field;
mod kind;
pub mod layout;
mod value;

pub(crate) use entry::What;
pub use entry::{Entry, TextRecord};
use family::Meta;
pub(crate) use family::Source;
pub use family::{Family, Head};
pub(crate) use field::demand_fields;
pub use field::{Column, Field, FieldLabel, GroupRecord, MAX_GROUP, MAX_GROUP_HISTOGRAMS};
pub use kind::{Kind, Unit};
pub use value::{Value, Word};
