//! However the output is cut, the body is the same; what is longest still comes whole.

use std::ops::ControlFlow;

use exporter::exposition::tree::{Encoder, Format};
use exporter::{MAX_LINE, Step, Window};
use proptest::prelude::*;
use ukstore::{Buckets, Child, Counter, Listing, Node, Snapshot, histogram::Scale};

use crate::client::{FORMS, HTML, JSON, TEXT, json, show, show_through};
use crate::declared::{alone, long_words, populate};

ukstore::buckets! {
    /// As many bounds as there may be.
    struct Wide = Seconds, exponential 0 from 8 to 9_000_000_000_000_000_000;
}

/// Counts of as many digits as there may be.
#[derive(Default)]
struct Huge(Wide);

impl Buckets for Huge {
    fn scale(&self) -> &'static Scale {
        self.0.scale()
    }

    fn cells(&self) -> &[Counter] {
        self.0.cells()
    }

    fn snapshot_into(&self, snapshot: &mut Snapshot) {
        self.0.snapshot_into(snapshot);
        for _ in 0..63 {
            let half = *snapshot;
            snapshot.add(&half);
        }
    }
}

#[derive(Default)]
struct Giant {
    wait: Huge,
}

ukstore::class! {
    /// Giants.
    static GIANTS: Class<Giant> = "/long/a_directory_with_quite_a_long_name/and_another_one_below_it/and_yet_one_more/giants",
        label giant, series 4 {
        /// A help longer than a piece, of characters that take all the bytes they can:
    /// """"""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""
    /// """"""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""
    /// """"""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""
    /// """"""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""
    /// """"""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""
    /// """"""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""
    /// """"""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""
    /// """"""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""
    /// """"""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""
    /// """"""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""
    /// """"""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""
    /// """"""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""
        /// and so on.
        histogram "wait_for_as_long_as_anybody_could_ever_be_made_to_wait_for_anything_seconds",
            "giant_wait_with_a_name_that_is_longer_than_anybody_would_ever_want_to_type_or_to_read_in_any_dashboard_seconds",
            Seconds => .wait;
    }
}

ukstore::info! {
    /// As many labels as there may be, as long as they like.
    "/long/info", "long_info", {
        a => prompt long, b => prompt long, c => prompt long, d => prompt long,
        e => prompt long, f => prompt long, g => prompt long, h => prompt long,
    };
}

/// 6 kB of quotes.
fn long() -> &'static str {
    const QUOTES: [u8; 6_000] = [b'"'; 6_000];
    std::str::from_utf8(const { &QUOTES }).expect("ASCII")
}

const WAIT: &str = "wait_for_as_long_as_anybody_could_ever_be_made_to_wait_for_anything_seconds";

#[test]
fn the_longest_of_everything_is_dropped_nowhere() {
    let _alone = alone();
    populate();
    let dropped = || show("/management/http/lines_dropped_total", TEXT);
    let before = dropped();
    let name = "<'".repeat(ukstore::MAX_NAME / 2);
    let giant = GIANTS.add(&name, Giant::default());
    giant.wait.0.observe(1);
    let path =
        format!("/long/a_directory_with_quite_a_long_name/and_another_one_below_it/and_yet_one_more/giants/{name}");
    let target = path.replace('<', "%3C");
    let listing = json(&target);
    let child = &listing["children"][0];
    let line = show(&target, JSON).lines().nth(1).map_or(0, str::len);
    assert!((2_500..MAX_LINE - 500).contains(&line), "the longest piece has {line} bytes");
    assert_eq!(child["value"]["buckets"].as_array().map(Vec::len), Some(63), "{listing}");
    assert_eq!(child["value"]["count"].as_u64(), Some(1 << 63));
    assert!(child["help"].as_str().is_some_and(|help| help.len() < 400 && help.ends_with('…')), "{child}");

    let leaf = json(&format!("{target}/{WAIT}"));
    assert_eq!(leaf["value"], child["value"]);
    assert!(leaf["help"].as_str().is_some_and(|help| help.len() > 1_300 && help.ends_with("and so on.")), "{leaf}");
    let page = show(&format!("{target}/{WAIT}"), HTML);
    assert!(page.contains("and so on.</p>\n<pre>\n") && page.matches("at most").count() == 63, "{page}");
    assert_eq!(show(&format!("{target}/{WAIT}"), TEXT).lines().count(), 65);
    assert!(show(&target, HTML).contains("9223372036854775808 observed"));

    let info = json("/long/info");
    assert_eq!(info["value"].as_object().map(serde_json::Map::len), Some(8), "{info}");
    for form in FORMS {
        assert!(show("/long", form).contains("…"));
        assert_eq!(show("/long/info", form).matches('…').count(), 8);
    }
    assert_eq!(json("/long")["children"].as_array().map(Vec::len), Some(5));
    assert_eq!(dropped(), before);
}

