//! Replies as servers send them, at every cut, and as they should not.

extern crate std;

use proptest::prelude::*;
use std::string::String;
use std::vec::Vec;
use std::{format, vec};

use super::*;

/// What a reader made of some bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    Unfinished,
    Malformed(Malformed),
    /// How many bytes the reply had, what it said, and whether the connection may be used again.
    Read(usize, u16, Option<u64>, Option<u64>, String, bool),
}

fn outcome(reader: &Reader, taken: usize) -> Outcome {
    let reply = reader.reply().expect("a complete reply");
    Outcome::Read(
        taken,
        reply.status,
        reply.retry_after_s,
        reply.samples_written,
        reply.excerpt.into(),
        reader.reusable(),
    )
}

/// Reads in the pieces that `cuts` end; the rest is one piece.
fn read_with(reader: &mut Reader, bytes: &[u8], cuts: &[usize]) -> Outcome {
    let mut begin = 0;
    let ends = cuts.iter().copied().chain([bytes.len()]);
    for end in ends {
        match reader.read(&bytes[begin..end]) {
            Ok(Progress::More) => begin = end,
            Ok(Progress::Complete(taken)) => {
                assert!(taken <= end - begin);
                return outcome(reader, begin + taken);
            }
            Err(malformed) => return Outcome::Malformed(malformed),
        }
    }
    Outcome::Unfinished
}

fn read(bytes: &[u8]) -> Outcome {
    let whole = read_with(&mut Reader::new(), bytes, &[]);
    let every: Vec<usize> = (0..bytes.len()).collect();
    assert_eq!(whole, read_with(&mut Reader::new(), bytes, &every), "byte by byte");
    for cut in 0..=bytes.len() {
        assert_eq!(whole, read_with(&mut Reader::new(), bytes, &[cut]), "cut at {cut}");
    }
    whole
}

fn is(bytes: &str, status: u16, excerpt: &str, reusable: bool) {
    let expected = Outcome::Read(bytes.len(), status, None, None, excerpt.into(), reusable);
    assert_eq!(read(bytes.as_bytes()), expected, "{bytes}");
    // What follows a reply is none of it.
    let more = format!("{bytes}HTTP/1.1 500 x\r\n\r\n");
    assert_eq!(read(more.as_bytes()), expected, "{more}");
}

fn fails(bytes: &str, why: Malformed) {
    assert_eq!(read(bytes.as_bytes()), Outcome::Malformed(why), "{bytes}");
}

