//! The walk an encoder takes, from declarations to the lines of an exposition.
#![forbid(unsafe_code)]

use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use proptest::prelude::*;
use ukstore::{Item, Part, Sample, Series, Value, Walk};

ukstore::counter! {
    /// Requests
    /// answered.
    ///
    /// Of any status.
    static REQUESTS = "/test/requests_total", "test_requests_total";
    /// Time spent.
    static BUSY = "/test/busy_seconds_total", "test_busy_seconds_total", Seconds;
}
ukstore::gauge! {
    /// How far the clock is off.
    static OFFSET = "/test/offset_seconds", "test_offset_seconds", Seconds;
}
ukstore::counters! {
    /// Lines, by level.
    static LINES = "/test/lines_total", "test_lines_total", level = ["error", "info"];
    /// Bytes, by direction.
    static BYTES = "/test/moved_bytes_total", "test_moved_bytes_total", Bytes, direction = ["in", "out"];
}
ukstore::gauges! {
    /// Connections, by state.
    static CONNECTIONS = "/test/connections", "test_connections", state = ["open"];
}
ukstore::histogram! {
    /// How long.
    static LATENCY = "/test/latency_seconds", "test_latency_seconds", Seconds, [1_000_000, 2_500_000_000];
    /// Read while it grows.
    static GROWING = "/test/growing_bytes", "test_growing_bytes", Bytes, [1, 10];
    /// How much.
    static SIZES = "/test/sizes_bytes", "test_sizes_bytes", Bytes, [64];
}
ukstore::computed! {
    /// Answers.
    gauge "/test/answer", "test_answer", || Value::U64(42);
    /// Never there.
    gauge "/test/absent", "test_absent", || Value::Absent;
    /// By name.
    counter "/test/named_total", "test_named_total", named;
}
fn named() -> Value {
    Value::U64(1)
}
ukstore::info! {
    /// Built.
    "/test/build", "test_build_info", { version = "1.0", arch = "x86_64" };
    /// Booted.
    "/test/boot", "test_boot_info", { arch = "x86_64", machine => || "q\"35" };
}
ukstore::text! {
    /// Words.
    "/test/words", |out| out.write_str("hello");
}
#[derive(Default)]
struct Job {
    done: AtomicU64,
}
ukstore::class! {
    /// Jobs.
    static JOBS: Class<Job> = "/test/jobs", label job, series 3 {
        /// Steps done.
        counter "steps_total", "test_job_steps_total", |job| Value::U64(job.done.load(Relaxed));
        /// Steps done, odd numbers only.
        gauge "odd_steps", "test_job_odd_steps", |job| match job.done.load(Relaxed) {
            odd if odd % 2 == 1 => Value::U64(odd),
            _ => Value::Absent,
        };
        /// Steps by half.
        counter "half_total", "test_job_half_total" { half = ["first", "second"] },
            |job, half| Value::U64((job.done.load(Relaxed) + half as u64) / 2);
    }
}

/// Tests that add objects or expect numbers, one at a time.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> std::sync::MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn line(sample: &Sample<'_>) -> String {
    match sample.series {
        Series::Fixed(prefix) => format!("{prefix} {}\n", sample.value),
        Series::Labels(labels) => {
            let labels: Vec<_> = labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
            format!("{}{{{}}} {}\n", sample.family.name(), labels.join(","), sample.value)
        }
    }
}

fn item_text(item: &Item<'_>) -> String {
    match item {
        Item::Family(family) => family.header().to_owned(),
        Item::Sample(sample) => line(sample),
    }
}

/// Everything in one go.
fn exposition() -> String {
    let mut text = String::new();
    let _ = Walk::new().each(|item| -> ControlFlow<()> {
        text += &item_text(&item);
        ControlFlow::Continue(())
    });
    text
}

/// The lines of one family.
fn family(name: &str) -> String {
    let text = exposition();
    let start = text.find(&format!("# HELP {name} ")).unwrap_or(text.len());
    let end = text[start..].find("\n# HELP ").map_or(text.len(), |end| start + end + 1);
    text[start..end].to_owned()
}

