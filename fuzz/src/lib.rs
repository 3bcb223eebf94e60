//! What the fuzz targets have in common: a machine with a small tree, a client that talks to it in pieces, and a reader
//! that takes no reply for granted. `make fuzz` runs the targets (`fuzz_targets/`), each of which says what must hold.
//!
//! They know the exporter by its public interface alone: what is looked for is a request, which somebody could send.

mod machine;
mod reply;
mod talk;

pub use machine::Fuzzed;
pub use reply::Reply;
pub use talk::{Exchange, exchange, talk};
