//! What is counted: each a function that does one thing. Not for deciding how often or with what.

use core::hint::black_box;
use core::ops::ControlFlow::{Break, Continue};

use periscope::ukstore::{self, Walk};

ukstore::counter! {
    /// Counted up.
    static COUNTER = "/bench/increments_total", "bench_increments_total";
}

ukstore::histogram! {
    /// Observed with 20 bounds.
    static CLASSIC = "/bench/classic_seconds", "bench_classic_seconds", Seconds, [
        1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000,
        2_000_000, 5_000_000, 10_000_000, 20_000_000, 50_000_000, 100_000_000, 200_000_000, 500_000_000,
        1_000_000_000, 2_000_000_000];
    /// Observed with eight buckets for each doubling.
    static EXPONENTIAL = "/bench/exponential_seconds", "bench_exponential_seconds", Seconds,
        exponential 3 from 1_000 to 10_000_000_000;
}

pub(crate) fn increment((): ()) {
    COUNTER.inc();
}

pub(crate) fn observe(observation: u64) {
    CLASSIC.observe(observation);
}

pub(crate) fn observe_exponential(observation: u64) {
    EXPONENTIAL.observe(observation);
}

pub(crate) fn observe_f64(observation: f64) {
    CLASSIC.observe_f64(observation);
}

pub(crate) fn look_up(path: &str) {
    black_box(ukstore::lookup(path).is_ok());
}

/// A walk at rest before the first family whose name begins with `prefix`.
pub(crate) fn walk_to(prefix: &str) -> Walk {
    let mut walk = Walk::new();
    // The item it breaks at is the next one it gives.
    let _ = walk.each(|item| match item {
        ukstore::Item::Family(family) if family.name().starts_with(prefix) => Break(()),
        _ => Continue(()),
    });
    walk
}

/// Goes on with a copy of `walk` for so many items, a family's header being one, and adds up the values.
pub(crate) fn go_on((walk, items): (&Walk, u32)) {
    let (mut left, mut sum) = (items, 0_u64);
    let _ = black_box(walk.clone()).each(|item| {
        if let ukstore::Item::Sample(sample) = item
            && let ukstore::Value::U64(value) = sample.value
        {
            sum = sum.wrapping_add(value);
        }
        left -= 1;
        if left == 0 { Break(()) } else { Continue(()) }
    });
    black_box(sum);
}
