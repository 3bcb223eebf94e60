//! Families that are there from the start: those that `build.rs` wrote, and the histograms.

use crate::values::Values;

include!(concat!(env!("OUT_DIR"), "/declared.rs"));

ukstore::histogram! {
    /// How long this one of the components took to answer.
    static ANSWER = "/mix/answer_seconds", "bench_mix_answer_seconds", Seconds,
        [50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 100_000_000];
    /// How long this one of the components waited.
    static WAIT = "/mix/wait_seconds", "bench_mix_wait_seconds", Seconds,
        [50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 100_000_000];
}

/// Gives all of them their values. What is observed is exactly a bound, so that buckets and sum can be had again from the
/// exposition.
pub(crate) fn fill(values: &mut Values) {
    fill_declared(values);
    for histogram in [&ANSWER, &WAIT] {
        for &bound in histogram.snapshot().bounds() {
            for _ in 0..values.next() % 100 {
                histogram.observe(bound);
            }
        }
    }
}