#[test]
fn golden() {
    let _alone = alone();
    REQUESTS.inc();
    BUSY.add(1_500_000_000);
    OFFSET.set(-250_000_000);
    LINES[1].add(3);
    BYTES[0].add(512);
    CONNECTIONS[0].set(2);
    LATENCY.observe(1_000_000);
    LATENCY.observe(1_000_001);
    LATENCY.observe(9_000_000_000);
    SIZES.observe(65);
    let first = JOBS.add("first", Job::default());
    let second = JOBS.add("second", Job::default());
    second.done.store(7, Relaxed);
    let text = exposition();
    let growing = family("test_growing_bytes");
    assert_eq!(
        text.replace(&growing, ""),
        r#"# HELP test_answer Answers.
# TYPE test_answer gauge
test_answer 42
# HELP test_boot_info Booted.
# TYPE test_boot_info gauge
test_boot_info{arch="x86_64",machine="q\"35"} 1
# HELP test_build_info Built.
# TYPE test_build_info gauge
test_build_info{version="1.0",arch="x86_64"} 1
# HELP test_busy_seconds_total Time spent.
# TYPE test_busy_seconds_total counter
test_busy_seconds_total 1.5
# HELP test_connections Connections, by state.
# TYPE test_connections gauge
test_connections{state="open"} 2
# HELP test_job_half_total Steps by half.
# TYPE test_job_half_total counter
test_job_half_total{job="first",half="first"} 0
test_job_half_total{job="first",half="second"} 0
test_job_half_total{job="second",half="first"} 3
test_job_half_total{job="second",half="second"} 4
# HELP test_job_odd_steps Steps done, odd numbers only.
# TYPE test_job_odd_steps gauge
test_job_odd_steps{job="second"} 7
# HELP test_job_steps_total Steps done.
# TYPE test_job_steps_total counter
test_job_steps_total{job="first"} 0
test_job_steps_total{job="second"} 7
# HELP test_latency_seconds How long.
# TYPE test_latency_seconds histogram
test_latency_seconds_bucket{le="0.001"} 1
test_latency_seconds_bucket{le="2.5"} 2
test_latency_seconds_bucket{le="+Inf"} 3
test_latency_seconds_sum 9.002000001
test_latency_seconds_count 3
# HELP test_lines_total Lines, by level.
# TYPE test_lines_total counter
test_lines_total{level="error"} 0
test_lines_total{level="info"} 3
# HELP test_moved_bytes_total Bytes, by direction.
# TYPE test_moved_bytes_total counter
test_moved_bytes_total{direction="in"} 512
test_moved_bytes_total{direction="out"} 0
# HELP test_named_total By name.
# TYPE test_named_total counter
test_named_total 1
# HELP test_offset_seconds How far the clock is off.
# TYPE test_offset_seconds gauge
test_offset_seconds -0.25
# HELP test_requests_total Requests answered.
# TYPE test_requests_total counter
test_requests_total 1
# HELP test_sizes_bytes How much.
# TYPE test_sizes_bytes histogram
test_sizes_bytes_bucket{le="64"} 0
test_sizes_bytes_bucket{le="+Inf"} 1
test_sizes_bytes_sum 65
test_sizes_bytes_count 1
# HELP uk_series_folded_total Objects left out of the exposition when added, because their class had reached its bound of series.
# TYPE uk_series_folded_total counter
uk_series_folded_total{class="/test/jobs"} 0
# HELP uk_store_bad_observations_total Observations that histograms refused: negative, infinite, not a number, or too large.
# TYPE uk_store_bad_observations_total counter
uk_store_bad_observations_total 0
# HELP uk_store_entries Paths in the tree that were declared when the program was built.
# TYPE uk_store_entries gauge
uk_store_entries 22
# HELP uk_store_families Metric families that were declared when the program was built.
# TYPE uk_store_families gauge
uk_store_families 21
"#
        .replace("uk_series_folded_total{class=\"/test/jobs\"} 0", folded().trim_end())
    );
    drop((first, second));
}

/// The line of the folded series; other tests move it.
fn folded() -> String {
    family("uk_series_folded_total").lines().nth(2).map(|line| format!("{line}\n")).unwrap_or_default()
}

#[test]
fn parts_and_labels_are_told_apart() {
    let _alone = alone();
    let mut seen = Vec::new();
    let _ = Walk::new().each(|item| -> ControlFlow<()> {
        if let Item::Sample(sample) = item {
            let labels: Vec<_> = sample.series.labels().map(|(name, value)| format!("{name}:{value}")).collect();
            seen.push((sample.family.name(), sample.part, labels.join(" ")));
        }
        ControlFlow::Continue(())
    });
    for expected in [
        ("test_latency_seconds", Part::Bucket(Some(1_000_000)), ""),
        ("test_latency_seconds", Part::Bucket(None), ""),
        ("test_latency_seconds", Part::Sum, ""),
        ("test_latency_seconds", Part::Count, ""),
        ("test_lines_total", Part::Whole, "level:error"),
        ("test_build_info", Part::Whole, "version:1.0 arch:x86_64"),
        ("test_boot_info", Part::Whole, "arch:x86_64 machine:q\"35"),
        ("test_answer", Part::Whole, ""),
    ] {
        let expected = (expected.0, expected.1, expected.2.to_owned());
        assert!(seen.contains(&expected), "{expected:?} in {seen:#?}");
    }
}

