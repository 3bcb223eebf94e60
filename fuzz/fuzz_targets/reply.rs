//! The reader of what servers answer to what is pushed to them. An input is two bytes, which say how the stream is cut, and
//! then the stream: replies, one after the other.
//!
//! However it is cut, it is read alike; what is kept is fit for a log line; and where another parser reads the first
//! head, it reads the same status.
#![no_main]

use exporter::push::http::{MAX_HEAD, Malformed, Progress, Reader};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some(([first, second], stream)) = input.split_first_chunk() else { return };
    let whole = read(stream, || usize::MAX);
    let cuts = [1 + usize::from(*first) % 64, 1 + 16 * usize::from(*second)];
    let mut cuts = cuts.into_iter().cycle();
    let pieces = read(stream, || cuts.next().unwrap_or(1));
    assert_eq!(whole, pieces, "pieces are read differently");
    if let Some(Ok(reply)) = whole.first() {
        agree(stream, reply.status);
    }
});

/// What was kept of a reply, and where it ended.
#[derive(Debug, PartialEq, Eq)]
struct Kept {
    status: u16,
    retry_after_s: Option<u64>,
    samples_written: Option<u64>,
    excerpt: String,
    reusable: bool,
    end: usize,
}

/// What a connection on which `stream` comes, and then its end, is read as.
fn read(stream: &[u8], mut cut: impl FnMut() -> usize) -> Vec<Result<Kept, Malformed>> {
    let (mut reader, mut kept, mut at) = (Reader::new(), Vec::new(), 0);
    while at < stream.len() {
        let piece = &stream[at..stream.len().min(at.saturating_add(cut()))];
        match reader.read(piece) {
            Ok(Progress::More) => {
                assert!(reader.reply().is_none(), "a reply before it is complete");
                at += piece.len();
            }
            Ok(Progress::Complete(taken)) => {
                assert!(taken <= piece.len(), "more was taken than there was");
                at += taken;
                kept.push(Ok(keep(&reader, at)));
                if !reader.reusable() {
                    return kept;
                }
                reader.restart();
            }
            Err(malformed) => {
                kept.push(Err(malformed));
                return kept;
            }
        }
    }
    if reader.cut() {
        assert!(!reader.reusable(), "what was cut off is not fit for another request");
        kept.push(Ok(keep(&reader, at)));
    }
    kept
}

fn keep(reader: &Reader, end: usize) -> Kept {
    let reply = reader.reply().expect("it is complete");
    assert!((200..=999).contains(&reply.status), "{}", reply.status);
    assert!(reply.excerpt.len() <= 200 && reply.excerpt.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
    Kept {
        status: reply.status,
        retry_after_s: reply.retry_after_s,
        samples_written: reply.samples_written,
        excerpt: reply.excerpt.to_owned(),
        reusable: reader.reusable(),
        end,
    }
}

/// Another parser reads the first head that is not an interim one.
fn agree(stream: &[u8], status: u16) {
    let mut rest = stream;
    loop {
        let mut room = [httparse::EMPTY_HEADER; 64];
        let mut other = httparse::Response::new(&mut room);
        let Ok(httparse::Status::Complete(len)) = other.parse(rest) else { panic!("the other does not read it") };
        assert!(len <= MAX_HEAD, "a head that is too long was read");
        match other.code {
            Some(100..=199) => rest = &rest[len..],
            code => return assert_eq!(code, Some(status), "the other reads another status"),
        }
    }
}
