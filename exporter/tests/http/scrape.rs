//! `/metrics`: in which format it is written, what is selected of it, and that neither depends on how it is sent.

use std::fmt::Write as _;
use std::sync::LazyLock;

use crate::harness::{FakeSite, Reply, get, next_reply, talk};
use exporter::http::Closing;
use proptest::prelude::*;

ukstore::counter! {
    /// Stands still.
    static SENT = "/frozen/sent_total", "frozen_sent_total";
}

ukstore::gauges! {
    /// Stands still on both sides.
    static LEVEL = "/frozen/level", "frozen_level", side = ["left", "right"];
}

ukstore::info! {
    /// Never moves.
    "/frozen/build", "frozen_build_info", { version = "1" };
}

ukstore::buckets! {
    /// Sizes in exponential buckets.
    struct Sizes = Bytes, exponential 0 from 1 to 4_096;
}

ukstore::class! {
    /// More than one message of the protobuf format holds.
    static BLOCKS: Class<struct Block> = "/frozen/blocks", label block, series 64 {
        /// Things put on a block.
        counter put = "put_total", "frozen_block_put_total";
        /// Sizes of the things on a block.
        histogram sizes: Sizes = "size_bytes", "frozen_block_size_bytes", Bytes;
    }
}

ukstore::counter! {
    /// Of another source.
    static MELTED = "/melted/drops_total", "melted_drops_total";
}

/// Fills the sources above, once.
fn freeze() {
    static FILLED: LazyLock<Vec<ukstore::Object<Block>>> = LazyLock::new(|| {
        SENT.add(41);
        LEVEL[0].set(-7);
        MELTED.inc();
        let named = |index: u64| if index == 3 { "a \"quoted\" größe\\".into() } else { format!("block-{index}") };
        (0..60)
            .map(|index| {
                let block = BLOCKS.add(&named(index), Block::new());
                block.put.add(index);
                (0..index).for_each(|size| block.sizes.observe(size * size));
                block
            })
            .collect()
    });
    assert_eq!(FILLED.len(), 60);
}

/// Formats as they are asked for, as they are said to be, and what an exposition of nothing is in each.
const FORMATS: [(&str, &str, &str); 5] = [
    ("", "text/plain; version=0.0.4; charset=utf-8", ""),
    (
        "text/plain;version=1.0.0;escaping=allow-utf-8",
        "text/plain; version=1.0.0; escaping=allow-utf-8; charset=utf-8",
        "",
    ),
    (
        "application/openmetrics-text;version=1.0.0",
        "application/openmetrics-text; version=1.0.0; charset=utf-8",
        "# EOF\n",
    ),
    (
        "application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.5,*/*;q=0.1",
        "application/openmetrics-text; version=1.0.0; escaping=underscores; charset=utf-8",
        "# EOF\n",
    ),
    (
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,text/plain;q=0.3",
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
        "",
    ),
];

fn request(method: &str, target: &str, accept: &str) -> String {
    format!("{method} {target} HTTP/1.1\r\nHost: a\r\nAccept: {accept}\r\n\r\n")
}

fn scrape(target: &str, accept: &str) -> (Reply, Closing) {
    freeze();
    get(&FakeSite::default(), &request("GET", target, accept))
}

/// The families in a text.
fn families(text: &str) -> Vec<&str> {
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    types.filter_map(|line| line.split(' ').next()).collect()
}

#[test]
fn each_format_is_sent_as_what_it_is() {
    for (accept, content_type, nothing) in FORMATS {
        let (reply, closing) = scrape("/metrics?collect[]=frozen", accept);
        assert_eq!((reply.status, closing), (200, Closing::Open), "{accept}");
        assert_eq!((reply.header("content-type"), reply.header("vary")), (Some(content_type), Some("Accept")));
        assert!(reply.bytes.len() > 5_000 && reply.body.ends_with(nothing), "{accept}: {}", reply.body);
        // Delimited messages begin with their lengths, and texts with a line about the first family.
        assert_eq!(reply.bytes.starts_with(b"# "), !content_type.contains("protobuf"), "{accept}");

        let (of_head, _) = get(&FakeSite::default(), &request("HEAD", "/metrics?collect[]=frozen", accept));
        assert_eq!((of_head.status, of_head.headers, of_head.bytes.len()), (200, reply.headers, 0), "{accept}");
        let (of_nothing, _) = scrape("/metrics?name[]=nothing", accept);
        assert_eq!((of_nothing.status, of_nothing.bytes.as_slice()), (200, nothing.as_bytes()), "{accept}");
    }
}

#[test]
fn since_when_counters_are_counted_is_told_where_it_is_wanted() {
    freeze();
    let ask = |site, accept| get(&site, &request("GET", "/metrics?name[]=frozen_sent", accept)).0.body;
    let site = || FakeSite { created_unix_ns: Some(784_111_777_250_000_000), ..FakeSite::default() };
    let (openmetrics, text) = ("application/openmetrics-text", "text/plain");
    assert!(ask(site(), openmetrics).contains("\nfrozen_sent_total 41\nfrozen_sent_created 784111777.25\n"));
    assert!(!ask(site(), text).contains("_created") && !ask(FakeSite::default(), openmetrics).contains("_created"));
}

