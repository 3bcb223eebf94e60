//! Streams of gzip, read back by somebody else's decoder.

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering::SeqCst;

use exporter::MAX_LINE;
use exporter::gzip::{Compressor, Gzip};
use flate2::read::GzDecoder;
use proptest::prelude::*;

/// Compresses `text`, fed in pieces and taken through windows of the sizes given, which are used again and again.
fn compress(gzip: &mut Gzip, text: &[u8], pieces: &[usize], windows: &[usize]) -> Vec<u8> {
    let (mut rest, mut stream) = (text, Vec::new());
    let mut sizes = (pieces.iter().copied().cycle(), windows.iter().copied().cycle());
    while !gzip.is_complete() {
        if gzip.is_hungry() {
            gzip.feed(|room| {
                let (piece, after) = rest.split_at(sizes.0.next().unwrap_or(1).min(rest.len()).min(MAX_LINE));
                room[..piece.len()].copy_from_slice(piece);
                rest = after;
                (piece.len(), ())
            });
            // At once, when the last piece may not be taken up yet.
            if rest.is_empty() {
                gzip.finish();
            }
        }
        let mut window = vec![0; sizes.1.next().unwrap_or(1)];
        let taken = gzip.take(&mut window).expect("it is called rightly");
        assert!(taken == window.len() || gzip.is_hungry() || gzip.is_complete(), "there was room for more");
        stream.extend_from_slice(&window[..taken]);
    }
    assert_eq!(gzip.take(&mut [0; 8]), Ok(0), "nothing follows the end");
    stream
}

fn decompress(stream: &[u8]) -> Vec<u8> {
    let (mut decoder, mut text) = (GzDecoder::new(stream), Vec::new());
    decoder.read_to_end(&mut text).expect("a whole stream");
    assert!(decoder.into_inner().is_empty(), "bytes behind the stream");
    text
}

/// Text as a scrape has it.
fn exposition(series: usize) -> Vec<u8> {
    let line = |n: usize| format!("test_requests_total{{worker=\"{n}\",code=\"200\"}} {}\n", n * n * 7919 % 1_000_003);
    (0..series).map(line).collect::<String>().into_bytes()
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
fn whatever_went_in_comes_out() {
    let compressor = Compressor::new();
    for text in [vec![], b"x".to_vec(), exposition(1), exposition(374), exposition(10_000), noise(300_000)] {
        let mut gzip = compressor.begin().expect("the last stream is over");
        let stream = compress(&mut gzip, &text, &[MAX_LINE], &[4_096]);
        assert!(decompress(&stream) == text, "{} bytes", text.len());
    }
}

#[test]
fn text_becomes_much_shorter_and_noise_hardly_longer() {
    let compressor = Compressor::new();
    let len = |text: &[u8]| compress(&mut compressor.begin().unwrap(), text, &[MAX_LINE], &[4_096]).len();
    assert!(len(&exposition(1_000)) * 4 < exposition(1_000).len());
    assert!(len(&noise(200_000)) < 200_500);
}

#[test]
fn one_stream_at_a_time_and_each_begins_anew() {
    let compressor = Compressor::new();
    let mut first = compressor.begin().unwrap();
    assert!(compressor.begin().is_none());
    let whole = compress(&mut first, &exposition(100), &[MAX_LINE], &[1_000]);
    assert!(compressor.begin().is_none(), "complete, but still somebody's");
    drop(first);
    // Dropped half way, with text not taken up and output not taken.
    let mut cut = compressor.begin().unwrap();
    cut.feed(|room| {
        room.fill(b'x');
        (room.len(), ())
    });
    assert_eq!(cut.take(&mut [0; 3]), Ok(3));
    drop(cut);
    assert_eq!(compress(&mut compressor.begin().unwrap(), &exposition(100), &[MAX_LINE], &[1_000]), whole);
}

#[test]
fn of_many_threads_one_gets_the_stream() {
    let compressor = Compressor::new();
    let streams = std::sync::atomic::AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..2_000 {
                    if let Some(stream) = compressor.begin() {
                        assert_eq!(streams.fetch_add(1, SeqCst), 0, "somebody else has one");
                        std::thread::yield_now();
                        streams.fetch_sub(1, SeqCst);
                        drop(stream);
                    }
                }
            });
        }
    });
    assert!(compressor.begin().is_some());
}

#[test]
fn gunzip_reads_it() {
    let text = exposition(2_000);
    let stream = compress(&mut Compressor::new().begin().unwrap(), &text, &[1_000], &[512]);
    let mut gunzip = Command::new("gzip").arg("-dc").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = gunzip.stdin.take().unwrap();
    let writer = std::thread::spawn(move || std::io::Write::write_all(&mut stdin, &stream).unwrap());
    let output = gunzip.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success() && output.stdout == text);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    /// How text and stream are cut changes nothing.
    #[test]
    fn any_cutting_gives_the_same_stream(
        series in 0usize..3_000,
        noisy in 0usize..100_000,
        pieces in prop::collection::vec(1usize..=MAX_LINE, 1..10),
        windows in prop::collection::vec(1usize..5_000, 1..10),
    ) {
        let text = [exposition(series), noise(noisy)].concat();
        let compressor = Compressor::new();
        let whole = compress(&mut compressor.begin().unwrap(), &text, &[MAX_LINE], &[1 << 20]);
        prop_assert!(decompress(&whole) == text);
        let cut = compress(&mut compressor.begin().unwrap(), &text, &pieces, &windows);
        prop_assert!(cut == whole);
    }
}
