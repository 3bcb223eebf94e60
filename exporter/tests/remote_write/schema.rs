//! The schemas of both versions, for a decoder that knows nothing of the encoder, as far as they are used
//! (<https://github.com/prometheus/prometheus/blob/main/prompb/remote.proto>, `types.proto` and
//! `io/prometheus/write/v2/types.proto` beside it).

// The unit tests read it too, which have no prelude of std's.
use prost::Message;
use prost::alloc::string::String;
use prost::alloc::vec::Vec;

#[derive(Clone, PartialEq, Message)]
pub(crate) struct WriteRequest {
    #[prost(message, repeated, tag = "1")]
    pub(crate) timeseries: Vec<TimeSeries>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct TimeSeries {
    #[prost(message, repeated, tag = "1")]
    pub(crate) labels: Vec<Label>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) samples: Vec<Sample>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Label {
    #[prost(string, optional, tag = "1")]
    pub(crate) name: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(crate) value: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct Sample {
    #[prost(double, optional, tag = "1")]
    pub(crate) value: Option<f64>,
    #[prost(int64, optional, tag = "2")]
    pub(crate) timestamp: Option<i64>,
}

/// Of 2.0.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Request {
    #[prost(string, repeated, tag = "4")]
    pub(crate) symbols: Vec<String>,
    #[prost(message, repeated, tag = "5")]
    pub(crate) timeseries: Vec<TimeSeries2>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct TimeSeries2 {
    #[prost(uint32, repeated, tag = "1")]
    pub(crate) labels_refs: Vec<u32>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) samples: Vec<Sample>,
    #[prost(message, optional, tag = "5")]
    pub(crate) metadata: Option<Metadata>,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct Metadata {
    #[prost(enumeration = "MetricType", optional, tag = "1")]
    pub(crate) r#type: Option<i32>,
    #[prost(uint32, optional, tag = "4")]
    pub(crate) unit_ref: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration)]
pub(crate) enum MetricType {
    Unspecified = 0,
    Counter = 1,
    Gauge = 2,
    Histogram = 3,
    GaugeHistogram = 4,
    Summary = 5,
    Info = 6,
    StateSet = 7,
}

/// A series of either version.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Told {
    pub(crate) labels: Vec<(String, String)>,
    /// The value's bits.
    pub(crate) value: u64,
    pub(crate) stamp_ms: i64,
    /// Of 2.0: type and unit.
    pub(crate) about: Option<(MetricType, String)>,
}

impl Told {
    pub(crate) fn label(&self, name: &str) -> Option<&str> {
        self.labels.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str())
    }
}

/// The series of a message of 1.0, which must be encoded as the schema's own encoder would.
pub(crate) fn decode_one(message: &[u8]) -> Vec<Told> {
    let request = WriteRequest::decode(message).expect("a WriteRequest");
    assert!(request.encode_to_vec() == message, "unknown fields, or lengths longer than need be");
    let told = |series: TimeSeries| {
        let text = |text: Option<String>| text.expect("both are there");
        let labels = series.labels.into_iter().map(|label| (text(label.name), text(label.value))).collect();
        of_sample(labels, &series.samples, None)
    };
    request.timeseries.into_iter().map(told).collect()
}

/// The same of 2.0.
pub(crate) fn decode_two(message: &[u8]) -> Vec<Told> {
    let request = Request::decode(message).expect("a Request");
    // The texts stand between the series, so only the lengths can be compared.
    assert_eq!(request.encoded_len(), message.len(), "unknown fields, or lengths longer than need be");
    assert_eq!(request.symbols[0], "");
    let mut unique = request.symbols.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), request.symbols.len(), "every text is told once");
    let symbol = |number: u32| request.symbols[number as usize].clone();
    let told = |series: &TimeSeries2| {
        let (pairs, []) = series.labels_refs.as_chunks::<2>() else { panic!("a name without value") };
        let labels = pairs.iter().map(|&[name, value]| (symbol(name), symbol(value))).collect();
        let about = series.metadata.map(|about| (about.r#type(), symbol(about.unit_ref.expect("it is there"))));
        of_sample(labels, &series.samples, about)
    };
    request.timeseries.iter().map(told).collect()
}

fn of_sample(labels: Vec<(String, String)>, samples: &[Sample], about: Option<(MetricType, String)>) -> Told {
    let [Sample { value: Some(value), timestamp: Some(stamp_ms) }] = *samples else { panic!("one sample") };
    Told { labels, value: value.to_bits(), stamp_ms, about }
}
