//! The peer: a registry of the crate `prometheus-client` with the families, labels and values of an exposition.

use std::fmt::Debug;
use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeMetric;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::TypedMetric;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family as ByLabels;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::parse::{Family, Sample};

/// Every labelled family here has one label.
type Labels = [(String, String); 1];

/// A registry, and the text it is encoded to: as with us, the memory for that is there already.
pub(crate) struct Client {
    registry: Registry,
    text: String,
}

impl Client {
    pub(crate) fn new(families: &[Family<'_>]) -> Result<Self, String> {
        let mut registry = Registry::default();
        for family in families {
            // Seconds are floats to this crate, everything else here is whole numbers.
            let seconds = family.name.contains("_seconds");
            match (family.kind, seconds) {
                ("counter", false) => register::<Counter>(&mut registry, family, |counter, value| {
                    counter.inc_by(value.parse().ok()?);
                    Some(())
                })?,
                ("counter", true) => register::<Counter<f64, AtomicU64>>(&mut registry, family, |counter, value| {
                    counter.inc_by(value.parse().ok()?);
                    Some(())
                })?,
                ("gauge", false) => register::<Gauge>(&mut registry, family, |gauge, value| {
                    gauge.set(value.parse().ok()?);
                    Some(())
                })?,
                ("histogram", true) => register_histogram(&mut registry, family)?,
                (kind, _) => return Err(format!("{}: no {kind} is compared", family.name)),
            }
        }
        Ok(Self { registry, text: String::new() })
    }

    /// Encodes all of it.
    pub(crate) fn encode(&mut self) -> Result<&str, String> {
        self.text.clear();
        encode(&mut self.text, &self.registry).map_err(|error| error.to_string())?;
        Ok(&self.text)
    }
}

/// Registers a family of one series or of several, each of which `set` gives its value.
fn register<M>(registry: &mut Registry, family: &Family<'_>, set: fn(&M, &str) -> Option<()>) -> Result<(), String>
where
    M: EncodeMetric + TypedMetric + Clone + Default + Debug + Send + Sync + 'static,
{
    let (name, help) = name_and_help(family);
    let set = |metric: &M, sample: &Sample<'_>| {
        set(metric, sample.value).ok_or_else(|| format!("{}: {} is not its value", family.name, sample.value))
    };
    if let [sample] = &family.samples[..]
        && sample.labels.is_empty()
    {
        let metric = M::default();
        set(&metric, sample)?;
        registry.register(name, help, metric);
        return Ok(());
    }
    let by_labels = ByLabels::<Labels, M>::default();
    for sample in &family.samples {
        let [(label, value)] = sample.labels[..] else {
            return Err(format!("{}: not with one label", family.name));
        };
        set(&by_labels.get_or_create(&[(label.to_owned(), value.to_owned())]), sample)?;
    }
    registry.register(name, help, by_labels);
    Ok(())
}

/// Registers a histogram, all of whose observations were exactly a bound.
fn register_histogram(registry: &mut Registry, family: &Family<'_>) -> Result<(), String> {
    let mut buckets = Vec::new();
    for sample in family.samples.iter().filter(|sample| sample.name.ends_with("_bucket")) {
        let bound = sample.labels.iter().find(|(name, _)| *name == "le").and_then(|(_, bound)| bound.parse().ok());
        let bound: f64 = bound.ok_or_else(|| format!("{}: a bucket without a bound", family.name))?;
        let count: u64 = sample.value.parse().map_err(|_| format!("{}: a bucket without a count", family.name))?;
        buckets.push((bound, count));
    }
    let histogram = Histogram::new(buckets.iter().map(|(bound, _)| *bound).filter(|bound| bound.is_finite()));
    let mut before = 0;
    for (bound, count) in buckets {
        for _ in before..count {
            histogram.observe(bound);
        }
        before = count;
    }
    let (name, help) = name_and_help(family);
    registry.register(name, help, histogram);
    Ok(())
}

/// As this crate wants them: it appends `_total` and the full stop.
fn name_and_help<'a>(family: &Family<'a>) -> (&'a str, &'a str) {
    let name = if family.kind == "counter" { family.name.trim_end_matches("_total") } else { family.name };
    (name, family.help.trim_end_matches('.'))
}
