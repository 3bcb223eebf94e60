//! What the tables consist of: entries, families, and the words they use. Constant data only.

mod entry;
mod family;
mod kind;
pub mod layout;
mod value;

pub(crate) use entry::What;
pub use entry::{Entry, TextRecord};
use family::Meta;
pub(crate) use family::Source;
pub use family::{Family, Head};
pub use kind::{Kind, Unit};
pub use value::Value;
