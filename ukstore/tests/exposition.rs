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
    /// How full.
    static FILLED: f64 = "/test/filled_ratio", "test_filled_ratio", Ratio;
    /// Whether it is up.
    static UP: bool = "/test/up", "test_up";
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
    gauge "/test/answer", "test_answer" => prompt || Value::U64(42);
    /// Never there.
    gauge "/test/absent", "test_absent" => prompt || Value::Absent;
    /// By name.
    counter "/test/named_total", "test_named_total" => prompt named;
    /// By a function that may take its time.
    gauge "/test/slow", "test_slow" => || Value::U64(3);
}
fn named() -> Value {
    Value::U64(1)
}
ukstore::info! {
    /// Built.
    "/test/build", "test_build_info", { version = "1.0", arch = "x86_64" };
    /// Booted.
    "/test/boot", "test_boot_info", { arch = "x86_64", machine => prompt || "q\"35" };
}
ukstore::text! {
    /// Words.
    "/test/words" => prompt |out| out.write_str("hello");
}
ukstore::labels! {
    /// Phases.
    enum Phase { Starting = "starting", Running = "running" }
}
ukstore::states! {
    /// The phase.
    static PHASE: Phase = "/test/phase", "test_phase";
}
ukstore::setting! {
    /// How long at most.
    static IDLE: std::time::Duration = std::time::Duration::from_millis(1_500), "/test/idle_seconds", "test_idle_seconds", Seconds;
    /// Not a metric.
    static GREETING: text(8) = "hello", "/test/greeting";
}
ukstore::buckets! {
    /// Sizes of steps.
    struct Steps = Bytes, [1, 10];
}
ukstore::group! {
    /// The cache.
    static CACHE: struct Cache = "/test/cache" {
        /// Lookups, by result.
        counter lookups = "lookups_total", "test_cache_lookups_total" { result = ["hit", "miss"] };
        /// Not a metric.
        gauge private = "private";
        /// Bytes held.
        gauge held = "held_bytes", "test_cache_held_bytes", Bytes;
        /// Sizes.
        histogram sizes: Steps = "entry_bytes", "test_cache_entry_bytes", Bytes;
    }
}
#[derive(Default)]
struct Job {
    done: AtomicU64,
    steps: Steps,
}
ukstore::class! {
    /// Jobs, for the golden text only: what is folded once is told for ever.
    static JOBS: Class<Job> = "/test/jobs", label job, series 2 {
        /// Steps done.
        counter "steps_total", "test_job_steps_total" => .done;
        /// Steps done, odd numbers only.
        gauge "odd_steps", "test_job_odd_steps" => prompt |job| odd(&job.done);
        /// Steps by half.
        counter "half_total", "test_job_half_total" { half = ["first", "second"] }
            => prompt |job, half| Value::U64((job.done.load(Relaxed) + half as u64) / 2);
        /// Sizes of steps.
        histogram "step_bytes", "test_job_step_bytes", Bytes => .steps;
    }
    /// Those that come and go.
    static CROWD: Class<Job> = "/test/crowd", label head, series 3 {
        /// Steps done.
        counter "steps_total", "test_crowd_steps_total" => .done;
        /// Steps done, odd numbers only.
        gauge "odd_steps", "test_crowd_odd_steps" => prompt |job| odd(&job.done);
        /// Steps by half.
        counter "half_total", "test_crowd_half_total" { half = ["first", "second"] }
            => prompt |job, half| Value::U64((job.done.load(Relaxed) + half as u64) / 2);
        /// Sizes of steps.
        histogram "step_bytes", "test_crowd_step_bytes", Bytes => .steps;
    }
    /// Without series.
    static PEERS: Class<Job> = "/test/peers" {
        /// Steps done.
        counter "steps_total" => .done;
    }
}

fn odd(number: &AtomicU64) -> Value {
    match number.load(Relaxed) {
        odd if odd % 2 == 1 => Value::U64(odd),
        _ => Value::Absent,
    }
}

/// Tests that add objects or expect numbers, one at a time.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> std::sync::MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn line(sample: &Sample<'_>) -> String {
    let (Series::Labels(labels) | Series::Names(labels)) = sample.series else {
        return format!("{} {}\n", fixed(sample), sample.value);
    };
    let (ending, bound) = match sample.part {
        Part::Whole => ("", None),
        Part::Bucket(bound) => ("_bucket", Some(bound.map_or("+Inf".to_owned(), |bound| format!("{bound}.0")))),
        Part::Sum => ("_sum", None),
        Part::Count => ("_count", None),
    };
    let bound = bound.as_deref().map(|bound| ("le", bound));
    let labels: Vec<_> = labels.iter().copied().chain(bound).map(|(name, value)| format!("{name}={value:?}")).collect();
    let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
    format!("{}{ending}{labels} {}\n", sample.family.name(), sample.value)
}

