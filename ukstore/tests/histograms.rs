//! Histograms against a naive model: written bounds, exponential buckets and both their views, under two writers too.
#![forbid(unsafe_code)]

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

use proptest::prelude::*;
use ukstore::{Buckets, Item, MAX_BUCKETS, Native, Part, Sample, Series, Snapshot, Value, Walk};

ukstore::histogram! {
    /// Written bounds.
    static WRITTEN = "/sized/written_bytes", "sized_written_bytes", Bytes, [0, 1, 2, 3, 1_000, 1_001, 1_023, 1_024, 1_025, 4_096];
    /// As many written bounds as there may be.
    static MANY = "/sized/many_bytes", "sized_many_bytes", Bytes, [
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
        999_999_999_999_999,
    ];
    /// Exponential, in nanoseconds.
    static SECONDS = "/sized/wait_seconds", "sized_wait_seconds", Seconds, exponential 3 from 1_000 to 100_000_000_000;
    /// Exponential, in whole bytes.
    static BYTES = "/sized/size_bytes", "sized_size_bytes", Bytes, exponential 4 from 64 to 1_000_000;
    /// Golden texts of seconds.
    static TEXTS = "/sized/texts_seconds", "sized_texts_seconds", Seconds, exponential 0 from 200_000_000 to 3_000_000_000;
    /// Golden texts of the smallest seconds.
    static NANOS = "/sized/nanos_seconds", "sized_nanos_seconds", Seconds, exponential 1 from 1 to 7;
    /// Golden texts of ratios.
    static RATIO = "/sized/used_ratio", "sized_used_ratio", Ratio, [0, 1, 500_000_000, 1_000_000_000];
    /// Golden texts of things.
    static THINGS = "/sized/things", "sized_things", None, exponential 2 from 1 to 5;
    /// Doubles.
    static DOUBLES = "/sized/doubles_seconds", "sized_doubles_seconds", Seconds, [500_000, 1_000_000];
    /// Hammered.
    static HAMMERED = "/sized/hammered_bytes", "sized_hammered_bytes", Bytes, [1, 10];
    /// Hammered, exponential.
    static HAMMERED_WIDE = "/sized/hammered_wide_bytes", "sized_hammered_wide_bytes", Bytes, exponential 4 from 1 to 1_000;
}

ukstore::buckets! {
    /// A field with written bounds.
    struct Holds = Seconds, [10, 20];
    /// An exponential field.
    pub(crate) struct Sizes = Bytes, exponential 2 from 16 to 1_024;
}

#[derive(Default)]
struct Lock {
    holds: Holds,
    sizes: Sizes,
}

fn snapshot(histogram: &dyn Buckets) -> Snapshot {
    let mut snapshot = Snapshot::EMPTY;
    histogram.snapshot_into(&mut snapshot);
    snapshot
}

/// Observations of every size, and those around powers of two and around bounds.
fn observation() -> impl Strategy<Value = u64> {
    prop_oneof![
        any::<u64>(),
        (0..64_u32, any::<u64>()).prop_map(|(bits, number)| number >> bits),
        (0..64_u32, -1..=1_i64).prop_map(|(power, off)| (1_u64 << power).wrapping_add_signed(off)),
        (-30..34_i32, -1..=1_i64)
            .prop_map(|(power, off)| ((1e9 * f64::from(power).exp2()) as u64).saturating_add_signed(off)),
        0..5_000_u64,
        Just(0),
        Just(u64::MAX),
    ]
}

/// What the observations change, by bound and above.
fn model(bounds: &[u64], observations: &[u64]) -> Vec<u64> {
    let at_most = |bound: u64| observations.iter().filter(|&&observation| observation <= bound).count() as u64;
    bounds.iter().map(|&bound| at_most(bound)).chain([observations.len() as u64]).collect()
}

fn check_views(histogram: &ukstore::Histogram, observations: &[u64]) {
    let mut room = [0; MAX_BUCKETS];
    let before = histogram.snapshot();
    for &observation in observations {
        histogram.observe(observation);
    }
    let after = histogram.snapshot();
    let expected = model(after.bounds(), observations);
    let grown: Vec<_> = (0..=after.bounds().len()).map(|bound| after.at_most(bound) - before.at_most(bound)).collect();
    assert_eq!(grown, expected);
    assert_eq!(after.count() - before.count(), observations.len() as u64);
    let sum = observations.iter().fold(before.sum(), |sum, &observation| sum.wrapping_add(observation));
    assert_eq!(after.sum(), sum);
    if let Some(native) = histogram.native(&mut room) {
        check_agreement(&native, &after);
    }
}

