//! The index-based containers under the stack: intrusive lists, a hash index, and a heap of deadlines.
//!
//! All three refer to things by their index in a table that somebody else owns, are sized once at construction, and never
//! allocate afterwards. (The rest of this crate puts bounds into types; these take theirs at run time, because the number of
//! connections depends on how much RAM the machine was given.)

mod deadlines;
mod hash_index;
mod lists;

pub(super) use deadlines::Deadlines;
pub(super) use hash_index::HashIndex;
pub(super) use lists::{Links, List};

/// Most members a table may have: indices are `u16`, and the two highest values mark "none" and "not linked".
pub(super) const MAX_MEMBERS: usize = u16::MAX as usize - 1;
