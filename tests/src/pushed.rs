//! Values that a guest sent, beside those that it was asked for. The same instant cannot be had twice, so a capture is
//! taken between two scrapes: what stood still has to be the same in all three, and what counts up in between.

use std::collections::BTreeMap;

use crate::exposition;
use crate::families::labels;
use crate::observed::Observed;

/// A series: its name, and its labels without those that say whose it is.
pub type Key = (String, BTreeMap<String, String>);

/// Makes a key of a name and labels, without the labels in `identity` and without empty ones, which are none.
#[must_use]
pub fn key(name: &str, labels: &BTreeMap<String, String>, identity: &[&str]) -> Key {
    let is_own = |name: &str| name != "__name__" && !identity.contains(&name);
    let own = labels.iter().filter(|(name, value)| is_own(name) && !value.is_empty());
    (name.to_owned(), own.map(|(name, value)| (name.clone(), same_number(name, value))).collect())
}

/// A bucket's bound is a number, which may be written in several ways.
fn same_number(name: &str, value: &str) -> String {
    match value.parse::<f64>() {
        Ok(bound) if name == "le" => bound.to_string(),
        _ => value.to_owned(),
    }
}

/// Two scrapes of a guest, and its own clock's times between which captures lie within them.
#[derive(Debug)]
pub struct Bracket {
    before: BTreeMap<Key, f64>,
    after: BTreeMap<Key, f64>,
    /// Unix time in seconds, by the guest's clock, when the first scrape was over.
    pub from: f64,
    /// The same, when the second had not begun.
    pub to: f64,
}

impl Bracket {
    /// Scrapes, does `work`, which waits until a capture has arrived, and scrapes again. `work` is told the guest's time.
    pub fn around<R>(guest: &mut Observed, work: impl FnOnce(f64) -> R) -> (Self, R) {
        let before = parsed(&guest.scrape());
        let from = time(guest);
        let result = work(from);
        let to = time(guest);
        let after = parsed(&guest.scrape());
        (Self { before, after, from, to }, result)
    }

    /// Compares what was stored: series, Unix seconds, value. Returns how many values stood still and were equal, or the
    /// first ten that are wrong.
    pub fn check(&self, stored: impl IntoIterator<Item = (Key, f64, f64)>) -> Result<usize, String> {
        self.check_to(0.0, stored)
    }

    /// The same for a database that rounds, by no more than this part of a value.
    pub fn check_to(&self, rounding: f64, stored: impl IntoIterator<Item = (Key, f64, f64)>) -> Result<usize, String> {
        let same = |one: f64, other: f64| (one - other).abs() <= rounding * one.abs();
        let mut within: BTreeMap<Key, Vec<f64>> = BTreeMap::new();
        let mut wrong = Vec::new();
        for (key, time, value) in stored {
            if !self.before.contains_key(&key) && !self.after.contains_key(&key) {
                wrong.push(format!("{key:?} was never scraped"));
            }
            if self.from < time && time < self.to {
                within.entry(key).or_default().push(value);
            }
        }
        let mut equal = 0;
        for (key, before) in &self.before {
            let Some(after) = self.after.get(key).filter(|value| value.is_finite() && before.is_finite()) else {
                continue;
            };
            let values = within.get(key).map_or(&[][..], Vec::as_slice);
            let good = match (before == after, counts_up(key)) {
                (true, true) => values.iter().all(|value| same(*before, *value)),
                // A gauge may come back to where it was. One that sending itself moves is never the same.
                (true, false) => is_of_sending(key) || values.iter().any(|value| same(*before, *value)),
                (false, true) => values.iter().all(|value| before <= value && value <= after),
                (false, false) => true,
            };
            if values.is_empty() || !good {
                wrong.push(format!("{key:?} was {before}, then {after}; stored is {values:?}"));
            } else if before == after {
                equal += values.len();
            }
        }
        wrong.dedup();
        if wrong.is_empty() {
            Ok(equal)
        } else {
            Err(wrong.drain(..wrong.len().min(10)).collect::<Vec<_>>().join("\n"))
        }
    }
}

fn counts_up((name, _): &Key) -> bool {
    ["_total", "_count", "_bucket"].iter().any(|suffix| name.ends_with(suffix))
}

/// Whether it tells of the management network, of sinks or of running threads: these are at work while captures are taken.
fn is_of_sending((name, labels): &Key) -> bool {
    ["uk_sink_", "uk_management_", "node_procs_"].iter().any(|prefix| name.starts_with(prefix))
        || labels.values().any(|value| value == "management")
}

fn time(guest: &mut Observed) -> f64 {
    crate::observed::value(&guest.only("node_time_seconds"), "node_time_seconds")
}

/// An exposition's samples by series.
fn parsed(text: &str) -> BTreeMap<Key, f64> {
    let sample = |(series, value): (&str, f64)| {
        let (name, rest) = series.split_once('{').unwrap_or((series, ""));
        let labels = labels(rest).into_iter().map(|(name, value)| (name, unescaped(&value))).collect();
        (key(name, &labels, &[]), value)
    };
    exposition::samples(text).map(sample).collect()
}

fn unescaped(value: &str) -> String {
    let mut plain = String::new();
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => plain.extend(letters.next().map(|letter| if letter == 'n' { '\n' } else { letter })),
            letter => plain.push(letter),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::{Bracket, key, parsed};
    use std::collections::BTreeMap;

    #[test]
    fn finds_what_differs() {
        let text = "still{a=\"x \\\"y\\\"\",le=\"1.0\"} 5\nmoved_total 7\nwild 1\nnone NaN\n";
        let bracket = Bracket {
            before: parsed(text),
            after: parsed(&text.replace("total 7", "total 9").replace("wild 1", "wild 2")),
            from: 10.0,
            to: 20.0,
        };
        let labels: BTreeMap<_, _> = [("a", "x \"y\""), ("le", "1"), ("vm", "me")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        let still = key("still", &labels, &["vm"]);
        let [moved, wild] = ["moved_total", "wild"].map(|name| key(name, &BTreeMap::new(), &[]));
        let good = [(still, 15.0, 5.0), (moved, 15.0, 8.0), (wild, 15.0, 100.0)];
        assert_eq!(bracket.check(good.clone()), Ok(1));
        let without = |index: usize, value: f64, time: f64| {
            let mut stored = good.clone();
            (stored[index].1, stored[index].2) = (time, value);
            bracket.check(stored)
        };
        assert!(without(0, 5.5, 15.0).is_err_and(|wrong| wrong.contains("was 5, then 5; stored is [5.5]")));
        assert!(without(1, 9.5, 15.0).is_err(), "more than it ever was");
        assert!(without(2, 1.0, 25.0).is_err(), "nothing in the bracket");
        let unknown = (key("unknown", &BTreeMap::new(), &[]), 15.0, 1.0);
        assert!(bracket.check(good.into_iter().chain([unknown])).is_err());
    }
}
