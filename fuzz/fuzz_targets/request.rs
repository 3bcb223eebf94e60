//! The machine that reads requests. An input is four bytes, which say what the machine allows, how the stream is cut, and
//! how large the transmit window is, and then the stream.
//!
//! However it is cut, it is answered alike; each answer is well-formed HTTP; nothing follows one that closes; and
//! every call comes closer to an end (`talk`).
#![no_main]

use fuzz::{Fuzzed, talk};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some(([switches, first, second, window], stream)) = input.split_first_chunk() else { return };
    let site = Fuzzed::new(*switches);
    let whole = talk(&site, stream, || usize::MAX, 65_536);
    let cuts = [1 + usize::from(*first) % 64, 1 + 16 * usize::from(*second)];
    let mut cuts = cuts.into_iter().cycle();
    let pieces = talk(&site, stream, || cuts.next().unwrap_or(1), 1 + 8 * usize::from(*window));
    assert_eq!(whole.len(), pieces.len(), "{whole:?} in pieces: {pieces:?}");
    for (whole, pieces) in whole.into_iter().zip(pieces) {
        whole.reply.assert_like(pieces.reply, "pieces are answered differently");
    }
});