#[test]
fn words_longer_than_any_window_come_whole() {
    let words = long_words();
    assert!(words.len() > 20_000);
    for window in [1, 9, 64, 1_460, 4_095, 65_536] {
        for version in ["1.0", "1.1"] {
            let through = |form| show_through("/long/words", form, version, window);
            assert_eq!(through(TEXT), words, "{window}");
            let json: serde_json::Value = serde_json::from_str(&through(JSON)).expect("JSON");
            assert_eq!(json["value"].as_str(), Some(words.as_str()), "{window}");
            let page = through(HTML);
            let shown = page.split_once("<pre>\n").and_then(|(_, rest)| rest.split_once("</pre>")).expect("words").0;
            let shown = shown.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
            assert_eq!(shown, words, "{window}");
        }
    }
}

/// Writes what is at a path, piece by piece, and what is below it.
fn write_all(path: &str) {
    let node = ukstore::lookup(path).expect("it was listed");
    for format in Format::ALL {
        let mut encoder = Encoder::new(node, format);
        loop {
            let mut bytes = [0; MAX_LINE];
            let mut window = Window::new(&mut bytes);
            match encoder.write(path, &mut window, 1) {
                Step::More => {}
                Step::End => break,
                Step::Full => panic!("{path}: a piece as {format:?} has no room"),
            }
        }
    }
    let Node::Directory(directory) = node else { return };
    let mut names = Vec::new();
    let flow = directory.children(&mut Listing::new(), |child| {
        names.push(match child {
            Child::Directory(name) | Child::Leaf { name, value: None, .. } => name.to_owned(),
            Child::Leaf { name, value: Some(value), .. } => format!("{name}/{value}"),
        });
        ControlFlow::<()>::Continue(())
    });
    assert!(flow.is_continue());
    for name in names {
        write_all(&format!("{}/{name}", path.trim_end_matches('/')));
    }
}

#[test]
fn every_piece_of_everything_fits_a_line() {
    let _alone = alone();
    populate();
    let giant = GIANTS.add(&"&".repeat(ukstore::MAX_NAME), Giant::default());
    giant.wait.0.observe(1);
    write_all("/");
}

const TARGETS: [&str; 12] = [
    "/",
    "/all",
    "/all/workers",
    "/all/cache/lookups_total",
    "/all/doors_total",
    "/all/wait_seconds",
    "/all/words",
    "/all/build",
    "/all/limit",
    "/long/info",
    "/long/lines",
    "/all/deep/er/most_total",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_window_gives_the_same_body(
        target in prop::sample::select(&TARGETS[..]),
        form in prop::sample::select(&FORMS[..]),
        version in prop::sample::select(&["1.0", "1.1"][..]),
        window in prop_oneof![1_usize..40, 40_usize..5_000],
    ) {
        let whole = show(target, form);
        prop_assert_eq!(&show_through(target, form, version, window), &whole);
        prop_assert_eq!(&show_through(target, form, version, 1), &whole);
    }
}
