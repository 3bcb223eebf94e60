//! What the tests measure: one metric of each kind, and those that formats find hard.

use std::sync::atomic::{AtomicI64, AtomicU64};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use ukstore::Value;

/// The tests share one tree: each holds this while it looks, whether or not another failed. What is there from the
/// beginning stands still; tests add objects, and take them away again.
pub(crate) fn hold() -> MutexGuard<'static, ()> {
    static TREE: Mutex<()> = Mutex::new(());
    static FILLED: Once = Once::new();
    FILLED.call_once(fill);
    TREE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn fill() {
    PLAIN.add(3);
    BUSY.add(1_250_000_000);
    DEPTH.set(-11);
    BY_SIDE[1].add(7);
    BY_STATE[0].set(2);
    for observed_ns in [1, 100_000, 100_001, 2_500_000_001] {
        LATENCY.observe(observed_ns);
    }
    SIZES.observe(1500);
    DOOR.set(Door::Shut);
    QUOTED.inc();
    CAR.driven.add(9);
    CAR.opened[1].add(2);
    CAR.loads.observe(3);
    // At zero, next to each other, with a small gap and with a large one, and beyond the last.
    for observed_ns in [0, 1, 2_000, 2_000, 2_100, 2_600, 900_000_000, 61_000_000_000] {
        SPREAD.observe(observed_ns);
    }
}

ukstore::counter! {
    /// A plain counter.
    pub(crate) static PLAIN = "/test/plain_total", "test_plain_total";
    /// A counter of durations.
    pub(crate) static BUSY = "/test/busy_seconds_total", "test_busy_seconds_total", Seconds;
}

ukstore::gauge! {
    /// A gauge that may be negative.
    pub(crate) static DEPTH = "/test/depth_bytes", "test_depth_bytes", Bytes;
}

ukstore::counters! {
    /// One family, several series.
    pub(crate) static BY_SIDE = "/test/by_side_total", "test_by_side_total", side = ["left", "right"];
}

ukstore::gauges! {
    /// Gauges with a label.
    pub(crate) static BY_STATE = "/test/by_state", "test_by_state", state = ["open", "closed"];
}

ukstore::histogram! {
    /// Durations by size.
    pub(crate) static LATENCY = "/test/latency_seconds", "test_latency_seconds", Seconds, [100_000, 500_000, 1_000_000, 2_500_000_000];
    /// Sizes by size.
    pub(crate) static SIZES = "/test/size_bytes", "test_size_bytes", Bytes, [64, 1500];
}

ukstore::computed! {
    /// A whole number.
    gauge "/test/whole", "test_whole" => prompt || Value::U64(u64::MAX);
    /// A share.
    gauge "/test/share_ratio", "test_share_ratio", Ratio => prompt || Value::F64(0.1);
    /// Of no sort.
    untyped "/test/odd", "test_odd" => prompt || Value::U64(9);
    /// Nothing that can be measured.
    gauge "/test/nan", "test_nan" => prompt || Value::F64(f64::NAN);
    /// More than anything.
    gauge "/test/inf", "test_inf" => prompt || Value::F64(f64::NEG_INFINITY);
    /// Yes or no.
    gauge "/test/yes", "test_yes" => prompt || Value::Bool(true);
    /// A duration.
    gauge "/test/age_seconds", "test_age_seconds", Seconds => prompt || Value::Nanos(12_000_000_340);
    /// Not known now.
    gauge "/test/absent", "test_absent" => prompt || Value::Absent;
}

fn odd_text() -> &'static str {
    "C:\\dir \"x\"\nnext"
}

ukstore::info! {
    /// Known when built.
    "/test/build", "test_build_info", { version = "1.2", arch = "x86_64" };
    /// Known when read.
    "/test/machine", "test_machine_info", { path => prompt odd_text };
}

#[derive(Default)]
pub(crate) struct Work {
    pub(crate) done: AtomicU64,
    pub(crate) level: AtomicI64,
}

ukstore::class! {
    /// Workers.
    pub(crate) static WORKERS: Class<Work> = "/test/workers", label worker, series 8 {
        /// CPU time of a worker.
        counter "cpu_seconds_total", "test_worker_cpu_seconds_total", Seconds => .done;
        /// Level of a worker.
        gauge "level", "test_worker_level" => .level;
    }
}

ukstore::class! {
    /// Clerks, of which there are never more than have series: what was folded once is told for ever.
    pub(crate) static CLERKS: Class<Work> = "/test/clerks", label clerk, series 8 {
        /// CPU time of a clerk.
        counter "cpu_seconds_total", "test_clerk_cpu_seconds_total", Seconds => .done;
        /// Level of a clerk.
        gauge "level", "test_clerk_level" => .level;
    }
}

ukstore::buckets! {
    /// Shares of one.
    pub(crate) struct Shares = Ratio, [250_000_000];
}
ukstore::class! {
    /// Tanks.
    pub(crate) static TANKS: Class<struct Tank> = "/test/tanks", label tank, series 2 {
        /// How full it was found.
        pub(crate) histogram filled: Shares = "filled_ratio", "test_tank_filled_ratio", Ratio;
    }
}

ukstore::labels! {
    /// What a door is.
    pub(crate) enum Door {
        /// Open.
        Open = "open",
        /// Shut.
        Shut = "shut",
    }
}

ukstore::states! {
    /// What the door is.
    pub(crate) static DOOR: Door = "/test/door", "test_door";
}

ukstore::counter! {
    /// A "quoted" word.
    pub(crate) static QUOTED = "/test/quoted_total", "test_quoted_total";
}

fn long_text() -> &'static str {
    const LONG: &[u8] = &[b'x'; exporter::MAX_LINE];
    core::str::from_utf8(LONG).expect("ASCII")
}

ukstore::info! {
    /// Longer than any line may be.
    "/test/long", "test_long_info", { text => prompt long_text };
}

ukstore::histogram! {
    /// Durations in exponential buckets.
    pub(crate) static SPREAD = "/test/spread_seconds", "test_spread_seconds", Seconds, exponential 3 from 1_000 to 1_000_000_000;
}

ukstore::buckets! {
    /// Sizes in exponential buckets.
    pub(crate) struct Sizes = Bytes, exponential 0 from 1 to 64;
}

ukstore::group! {
    /// A car.
    pub(crate) static CAR: struct Car = "/test/car" {
        /// Kilometers driven.
        pub(crate) counter driven = "driven_total", "test_car_driven_total";
        /// Doors opened, by side.
        pub(crate) counter opened = "opened_total", "test_car_opened_total" { side = ["left", "right"] };
        /// Sizes of what was loaded.
        pub(crate) histogram loads: Sizes = "load_bytes", "test_car_load_bytes", Bytes;
    }
}

ukstore::class! {
    /// Shelves, of which there are many.
    pub(crate) static SHELVES: Class<struct Shelf> = "/test/shelves", label shelf, series 128 {
        /// Things put on a shelf.
        pub(crate) counter put = "put_total", "test_shelf_put_total";
        /// Sizes of the things on a shelf.
        pub(crate) histogram sizes: Sizes = "size_bytes", "test_shelf_size_bytes", Bytes;
    }
}
