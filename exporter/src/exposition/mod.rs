//! What the machine knows, written down: measurements in each of Prometheus' formats, the tree, and the log.
//!
//! An encoder writes whole lines, or whole messages, into a [`Window`](crate::Window) as long as they fit, says with a
//! [`Step`](crate::Step) why it stopped, and keeps only a key of where it stands. How they are framed and sent is the
//! caller's business.

pub(crate) mod double;
mod escape;
mod format;
mod lines;
pub mod log;
mod meter;
mod metrics;
pub mod number;
mod openmetrics;
mod protobuf;
pub(crate) mod sample;
mod selection;
mod source_index;
pub mod tree;

use escape::put_label_value;
pub use format::{ContentType, Escaping, Format};
pub use meter::Meter;
pub use metrics::Encoder;
pub use selection::{MAX_NAMED, Selection, TooManyNames};
