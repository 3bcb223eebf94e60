//! The text format: one golden text a kind of metric, and what must hold for the whole.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

use exporter::exposition::text::Encoder;
use exporter::{MAX_LINE, Step, Window};
use proptest::prelude::*;
use ukstore::Value;

ukstore::counter! {
    /// A plain counter.
    static PLAIN = "/test/plain_total", "test_plain_total";
    /// A counter of durations.
    static BUSY = "/test/busy_seconds_total", "test_busy_seconds_total", Seconds;
}

ukstore::gauge! {
    /// A gauge that may be negative.
    static DEPTH = "/test/depth_bytes", "test_depth_bytes", Bytes;
}

ukstore::counters! {
    /// One family, several series.
    static BY_SIDE = "/test/by_side_total", "test_by_side_total", side = ["left", "right"];
}

ukstore::gauges! {
    /// Gauges with a label.
    static BY_STATE = "/test/by_state", "test_by_state", state = ["open", "closed"];
}

ukstore::histogram! {
    /// Durations by size.
    static LATENCY = "/test/latency_seconds", "test_latency_seconds", Seconds, [100_000, 500_000, 1_000_000, 2_500_000_000];
    /// Sizes by size.
    static SIZES = "/test/size_bytes", "test_size_bytes", Bytes, [64, 1500];
}