#[test]
fn beyond_the_bound_objects_wait_for_a_place() {
    let _alone = alone();
    let before = folded();
    let mut jobs: Vec<_> = (0..5).map(|_| JOBS.add("w", Job::default())).collect();
    assert_eq!(jobs[4].name(), "w_5");
    let lines = || family("test_job_steps_total").lines().skip(2).map(str::to_owned).collect::<Vec<_>>();
    let of = |names: &[&str]| names.iter().map(|name| format!("test_job_steps_total{{job=\"{name}\"}} 0")).collect();
    let expected: Vec<String> = of(&["w", "w_2", "w_3"]);
    assert_eq!(lines(), expected);
    assert_ne!(folded(), before, "two had to stay outside");
    assert_eq!(ukstore::read("/test/jobs/w_5/steps_total"), Ok(Value::U64(0)), "but are in the tree");
    jobs.remove(1);
    let expected: Vec<String> = of(&["w", "w_3", "w_4"]);
    assert_eq!(lines(), expected);
}

#[test]
fn a_name_that_comes_again_within_a_family_is_left_to_the_next_walk() {
    let _alone = alone();
    let filler = JOBS.add("filler", Job::default());
    let old = JOBS.add("x", Job::default());
    let mut walk = Walk::new();
    let mut text = String::new();
    // Stops right after the first sample of x.
    let stopped = walk.each(|item| {
        if text.contains("test_job_steps_total{job=\"x\"}") {
            return ControlFlow::Break(());
        }
        text += &item_text(&item);
        ControlFlow::Continue(())
    });
    assert!(stopped.is_break());
    let late = JOBS.add("late", Job::default());
    drop(old);
    let new = JOBS.add("y", Job::default());
    let newest = JOBS.add("x", Job::default());
    let _ = walk.each(|item| -> ControlFlow<()> {
        text += &item_text(&item);
        ControlFlow::Continue(())
    });
    assert_eq!(text.matches("test_job_steps_total{job=\"x\"}").count(), 1, "{text}");
    assert!(!text.contains("job=\"late\""), "{text}");
    assert!(exposition().contains("test_job_steps_total{job=\"late\"}"));
    drop((filler, late, new, newest));
}

#[test]
fn a_histogram_is_of_one_instant_however_long_it_is_read() {
    let _alone = alone();
    let mut walk = Walk::new();
    let mut samples = Vec::new();
    loop {
        let more = walk.next(|item| {
            if let Item::Sample(sample) = item
                && sample.family.name() == "test_growing_bytes"
            {
                samples.push((sample.part, sample.value));
            }
        });
        GROWING.observe(5);
        if more.is_none() {
            break;
        }
    }
    let value = |wanted| samples.iter().find(|(part, _)| *part == wanted).map(|&(_, value)| value);
    assert_eq!(samples.len(), 5);
    assert_eq!(value(Part::Count), value(Part::Bucket(None)));
}

proptest! {
    /// Wherever a walk rests, every item comes once and in order.
    #[test]
    fn a_walk_can_rest_anywhere(rests in prop::collection::vec(0_usize..7, 0..60)) {
        let _alone = alone();
        let jobs: Vec<_> = (0..3).map(|_| JOBS.add("rest", Job::default())).collect();
        let whole = exposition();
        let mut walk = Walk::new();
        let mut text = String::new();
        for mut budget in rests.into_iter().chain([usize::MAX]) {
            let flow = walk.each(|item| {
                if budget == 0 {
                    return ControlFlow::Break(());
                }
                budget -= 1;
                text += &item_text(&item);
                ControlFlow::Continue(())
            });
            if flow.is_continue() {
                break;
            }
        }
        prop_assert_eq!(text, whole);
        drop(jobs);
    }
}

proptest! {
    /// Objects come and go while a walk rests: no series twice, headers once and first, and what lived throughout
    /// is there.
    #[test]
    fn no_series_comes_twice(steps in prop::collection::vec((0_usize..5, "[ab]", any::<usize>()), 0..60)) {
        let _alone = alone();
        let constant = JOBS.add("constant", Job::default());
        let mut jobs = Vec::new();
        let mut walk = Walk::new();
        let mut text = String::new();
        for (budget, name, victim) in steps {
            for _ in 0..budget {
                walk.next(|item| text += &item_text(&item));
            }
            if victim.is_multiple_of(2) || jobs.is_empty() {
                jobs.push(JOBS.add(&name, Job::default()));
            } else {
                jobs.swap_remove(victim % jobs.len());
            }
        }
        while walk.next(|item| text += &item_text(&item)).is_some() {}
        let mut series: Vec<_> = text.lines().filter_map(|line| line.rsplit_once(' ').map(|(series, _)| series)).collect();
        let count = series.len();
        series.sort_unstable();
        series.dedup();
        prop_assert_eq!(series.len(), count, "{}", text);
        let throughout = ["steps_total{job=\"constant\"}", "half_total{job=\"constant\",half=\"second\"}"];
        let throughout = throughout.iter().all(|series| text.contains(series));
        prop_assert!(throughout, "{}", text);
        drop(constant);
    }
}
