//! How bytes are cut into calls must not show: any cutting of the input gives the same output, and any window the same
//! body.

use crate::harness::{FakeSite, Reply, next_reply, talk};
use exporter::http::Closing;
use proptest::prelude::*;

ukstore::setting! {
    /// For requests in pieces.
    static CUT: text(255) = "", "/test/cut";
}

/// Requests whose replies do not change from one to the next (`/metrics` counts itself and has a test of its own
/// below).
fn request() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => prop::sample::select(&[
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
            "\r\nGET /-/healthy HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
            "GET /log HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /log?level=warning&since=9 HTTP/1.1\r\nHost: a\r\n\r\n",
            "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST /log HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /log HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            "GET /log HTTP/1.0\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
            "GET /ukstore/test%2f/?x HTTP/1.1\r\nHost: a\r\n\r\n",
            "PUT /ukstore/test/cut HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\ninfo\n",
            "PUT /ukstore/test/cut HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nGET /",
            "PUT /ukstore/test/cut HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n",
            "PUT /ukstore/test/cut HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\ninfo",
            "PUT /ukstore/test/drop HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\ninfo\n",
            "PUT /log HTTP/1.1\r\nHost: a\r\n\r\n",
        ][..]).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..200),
        1 => (4_000_usize..4_200).prop_map(|len| [&b"GET /"[..], &vec![b'a'; len], b" HTTP/1.1\r\n\r\n"].concat()),
    ]
}

/// All replies in `output`, none of them to a `HEAD`: the sizes of their chunks, which depend on the windows, are gone.
fn replies(mut output: &[u8]) -> Vec<Reply> {
    let mut replies = Vec::new();
    while !output.is_empty() {
        let reply;
        (reply, output) = next_reply(output, false);
        replies.push(reply);
    }
    replies
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_cutting_of_the_input_gives_the_same_output(
        requests in prop::collection::vec(request(), 1..6),
        cuts in prop::collection::vec(1_usize..60, 1..20),
    ) {
        let site = FakeSite::default();
        let input = requests.concat();
        let whole = talk(&site, &input, || usize::MAX, 65_536);
        let mut cuts = cuts.iter().cycle();
        let pieces = talk(&site, &input, || *cuts.next().unwrap(), 65_536);
        prop_assert_eq!(&whole, &pieces);
        prop_assert_eq!(&whole, &talk(&site, &input, || 1, 65_536));
    }

    #[test]
    fn any_window_gives_the_same_replies(
        paths in prop::collection::vec(prop::sample::select(&["/", "/log", "/-/ready", "/no", "/log?level=info"][..]), 1..5),
        window in 1_usize..5_000,
    ) {
        let site = FakeSite::default();
        let input: String = paths.iter().map(|path| format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n")).collect();
        let wide = talk(&site, input.as_bytes(), || usize::MAX, 65_536);
        let expected = replies(&wide.0);
        prop_assert_eq!(expected.len(), paths.len());
        for window in [1, window] {
            let narrow = talk(&site, input.as_bytes(), || usize::MAX, window);
            prop_assert_eq!(&replies(&narrow.0), &expected);
            prop_assert_eq!(narrow.1, Closing::Open);
        }
    }

    /// Whatever comes, there is an end to it, and all that is said is HTTP.
    #[test]
    fn garbage_is_answered_in_http(input in prop::collection::vec(any::<u8>(), 0..6_000)) {
        let (output, _) = talk(&FakeSite::default(), &input, || 700, 333);
        for reply in replies(&output) {
            prop_assert!((400..=505).contains(&reply.status));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a target holds, it is decoded or refused, and never read twice.
    #[test]
    fn any_target_is_answered(
        target in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..300),
            "(/|%[0-9a-fA-F]{0,2}|%[ -~]{2}|[a-z.?])*".prop_map(String::into_bytes),
        ],
        method in prop::sample::select(&["GET", "HEAD", "PUT", "OPTIONS", "POST"][..]),
        window in 1_usize..400,
    ) {
        let head = [method.as_bytes(), b" /ukstore", &target, b" HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"];
        let (output, _) = talk(&FakeSite::default(), &head.concat(), || 13, window);
        let (reply, _) = next_reply(&output, method == "HEAD");
        prop_assert!([200, 204, 400, 404, 405, 414].contains(&reply.status), "{reply:?}");
    }

    /// Whatever a body holds, exactly its length is taken, and the next request is answered.
    #[test]
    fn any_body_is_taken_whole(
        body in prop_oneof![prop::collection::vec(any::<u8>(), 0..=1_024), "[ -~\\PC]{0,200}(\r?\n)?".prop_map(String::into_bytes)],
        cuts in prop::collection::vec(1_usize..300, 1..8),
        expects in any::<bool>(),
    ) {
        let expect = if expects { "Expect: 100-continue\r\n" } else { "" };
        let head = format!("PUT /ukstore/test/cut HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n{expect}\r\n", body.len());
        let input = [head.as_bytes(), &body, b"GET /-/ready HTTP/1.1\r\nHost: a\r\n\r\n"].concat();
        let mut cuts = cuts.iter().cycle();
        let (output, closing) = talk(&FakeSite::default(), &input, || *cuts.next().unwrap(), 100);
        let mut replies = replies(&output).into_iter().map(|reply| reply.status);
        if expects && !body.is_empty() {
            prop_assert_eq!(replies.next(), Some(100));
        }
        let text = std::str::from_utf8(&body).ok().map(|text| text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line)));
        let is_line = text.is_some_and(|text| text.len() <= 255 && !text.chars().any(char::is_control));
        prop_assert!(!is_line || CUT.get().as_str().len() <= body.len());
        prop_assert_eq!(replies.next(), Some(if is_line { 204 } else { 400 }));
        prop_assert_eq!((replies.next(), replies.next(), closing), (Some(200), None, Closing::Open));
    }
}

