//! Messages, byte for byte.

use exporter::push::remote_write::Version;

use crate::agreement::understands_two;
use crate::machine::{Machine, NOW_MS, Road, SECOND};
use crate::tree::hold;

/// `1767225600500` as a varint.
const STAMP: &[u8] = &[0xf4, 0xd3, 0xea, 0xb6, 0xb7, 0x33];

/// A field that has its length in front.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2, bytes.len() as u8], bytes].concat()
}

fn sample(value: f64, stamp: &[u8]) -> Vec<u8> {
    field(2, &[&[0x09][..], &value.to_le_bytes(), &[0x10], stamp].concat())
}

/// Where `part` is in `whole`.
fn place(whole: &[u8], part: &[u8]) -> Option<usize> {
    whole.windows(part.len()).position(|window| window == part)
}

#[test]
fn one() {
    let _tree = hold();
    let machine = Machine::new();
    let frames = Road::new("golden-one", Version::One, 1 << 20).capture(0, &machine);
    let label = |name: &str, value: &str| field(1, &[field(1, name.as_bytes()), field(2, value.as_bytes())].concat());
    let series = |labels: &[(&str, &str)], value| {
        let labels: Vec<u8> = labels.iter().flat_map(|(name, value)| label(name, value)).collect();
        field(1, &[labels, sample(value, STAMP)].concat())
    };
    let up = series(&[("__name__", "up"), ("instance", "one"), ("job", "test")], 1.0);
    assert_eq!(place(&frames[0].message(), &up), Some(0));
    let message: Vec<u8> = frames.iter().flat_map(|frame| frame.message()).collect();
    for golden in [
        series(&[("__name__", "test_plain_total"), ("instance", "one"), ("job", "test")], 3.0),
        series(&[("__name__", "test_busy_seconds_total"), ("instance", "one"), ("job", "test")], 1.25),
        series(
            &[("__name__", "test_latency_seconds_bucket"), ("instance", "one"), ("job", "test"), ("le", "2.5")],
            3.0,
        ),
        series(&[("__name__", "test_by_side_total"), ("instance", "one"), ("job", "test"), ("side", "right")], 7.0),
    ] {
        assert!(place(&message, &golden).is_some(), "{golden:?}");
    }
}

#[test]
fn two() {
    let _tree = hold();
    let machine = Machine::new();
    let mut road = Road::new("golden-two", Version::Two, 1 << 20);
    let question = road.capture(0, &machine).remove(0);
    let symbols = |texts: &[&str]| texts.iter().flat_map(|text| field(4, text.as_bytes())).collect::<Vec<u8>>();
    let texts = symbols(&["", "__name__", "up", "instance", "one", "job", "test"]);
    let up = field(5, &[field(1, &[1, 2, 3, 4, 5, 6]), sample(1.0, STAMP)].concat());
    assert_eq!(question.message(), [&texts[..], &up].concat());

    understands_two(&mut road, &question);
    machine.unix_ms.set(Some(NOW_MS + 1));
    let message: Vec<u8> = road.capture(SECOND, &machine).iter().flat_map(|frame| frame.message()).collect();
    // The family's first series brings its texts, the next refers to them.
    let texts = symbols(&["test_by_state", "state", "open"]);
    let at = place(&message, &texts).expect("the texts") + texts.len();
    let other = symbols(&["closed"]);
    assert!(place(&message[at..], &other).is_some_and(|at| at < 64));
    let mut stamp = STAMP.to_vec();
    stamp[0] += 1;
    assert!(place(&message[at..at + 64], &sample(2.0, &stamp)).is_some());
}
