//! Histograms observed and read in every order: the sum and the buckets always agree.

use critical_section::sections;
use shuttle::scheduler::DfsScheduler;
use shuttle::{Config, Runner, thread};
use ukstore_model::Histogram;

ukstore_model::histogram! {
    /// Written bounds.
    static WRITTEN = "/m/written_bytes", "model_written_bytes", Bytes, [1, 10];
    /// Exponential ones.
    static EXPONENTIAL = "/m/exponential_bytes", "model_exponential_bytes", Bytes, exponential 2 from 1 to 1_000;
}

const MOST_ORDERS: usize = 1_000_000;

fn agrees(histogram: &'static Histogram) {
    let model = move || {
        let writers = [1, 1_000].map(|observation| thread::spawn(move || histogram.observe(observation)));
        for _ in 0..2 {
            let snapshot = histogram.snapshot();
            let bound = snapshot.bounds().iter().position(|&bound| bound >= 1).expect("one of them is");
            let ones = snapshot.at_most(bound);
            assert_eq!(snapshot.sum(), ones + 1_000 * (snapshot.count() - ones));
        }
        writers.into_iter().for_each(|writer| writer.join().expect("no assertion is in there"));
    };
    let orders = Runner::new(DfsScheduler::new(Some(MOST_ORDERS), false), Config::new()).run(model);
    println!("{orders} orders");
    assert!((2..MOST_ORDERS).contains(&orders));
}

#[test]
fn a_snapshot_is_of_whole_observations() {
    agrees(&WRITTEN);
    agrees(&EXPONENTIAL);
}

/// The cells are atomics, at which the checker switches no threads: so that what it says above is worth something, each
/// observation and each snapshot must be one section.
#[test]
fn an_observation_and_a_snapshot_are_one_section_each() {
    shuttle::check_random(
        || {
            for histogram in [&WRITTEN, &EXPONENTIAL] {
                assert_eq!(sections(|| histogram.observe(1)), 1);
                assert_eq!(sections(|| histogram.observe_f64(1.0)), 1);
                assert_eq!(sections(|| assert!(histogram.snapshot().count() > 0)), 1);
            }
        },
        1,
    );
}
