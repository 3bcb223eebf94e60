//! A tree with one of everything, which the tests read. Nothing but the tests of settings and changes writes to it.

use std::fmt::{self, Write};
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use ukstore::{Machine, Object, Value};

ukstore::counter! {
    /// A counter.
    static STEPS = "/all/steps_total", "all_steps_total";
    /// A counter of durations.
    static BUSY = "/all/busy_seconds_total", "all_busy_seconds_total", Seconds;
    /// The largest of all.
    static MOST = "/all/deep/er/most_total", "all_most_total";
}
ukstore::gauge! {
    /// A gauge below zero.
    static DEPTH = "/all/depth_bytes", "all_depth_bytes", Bytes;
}
ukstore::counters! {
    /// A family with two series.
    static DOORS = "/all/doors_total", "all_doors_total", side = ["left", "right"];
}
ukstore::histogram! {
    /// Three observations.
    static WAIT = "/all/wait_seconds", "all_wait_seconds", Seconds, [1_000_000, 1_000_000_000];
}
ukstore::computed! {
    /// A share.
    gauge "/all/share_ratio", "all_share_ratio", Ratio => prompt || Value::F64(0.1);
    /// More than any number.
    gauge "/all/endless", "all_endless" => prompt || Value::F64(f64::INFINITY);
    /// Yes or no.
    gauge "/all/yes", "all_yes" => prompt || Value::Bool(true);
    /// Not known now.
    gauge "/all/absent", "all_absent" => prompt || Value::Absent;
}
ukstore::labels! {
    /// What a worker does.
    pub(crate) enum Phase {
        /// Nothing.
        Idle = "idle",
        /// Work.
        Busy = "busy",
    }
}
ukstore::states! {
    /// What there is to do.
    static PHASE: Phase = "/all/phase", "all_phase";
}
ukstore::info! {
    /// What was built.
    "/all/build", "all_build_info", { version = "1.0", arch = "x<86>" };
}
ukstore::text! {
    /// Words that HTML and JSON must escape.
    "/all/words" => prompt |out| out.write_str(WORDS);
    /// Words longer than any window.
    "/long/words" => prompt write_long;
    /// Nothing but line breaks, at first.
    "/long/lines" => prompt |out| out.write_str("\n\r\n\n<x>");
    /// Words a test replaces.
    pub(crate) static CHANGING = "/long/changing";
}
ukstore::class! {
    /// Workers.
    pub(crate) static WORKERS: Class<struct Work> = "/all/workers", label worker, series 8 {
        /// Pieces of work done.
        pub(crate) counter done = "done_total", "all_worker_done_total";
        /// Pieces of work dropped.
        pub(crate) counter dropped = "dropped_total", "all_worker_dropped_total" { reason = ["full", "late"] };
    }
}
ukstore::group! {
    /// A cache.
    pub(crate) static CACHE: struct Cache = "/all/cache" {
        /// Lookups that found something.
        pub(crate) counter hits = "hits_total", "all_cache_hits_total";
        /// Lookups by kind.
        pub(crate) counter lookups = "lookups_total" { kind = ["get", "put"] };
    }
}
ukstore::setting! {
    /// A number within limits.
    static LIMIT: u64 = 64, in 1..=1_000, "/all/limit", "all_limit";
    /// A duration.
    static IDLE: Duration = Duration::from_secs(60), "/all/idle_seconds", Seconds;
    /// A text.
    static GREETING: text(64) = "hello", "/all/greeting";
}
ukstore::group! {
    /// What changes together.
    pub(crate) static PAIR: struct Pair = "/pair" {
        /// One.
        pub(crate) counter one = "one_total";
        /// The other.
        pub(crate) counter other = "other_total";
    }
}
ukstore::class! {
    /// Objects of any name.
    pub(crate) static GUESTS: Class<Guest> = "/guests" {
        /// Visits.
        counter "visits_total" => .visits;
    }
}

/// An object that keeps something alive as long as it lives itself.
#[derive(Default)]
pub(crate) struct Guest {
    pub(crate) visits: AtomicU64,
    #[expect(dead_code, reason = "it is there to be dropped")]
    pub(crate) alive: std::sync::Arc<()>,
}

/// The text at `/all/words`.
pub(crate) const WORDS: &str = "<b>\"quoted\" & 'more'</b>\n\tsecond\u{1b}[2J line\\\n";

/// The text at `/long/words`: 20 kB of characters of one to four bytes.
pub(crate) fn long_words() -> String {
    let mut words = String::new();
    write_long(&mut words).expect("a string takes everything");
    words
}

fn write_long(out: &mut dyn Write) -> fmt::Result {
    (0..1_100).try_for_each(|line| writeln!(out, "{line} <ä€𝄞\"\\'>"))
}

/// One at a time changes what several tests look at.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives everything its value, and the golden worker its life.
pub(crate) fn populate() {
    static WORKER: OnceLock<Object<Work>> = OnceLock::new();
    WORKER.get_or_init(|| {
        ukstore::attach(Machine { now_ns: || 12_500_000_000, wake: || (), samples: false });
        STEPS.add(3);
        BUSY.add(1_250_000_000);
        MOST.add(u64::MAX);
        DEPTH.set(-11);
        DOORS[1].inc();
        for observed_ns in [1, 1_500_000, 61_000_000_000] {
            WAIT.observe(observed_ns);
        }
        PHASE.set(Phase::Busy);
        CACHE.hits.add(5);
        CACHE.lookups[1].add(7);
        let worker = WORKERS.add("the <one> & \"only\"", Work::new());
        worker.dropped[1].add(2);
        worker
    });
    assert_eq!((LIMIT.get(), IDLE.get(), GREETING.get().as_str()), (64, Duration::from_secs(60), "hello"));
}
