//! Which metrics a PromQL expression asks for. Not a parser: Prometheus is, and has accepted the expression before.

use std::collections::BTreeSet;

/// Words of the language that stand where a metric could.
const KEYWORDS: [&str; 9] = ["and", "or", "unless", "atan2", "bool", "offset", "inf", "nan", "start"];
/// Words after which labels stand in parentheses.
const GROUPINGS: [&str; 6] = ["by", "without", "on", "ignoring", "group_left", "group_right"];

/// The metrics that `expression` names.
#[must_use]
pub fn metrics(expression: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut rest = expression;
    while let Some(first) = rest.chars().next() {
        let word = &rest[..rest.find(|c: char| !is_word(c)).unwrap_or(rest.len())];
        if !word.is_empty() {
            rest = &rest[word.len()..];
            let follows = rest.trim_start();
            if GROUPINGS.contains(&word) {
                rest = if follows.starts_with('(') { after(follows, ')') } else { follows };
            } else if !(calls(follows)
                || KEYWORDS.contains(&word.to_ascii_lowercase().as_str())
                || first.is_ascii_digit())
            {
                found.insert(word.to_owned());
            }
        } else {
            rest = match first {
                '{' => after(rest, '}'),
                '[' => after(rest, ']'),
                _ => &rest[first.len_utf8()..],
            };
        }
    }
    found
}

/// Whether what stands before `follows` is a function or an aggregation.
fn calls(follows: &str) -> bool {
    let word = follows.split(|c| !is_word(c)).next().unwrap_or(follows);
    follows.starts_with('(') || word == "by" || word == "without"
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == ':'
}

/// What follows the first `end` that stands in no string.
fn after(text: &str, end: char) -> &str {
    let mut quoted = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match quoted {
            _ if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(quote) if c == quote => quoted = None,
            Some(_) => {}
            None if c == '"' || c == '\'' => quoted = Some(c),
            None if c == end => return &text[at + c.len_utf8()..],
            None => {}
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::metrics;

    #[test]
    fn finds_metrics_and_nothing_else() {
        for (expression, expected) in [
            ("up == 0", vec!["up"]),
            ("a:b:rate5m{x=\"} or c\", y='\\'}'} > bool 1e3", vec!["a:b:rate5m"]),
            ("sum by (job, vm) (rate(a_total[5m])) / on (vm) group_left (host) b", vec!["a_total", "b"]),
            ("sum(a) without (le) and on () b unless ignoring(x) c offset 5m", vec!["a", "b", "c"]),
            ("histogram_quantile(0.99, rate(d_bucket{job=\"x\"}[5m]))", vec!["d_bucket"]),
            ("max_over_time(abs((e > 0) - timestamp(e))[1m:15s]) > Inf", vec!["e"]),
        ] {
            assert_eq!(metrics(expression).into_iter().collect::<Vec<_>>(), expected, "{expression}");
        }
    }
}