#[test]
fn queries_select_families() {
    let frozen =
        ["frozen_block_put_total", "frozen_block_size_bytes", "frozen_build_info", "frozen_level", "frozen_sent_total"];
    for (query, expected) in [
        ("collect[]=frozen", &frozen[..]),
        ("collect[]=frozen&collect[]=frozen", &frozen),
        ("collect%5B%5D=%66rozen&collect[]=melted", &[&frozen[..], &["melted_drops_total"]].concat()),
        ("name[]=frozen_level", &["frozen_level"]),
        ("name[]=melted_drops&name[]=frozen_build", &["frozen_build_info", "melted_drops_total"]),
        ("name[]=frozen_block_size_bytes_bucket", &["frozen_block_size_bytes"]),
        ("name[]=melted_drops_total&name[]=frozen_level&collect[]=frozen", &["frozen_level"]),
        ("name[]=melted_drops_total&collect[]=frozen", &[]),
        ("name[]=frozen_leve&name[]=frozen_levels", &[]),
    ] {
        let (reply, _) = scrape(&format!("/metrics?{query}"), "");
        assert_eq!(families(&reply.body), expected, "{query}");
    }
    let all = scrape("/metrics", "").0.body;
    assert!(families(&all).len() > frozen.len() + 10, "{all}");
    // What is selected is told as it is among all the rest.
    let selected = scrape("/metrics?name[]=frozen_block_size_bytes", "").0.body;
    assert!(selected.lines().count() > 60 * 10 && all.contains(&selected), "{selected}");
}

#[test]
fn queries_that_are_refused_say_why() {
    let names = |count| (0..count).map(|_| "name[]=nothing&").collect::<String>();
    for (query, status, sentence) in [
        ("", 200, ""),
        ("&", 200, ""),
        ("name[]=nothing", 200, ""),
        (&names(32), 200, ""),
        (&names(33), 400, "32"),
        ("collect[]=nothing", 400, "/ukstore/ukstore/sources/"),
        ("name[]=nothing&target=10.0.0.1", 400, "name[]=METRIC and collect[]=SOURCE"),
        ("name[]", 400, "name[]=METRIC and collect[]=SOURCE"),
        ("name[]=%zz", 400, "name[]=METRIC and collect[]=SOURCE"),
    ] {
        let (reply, closing) = scrape(&format!("/metrics?{query}"), "*/*");
        assert_eq!((reply.status, closing), (status, Closing::Open), "{query}: {}", reply.body);
        assert!(reply.body.contains(sentence), "{query}: {}", reply.body);
        assert_eq!(reply.header("vary"), (status == 200).then_some("Accept"), "{query}");
    }
}

/// All replies to `input` through windows of this size.
fn replies(input: &str, cut: usize, window: usize) -> Vec<Reply> {
    freeze();
    let (output, _) = talk(&FakeSite::default(), input.as_bytes(), || cut, window);
    let (mut rest, mut replies) = (output.as_slice(), Vec::new());
    while !rest.is_empty() {
        let reply;
        (reply, rest) = next_reply(rest, false);
        replies.push(reply);
    }
    replies
}

#[test]
fn a_body_is_the_same_through_every_window() {
    for (accept, content_type, _) in FORMATS {
        let expected = vec![scrape("/metrics?collect[]=frozen", accept).0];
        let get = request("GET", "/metrics?collect[]=frozen", accept);
        for window in [1, 2, 7, 8, 9, 64, 1_460, 4_096, 65_536, 200_000] {
            assert_eq!(replies(&get, usize::MAX, window), expected, "{content_type} through {window}");
            let old = replies(&get.replace("HTTP/1.1", "HTTP/1.0"), usize::MAX, window);
            assert!(old.iter().map(|reply| &reply.bytes).eq([&expected[0].bytes]), "{content_type} through {window}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 48, ..ProptestConfig::default() })]

    /// However requests are cut and replies are taken, each gets what it would get alone.
    #[test]
    fn any_cutting_and_any_window_give_the_same_scrapes(
        asked in prop::collection::vec((0..FORMATS.len(), prop::sample::select(&[
            "collect[]=frozen", "name%5B%5D=frozen_level", "name[]=frozen_block_put&collect[]=frozen", "name[]=no", "name[]", "collect[]=no",
        ][..])), 1..4),
        cut in 1_usize..200,
        window in 1_usize..3_000,
    ) {
        let (mut input, mut expected) = (String::new(), Vec::new());
        for (format, query) in asked {
            let (target, accept) = (format!("/metrics?{query}"), FORMATS[format].0);
            write!(input, "{}", request("GET", &target, accept)).expect("a string takes everything");
            expected.push(scrape(&target, accept).0);
        }
        prop_assert_eq!(&replies(&input, cut, window), &expected);
        prop_assert_eq!(&replies(&input, 1, 65_536), &expected);
    }
}