fn fixed(sample: &Sample<'_>) -> &'static str {
    match sample.series {
        Series::Fixed(prefix) => prefix,
        Series::Labels(labels) | Series::Names(labels) => panic!("{labels:?}"),
    }
}

fn item_text(item: &Item<'_>) -> String {
    match item {
        Item::Family(family) => family.header().to_owned(),
        Item::Sample(sample) => line(sample),
        Item::Histogram(_) => panic!("this walk gives lines"),
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
    FILLED.set(0.25);
    UP.set(true);
    PHASE.set(Phase::Running);
    CACHE.lookups[1].add(4);
    CACHE.private.set(1);
    CACHE.held.set(-1);
    CACHE.sizes.observe(7);
    let [first, second, third, fourth] =
        ["first", "second", "third", "fourth"].map(|name| JOBS.add(name, Job::default()));
    second.done.store(7, Relaxed);
    second.steps.observe(1);
    third.done.store(4, Relaxed);
    third.steps.observe(10);
    fourth.done.store(5, Relaxed);
    drop(third);
    let _peer = PEERS.add("peer", Job::default());
    let text = exposition();
    // Other tests move these.
    let moved: Vec<_> =
        text.split_inclusive('\n').filter(|line| line.contains("test_growing") || line.contains("crowd")).collect();
    let text: String = text.split_inclusive('\n').filter(|line| !moved.contains(line)).collect();
    assert_eq!(
        text,
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
# HELP test_cache_entry_bytes Sizes.
# TYPE test_cache_entry_bytes histogram
test_cache_entry_bytes_bucket{le="1.0"} 0
test_cache_entry_bytes_bucket{le="10.0"} 1
test_cache_entry_bytes_bucket{le="+Inf"} 1
test_cache_entry_bytes_sum 7
test_cache_entry_bytes_count 1
# HELP test_cache_held_bytes Bytes held.
# TYPE test_cache_held_bytes gauge
test_cache_held_bytes -1
# HELP test_cache_lookups_total Lookups, by result.
# TYPE test_cache_lookups_total counter
test_cache_lookups_total{result="hit"} 0
test_cache_lookups_total{result="miss"} 4
# HELP test_connections Connections, by state.
# TYPE test_connections gauge
test_connections{state="open"} 2
# HELP test_filled_ratio How full.
# TYPE test_filled_ratio gauge
test_filled_ratio 0.25
# HELP test_idle_seconds How long at most.
# TYPE test_idle_seconds gauge
test_idle_seconds 1.5
# HELP test_job_half_total Steps by half.
# TYPE test_job_half_total counter
test_job_half_total{job="first",half="first"} 0
test_job_half_total{job="first",half="second"} 0
test_job_half_total{job="second",half="first"} 3
test_job_half_total{job="second",half="second"} 4
test_job_half_total{job="other",half="first"} 4
test_job_half_total{job="other",half="second"} 5
# HELP test_job_odd_steps Steps done, odd numbers only.
# TYPE test_job_odd_steps gauge
test_job_odd_steps{job="second"} 7
test_job_odd_steps{job="other"} 5
# HELP test_job_step_bytes Sizes of steps.
# TYPE test_job_step_bytes histogram
test_job_step_bytes_bucket{job="first",le="1.0"} 0
test_job_step_bytes_bucket{job="first",le="10.0"} 0
test_job_step_bytes_bucket{job="first",le="+Inf"} 0
test_job_step_bytes_sum{job="first"} 0
test_job_step_bytes_count{job="first"} 0
test_job_step_bytes_bucket{job="second",le="1.0"} 1
test_job_step_bytes_bucket{job="second",le="10.0"} 1
test_job_step_bytes_bucket{job="second",le="+Inf"} 1
test_job_step_bytes_sum{job="second"} 1
test_job_step_bytes_count{job="second"} 1
test_job_step_bytes_bucket{job="other",le="1.0"} 0
test_job_step_bytes_bucket{job="other",le="10.0"} 1
test_job_step_bytes_bucket{job="other",le="+Inf"} 1
test_job_step_bytes_sum{job="other"} 10
test_job_step_bytes_count{job="other"} 1
# HELP test_job_steps_total Steps done.
# TYPE test_job_steps_total counter
test_job_steps_total{job="first"} 0
test_job_steps_total{job="second"} 7
test_job_steps_total{job="other"} 9
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
# HELP test_phase The phase.
# TYPE test_phase gauge
test_phase{test_phase="starting"} 0
test_phase{test_phase="running"} 1
# HELP test_requests_total Requests answered.
# TYPE test_requests_total counter
test_requests_total 1
# HELP test_sizes_bytes How much.
# TYPE test_sizes_bytes histogram
test_sizes_bytes_bucket{le="64.0"} 0
test_sizes_bytes_bucket{le="+Inf"} 1
test_sizes_bytes_sum 65
test_sizes_bytes_count 1
# HELP test_slow By a function that may take its time.
# TYPE test_slow gauge
test_slow 3
# HELP test_up Whether it is up.
# TYPE test_up gauge
test_up 1
# HELP uk_series_folded_total Objects told together as `other`, because their class had as many series as it may have.
# TYPE uk_series_folded_total counter
uk_series_folded_total{class="/test/jobs"} 2
# HELP uk_store_bad_observations_total Observations that histograms refused: negative, infinite, not a number, or too large.
# TYPE uk_store_bad_observations_total counter
uk_store_bad_observations_total 0
# HELP uk_store_entries Paths in the tree that were declared when the program was built.
# TYPE uk_store_entries gauge
uk_store_entries 36
# HELP uk_store_events_missed_total Events that a subscriber was too slow for.
# TYPE uk_store_events_missed_total counter
uk_store_events_missed_total 0
# HELP uk_store_families Metric families that were declared when the program was built.
# TYPE uk_store_families gauge
uk_store_families 39
# HELP uk_store_samples_late_total Samples left out because the program's function had not given one lately.
# TYPE uk_store_samples_late_total counter
uk_store_samples_late_total 0
# HELP uk_store_sources_off Sources that are switched off.
# TYPE uk_store_sources_off gauge
uk_store_sources_off 0
"#
    );
    drop((first, second, fourth));
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
fn beyond_the_bound_objects_are_told_together_for_life() {
    let _alone = alone();
    let folded = || ukstore::read("/ukstore/series_folded_total");
    let others = || {
        let lines = family("test_crowd_steps_total");
        let line = lines.lines().find_map(|line| line.strip_prefix("test_crowd_steps_total{head=\"other\"} "));
        line.map_or(0, |count| count.parse::<u64>().unwrap())
    };
    let Ok(Value::U64(folded_before)) = folded() else { panic!("the class has series") };
    let others_before = others();
    let mut heads: Vec<_> = (0..5).map(|_| CROWD.add("w", Job::default())).collect();
    assert_eq!(heads[4].name(), "w_5");
    for head in &heads {
        head.done.store(1, Relaxed);
    }
    let own = || {
        let lines = family("test_crowd_steps_total");
        let own = lines.lines().skip(2).filter(|line| !line.contains("\"other\""));
        own.map(str::to_owned).collect::<Vec<_>>()
    };
    let of = |names: &[&str]| -> Vec<String> {
        names.iter().map(|name| format!("test_crowd_steps_total{{head=\"{name}\"}} 1")).collect()
    };
    assert_eq!(own(), of(&["w", "w_2", "w_3"]));
    assert_eq!(others(), others_before + 2);
    assert_eq!(folded(), Ok(Value::U64(folded_before + 2)));
    assert_eq!(ukstore::read("/test/crowd/w_5/steps_total"), Ok(Value::U64(1)), "they are in the tree");
    heads.remove(1);
    assert_eq!(own(), of(&["w", "w_3"]), "and do not move up when there is room again");
    assert_eq!(others(), others_before + 2);
    drop(heads);
    assert_eq!((own(), others()), (Vec::new(), others_before + 2), "what they counted stays");
}

#[test]
fn a_name_that_comes_again_within_a_family_is_left_to_the_next_walk() {
    let _alone = alone();
    let filler = CROWD.add("filler", Job::default());
    let old = CROWD.add("x", Job::default());
    let mut walk = Walk::new();
    let mut text = String::new();
    // Stops right after the first sample of x.
    let stopped = walk.each(|item| {
        if text.contains("test_crowd_steps_total{head=\"x\"}") {
            return ControlFlow::Break(());
        }
        text += &item_text(&item);
        ControlFlow::Continue(())
    });
    assert!(stopped.is_break());
    let late = CROWD.add("late", Job::default());
    drop(old);
    let new = CROWD.add("y", Job::default());
    let newest = CROWD.add("x", Job::default());
    let _ = walk.each(|item| -> ControlFlow<()> {
        text += &item_text(&item);
        ControlFlow::Continue(())
    });
    assert_eq!(text.matches("test_crowd_steps_total{head=\"x\"}").count(), 1, "{text}");
    assert!(!text.contains("head=\"late\""), "{text}");
    assert!(exposition().contains("test_crowd_steps_total{head=\"late\"}"));
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
        let jobs: Vec<_> = (0..3).map(|_| CROWD.add("rest", Job::default())).collect();
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
        let constant = CROWD.add("constant", Job::default());
        let mut jobs = Vec::new();
        let mut walk = Walk::new();
        let mut text = String::new();
        for (budget, name, victim) in steps {
            for _ in 0..budget {
                walk.next(|item| text += &item_text(&item));
            }
            if victim.is_multiple_of(2) || jobs.is_empty() {
                jobs.push(CROWD.add(&name, Job::default()));
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
        let throughout = ["steps_total{head=\"constant\"}", "half_total{head=\"constant\",half=\"second\"}"];
        let throughout = throughout.iter().all(|series| text.contains(series));
        prop_assert!(throughout, "{}", text);
        drop(constant);
    }
}
