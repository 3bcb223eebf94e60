//! The protobuf format.

use exporter::MAX_LINE;
use exporter::exposition::Format;
use prost::Message;
use ukstore::{Buckets, MAX_BUCKETS};

use crate::encode::encode;
use crate::schema::{
    Bucket, Counter, Gauge, Histogram, LabelPair, Metric, MetricFamily, MetricType, Timestamp, decode,
};
use crate::tree::{SHELVES, SPREAD, Shelf, TANKS, Tank, hold};

fn messages(name: &str, created_unix_ns: Option<u64>) -> Vec<MetricFamily> {
    let encoded = encode(Format::Protobuf, created_unix_ns, || 1 << 16, || ());
    decode(&encoded.bytes).into_iter().filter(|family| family.name.as_deref() == Some(name)).collect()
}

fn family(name: &str, help: &str, r#type: MetricType, metric: Vec<Metric>) -> MetricFamily {
    MetricFamily { name: Some(name.into()), help: Some(help.into()), r#type: Some(r#type.into()), metric }
}

fn labels(labels: &[(&str, &str)]) -> Vec<LabelPair> {
    labels.iter().map(|&(name, value)| LabelPair { name: Some(name.into()), value: Some(value.into()) }).collect()
}

fn counter(label: &[(&str, &str)], value: f64, created_timestamp: Option<Timestamp>) -> Metric {
    Metric {
        label: labels(label),
        counter: Some(Counter { value: Some(value), created_timestamp }),
        ..Metric::default()
    }
}

fn gauge(label: &[(&str, &str)], value: f64) -> Metric {
    Metric { label: labels(label), gauge: Some(Gauge { value: Some(value) }), ..Metric::default() }
}

#[test]
fn golden_message_of_each_kind() {
    let _tree = hold();
    let created = Timestamp { seconds: Some(1_767_225_600), nanos: Some(500_000_000) };
    let created_unix_ns = Some(1_767_225_600_500_000_000);
    for golden in [
        family("test_plain_total", "A plain counter.", MetricType::Counter, vec![counter(&[], 3.0, Some(created))]),
        family(
            "test_busy_seconds_total",
            "A counter of durations.",
            MetricType::Counter,
            vec![counter(&[], 1.25, Some(created))],
        ),
        family(
            "test_by_side_total",
            "One family, several series.",
            MetricType::Counter,
            vec![counter(&[("side", "left")], 0.0, Some(created)), counter(&[("side", "right")], 7.0, Some(created))],
        ),
        family(
            "test_car_opened_total",
            "Doors opened, by side.",
            MetricType::Counter,
            vec![counter(&[("side", "left")], 0.0, Some(created)), counter(&[("side", "right")], 2.0, Some(created))],
        ),
        family("test_depth_bytes", "A gauge that may be negative.", MetricType::Gauge, vec![gauge(&[], -11.0)]),
        family("test_yes", "Yes or no.", MetricType::Gauge, vec![gauge(&[], 1.0)]),
        family("test_inf", "More than anything.", MetricType::Gauge, vec![gauge(&[], f64::NEG_INFINITY)]),
        family(
            "test_door",
            "What the door is.",
            MetricType::Gauge,
            vec![gauge(&[("test_door", "open")], 0.0), gauge(&[("test_door", "shut")], 1.0)],
        ),
        family(
            "test_machine_info",
            "Known when read.",
            MetricType::Gauge,
            vec![gauge(&[("path", "C:\\dir \"x\"\nnext")], 1.0)],
        ),
        family(
            "test_latency_seconds",
            "Durations by size.",
            MetricType::Histogram,
            vec![Metric {
                histogram: Some(Histogram {
                    sample_count: Some(4),
                    sample_sum: Some(2.500_200_003),
                    bucket: [(0.0001, 2), (0.0005, 3), (0.001, 3), (2.5, 3)]
                        .map(|(bound, count)| Bucket { cumulative_count: Some(count), upper_bound: Some(bound) })
                        .into(),
                    created_timestamp: Some(created),
                    ..Histogram::default()
                }),
                ..Metric::default()
            }],
        ),
    ] {
        assert_eq!(messages(golden.name(), created_unix_ns), [golden]);
    }
    assert_eq!(messages("test_plain_total", None)[0].metric, [counter(&[], 3.0, None)], "unless asked for");
    assert_eq!(messages("test_clerk_level", None), [], "a family without samples is left out");
    let odd = &messages("test_odd", None)[0];
    assert_eq!((odd.r#type, odd.metric[0].untyped.and_then(|number| number.value)), (Some(3), Some(9.0)));
    let nan = messages("test_nan", None)[0].metric[0].gauge.and_then(|gauge| gauge.value);
    assert!(nan.is_some_and(f64::is_nan));
}

#[test]
fn when_an_object_came_to_be_is_not_told() {
    let _tree = hold();
    let _objects = (TANKS.add("a", Tank::new()), SHELVES.add("a", Shelf::new()));
    let tank = &messages("test_tank_filled_ratio", Some(1))[0].metric[0];
    assert_eq!(tank.label, labels(&[("tank", "a")]));
    assert_eq!(tank.histogram.as_ref().and_then(|histogram| histogram.created_timestamp), None);
    assert_eq!(messages("test_shelf_put_total", Some(1))[0].metric, [counter(&[("shelf", "a")], 0.0, None)]);
}

#[test]
fn native_buckets_are_those_that_were_counted() {
    let _tree = hold();
    let [family] = &messages("test_spread_seconds", None)[..] else { panic!("one message") };
    let [Metric { histogram: Some(histogram), .. }] = &family.metric[..] else { panic!("one histogram") };
    let mut room = [0; MAX_BUCKETS];
    let native = SPREAD.native(&mut room).expect("an exponential histogram");
    assert_eq!(histogram.schema, Some(3));
    assert_eq!(histogram.zero_threshold, Some(native.zero_threshold));
    assert_eq!(histogram.zero_count, Some(2));
    assert_eq!(histogram.sample_count, Some(8));
    let mut told = histogram.native_buckets();
    // Of the three gaps the small one is told as an empty bucket.
    assert_eq!((histogram.positive_span.len(), told.len()), (3, 6));
    told.retain(|&(_, count)| count > 0);
    let mut counted: Vec<_> = (i64::from(native.first_index)..).zip(native.buckets.iter().copied()).collect();
    counted.push((1024 * 8 + 1, 1));
    counted.retain(|&(_, count)| count > 0);
    assert_eq!(told, counted);
    assert_eq!(histogram.bucket.len(), SPREAD.bounds().len(), "the classic buckets are there too");
}

#[test]
fn a_large_family_is_told_in_several_messages() {
    let _tree = hold();
    let shelves: Vec<_> = (0..100).map(|number| SHELVES.add(&format!("shelf-{number:02}"), Shelf::new())).collect();
    shelves[99].put.add(7);
    let messages = messages("test_shelf_put_total", None);
    assert_eq!(messages.iter().map(|message| message.metric.len()).collect::<Vec<_>>(), [32, 32, 32, 4]);
    for message in &messages {
        assert_eq!(message.help(), "Things put on a shelf.");
        assert_eq!(message.r#type(), MetricType::Counter);
    }
    let all: Vec<_> = messages.into_iter().flat_map(|message| message.metric).collect();
    let name = |number| format!("shelf-{number:02}");
    assert!((0..100).all(|number| all[number].label == labels(&[("shelf", &name(number))])));
    assert_eq!(all[99], counter(&[("shelf", "shelf-99")], 7.0, None));
}

/// Messages are as long as may be, to the byte, and no longer.
#[test]
fn a_message_ends_where_one_more_metric_would_not_fit() {
    let _tree = hold();
    let mut longest = 0;
    // The names of the first few shelves grow by a byte each time, by more than one metric has.
    for padding in 0..5 * 37_usize {
        let _shelves: Vec<_> = (0..60_usize)
            .map(|number| {
                let width = 2 + padding.saturating_sub(37 * number).min(37);
                SHELVES.add(&format!("{number:0width$}"), Shelf::new())
            })
            .collect();
        let messages = messages("test_shelf_size_bytes", None);
        let len = |message: &MetricFamily| message.encode_length_delimited_to_vec().len();
        longest = messages.iter().map(len).max().max(Some(longest)).expect("messages");
        assert!(longest <= MAX_LINE);
        for pair in messages.windows(2) {
            let [one, next] = pair else { panic!("two") };
            let mut more = one.clone();
            more.metric.push(next.metric[0].clone());
            assert!(one.metric.len() == 32 || len(&more) > MAX_LINE, "{} metrics", one.metric.len());
        }
    }
    assert_eq!(longest, MAX_LINE);
}
