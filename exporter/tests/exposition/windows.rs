//! How an exposition is cut into windows must not show in it, nor that objects come and go meanwhile.

use std::cell::RefCell;
use std::collections::BTreeSet;

use exporter::exposition::{Encoder, Format, Selection};
use exporter::{MAX_LINE, Step, Window};
use proptest::prelude::*;

use crate::encode::encode;
use crate::schema::decode;
use crate::tree::{SHELVES, Shelf, WORKERS, Work, hold};

/// Fails unless the text is what its format demands of a whole exposition. Objects may go after their family's header
/// was sent, and one info is too long: families without samples are allowed.
fn check_text(text: &str, format: Format) {
    let is_open = format == Format::OpenMetrics;
    let mut rest = text.split_inclusive('\n').peekable();
    let (mut families, mut series) = (BTreeSet::new(), BTreeSet::new());
    while let Some(first) = rest.peek().copied() {
        if is_open && first == "# EOF\n" {
            assert_eq!(rest.by_ref().count(), 1, "the last line");
            return;
        }
        let mut words = Vec::new();
        let (mut name, mut kind) = ("", "");
        while let Some(line) = rest.next_if(|line| line.starts_with('#') && *line != "# EOF\n") {
            let [_, word, its_name, text] = line.trim_end().splitn(4, ' ').collect::<Vec<_>>()[..] else {
                panic!("{line}")
            };
            if words.last() == Some(if is_open { &"HELP" } else { &"TYPE" }) {
                // This family had no sample.
                words.clear();
                name = "";
            }
            assert!(name.is_empty() || name == its_name, "{line}");
            assert!(words.is_empty() || name == its_name);
            if words.is_empty() {
                assert!(families.insert(its_name), "{its_name} begins twice");
            }
            (name, words) = (its_name, [&words[..], &[word]].concat());
            if word == "TYPE" {
                kind = text;
            }
        }
        match &words[..] {
            ["HELP", "TYPE"] => {
                assert!(!is_open && ["counter", "gauge", "histogram", "untyped"].contains(&kind), "{name}");
            }
            ["TYPE", "HELP"] | ["TYPE", "UNIT", "HELP"] => assert!(is_open, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
        let endings: &[&str] = match kind {
            "histogram" => &["_bucket", "_sum", "_count", "_created"],
            "counter" if is_open => &["_total", "_created"],
            "info" => &["_info"],
            _ => &[""],
        };
        while let Some(line) = rest.next_if(|line| !line.starts_with('#')) {
            let (its_series, value) = line.trim_end().rsplit_once(' ').expect("a sample");
            let ending = its_series.strip_prefix(name).unwrap_or_else(|| panic!("{its_series} stands in {name}"));
            let ending = ending.split('{').next().expect("what stands before the labels");
            assert!(endings.contains(&ending), "{its_series} stands in {name}");
            assert!(series.insert(its_series), "{its_series} stands twice");
            assert!(value.parse::<f64>().is_ok(), "{line}");
        }
    }
    assert!(!is_open && text.ends_with('\n'));
}

/// The same of messages.
fn check_messages(bytes: &[u8]) {
    let (mut families, mut series) = (Vec::new(), BTreeSet::new());
    for message in decode(bytes) {
        let name = message.name.expect("a name");
        if families.last() != Some(&name) {
            assert!(!families.contains(&name), "{name} is torn apart");
            families.push(name.clone());
        }
        assert!((1..=32).contains(&message.metric.len()), "{name}");
        for metric in message.metric {
            assert!(series.insert((name.clone(), format!("{:?}", metric.label))), "{name} has a series twice");
        }
    }
}

fn check(bytes: &[u8], format: Format) {
    match format {
        Format::Protobuf => check_messages(bytes),
        _ => check_text(std::str::from_utf8(bytes).expect("UTF-8"), format),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_windows_give_the_same_bytes(
        sizes in prop::collection::vec(prop_oneof![0_usize..700, 3_000_usize..10_000], 1..20),
        shelves in 0_usize..100,
        created_unix_ns in prop::option::of(1_u64..),
    ) {
        let _tree = hold();
        let _workers: Vec<_> = ["a", "b", "c"].map(|name| WORKERS.add(name, Work::default())).into();
        let _shelves: Vec<_> = (0..shelves).map(|number| SHELVES.add(&number.to_string(), Shelf::new())).collect();
        for format in Format::ALL {
            let expected = encode(format, created_unix_ns, || 1 << 16, || ());
            check(&expected.bytes, format);
            prop_assert_eq!(expected.skipped, 1, "the one that is too long");
            let mut sizes = sizes.iter().copied().cycle();
            prop_assert!(encode(format, created_unix_ns, || sizes.next().unwrap(), || ()) == expected);
            prop_assert!(encode(format, created_unix_ns, || 1, || ()) == expected);
        }
    }

    /// Objects come, go and take each other's names while a scrape rests: it stays one exposition.
    #[test]
    fn a_changing_tree_still_gives_a_whole_exposition(
        changes in prop::collection::vec((0_usize..40, prop::sample::select(&["a", "b", "b_2"][..])), 1..100),
        size in prop_oneof![Just(1_usize), 200_usize..700, Just(MAX_LINE)],
    ) {
        let _tree = hold();
        for format in Format::ALL {
            let objects = RefCell::new(Vec::new());
            let mut changes = changes.iter().cycle();
            let encoded = encode(format, None, || size, || {
                let (at, name) = changes.next().unwrap();
                let mut objects = objects.borrow_mut();
                if *at < objects.len() {
                    objects.swap_remove(*at);
                } else {
                    objects.push((WORKERS.add(name, Work::default()), SHELVES.add(name, Shelf::new())));
                }
            });
            check(&encoded.bytes, format);
        }
    }
}

#[test]
fn skipping_passes_over_exactly_one_item() {
    let _tree = hold();
    let mut room = vec![0; 1 << 16];
    let mut line = |encoder: &mut Encoder| {
        let mut window = Window::new(&mut room);
        let step = encoder.write(&mut window, 1);
        if step == Step::Full {
            encoder.skip();
        }
        (step, String::from_utf8(window.written().to_vec()).expect("UTF-8"))
    };
    for format in [Format::Text, Format::OpenMetrics] {
        let [mut skipping, mut reading] = [(); 2].map(|()| Encoder::new(format, Selection::ALL, None));
        loop {
            skipping.skip();
            // Behind the last item there is none to pass over: what ends the text is not one.
            if line(&mut reading).0 == Step::End {
                break;
            }
            let next = line(&mut skipping);
            assert_eq!(next, line(&mut reading));
            if next.0 == Step::End {
                break;
            }
        }
    }
}
