//! The entries that `build.rs` wrote. Nothing moves them: they are here to be found.

include!(concat!(env!("OUT_DIR"), "/entries.rs"));
