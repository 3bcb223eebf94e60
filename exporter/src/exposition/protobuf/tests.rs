//! Histograms with counts that no test can observe, up to the longest a message can hold.

extern crate std;

use std::vec::Vec;

use super::*;
use crate::MAX_LINE;
use proptest::prelude::*;
use schema::{Histogram, MetricFamily};
use ukstore::histogram::Scale;
use ukstore::{Buckets, Counter, MAX_BUCKETS, WholeHistogram};

#[path = "../../../tests/exposition/schema.rs"]
mod schema;

ukstore::histogram! {
    /// Has as many buckets as may be.
    static LARGE = "/test/large_bytes", "test_large_bytes", Bytes, exponential 4 from 1 to 524_288;
}

/// A histogram with any counts, however long it would take to observe them.
struct Counted(Vec<Counter>);

impl Counted {
    fn new(buckets: &[u64], above: u64) -> Self {
        let cell = |&count: &u64| {
            let cell = Counter::new();
            cell.add(count);
            cell
        };
        Self([&[3], buckets, &[above, 7]].concat().iter().map(cell).collect())
    }
}

impl Buckets for Counted {
    fn scale(&self) -> &'static Scale {
        LARGE.scale()
    }

    fn cells(&self) -> &[Counter] {
        &self.0
    }
}

/// What a message has that begins with this histogram, if there is one.
fn told(buckets: &Counted, label: &str) -> Result<Histogram, Cut> {
    let family = ukstore::families().iter().find(|family| family.name() == "test_large_bytes");
    let family = family.expect("it is declared above");
    let labels = &[("label", label)];
    let mut batch = Batch { message: Message::new(), metrics: 0, series: 0, created_unix_ns: None };
    if let Break(cut) = batch.take(Item::Histogram(WholeHistogram { family, labels, buckets })) {
        assert_eq!(batch.metrics, 0);
        return Err(cut);
    }
    assert_eq!((batch.metrics, batch.series), (1, 21 + 3));
    let bytes = batch.message.delimited();
    assert!(bytes.len() <= MAX_LINE);
    let [MetricFamily { metric, .. }] = &mut schema::decode(bytes)[..] else { panic!("one message") };
    assert_eq!(metric[0].label[0].value(), label);
    Ok(metric.remove(0).histogram.expect("a histogram"))
}

#[test]
fn of_a_histogram_too_long_for_a_message_the_native_buckets_are_told() {
    // Every difference from one to the next takes ten bytes.
    let counts: Vec<u64> = (0..MAX_BUCKETS).map(|index| if index % 2 == 0 { u64::MAX / 3 } else { 1 }).collect();
    let large = Counted::new(&counts, 5);
    for (label_len, classic_buckets) in [(1, 21), (350, 21), (380, 0), (700, 0)] {
        let histogram = told(&large, &"x".repeat(label_len)).expect("it fits");
        assert_eq!(histogram.bucket.len(), classic_buckets, "{label_len}");
        let mut buckets = histogram.native_buckets();
        assert_eq!(buckets.pop(), Some((1024 * 16 + 1, 5)));
        assert!(buckets.into_iter().eq((-15..).zip(counts.iter().copied())));
    }
    assert_eq!(told(&large, &"x".repeat(900)).err(), Some(Cut::TooLong));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_counts_come_back(
        counts in prop::collection::vec(prop_oneof![4 => Just(0_u64), 1 => 0..9_u64, 1 => any::<u64>()], MAX_BUCKETS),
        above in prop_oneof![Just(0_u64), any::<u64>()],
    ) {
        let histogram = told(&Counted::new(&counts, above), "").expect("it fits");
        prop_assert_eq!(histogram.zero_count, Some(3));
        let total = counts.iter().fold(3 + u128::from(above), |total, &count| total + u128::from(count)) as u64;
        prop_assert_eq!(histogram.sample_count, Some(total));
        let told = histogram.native_buckets();
        prop_assert!(told.windows(2).all(|pair| pair[0].0 < pair[1].0));
        let mut expected: Vec<_> = (-15..).zip(counts).collect();
        expected.push((1024 * 16 + 1, above));
        expected.retain(|&(_, count)| count != 0);
        prop_assert!(told.into_iter().filter(|&(_, count)| count != 0).eq(expected));
    }
}
