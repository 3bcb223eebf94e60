//! Messages on a TCP connection: before each one its length in decimal and a space (RFC 6587, section 3.4.1). The older
//! way, a newline behind each, has receivers that take a message's own newlines for ends.

use core::fmt::Write as _;

use crate::Window;

/// Room for the longest length that a number can be, and the space.
pub(super) const ROOM: usize = 21;

/// Writes what stands before a message of `len` bytes.
pub(super) fn put_length(len: usize, window: &mut Window<'_>) {
    // It fits, by ROOM.
    let _ = write!(window, "{len} ");
}