ukstore::computed! {
    /// A whole number.
    gauge "/test/whole", "test_whole" => prompt || Value::U64(u64::MAX);
    /// A share.
    gauge "/test/share_ratio", "test_share_ratio", Ratio => prompt || Value::F64(0.1);
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
struct Work {
    done: AtomicU64,
    level: AtomicI64,
}

ukstore::class! {
    /// Workers.
    static WORKERS: Class<Work> = "/test/workers", label worker, series 8 {
        /// CPU time of a worker.
        counter "cpu_seconds_total", "test_worker_cpu_seconds_total", Seconds => .done;
        /// Level of a worker.
        gauge "level", "test_worker_level" => .level;
    }
}

ukstore::class! {
    /// Clerks, of which there are never more than have series: what was folded once is told for ever.
    static CLERKS: Class<Work> = "/test/clerks", label clerk, series 8 {
        /// CPU time of a clerk.
        counter "cpu_seconds_total", "test_clerk_cpu_seconds_total", Seconds => .done;
        /// Level of a clerk.
        gauge "level", "test_clerk_level" => .level;
    }
}

/// The tests share one tree: each holds this while it looks.
static TREE: Mutex<()> = Mutex::new(());

/// Everything, through windows of the sizes `sizes` gives; after each, `meanwhile` runs.
fn encode(mut sizes: impl FnMut() -> usize, mut meanwhile: impl FnMut()) -> String {
    let (mut encoder, mut text) = (Encoder::new(), Vec::new());
    let mut bytes = vec![0; 1 << 16];
    loop {
        let size = sizes();
        let mut window = Window::new(&mut bytes[..size]);
        let step = encoder.write(&mut window, usize::MAX);
        assert!(window.is_empty() || window.written().ends_with(b"\n"), "a line was cut");
        assert!(step != Step::Full || size < MAX_LINE || !window.is_empty(), "there was room enough");
        text.extend_from_slice(window.written());
        meanwhile();
        if step == Step::End {
            assert_eq!(
                encoder.series(),
                text.split(|&byte| byte == b'\n').filter(|line| is_sample(line)).count() as u64
            );
            return String::from_utf8(text).expect("UTF-8");
        }
    }
}

fn is_sample(line: &[u8]) -> bool {
    !line.is_empty() && !line.starts_with(b"#")
}

/// The text of one family.
fn family(name: &str) -> String {
    let text = encode(|| 1 << 16, || ());
    let start = text.find(&format!("# HELP {name} ")).unwrap_or_else(|| panic!("no {name} in:\n{text}"));
    let rest = &text[start..];
    rest[..rest[1..].find("# HELP ").map_or(rest.len(), |end| end + 1)].to_owned()
}

/// Fails unless the text is what Prometheus' format demands of a whole exposition. Workers may go after their family's
/// header was sent; families without samples are allowed.
fn check_whole(text: &str) {
    let (mut families, mut series) = (BTreeSet::new(), BTreeSet::new());
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(help) = lines.next() {
        let (name, _) = help.strip_prefix("# HELP ").and_then(|rest| rest.split_once(' ')).expect(help);
        let kind = lines.next().and_then(|line| line.strip_prefix(&format!("# TYPE {name} "))).expect(help).trim_end();
        assert!(["counter", "gauge", "histogram"].contains(&kind), "{name}: {kind}");
        assert!(families.insert(name), "{name} begins twice");
        let before = series.len();
        while let Some(line) = lines.next_if(|line| !line.starts_with('#')) {
            let (its_series, value) = line.trim_end().rsplit_once(' ').expect("a sample");
            let parts: &[&str] = if kind == "histogram" { &["_bucket", "_sum", "_count"] } else { &[""] };
            let rest = its_series.strip_prefix(name).unwrap_or_else(|| panic!("{its_series} stands in {name}"));
            assert!(parts.iter().any(
                |part| matches!(rest.strip_prefix(part), Some(labels) if labels.is_empty() || labels.starts_with('{'))
            ));
            assert!(series.insert(its_series), "{its_series} stands twice");
            assert!(value.parse::<f64>().is_ok(), "{line}");
        }
        assert!(series.len() > before || name.starts_with("test_worker_"), "{name} has no sample");
    }
    assert!(text.ends_with('\n'));
}

#[test]
fn golden_text_of_each_kind() {
    let _tree = TREE.lock();
    PLAIN.add(3);
    BUSY.add(1_250_000_000);
    DEPTH.set(-11);
    BY_SIDE[1].add(7);
    BY_STATE[0].set(2);
    for observed_ns in [1, 100_000, 100_001, 2_500_000_001] {
        LATENCY.observe(observed_ns);
    }
    SIZES.observe(1500);
    for golden in [
        "# HELP test_plain_total A plain counter.\n# TYPE test_plain_total counter\ntest_plain_total 3\n",
        "# HELP test_busy_seconds_total A counter of durations.\n# TYPE test_busy_seconds_total counter\n\
         test_busy_seconds_total 1.25\n",
        "# HELP test_depth_bytes A gauge that may be negative.\n# TYPE test_depth_bytes gauge\ntest_depth_bytes -11\n",
        "# HELP test_by_side_total One family, several series.\n# TYPE test_by_side_total counter\n\
         test_by_side_total{side=\"left\"} 0\ntest_by_side_total{side=\"right\"} 7\n",
        "# HELP test_by_state Gauges with a label.\n# TYPE test_by_state gauge\n\
         test_by_state{state=\"open\"} 2\ntest_by_state{state=\"closed\"} 0\n",
        "# HELP test_latency_seconds Durations by size.\n# TYPE test_latency_seconds histogram\n\
         test_latency_seconds_bucket{le=\"0.0001\"} 2\ntest_latency_seconds_bucket{le=\"0.0005\"} 3\n\
         test_latency_seconds_bucket{le=\"0.001\"} 3\ntest_latency_seconds_bucket{le=\"2.5\"} 3\n\
         test_latency_seconds_bucket{le=\"+Inf\"} 4\ntest_latency_seconds_sum 2.500200003\ntest_latency_seconds_count 4\n",
        "# HELP test_size_bytes Sizes by size.\n# TYPE test_size_bytes histogram\n\
         test_size_bytes_bucket{le=\"64.0\"} 0\ntest_size_bytes_bucket{le=\"1500.0\"} 1\n\
         test_size_bytes_bucket{le=\"+Inf\"} 1\ntest_size_bytes_sum 1500\ntest_size_bytes_count 1\n",
        "# HELP test_whole A whole number.\n# TYPE test_whole gauge\ntest_whole 18446744073709551615\n",
        "# HELP test_share_ratio A share.\n# TYPE test_share_ratio gauge\ntest_share_ratio 0.1\n",
        "# HELP test_nan Nothing that can be measured.\n# TYPE test_nan gauge\ntest_nan NaN\n",
        "# HELP test_inf More than anything.\n# TYPE test_inf gauge\ntest_inf -Inf\n",
        "# HELP test_yes Yes or no.\n# TYPE test_yes gauge\ntest_yes 1\n",
        "# HELP test_age_seconds A duration.\n# TYPE test_age_seconds gauge\ntest_age_seconds 12.00000034\n",
        "# HELP test_build_info Known when built.\n# TYPE test_build_info gauge\n\
         test_build_info{version=\"1.2\",arch=\"x86_64\"} 1\n",
        "# HELP test_machine_info Known when read.\n# TYPE test_machine_info gauge\n\
         test_machine_info{path=\"C:\\\\dir \\\"x\\\"\\nnext\"} 1\n",
    ] {
        let name = golden.split(' ').nth(2).expect("a name");
        assert_eq!(family(name), golden);
    }
}

#[test]
fn golden_text_of_objects() {
    let _tree = TREE.lock();
    let text = encode(|| 1 << 16, || ());
    assert!(!text.contains("test_clerk_"), "a family without samples is left out");
    assert!(!text.contains("test_absent"), "and so is a value nobody knows");
    let (first, second) = (CLERKS.add("idle", Work::default()), CLERKS.add("idle", Work::default()));
    first.done.store(5_000_000_000, Relaxed);
    second.level.store(-3, Relaxed);
    assert_eq!(
        family("test_clerk_cpu_seconds_total"),
        "# HELP test_clerk_cpu_seconds_total CPU time of a clerk.\n# TYPE test_clerk_cpu_seconds_total counter\n\
         test_clerk_cpu_seconds_total{clerk=\"idle\"} 5\ntest_clerk_cpu_seconds_total{clerk=\"idle_2\"} 0\n"
    );
    drop(first);
    assert_eq!(
        family("test_clerk_level"),
        "# HELP test_clerk_level Level of a clerk.\n# TYPE test_clerk_level gauge\ntest_clerk_level{clerk=\"idle_2\"} -3\n"
    );
}

#[test]
fn skipping_passes_over_exactly_one_item() {
    let _tree = TREE.lock();
    let mut bytes = vec![0; 1 << 16];
    let mut line = |encoder: &mut Encoder| {
        let mut window = Window::new(&mut bytes);
        (encoder.write(&mut window, 1), String::from_utf8(window.written().to_vec()).expect("UTF-8"))
    };
    let (mut skipping, mut reading) = (Encoder::new(), Encoder::new());
    loop {
        skipping.skip();
        line(&mut reading);
        let next = line(&mut skipping);
        assert_eq!(next, line(&mut reading));
        if next.0 == Step::End {
            break;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_windows_give_the_same_text(sizes in prop::collection::vec(0_usize..700, 1..20)) {
        let _tree = TREE.lock();
        let _workers: Vec<_> = ["a", "b", "c"].map(|name| WORKERS.add(name, Work::default())).into();
        let expected = encode(|| 1 << 16, || ());
        check_whole(&expected);
        // Room for the longest must come now and then, or there is no end.
        let mut sizes = sizes.iter().copied().chain([MAX_LINE]).cycle();
        prop_assert_eq!(encode(|| sizes.next().unwrap(), || ()), expected);
    }

    /// Objects come, go and take each other's names while a scrape rests: it stays one exposition.
    #[test]
    fn a_changing_tree_still_gives_a_whole_exposition(
        changes in prop::collection::vec((0_usize..10, prop::sample::select(&["a", "b", "b_2"][..])), 1..100),
    ) {
        let _tree = TREE.lock();
        let workers = RefCell::new(Vec::new());
        let mut changes = changes.iter().cycle();
        let text = encode(|| 300, || {
            let (at, name) = changes.next().unwrap();
            let mut workers = workers.borrow_mut();
            if *at < workers.len() {
                workers.swap_remove(*at);
            } else {
                workers.push(WORKERS.add(name, Work::default()));
            }
        });
        check_whole(&text);
    }
}

ukstore::buckets! {
    /// Shares of one.
    struct Shares = Ratio, [250_000_000];
}
ukstore::class! {
    /// Tanks.
    static TANKS: Class<struct Tank> = "/test/tanks", label tank, series 2 {
        /// How full it was found.
        histogram filled: Shares = "filled_ratio", "test_tank_filled_ratio", Ratio;
    }
}

#[test]
fn a_histogram_of_ratios_in_an_object_tells_ratios() {
    let _tree = TREE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let tank = TANKS.add("a", Tank::new());
    tank.filled.observe_f64(0.25);
    let text = family("test_tank_filled_ratio");
    for line in [
        "test_tank_filled_ratio_bucket{tank=\"a\",le=\"0.25\"} 1",
        "test_tank_filled_ratio_bucket{tank=\"a\",le=\"+Inf\"} 1",
        "test_tank_filled_ratio_sum{tank=\"a\"} 0.25",
        "test_tank_filled_ratio_count{tank=\"a\"} 1",
    ] {
        assert!(text.contains(line), "{line}:\n{text}");
    }
}
