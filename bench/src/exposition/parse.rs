//! Reads an exposition that this program made. Not a validator: what it does not expect is an error, and no more is said.

use std::collections::BTreeMap;

/// A family as it was told.
pub(crate) struct Family<'a> {
    pub(crate) name: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) help: &'a str,
    pub(crate) samples: Vec<Sample<'a>>,
}

/// One line.
pub(crate) struct Sample<'a> {
    pub(crate) name: &'a str,
    pub(crate) labels: Vec<(&'a str, &'a str)>,
    pub(crate) value: &'a str,
}

/// All families of a text.
pub(crate) fn families(text: &str) -> Result<Vec<Family<'_>>, String> {
    let mut families: Vec<Family<'_>> = Vec::new();
    for line in text.lines() {
        if let Some((name, help)) = line.strip_prefix("# HELP ").and_then(|rest| rest.split_once(' ')) {
            families.push(Family { name, kind: "", help, samples: Vec::new() });
            continue;
        }
        let family = families.last_mut().ok_or_else(|| format!("`{line}` comes before any family"))?;
        if let Some((_, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
            family.kind = kind;
        } else if !line.starts_with('#') {
            family.samples.push(sample(line).ok_or_else(|| format!("`{line}` is no sample"))?);
        }
    }
    Ok(families)
}

/// Values by series, whatever the spelling of numbers.
pub(crate) fn samples(text: &str) -> Result<BTreeMap<String, f64>, String> {
    let mut samples = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let sample = sample(line).ok_or_else(|| format!("`{line}` is no sample"))?;
        let value = sample.value.parse().map_err(|_| format!("`{line}` has no value"))?;
        let mut series = String::from(sample.name);
        for (name, text) in sample.labels {
            series.push_str(&match text.parse::<f64>() {
                Ok(bound) if name == "le" => format!(" le={bound}"),
                _ => format!(" {name}={text}"),
            });
        }
        if samples.insert(series, value).is_some() {
            return Err(format!("`{line}` is told twice"));
        }
    }
    Ok(samples)
}

fn sample(line: &str) -> Option<Sample<'_>> {
    let (series, value) = line.rsplit_once(' ')?;
    let Some((name, labels)) = series.split_once('{') else {
        return Some(Sample { name: series, labels: Vec::new(), value });
    };
    let labels = labels.strip_suffix('}')?.split(',').map(|label| {
        let (name, value) = label.split_once('=')?;
        Some((name, value.strip_prefix('"')?.strip_suffix('"')?))
    });
    Some(Sample { name, labels: labels.collect::<Option<_>>()?, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# HELP a_total Things.\n# TYPE a_total counter\na_total{b=\"c\",d=\"e\"} 3\n\
                        # HELP f Others.\n# TYPE f gauge\nf 0.5\n";

    #[test]
    fn families_have_their_samples() {
        let families = families(TEXT).expect("it is well-formed");
        let told: Vec<_> = families.iter().map(|family| (family.name, family.kind, family.help)).collect();
        assert_eq!(told, [("a_total", "counter", "Things."), ("f", "gauge", "Others.")]);
        assert_eq!(families[0].samples[0].labels, [("b", "c"), ("d", "e")]);
        assert_eq!((families[0].samples[0].value, families[1].samples[0].name), ("3", "f"));
    }

    #[test]
    fn bounds_are_numbers_and_duplicates_are_found() {
        let samples = |text| samples(text).map(|samples| samples.into_iter().collect::<Vec<_>>());
        assert_eq!(samples("a_bucket{le=\"1e-06\"} 1\n"), samples("a_bucket{le=\"0.000001\"} 1.0\n"));
        assert!(samples("a 1\na 2\n").is_err());
        assert!(samples("a{b=c} 1\n").is_err());
    }
}