/// Both views tell the same: up to each power of two as many observations.
fn check_agreement(native: &Native, classic: &Snapshot) {
    let octaves = native.buckets.chunks(1 << native.schema).map(|octave| octave.iter().sum::<u64>());
    let mut total = native.zero_count;
    assert_eq!(classic.at_most(0), total);
    for (bound, count) in octaves.enumerate() {
        total += count;
        assert_eq!(classic.at_most(bound + 1), total);
    }
    assert_eq!((classic.count(), classic.sum()), (total + native.above, native.sum));
    assert_eq!(native.count(), classic.count());
}

// Each property has histograms of its own, since tests run beside each other.
proptest! {
    #[test]
    fn written_bounds_count_as_the_model(observations in prop::collection::vec(observation(), 0..50)) {
        check_views(&WRITTEN, &observations);
        check_views(&MANY, &observations);
    }

    #[test]
    fn exponential_buckets_count_as_the_model(observations in prop::collection::vec(observation(), 0..50)) {
        check_views(&SECONDS, &observations);
        check_views(&BYTES, &observations);
    }

    #[test]
    fn an_observation_is_in_the_native_bucket_of_its_size(observation in observation()) {
        let lock = Lock::default();
        lock.sizes.observe(observation);
        let mut room = [0; MAX_BUCKETS];
        let native = lock.sizes.native(&mut room).unwrap();
        let (zero, above) = (observation <= 8, observation > 1_024);
        prop_assert_eq!((native.zero_count, native.above), (u64::from(zero), u64::from(above)));
        prop_assert_eq!(native.count(), 1);
        if let Some(at) = native.buckets.iter().position(|&count| count == 1) {
            let end = |index: i32| (f64::from(index) / 4.0).exp2();
            let index = native.first_index + at as i32;
            prop_assert!(end(index - 1) < observation as f64 && observation as f64 <= end(index), "{index}");
        }
    }

    #[test]
    fn snapshots_add_up(one in prop::collection::vec(observation(), 0..20), other in prop::collection::vec(observation(), 0..20)) {
        let locks = [Lock::default(), Lock::default()];
        let mut folded = Snapshot::EMPTY;
        for (lock, observations) in locks.iter().zip([&one, &other]) {
            for &observation in observations {
                lock.holds.observe(observation);
            }
            folded.add(&snapshot(&lock.holds));
        }
        let all = [one, other].concat();
        prop_assert_eq!(folded.bounds(), &[10, 20]);
        let at_most: Vec<_> = (0..=2).map(|bound| folded.at_most(bound)).collect();
        prop_assert_eq!(at_most, model(&[10, 20], &all));
        prop_assert_eq!(folded.sum(), all.iter().fold(0_u64, |sum, &observation| sum.wrapping_add(observation)));
    }
}

#[test]
fn the_native_form_of_a_known_histogram() {
    let mut room = [0; MAX_BUCKETS];
    for observation in [0, 8, 9, 16, 17, 1_024, 1_025] {
        LOCK_SIZES.with(|sizes| sizes.observe(observation));
    }
    LOCK_SIZES.with(|sizes| {
        let native = sizes.native(&mut room).unwrap();
        assert_eq!((native.schema, native.zero_threshold, native.zero_count), (2, 8.0, 2));
        // 2^(13/4) = 9.51, 2^4 = 16, 2^(17/4) = 19.03, 2^10 = 1024.
        assert_eq!((native.first_index, native.buckets.len()), (13, 28));
        let filled: Vec<_> = (13..).zip(native.buckets).filter(|&(_, &count)| count > 0).collect();
        assert_eq!(filled, [(13, &1), (16, &1), (17, &1), (40, &1)]);
        assert_eq!((native.above, native.overflow_index()), (1, 4_097));
        assert_eq!((native.count(), native.sum), (7, 2_099));
        assert_eq!(sizes.bounds(), [8, 16, 32, 64, 128, 256, 512, 1_024]);
    });
    assert!(WRITTEN.native(&mut room).is_none(), "written bounds have no native form");
    let native = SECONDS.native(&mut room).unwrap();
    assert_eq!((native.zero_threshold, native.first_index), ((-20_f64).exp2(), -159));
}

thread_local! {
    static LOCK_SIZES: Sizes = Sizes::default();
}

