//! The families of an exposition in Prometheus' text format, as types and names of labels: what two exporters have to
//! agree on for one dashboard to read both. Not for values: see [`crate::exposition`].

use std::collections::{BTreeMap, BTreeSet};

use crate::exposition::samples;

/// What one family looks like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Family {
    /// As `# TYPE` says.
    pub kind: String,
    /// The names of labels that its series have. Usually all have the same.
    pub labels: BTreeSet<BTreeSet<String>>,
}

/// All families that have a type, by name. Those of histograms and summaries are without labels.
#[must_use]
pub fn families(text: &str) -> BTreeMap<String, Family> {
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    for line in text.lines() {
        if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
            families.entry(name.to_owned()).or_default().kind = kind.to_owned();
        }
    }
    for (series, _) in samples(text) {
        let (name, rest) = series.split_once('{').unwrap_or((series, ""));
        if let Some(family) = families.get_mut(name) {
            family.labels.insert(labels(rest).into_iter().map(|(name, _)| name).collect());
        }
    }
    families
}

/// The value of a label of the first series of a family: of an `_info`, mostly. Escaped, as it stands there.
#[must_use]
pub fn label(text: &str, family: &str, label: &str) -> Option<String> {
    let first = samples(text).find_map(|(series, _)| series.strip_prefix(family)?.strip_prefix('{'))?;
    labels(first).into_iter().find_map(|(name, value)| (name == label).then_some(value))
}

/// Names and values in `a="1",b="2"}`. A value may hold anything, quotes behind a backslash.
pub(crate) fn labels(text: &str) -> Vec<(String, String)> {
    let mut labels: Vec<(String, String)> = Vec::new();
    let mut name = String::new();
    let (mut quoted, mut escaped) = (false, false);
    for letter in text.chars() {
        match letter {
            '"' if !escaped => quoted = !quoted,
            letter if quoted => {
                escaped = letter == '\\' && !escaped;
                if let Some((_, value)) = labels.last_mut() {
                    value.push(letter);
                }
            }
            '=' => labels.push((std::mem::take(&mut name), String::new())),
            ',' | '}' => {}
            letter => name.push(letter),
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::{families, label};

    const TEXT: &str = "# HELP a_total Help.\n# TYPE a_total counter\n\
        a_total{device=\"x=\\\"y\\\",z=\",cpu=\"0\"} 3\na_total{device=\"b\"} 4\n# TYPE b gauge\nb 7\n\
        # TYPE c_info gauge\nc_info{goversion=\"go1\",version=\"1.5.0\",x=\"\"} 1\n";

    #[test]
    fn types_and_names_of_labels_are_found() {
        let families = families(TEXT);
        assert_eq!(families.keys().collect::<Vec<_>>(), ["a_total", "b", "c_info"]);
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(families["a_total"].kind, "counter");
        assert_eq!(families["a_total"].labels, [set(&["cpu", "device"]), set(&["device"])].into());
        assert_eq!((families["b"].kind.as_str(), &families["b"].labels), ("gauge", &[set(&[])].into()));
        assert_eq!(label(TEXT, "c_info", "version"), Some("1.5.0".to_owned()));
        assert_eq!(label(TEXT, "a_total", "device"), Some("x=\\\"y\\\",z=".to_owned()));
        assert_eq!(label(TEXT, "c_info", "revision"), None);
    }
}
