//! Reads single values out of Prometheus' text format, for tests' assertions. Whether an exposition is *valid* is for
//! promtool and prometheus_client to say: see [`crate::prometheus`].

/// The value of the sample `series`, written as it stands in the exposition: `uk_x` or `uk_x{label="value"}`.
///
/// A series given without labels also finds one with labels if it is the only sample of that name.
#[must_use]
pub fn value(text: &str, series: &str) -> Option<f64> {
    let mut values = samples(text).filter_map(|(name, value)| {
        let bare = name.split('{').next().unwrap_or(name);
        (name == series || bare == series).then_some(value)
    });
    let first = values.next();
    if values.next().is_none() { first } else { None }
}

/// The sum of all samples called `name`, over their labels; 0 if there is none.
#[must_use]
pub fn sum(text: &str, name: &str) -> f64 {
    samples(text).filter(|(series, _)| series.split('{').next() == Some(name)).map(|(_, value)| value).sum()
}

/// How much the sum of all samples called `name` has grown from one exposition to a later one.
#[must_use]
pub fn moved(before: &str, after: &str, name: &str) -> f64 {
    sum(after, name) - sum(before, name)
}

/// All samples: the series as written, and its value.
pub fn samples(text: &str) -> impl Iterator<Item = (&str, f64)> {
    text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        // A label's value may hold spaces, so the series ends with its closing brace.
        let end = line.rfind('}').map_or_else(|| line.find(' '), |brace| Some(brace + 1))?;
        let (series, rest) = line.split_at(end);
        Some((series, rest.split_ascii_whitespace().next()?.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::{moved, sum, value};

    const TEXT: &str = "# HELP a_total Help.\n# TYPE a_total counter\n\
        a_total{device=\"service\",x=\"a b}\"} 3\na_total{device=\"management\"} 4.5\nb 7\nc{only=\"one\"} 1e3\n";

    #[test]
    fn finds_values_by_series() {
        assert_eq!(value(TEXT, "a_total{device=\"management\"}"), Some(4.5));
        assert_eq!(value(TEXT, "b"), Some(7.0));
        assert_eq!(value(TEXT, "c"), Some(1000.0));
        assert_eq!(value(TEXT, "a_total"), None, "two series have this name");
        assert_eq!(value(TEXT, "d"), None);
        assert_eq!(sum(TEXT, "a_total"), 7.5);
        assert_eq!(moved("a_total 3\n", TEXT, "a_total"), 4.5);
    }
}
