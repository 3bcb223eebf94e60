//! A static histogram's line prefixes, put together by the compiler. Nothing here runs in the machine.

use super::bound_text::bound_text;
use crate::Unit;
use crate::text::{Pen, text};

/// The bytes `texts` needs.
#[doc(hidden)]
#[must_use]
pub const fn texts_len(name: &str, unit: Unit, bounds: &[u64]) -> usize {
    join(name, unit, bounds, &mut [])
}

/// All prefixes, one after the other. `LEN` is their `texts_len`.
#[doc(hidden)]
#[must_use]
pub const fn texts<const LEN: usize>(name: &str, unit: Unit, bounds: &[u64]) -> [u8; LEN] {
    let mut bytes = [0; LEN];
    assert!(join(name, unit, bounds, &mut bytes) == LEN);
    bytes
}

const fn join(name: &str, unit: Unit, bounds: &[u64], room: &mut [u8]) -> usize {
    let mut pen = Pen { room, len: 0 };
    let mut index = 0;
    while index <= bounds.len() {
        pen.text(name);
        pen.text("_bucket{le=\"");
        if index < bounds.len() {
            let (text, len) = bound_text(bounds[index], unit);
            pen.bytes(text.split_at(len).0);
        } else {
            pen.text("+Inf")
        }
        pen.text("\"}");
        index += 1;
    }
    pen.text(name);
    pen.text("_sum");
    pen.text(name);
    pen.text("_count");
    pen.len
}

/// The prefixes, cut out of what `texts` made for this name. `N` is three more than there are bounds.
#[doc(hidden)]
#[must_use]
pub const fn prefixes<const N: usize>(name: &str, bytes: &'static [u8]) -> [&'static str; N] {
    let mut prefixes = [""; N];
    let mut rest = bytes;
    let mut index = 0;
    while index < N {
        let mut end = name.len() + "_sum".len();
        if index == N - 1 {
            end = rest.len();
        } else if index < N - 2 {
            // A metric name has no brace.
            end = 1;
            while rest[end - 1] != b'}' {
                end += 1;
            }
        }
        let (prefix, after) = rest.split_at(end);
        prefixes[index] = text(prefix);
        rest = after;
        index += 1;
    }
    prefixes
}
