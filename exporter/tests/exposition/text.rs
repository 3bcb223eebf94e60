//! The text format.

use std::sync::atomic::Ordering::Relaxed;

use exporter::exposition::Format;

use crate::encode::{family, whole_text};
use crate::tree::{CLERKS, TANKS, Tank, Work, hold};

#[test]
fn golden_text_of_each_kind() {
    let _tree = hold();
    let text = whole_text(Format::Text, None);
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
        "# HELP test_odd Of no sort.\n# TYPE test_odd untyped\ntest_odd 9\n",
        "# HELP test_nan Nothing that can be measured.\n# TYPE test_nan gauge\ntest_nan NaN\n",
        "# HELP test_inf More than anything.\n# TYPE test_inf gauge\ntest_inf -Inf\n",
        "# HELP test_yes Yes or no.\n# TYPE test_yes gauge\ntest_yes 1\n",
        "# HELP test_age_seconds A duration.\n# TYPE test_age_seconds gauge\ntest_age_seconds 12.00000034\n",
        "# HELP test_door What the door is.\n# TYPE test_door gauge\n\
         test_door{test_door=\"open\"} 0\ntest_door{test_door=\"shut\"} 1\n",
        "# HELP test_quoted_total A \"quoted\" word.\n# TYPE test_quoted_total counter\ntest_quoted_total 1\n",
        "# HELP test_build_info Known when built.\n# TYPE test_build_info gauge\n\
         test_build_info{version=\"1.2\",arch=\"x86_64\"} 1\n",
        "# HELP test_machine_info Known when read.\n# TYPE test_machine_info gauge\n\
         test_machine_info{path=\"C:\\\\dir \\\"x\\\"\\nnext\"} 1\n",
    ] {
        assert_eq!(family(&text, golden.split_inclusive(' ').take(3).collect::<String>().as_str()), golden);
    }
}

#[test]
fn golden_text_of_objects() {
    let _tree = hold();
    let text = whole_text(Format::Text, None);
    assert!(!text.contains("test_clerk_"), "a family without samples is left out");
    assert!(!text.contains("test_absent"), "and so is a value nobody knows");
    let (first, second) = (CLERKS.add("idle", Work::default()), CLERKS.add("idle", Work::default()));
    first.done.store(5_000_000_000, Relaxed);
    second.level.store(-3, Relaxed);
    assert_eq!(
        family(&whole_text(Format::Text, None), "# HELP test_clerk_cpu_seconds_total "),
        "# HELP test_clerk_cpu_seconds_total CPU time of a clerk.\n# TYPE test_clerk_cpu_seconds_total counter\n\
         test_clerk_cpu_seconds_total{clerk=\"idle\"} 5\ntest_clerk_cpu_seconds_total{clerk=\"idle_2\"} 0\n"
    );
    drop(first);
    assert_eq!(
        family(&whole_text(Format::Text, None), "# HELP test_clerk_level "),
        "# HELP test_clerk_level Level of a clerk.\n# TYPE test_clerk_level gauge\ntest_clerk_level{clerk=\"idle_2\"} -3\n"
    );
}

#[test]
fn a_histogram_of_ratios_in_an_object_tells_ratios() {
    let _tree = hold();
    let tank = TANKS.add("a", Tank::new());
    tank.filled.observe_f64(0.25);
    let text = whole_text(Format::Text, None);
    let text = family(&text, "# HELP test_tank_filled_ratio ");
    for line in [
        "test_tank_filled_ratio_bucket{tank=\"a\",le=\"0.25\"} 1",
        "test_tank_filled_ratio_bucket{tank=\"a\",le=\"+Inf\"} 1",
        "test_tank_filled_ratio_sum{tank=\"a\"} 0.25",
        "test_tank_filled_ratio_count{tank=\"a\"} 1",
    ] {
        assert!(text.contains(line), "{line}:\n{text}");
    }
}
