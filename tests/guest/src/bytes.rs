//! What compiled code calls to copy, fill and compare bytes: every length of a few words and more, at every alignment,
//! against loops that a compiler cannot take for such a call.

use alloc::format;
use alloc::string::String;
use core::cmp::Ordering;
use core::hint::black_box;
use periscope::println;

/// Longer than any length treated apart.
const LENGTHS: usize = 200;
/// Around what is copied there are bytes that must stay as they were.
const ROOM: usize = LENGTHS + 16;
const UNTOUCHED: u8 = 0xa5;

pub(crate) fn check() -> Result<(), String> {
    let mut from = [0; ROOM];
    for (index, byte) in from.iter_mut().enumerate() {
        *byte = black_box(index * 7 + 3) as u8;
    }
    for len in 0..LENGTHS {
        for (to_at, from_at) in (0..9).flat_map(|to_at| (0..9).map(move |from_at| (to_at, from_at))) {
            let wrong = |what| Err(format!("{what} of {len} bytes from {from_at} to {to_at}"));
            let source = black_box(&from[from_at..from_at + len]);
            let mut copied = black_box([UNTOUCHED; ROOM]);
            copied[to_at..to_at + len].copy_from_slice(source);
            if !holds(&copied, to_at, len, |index| source[index]) {
                return wrong("copy");
            }
            let filling = from_at as u8 * 31; // up to 248: some have their highest bit set
            let mut filled = black_box([UNTOUCHED; ROOM]);
            filled[to_at..to_at + len].fill(black_box(filling));
            if !holds(&filled, to_at, len, |_| filling) {
                return wrong("fill");
            }
            if !black_box(&copied[to_at..to_at + len]).eq(source)
                || black_box(&copied[to_at..to_at + len]).cmp(source).is_ne()
            {
                return wrong("comparison of equals");
            }
            let Some(last) = len.checked_sub(1) else { continue };
            for at in [0, len / 2, last] {
                // The first that differs decides; what follows in its word says the contrary.
                let other = black_box(&mut copied[to_at..to_at + len]);
                let word_end = last.min(at | 7);
                let (contrary, expected) =
                    if source[at] == u8::MAX { (u8::MAX, Ordering::Less) } else { (0, Ordering::Greater) };
                other[at..=word_end].fill(contrary);
                other[at] = source[at].wrapping_add(1);
                if black_box(&*other).eq(source) || black_box(&*other).cmp(source) != expected {
                    return wrong("comparison");
                }
                other[at..=word_end].copy_from_slice(&source[at..=word_end]);
            }
        }
    }
    println!("bytes: {LENGTHS} lengths at all alignments are copied, filled and compared");
    Ok(())
}

/// Whether the `len` bytes at `at` are as expected, and no other was touched.
fn holds(bytes: &[u8; ROOM], at: usize, len: usize, expected: impl Fn(usize) -> u8) -> bool {
    (0..ROOM).all(|index| {
        let inside = (at..at + len).contains(&index);
        black_box(bytes[index]) == if inside { expected(index - at) } else { UNTOUCHED }
    })
}
