//! Functions that are called by a sampler thread: one that never returns, one that is late, and two samplers.
#![forbid(unsafe_code)]

use std::ops::ControlFlow::{self, Continue};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use ukstore::{Error, Item, MAX_SAMPLE_AGE_NS, Machine, Value, Walk, has_samples, read, sample_all};

static CLOCK: AtomicU64 = AtomicU64::new(0);
static NUMBER: AtomicU64 = AtomicU64::new(0);
/// How often the function of `/sa/number` was called.
static CALLS: AtomicUsize = AtomicUsize::new(0);
/// Whether the function of `/sa/stuck` returns, and how many threads are in it.
static IS_STUCK: AtomicBool = AtomicBool::new(false);
static INSIDE: AtomicUsize = AtomicUsize::new(0);
static MOST_INSIDE: AtomicUsize = AtomicUsize::new(0);

fn number() -> Value {
    CALLS.fetch_add(1, SeqCst);
    Value::U64(NUMBER.load(SeqCst))
}

/// Returns when the test says so.
fn stuck() -> Value {
    let inside = INSIDE.fetch_add(1, SeqCst) + 1;
    MOST_INSIDE.fetch_max(inside, SeqCst);
    while IS_STUCK.load(SeqCst) {
        thread::sleep(Duration::from_millis(1));
    }
    INSIDE.fetch_sub(1, SeqCst);
    Value::U64(7)
}

ukstore::computed! {
    /// A number.
    gauge "/sa/number", "sampled_number" => number;
    /// Never there.
    gauge "/sa/absent", "sampled_absent" => || Value::Absent;
    /// May not return.
    gauge "/sa/stuck", "sampled_stuck" => stuck;
    /// At once.
    gauge "/sa/prompt", "sampled_prompt" => prompt || Value::U64(1);
}

static ALONE: Mutex<()> = Mutex::new(());

fn attach(samples: bool) {
    ukstore::attach(Machine { now_ns: || CLOCK.load(SeqCst), wake: || {}, samples });
}

/// One test at a time, with nothing stuck and all that was sampled before too old.
fn alone() -> MutexGuard<'static, ()> {
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    attach(true);
    IS_STUCK.store(false, SeqCst);
    CLOCK.fetch_add(2 * MAX_SAMPLE_AGE_NS, SeqCst);
    alone
}

fn late() -> u64 {
    match read("/ukstore/samples_late_total") {
        Ok(Value::U64(count)) => count,
        other => panic!("{other:?}"),
    }
}

/// The families of this test that are told.
fn walk() -> Vec<&'static str> {
    let mut names = Vec::new();
    let _ = Walk::new().each(|item| -> ControlFlow<()> {
        if let Item::Family(family) = item
            && family.source_name() == "sa"
        {
            names.push(family.name());
        }
        Continue(())
    });
    names
}

fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < deadline, "in vain for: {what}");
        thread::yield_now();
    }
}

#[test]
fn a_value_is_told_until_it_is_too_old() {
    let _alone = alone();
    assert!(has_samples());
    NUMBER.store(5, SeqCst);
    let (calls, before) = (CALLS.load(SeqCst), late());
    assert_eq!(read("/sa/number"), Err(Error::Absent), "it was not sampled yet, or long ago");
    assert_eq!((CALLS.load(SeqCst), late()), (calls, before + 1));
    sample_all();
    NUMBER.store(6, SeqCst);
    CLOCK.fetch_add(MAX_SAMPLE_AGE_NS, SeqCst);
    assert_eq!(read("/sa/number"), Ok(Value::U64(5)), "as it was when it was sampled");
    assert_eq!(read("/sa/absent"), Err(Error::Absent));
    assert_eq!(
        (CALLS.load(SeqCst), late()),
        (calls + 1, before + 1),
        "whoever reads calls nothing; absent is not late"
    );
    CLOCK.fetch_add(1, SeqCst);
    assert_eq!(read("/sa/number"), Err(Error::Absent));
    assert_eq!(walk(), ["sampled_prompt"]);
    // That walk found three that are late, and the read before it one.
    assert_eq!(late(), before + 5);
    sample_all();
    assert_eq!(read("/sa/number"), Ok(Value::U64(6)));
    assert_eq!(walk(), ["sampled_number", "sampled_prompt", "sampled_stuck"]);
    assert_eq!(late(), before + 5);
}

#[test]
fn without_a_sampler_whoever_reads_calls() {
    let _alone = alone();
    attach(false);
    NUMBER.store(9, SeqCst);
    let before = (CALLS.load(SeqCst), late());
    assert_eq!(read("/sa/number"), Ok(Value::U64(9)));
    assert_eq!((CALLS.load(SeqCst), late()), (before.0 + 1, before.1));
}

/// The function that does not return takes its sampler with it; another thread samples the rest.
#[test]
fn a_function_that_never_returns_is_absent_and_holds_up_nobody() {
    let _alone = alone();
    sample_all();
    IS_STUCK.store(true, SeqCst);
    MOST_INSIDE.store(0, SeqCst);
    thread::scope(|scope| {
        let victim = scope.spawn(sample_all);
        wait_until("a sampler in the function", || INSIDE.load(SeqCst) == 1);
        assert_eq!(read("/sa/stuck"), Ok(Value::U64(7)), "its last value is not old yet");
        CLOCK.fetch_add(MAX_SAMPLE_AGE_NS + 1, SeqCst);
        NUMBER.store(3, SeqCst);
        for _ in 0..3 {
            // Passes over the function that a thread is still in.
            sample_all();
        }
        let before = late();
        assert_eq!(read("/sa/number"), Ok(Value::U64(3)));
        assert_eq!(read("/sa/stuck"), Err(Error::Absent));
        assert_eq!(late(), before + 1);
        assert_eq!(walk(), ["sampled_number", "sampled_prompt"]);
        assert_eq!(late(), before + 2);
        assert!(!victim.is_finished());
        IS_STUCK.store(false, SeqCst);
        victim.join().expect("it only samples");
    });
    assert_eq!(MOST_INSIDE.load(SeqCst), 1);
    assert_eq!(read("/sa/stuck"), Ok(Value::U64(7)), "once it returns, it is told again");
}

#[test]
fn two_samplers_are_never_in_one_function_at_once() {
    let _alone = alone();
    MOST_INSIDE.store(0, SeqCst);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for round in 0..200 {
                    IS_STUCK.store(round % 2 == 0, SeqCst);
                    sample_all_for_a_while();
                }
            });
        }
    });
    assert_eq!((MOST_INSIDE.load(SeqCst), INSIDE.load(SeqCst)), (1, 0));
}

/// Samples; whatever is stuck is let go.
fn sample_all_for_a_while() {
    thread::scope(|scope| {
        scope.spawn(sample_all);
        thread::yield_now();
        IS_STUCK.store(false, SeqCst);
    });
}
