//! OpenMetrics.

use exporter::exposition::{Encoder, Format, Selection};
use exporter::{Step, Window};

use crate::encode::{family, whole_text};
use crate::tree::{SHELVES, Shelf, TANKS, Tank, hold};

#[test]
fn golden_text_of_each_kind() {
    let _tree = hold();
    let text = whole_text(Format::OpenMetrics, None);
    for golden in [
        "# TYPE test_plain counter\n# HELP test_plain A plain counter.\ntest_plain_total 3\n",
        "# TYPE test_busy_seconds counter\n# UNIT test_busy_seconds seconds\n\
         # HELP test_busy_seconds A counter of durations.\ntest_busy_seconds_total 1.25\n",
        "# TYPE test_depth_bytes gauge\n# UNIT test_depth_bytes bytes\n\
         # HELP test_depth_bytes A gauge that may be negative.\ntest_depth_bytes -11\n",
        "# TYPE test_share_ratio gauge\n# UNIT test_share_ratio ratio\n# HELP test_share_ratio A share.\n\
         test_share_ratio 0.1\n",
        "# TYPE test_by_side counter\n# HELP test_by_side One family, several series.\n\
         test_by_side_total{side=\"left\"} 0\ntest_by_side_total{side=\"right\"} 7\n",
        "# TYPE test_latency_seconds histogram\n# UNIT test_latency_seconds seconds\n\
         # HELP test_latency_seconds Durations by size.\n\
         test_latency_seconds_bucket{le=\"0.0001\"} 2\ntest_latency_seconds_bucket{le=\"0.0005\"} 3\n\
         test_latency_seconds_bucket{le=\"0.001\"} 3\ntest_latency_seconds_bucket{le=\"2.5\"} 3\n\
         test_latency_seconds_bucket{le=\"+Inf\"} 4\ntest_latency_seconds_sum 2.500200003\n\
         test_latency_seconds_count 4\n",
        "# TYPE test_odd unknown\n# HELP test_odd Of no sort.\ntest_odd 9\n",
        "# TYPE test_nan gauge\n# HELP test_nan Nothing that can be measured.\ntest_nan NaN\n",
        "# TYPE test_inf gauge\n# HELP test_inf More than anything.\ntest_inf -Inf\n",
        "# TYPE test_door stateset\n# HELP test_door What the door is.\n\
         test_door{test_door=\"open\"} 0\ntest_door{test_door=\"shut\"} 1\n",
        "# TYPE test_quoted counter\n# HELP test_quoted A \\\"quoted\\\" word.\ntest_quoted_total 1\n",
        "# TYPE test_build info\n# HELP test_build Known when built.\n\
         test_build_info{version=\"1.2\",arch=\"x86_64\"} 1\n",
        "# TYPE test_machine info\n# HELP test_machine Known when read.\n\
         test_machine_info{path=\"C:\\\\dir \\\"x\\\"\\nnext\"} 1\n",
    ] {
        let begin: String = golden.split_inclusive(' ').take(3).collect();
        assert_eq!(family(&text, &begin), golden);
    }
    assert!(!text.contains("_created"), "unless asked for");
}

#[test]
fn golden_text_of_what_was_created_with_the_machine() {
    let _tree = hold();
    let (tank, _shelf) = (TANKS.add("a", Tank::new()), SHELVES.add("a", Shelf::new()));
    tank.filled.observe(1);
    let text = whole_text(Format::OpenMetrics, Some(1_767_225_600_500_000_000));
    for (begin, lines) in [
        ("# TYPE test_plain ", "test_plain_total 3\ntest_plain_created 1767225600.5\n"),
        (
            "# TYPE test_by_side ",
            "test_by_side_total{side=\"left\"} 0\ntest_by_side_created{side=\"left\"} 1767225600.5\n\
             test_by_side_total{side=\"right\"} 7\ntest_by_side_created{side=\"right\"} 1767225600.5\n",
        ),
        ("# TYPE test_latency_seconds ", "test_latency_seconds_count 4\ntest_latency_seconds_created 1767225600.5\n"),
        ("# TYPE test_car_driven ", "test_car_driven_total 9\ntest_car_driven_created 1767225600.5\n"),
        (
            "# TYPE test_car_opened ",
            "test_car_opened_total{side=\"left\"} 0\ntest_car_opened_created{side=\"left\"} 1767225600.5\n\
             test_car_opened_total{side=\"right\"} 2\ntest_car_opened_created{side=\"right\"} 1767225600.5\n",
        ),
        ("# TYPE test_car_load_bytes ", "test_car_load_bytes_count 1\ntest_car_load_bytes_created 1767225600.5\n"),
        ("# TYPE test_depth_bytes ", "test_depth_bytes -11\n"),
        // It is not known when the tank came to be.
        ("# TYPE test_tank_filled_ratio ", "test_tank_filled_ratio_count{tank=\"a\"} 1\n"),
        ("# TYPE test_shelf_put ", "test_shelf_put_total{shelf=\"a\"} 0\n"),
    ] {
        assert!(family(&text, begin).ends_with(lines), "{}", family(&text, begin));
    }
}

#[test]
fn the_last_line_is_written_once_however_often_one_asks() {
    let _tree = hold();
    let text = whole_text(Format::OpenMetrics, None);
    let mut encoder = Encoder::new(Format::OpenMetrics, Selection::ALL, None);
    let mut room = vec![0; 1 << 16];
    let mut window = Window::new(&mut room);
    assert_eq!(encoder.write(&mut window, usize::MAX), Step::Full, "at the info that is too long");
    encoder.skip();
    let (_, rest) = text.split_at(window.len());
    let (lines, eof) = rest.split_at(rest.len() - 6);
    for (len, step, expected) in [
        (rest.len() - 1, Step::Full, lines),
        (5, Step::Full, ""),
        (6, Step::End, eof),
        (6, Step::End, ""),
        (6, Step::End, ""),
    ] {
        let mut window = Window::new(&mut room[..len]);
        assert_eq!(encoder.write(&mut window, usize::MAX), step);
        assert_eq!(window.written(), expected.as_bytes());
    }
    assert_eq!(eof, "# EOF\n");
}