#[test]
fn replies_of_servers() {
    is(
        "HTTP/1.1 204 No Content\r\nContent-Type: application/json\r\nRequest-Id: a5\r\nX-Influxdb-Build: OSS\r\n\
         X-Influxdb-Version: 1.6.7\r\nDate: Sat, 21 Nov 2026 12:00:00 GMT\r\n\r\n",
        204,
        "",
        true,
    );
    is(
        "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nX-Influxdb-Error: unable to parse 'x': missing \
         fields\r\nContent-Length: 11\r\n\r\n{\"error\":1}",
        400,
        "unable to parse 'x': missing fields",
        true,
    );
    is(
        "HTTP/1.1 400 Bad Request\r\nContent-Length: 26\r\nContent-Type: text/plain\r\n\r\nout of order\n\tsample\r\n\r\n \r",
        400,
        "out of order sample",
        true,
    );
    is(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nOK\r\nb; x=\"y\"\r\n (not found\r\n001\r\n)\r\n0\r\n\
         Expires: 0\r\nA: b\r\n\r\n",
        200,
        "OK (not found)",
        true,
    );
    is("HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nOK", 200, "OK", false);
    is("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: x, Close\r\n\r\n", 200, "", false);
    is("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", 200, "", true);
    is("HTTP/1.1 200 \r\ncontent-length:0\r\n\r\n", 200, "", true);
    is("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", 304, "", true);
    is("HTTP/1.1 204 x\r\nTransfer-Encoding: chunked\r\n\r\n", 204, "", true);
    is("HTTP/1.1 999 x\r\nContent-Length: 0\r\n\r\n", 999, "", true);
    is("HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200, "", true);
}

#[test]
fn fields_that_count() {
    let fields = |fields: &str| match read(format!("HTTP/1.1 429 x\r\n{fields}Content-Length: 0\r\n\r\n").as_bytes()) {
        Outcome::Read(_, 429, retry_after_s, samples_written, _, true) => (retry_after_s, samples_written),
        other => panic!("{other:?}"),
    };
    assert_eq!(fields(""), (None, None));
    assert_eq!(fields("retry-after: 120\r\n"), (Some(120), None));
    assert_eq!(fields("Retry-After:0\r\n"), (Some(0), None));
    assert_eq!(fields("Retry-After: 99999999999999999999999\r\n"), (Some(u64::MAX), None));
    for no_seconds in ["Fri, 31 Dec 1999 23:59:59 GMT", "", "-1", "1.5", "1 2", "+1"] {
        assert_eq!(fields(&format!("Retry-After: {no_seconds}\r\n")), (None, None), "{no_seconds}");
    }
    assert_eq!(fields("X-Prometheus-Remote-Write-Samples-Written: 7\r\n"), (None, Some(7)));
}

#[test]
fn interim_replies_are_skipped() {
    let interim = "HTTP/1.1 100 Continue\r\nX-Influxdb-Error: no\r\n\r\n";
    let last = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    is(&format!("{interim}HTTP/1.1 103 Early Hints\r\nContent-Length: 9\r\n\r\n{last}"), 200, "", true);
    is(&format!("{}{last}", interim.repeat(8)), 200, "", true);
    fails(&format!("{}{last}", interim.repeat(9)), Malformed::Interim);
    fails("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", Malformed::Interim);
}

#[test]
fn a_body_until_the_end() {
    for head in ["HTTP/1.1 500 x\r\n\r\n", "HTTP/1.0 500 x\r\n\r\n"] {
        let mut reader = Reader::new();
        assert_eq!(read_with(&mut reader, format!("{head}disk full\n").as_bytes(), &[]), Outcome::Unfinished);
        assert!(reader.reply().is_none() && reader.cut());
        assert_eq!(outcome(&reader, 0), Outcome::Read(0, 500, None, None, "disk full".into(), false));
    }
}

/// What the head said holds, whatever becomes of the body.
#[test]
fn a_broken_body_spoils_the_connection_only() {
    for body in [
        "Content-Length: 10\r\n\r\nabc",
        "Transfer-Encoding: chunked\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX",
    ] {
        let mut reader = Reader::new();
        assert_eq!(
            read_with(&mut reader, format!("HTTP/1.1 200 OK\r\n{body}").as_bytes(), &[]),
            Outcome::Unfinished,
            "{body}"
        );
        assert!(reader.cut());
        assert_eq!((reader.reply().map(|reply| reply.status), reader.reusable()), (Some(200), false));
    }
    for chunks in
        ["x", "\r\n", "-1\r\n", "0x1\r\n", "000000001\r\na\r\n", "1\n", "1\r\nabc", "1\r\na\n", "1;\0\r\n", "0\r\nA\n"]
    {
        let bytes = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
        assert!(
            matches!(read(bytes.as_bytes()), Outcome::Read(_, 200, None, None, _, false)),
            "{chunks:?}: {:?}",
            read(bytes.as_bytes())
        );
    }
}

#[test]
fn a_body_has_a_bound() {
    let most = MAX_BODY as usize;
    for (head, longest) in [
        ("Content-Length: 1048576\r\n\r\n".into(), Some(true)),
        (format!("Content-Length: {}\r\n\r\n", u64::MAX), Some(false)),
        (String::new() + "\r\n", Some(false)),
    ] {
        let head = format!("HTTP/1.1 200 OK\r\n{head}");
        let mut bytes = head.clone().into_bytes();
        bytes.resize(head.len() + most, b'x');
        let mut reader = Reader::new();
        assert_eq!(reader.read(&bytes[..bytes.len() - 1]), Ok(Progress::More), "{head}");
        assert_eq!(reader.read(b"x"), Ok(Progress::Complete(1)), "{head}");
        assert_eq!(Some(reader.reusable()), longest, "{head}");
    }
    let mut reader = Reader::new();
    let chunk = b"1\r\nx\r\n".repeat(most / 6);
    assert_eq!(reader.read(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), Ok(Progress::More));
    assert_eq!(reader.read(&chunk), Ok(Progress::More));
    assert_eq!(reader.read(&chunk), Ok(Progress::Complete(most % 6)), "framing counts as well");
    assert!(!reader.reusable());
}

#[test]
fn heads_that_cannot_be_relied_on() {
    for head in [
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.2 200 OK\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2p1 Debian\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 200 OK\n\n",
        "\r\nHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\0\r\n\r\n",
        "+OK\r\n\r\n",
        "\r\n\r\n",
    ] {
        fails(head, Malformed::Grammar);
    }
    for fields in [
        "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 1\r\nContent-Length: 2\r\n",
        "Content-Length: x\r\n",
        "Content-Length: -1\r\n",
        "Content-Length:\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: chunked, gzip\r\n",
        "Transfer-Encoding: \r\n",
    ] {
        fails(&format!("HTTP/1.1 200 OK\r\n{fields}\r\n"), Malformed::Framing);
    }
    fails("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Malformed::Framing);
}

#[test]
fn a_head_has_bounds() {
    let head = |longer: usize| {
        let rest = "HTTP/1.1 204 x\r\nA: \r\n\r\n".len();
        format!("HTTP/1.1 204 x\r\nA: {}\r\n\r\n", "x".repeat(MAX_HEAD - rest + longer)).into_bytes()
    };
    assert_eq!(Reader::new().read(&head(0)), Ok(Progress::Complete(MAX_HEAD)));
    assert_eq!(Reader::new().read(&head(1)), Err(Malformed::TooLong));
    let fields = |count: usize| format!("HTTP/1.1 204 x\r\n{}\r\n", "A: b\r\n".repeat(count)).into_bytes();
    assert!(matches!(Reader::new().read(&fields(64)), Ok(Progress::Complete(_))));
    assert_eq!(Reader::new().read(&fields(65)), Err(Malformed::TooLong));
}

#[test]
fn nothing_of_a_reply_is_left_for_the_next() {
    let mut reader = Reader::new();
    let first = b"HTTP/1.1 503 x\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbusy";
    assert_eq!(reader.read(first), Ok(Progress::Complete(first.len())));
    reader.restart();
    assert!(reader.reply().is_none());
    let second = b"HTTP/1.1 204 x\r\n\r\n";
    assert_eq!(reader.read(second), Ok(Progress::Complete(second.len())));
    assert_eq!(outcome(&reader, 0), Outcome::Read(0, 204, None, None, String::new(), true));
    // Nor of one that was cut off in its head.
    reader.restart();
    assert_eq!(reader.read(b"HTTP/1.1 5"), Ok(Progress::More));
    assert!(!reader.cut());
    reader.restart();
    assert_eq!(reader.read(second), Ok(Progress::Complete(second.len())));
}

#[test]
fn an_excerpt_is_short_and_printable() {
    let body = format!("\r\n a\t \x1b[2Jgr\u{f6}\u{df}e\0{}", "y".repeat(300));
    let Outcome::Read(.., excerpt, true) =
        read(format!("HTTP/1.1 400 x\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes())
    else {
        panic!("it was not read")
    };
    assert!(excerpt.starts_with("a ?[2Jgr????e?yyy"), "{excerpt}");
    assert_eq!(excerpt.len(), excerpt::MAX_EXCERPT);
}

/// Pieces of replies, right and wrong, so that garbage gets far.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "HTTP/1.1 200 OK\r\n", "HTTP/1.0 500 x\r\n", "HTTP/1.1 100 \r\n", "\r\n", "\r\n\r\n", "Content-Length: ",
            "3", "0", "Transfer-Encoding: chunked", "Connection: close", "Retry-After: ", "X-Influxdb-Error: ", ": ",
            "a", ";", "ffffffff", "18446744073709551616", "\n", "\r", " ",
        ]).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..20),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever comes, the cuts change nothing, and what is kept is fit for a log line.
    #[test]
    fn cuts_change_nothing(bytes in hostile(), cuts in prop::collection::vec(0_usize..400, 0..6)) {
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
        cuts.sort_unstable();
        let whole = read_with(&mut Reader::new(), &bytes, &[]);
        prop_assert_eq!(&whole, &read_with(&mut Reader::new(), &bytes, &cuts));
        if let Outcome::Read(taken, status, _, _, excerpt, _) = whole {
            prop_assert!(taken <= bytes.len() && (200..=999).contains(&status));
            prop_assert!(excerpt.len() <= excerpt::MAX_EXCERPT);
            prop_assert!(excerpt.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        }
    }

    /// Replies one after the other are parted where they end, whatever their bodies hold.
    #[test]
    fn replies_are_parted(
        bodies in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..300)), 1..5),
        piece in 1_usize..100,
    ) {
        let mut bytes = Vec::new();
        for (index, (chunked, body)) in bodies.iter().enumerate() {
            let status = 200 + index;
            if *chunked {
                bytes.extend(format!("HTTP/1.1 {status} x\r\nTransfer-Encoding: chunked\r\n\r\n").bytes());
                for chunk in body.chunks(7) {
                    bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
                    bytes.extend(chunk);
                    bytes.extend(b"\r\n");
                }
                bytes.extend(b"0\r\n\r\n");
            } else {
                bytes.extend(format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\n\r\n", body.len()).bytes());
                bytes.extend(body);
            }
        }
        // 204 has no body.
        prop_assume!(bodies.len() < 5);
        let (mut reader, mut statuses) = (Reader::new(), Vec::new());
        for piece in bytes.chunks(piece) {
            let mut rest = piece;
            while let Ok(Progress::Complete(taken)) = reader.read(rest) {
                prop_assert!(reader.reusable());
                statuses.extend(reader.reply().map(|reply| reply.status));
                reader.restart();
                rest = &rest[taken..];
            }
        }
        prop_assert_eq!(statuses, (200..).take(bodies.len()).collect::<Vec<u16>>());
    }
}