/// The pieces of a scrape that stand still: lines, or messages of the protobuf format. Those that scrapes and other tests
/// move differ from one to the next.
fn steady(reply: &Reply) -> Vec<&[u8]> {
    let mut pieces: Vec<_> = match reply.header("content-type") {
        Some(kind) if kind.contains("protobuf") => messages(&reply.bytes),
        _ => reply.bytes.split(|&byte| byte == b'\n').collect(),
    };
    let moves = |piece: &[u8]| {
        [&b"uk_scrape"[..], b"node_scrape", b"uk_management", b"test_steps"]
            .iter()
            .any(|name| piece.windows(name.len()).any(|part| part == *name))
    };
    pieces.retain(|piece| !moves(piece));
    pieces
}

/// The messages in `bytes`, each of which is behind its length.
fn messages(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut messages = Vec::new();
    while let [low, rest @ ..] = bytes {
        let (len, rest) = match rest {
            [high, rest @ ..] if low & 0x80 != 0 => (usize::from(low & 0x7f) | usize::from(*high) << 7, rest),
            rest => (usize::from(*low), rest),
        };
        let message;
        (message, bytes) = rest.split_at(len);
        messages.push(message);
    }
    messages
}

#[test]
fn a_scrape_is_the_same_through_every_window() {
    for (accept, content_type) in [
        ("text/plain;version=0.0.4", "text/plain; version=0.0.4"),
        ("text/plain;version=1.0.0", "text/plain; version=1.0.0"),
        ("application/openmetrics-text", "application/openmetrics-text; version=1.0.0"),
        (
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
        ),
    ] {
        let scrape = |version: &str, window| {
            let input = format!("GET /metrics HTTP/{version}\r\nHost: a\r\nAccept: {accept}\r\n\r\n");
            let (output, _) = talk(&FakeSite::default(), input.as_bytes(), || usize::MAX, window);
            next_reply(&output, false).0
        };
        let whole = scrape("1.1", 65_536);
        assert!(whole.header("content-type").is_some_and(|kind| kind.starts_with(content_type)), "{whole:?}");
        let expected = steady(&whole);
        assert!(expected.len() > 5, "{accept}: {} pieces", expected.len());
        for window in [1, 2, 3, 7, 8, 9, 64, 1_460, 4_096, 70_000] {
            for version in ["1.1", "1.0"] {
                let through_window = scrape(version, window);
                assert!(steady(&through_window) == expected, "{accept}, HTTP/{version}, window of {window}");
            }
        }
    }
}
