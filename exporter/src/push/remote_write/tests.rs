//! Requests of any series, read back by decoders that know nothing of the encoders.

extern crate std;

use std::collections::BTreeMap;
use std::string::String;
use std::vec::Vec;

use proptest::prelude::*;

use super::Version;
use super::batch::{Batch, Series};
use super::labels::{Common, Labels};
use super::one::USUAL_STAMPS;
use crate::push::Origin;
use crate::push::snappy::MAX_INPUT;

#[path = "../../../tests/remote_write/schema.rs"]
mod schema;

const ORIGIN: Origin<'_> = Origin { name: "one", job: "test", tags: &[], program: "", version: "", boot_id: "" };

/// Adds a series called `name` with these labels. Whether there was room.
fn add(batch: &mut Batch, name: &str, own: &BTreeMap<String, String>, value: u64) -> bool {
    let common = Common::of(&ORIGIN);
    let mut labels = Labels::new(&common, name);
    own.iter().for_each(|(name, value)| labels.add(name, value));
    batch.add(&Series { labels, family: None, value, stamp_ms: value >> 1 })
}

fn expected(name: &str, own: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let all =
        [("__name__", name), ("instance", "one"), ("job", "test")].map(|(name, value)| (name.into(), value.into()));
    let mut labels: Vec<_> = own.clone().into_iter().filter(|(_, value)| !value.is_empty()).chain(all).collect();
    labels.sort();
    labels
}

proptest! {
    #[test]
    fn every_series_is_read_back_in_both_versions(
        told in prop::collection::vec(
            ("[a-z_]{1,9}", prop::collection::btree_map("[a-h]{1,4}", "[a-c\"\\n\u{e9}]{0,3}|a{0,200}", 0..5), any::<u64>()),
            0..20,
        ),
    ) {
        let mut batch = Batch::new(Version::Two);
        for version in [Version::One, Version::Two, Version::One] {
            batch.begin(version);
            for (name, own, value) in &told {
                prop_assert!(add(&mut batch, name, own, *value));
            }
            prop_assert_eq!(batch.series() as usize, told.len());
            let read = match version {
                Version::One => schema::decode_one(batch.bytes()),
                Version::Two => schema::decode_two(batch.bytes()),
            };
            prop_assert_eq!(read.len(), told.len());
            for (series, (name, own, value)) in read.iter().zip(&told) {
                prop_assert_eq!(&series.labels, &expected(name, own));
                prop_assert_eq!((series.value, series.stamp_ms as u64), (*value, value >> 1));
            }
        }
    }
}

/// What does not fit leaves nothing behind, whichever part of it was the one too long.
#[test]
fn as_many_series_as_there_is_room_for() {
    for version in [Version::One, Version::Two] {
        for len in (1..60).step_by(9) {
            let mut batch = Batch::new(version);
            batch.begin(version);
            let mut count = 0;
            let label = |count: usize| BTreeMap::from([("n".into(), std::format!("{count:0len$}"))]);
            while add(&mut batch, "test_requests_total", &label(count), 7) {
                count += 1;
            }
            let read = match version {
                Version::One => schema::decode_one(batch.bytes()),
                Version::Two => schema::decode_two(batch.bytes()),
            };
            assert_eq!((read.len(), batch.series() as usize), (count, count));
            let last = read.last().and_then(|series| series.label("n"));
            assert_eq!(last, label(count - 1).get("n").map(String::as_str));
            assert!(batch.bytes().len() > MAX_INPUT - 200, "{version:?}: {count} of {len}");
        }
    }
}

#[test]
fn a_series_longer_than_a_message_may_be_is_not_taken() {
    for version in [Version::One, Version::Two] {
        let mut batch = Batch::new(version);
        batch.begin(version);
        assert!(!add(&mut batch, "up", &BTreeMap::from([("long".into(), "x".repeat(1 << 14))]), 1));
        assert!(!add(&mut batch, "up", &BTreeMap::from([("long".into(), "x".repeat(MAX_INPUT))]), 1));
        assert_eq!(batch.series(), 0);
        // Nor has it left anything behind.
        assert!(add(&mut batch, "up", &BTreeMap::new(), 1));
        let read = match version {
            Version::One => schema::decode_one(batch.bytes()),
            Version::Two => schema::decode_two(batch.bytes()),
        };
        assert_eq!((read.len(), &read[0].labels), (1, &expected("up", &BTreeMap::new())));
    }
}

/// In series whose lengths take one byte and two.
#[test]
fn another_time_changes_nothing_else() {
    for (version, decode) in [(Version::One, schema::decode_one as fn(&[u8]) -> _), (Version::Two, schema::decode_two)]
    {
        let mut batch = Batch::new(version);
        batch.begin(version);
        let stamp_ms = USUAL_STAMPS.start;
        for len in [1, 10, 60, 90, 100, 120, 3000] {
            assert!(add(&mut batch, "up", &BTreeMap::from([("n".into(), "x".repeat(len))]), stamp_ms << 1));
        }
        let before: Vec<schema::Told> = decode(batch.bytes());
        for stamp_ms in [1_767_225_600_500, USUAL_STAMPS.start, USUAL_STAMPS.end - 1] {
            batch.restamp(stamp_ms);
            let after = decode(batch.bytes());
            assert_eq!(after.len(), before.len());
            for (after, before) in after.iter().zip(&before) {
                let (labels, value) = (&before.labels, before.value);
                assert_eq!((&after.labels, after.value, after.stamp_ms as u64), (labels, value, stamp_ms));
            }
        }
    }
}
