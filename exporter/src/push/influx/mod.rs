//! InfluxDB's line protocol (<https://docs.influxdata.com/influxdb/v1/write_protocols/line_protocol_reference/>), which
//! Telegraf, Kapacitor and VictoriaMetrics take too:
//!
//! ```text
//! net,vm=web-1,job=periscope,device=eth0 node_network_up=true,node_network_receive_bytes_total=4711i 1790000000000000000
//! ```
//!
//! A measurement is a source, and fields have the metrics' names, so all roads out share one catalogue. A line tells all
//! numbers that a source has for the same labels, as far as that stays short enough for a datagram; then another one goes on
//! with the same tags. Everything that is captured at once has one time. What a field's type is follows from its metric, never
//! from its value: see `value`.
//!
//! The protocol cannot tell everything, so what is told differs from a scrape in this: numbers that are not finite are left
//! out, and so are labels that are empty; integers beyond 2⁶³−1 are told as that and counted, unless the receiver takes
//! unsigned ones; a label that is called as a tag of the machine's is told as `exported_…`, as Prometheus would; see
//! `escape` for backslashes and control characters.
//!
//! Not here: when captures are made (`push::capture`), and how frames travel.

mod escape;
mod frames;
mod line;
mod producer;
mod value;
mod write;

pub use frames::Framing;
pub use producer::{Influx, Options};
pub use write::Write;