/// The prefixes of a histogram's lines, as a walk gives them.
fn prefixes(name: &str) -> Vec<&'static str> {
    let mut prefixes = Vec::new();
    let _ = Walk::new().each(|item| -> std::ops::ControlFlow<()> {
        if let Item::Sample(Sample { family, series: Series::Fixed(prefix), part, .. }) = item
            && family.name() == name
        {
            assert_eq!(part == Part::Bucket(None), prefix.contains("+Inf"));
            prefixes.push(prefix);
        }
        std::ops::ControlFlow::Continue(())
    });
    prefixes
}

#[test]
fn golden_bounds() {
    for (name, bounds) in [
        ("sized_texts_seconds", &["0.125", "0.25", "0.5", "1.0", "2.0", "4.0"][..]),
        ("sized_nanos_seconds", &["0.0", "1e-09", "3e-09", "7e-09"]),
        ("sized_used_ratio", &["0.0", "1e-09", "0.5", "1.0"]),
        ("sized_things", &["0.0", "1.0", "2.0", "4.0", "8.0"]),
        ("sized_doubles_seconds", &["0.0005", "0.001"]),
        (
            "sized_size_bytes",
            &[
                "32.0",
                "64.0",
                "128.0",
                "256.0",
                "512.0",
                "1024.0",
                "2048.0",
                "4096.0",
                "8192.0",
                "16384.0",
                "32768.0",
                "65536.0",
                "131072.0",
                "262144.0",
                "524288.0",
                "1.048576e+06",
            ],
        ),
    ] {
        let buckets = bounds.iter().chain(&["+Inf"]).map(|bound| format!("{name}_bucket{{le=\"{bound}\"}}"));
        let expected: Vec<_> = buckets.chain([format!("{name}_sum"), format!("{name}_count")]).collect();
        assert_eq!(prefixes(name), expected);
    }
    assert_eq!((TEXTS.count(), NANOS.count(), RATIO.count(), THINGS.count()), (0, 0, 0, 0));
}

#[test]
fn doubles_are_counted_or_refused() {
    let refused = || match ukstore::read("/ukstore/bad_observations_total") {
        Ok(Value::U64(count)) => count,
        other => panic!("{other:?}"),
    };
    for good in [0.0, -0.0, 0.0005, 0.000_500_001, 1e9] {
        DOUBLES.observe_f64(good);
    }
    assert_eq!((DOUBLES.count(), DOUBLES.sum(), refused()), (5, 1_000_000_000_001_000_001, 0));
    let snapshot = DOUBLES.snapshot();
    assert_eq!((snapshot.at_most(0), snapshot.at_most(1)), (3, 4), "a bound itself is at most the bound");
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1e-300, 2e10] {
        DOUBLES.observe_f64(bad);
    }
    assert_eq!((DOUBLES.count(), refused()), (5, 5));
    let lock = Lock::default();
    lock.holds.observe_f64(15e-9);
    lock.holds.observe_f64(f64::NAN);
    assert_eq!((self::snapshot(&lock.holds).sum(), refused()), (15, 6));
}

/// Two threads observe 1 and 1000; whoever reads can tell the sum from the buckets.
#[test]
fn a_snapshot_is_never_torn() {
    const EACH: u64 = 20_000;
    let running = AtomicUsize::new(2);
    thread::scope(|scope| {
        for observation in [1, 1_000] {
            let running = &running;
            scope.spawn(move || {
                for _ in 0..EACH {
                    HAMMERED.observe(observation);
                    HAMMERED_WIDE.observe(observation);
                }
                running.fetch_sub(1, Relaxed);
            });
        }
        let mut room = [0; MAX_BUCKETS];
        while running.load(Relaxed) > 0 {
            let snapshot = HAMMERED.snapshot();
            let ones = snapshot.at_most(0);
            assert_eq!(snapshot.sum(), ones + 1_000 * (snapshot.count() - ones));
            // The bucket of 1 is the last of the first octave, up to one.
            let native = HAMMERED_WIDE.native(&mut room).unwrap();
            let ones = native.buckets[15];
            assert_eq!(native.sum, ones + 1_000 * (native.count() - ones));
        }
    });
    assert_eq!((HAMMERED.count(), HAMMERED.sum()), (2 * EACH, 1_001 * EACH));
    assert_eq!((HAMMERED_WIDE.count(), HAMMERED_WIDE.sum()), (2 * EACH, 1_001 * EACH));
}
