//! Snappy blocks, read back by somebody else's decoder.

use exporter::push::snappy::{Compressor, MAX_INPUT, STEP_ROOM, max_compressed_len};
use proptest::prelude::*;

fn compress(compressor: &mut Compressor, input: &[u8]) -> Vec<u8> {
    let (mut block, mut room) = (Vec::new(), [0; STEP_ROOM]);
    compressor.begin();
    loop {
        block.extend_from_slice(compressor.step(input, &mut room));
        if compressor.is_done(input.len()) {
            assert!(compressor.step(input, &mut room).is_empty() || input.is_empty(), "nothing follows the end");
            return block;
        }
    }
}

fn decompress(block: &[u8]) -> Vec<u8> {
    snap::raw::Decoder::new().decompress_vec(block).expect("a whole block")
}

/// Compresses, checks what holds of every block, and says how long it is.
fn round_trip(compressor: &mut Compressor, input: &[u8]) -> usize {
    let block = compress(compressor, input);
    assert!(decompress(&block) == input, "{} bytes", input.len());
    assert!(block.len() <= max_compressed_len(input.len()), "{} bytes became {}", input.len(), block.len());
    block.len()
}

/// What no compressor can make smaller.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..len).map(|_| next()).collect()
}

#[test]
fn golden_blocks() {
    let mut compressor = Compressor::new();
    for (input, block) in [
        (&b""[..], &[0][..]),
        (b"abc", &[3, 2 << 2, b'a', b'b', b'c']),
        // A copy of eleven bytes from four before, the longest of two bytes: the input's end overlaps its beginning.
        (b"abcdabcdabcdabc", &[15, 3 << 2, b'a', b'b', b'c', b'd', 7 << 2 | 1, 4]),
        // And of twelve.
        (b"abcdabcdabcdabcd", &[16, 3 << 2, b'a', b'b', b'c', b'd', 11 << 2 | 2, 4, 0]),
        // Sixty-six bytes are copied as sixty and six.
        (&[7; 67], &[67, 0, 7, 59 << 2 | 2, 1, 0, 2 << 2 | 1, 1]),
        (&[7; 69], &[69, 0, 7, 63 << 2 | 2, 1, 0, 1, 1]),
    ] {
        assert_eq!(compress(&mut compressor, input), block);
    }
    let literals: Vec<u8> = (0..61).collect();
    assert_eq!(compress(&mut compressor, &literals), [&[61, 60 << 2, 60], &literals[..]].concat());
}

#[test]
fn a_copy_reaches_back_over_the_whole_input() {
    let mut input = noise(MAX_INPUT);
    input.copy_within(..1000, MAX_INPUT - 1000);
    let len = round_trip(&mut Compressor::new(), &input);
    assert!(len < MAX_INPUT, "{len}");
}

#[test]
fn what_repeats_itself_and_what_never_does() {
    let mut compressor = Compressor::new();
    for len in [1, 2, 3, 4, 5, 60, 61, 64, 65, 256, 257, 4095, 4096, 4097, 20_000, MAX_INPUT - 1, MAX_INPUT] {
        assert!(round_trip(&mut compressor, &noise(len)) >= len);
        let same = round_trip(&mut compressor, &vec![b'x'; len]);
        assert!(same <= 8 + len.div_ceil(4096) * 8 + len / 20, "{len} bytes became {same}");
    }
}

/// Stretches of literals that cost the most, with the shortest copies between them.
#[test]
fn the_worst_input() {
    let noise = noise(MAX_INPUT);
    let mut compressor = Compressor::new();
    for stretch in [1, 2, 60, 61, 62, 256, 257, 300] {
        let mut input = noise.clone();
        for at in (5000..MAX_INPUT - 4).step_by(stretch + 4) {
            input.copy_within(at - 4000..at - 3996, at);
        }
        round_trip(&mut compressor, &input);
    }
}

#[test]
fn one_input_leaves_nothing_for_the_next() {
    let mut compressor = Compressor::new();
    let input = noise(10_000);
    let first = compress(&mut compressor, &input);
    compress(&mut compressor, &vec![1; 9_000]);
    assert_eq!(compress(&mut compressor, &input), first);
}

#[test]
fn label_sets_become_a_fifth() {
    let series = |n: usize| {
        format!(
            "test_requests_total{{worker=\"{n}\",code=\"200\",instance=\"one\",job=\"periscope\"}} {}\n",
            n * 7919 % 1_000_003
        )
    };
    let input = (0..700).map(series).collect::<String>().into_bytes();
    let len = round_trip(&mut Compressor::new(), &input);
    assert!(len * 5 < input.len(), "{} bytes became {len}", input.len());
}

proptest! {
    #[test]
    fn everything_is_read_back(
        pieces in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..40), 1..200_usize), 0..60),
    ) {
        let mut input: Vec<u8> =
            pieces.iter().flat_map(|(piece, times)| piece.iter().copied().cycle().take(piece.len() * times)).collect();
        input.truncate(MAX_INPUT);
        round_trip(&mut Compressor::new(), &input);
    }

    #[test]
    fn few_letters(input in prop::collection::vec(0..3_u8, 0..6000)) {
        round_trip(&mut Compressor::new(), &input);
    }
}
