//! What is measured of a guest, turn by turn, and how it is told.

use std::fs;
use std::time::Duration;

use super::client::{Client, durations, rate};
use super::machine::Machine;

/// Scrapes before any that counts: QEMU has translated the code by then.
pub(super) const WARM_UP: usize = 200;
const SCRAPES_OF_FEW: usize = 2000;
const SCRAPES_OF_MANY: usize = 300;
const CLIENTS: usize = 4;
const INTERVAL: Duration = Duration::from_secs(2);

/// A figure: one value for each turn.
pub(crate) type Values = Vec<f64>;

/// Which figure of them.
type Of = fn(&Figures) -> &Values;

/// All that is measured of one system.
#[derive(Default)]
pub(super) struct Figures {
    few_p50_ms: Values,
    few_p90_ms: Values,
    few_a_second: Values,
    many_p50_ms: Values,
    many_p90_ms: Values,
}

/// What a figure should be.
#[derive(Clone, Copy)]
enum Goal {
    AtMost(f64),
    AtLeast(f64),
    None,
}

impl Figures {
    /// Scrapes a guest with few series: one scrape after the other, and from several clients at once.
    pub(super) fn few(&mut self, machine: &Machine<'_>, path: &str) -> Result<(), String> {
        let times = times_ms(&mut machine.client(path)?, SCRAPES_OF_FEW)?;
        self.few_p50_ms.push(at(&times, 0.5));
        self.few_p90_ms.push(at(&times, 0.9));
        let mut clients = (0..CLIENTS).map(|_| machine.client(path)).collect::<Result<Vec<_>, _>>()?;
        self.few_a_second.push(rate(&mut clients, INTERVAL)?);
        Ok(())
    }

    /// Scrapes a guest with many series, one scrape after the other.
    pub(super) fn many(&mut self, machine: &Machine<'_>, path: &str) -> Result<(), String> {
        let times = times_ms(&mut machine.client(path)?, SCRAPES_OF_MANY)?;
        self.many_p50_ms.push(at(&times, 0.5));
        self.many_p90_ms.push(at(&times, 0.9));
        Ok(())
    }

    /// Prints a line for each figure, beside its goal and, if there is one, the peer's figure.
    pub(super) fn print(&self, peer: Option<&Self>) {
        let rows: [(&str, Goal, Of); 5] = [
            ("default scrape, p50, ms", Goal::AtMost(0.30), |figures| &figures.few_p50_ms),
            ("default scrape, p90, ms", Goal::None, |figures| &figures.few_p90_ms),
            ("default scrapes/s of 4 connections", Goal::AtLeast(5000.0), |figures| &figures.few_a_second),
            ("10,000 series, scrape p50, ms", Goal::AtMost(2.0), |figures| &figures.many_p50_ms),
            ("10,000 series, scrape p90, ms", Goal::None, |figures| &figures.many_p90_ms),
        ];
        println!(
            "{:<40}{:>9}{:>25}{:>8}{:>25}{:>8}",
            "",
            "goal",
            "Periscope",
            "",
            peer.map_or("", |_| "peer"),
            "ratio"
        );
        for (what, goal, values) in rows {
            let ours = at(&sorted(values(self)), 0.5);
            let (goal, verdict) = match goal {
                Goal::AtMost(most) => (format!("<= {most}"), if ours <= most { "met" } else { "missed" }),
                Goal::AtLeast(least) => (format!(">= {least}"), if ours >= least { "met" } else { "missed" }),
                Goal::None => (String::new(), ""),
            };
            let theirs = peer.map(values);
            let ratio = theirs.map_or(String::new(), |theirs| format!("{:.2}", ours / at(&sorted(theirs), 0.5)));
            let theirs = theirs.map_or(String::new(), spread);
            println!("{what:<40}{goal:>9}{:>25}{verdict:>8}{theirs:>25}{ratio:>8}", spread(values(self)));
        }
    }
}

/// `median (quartile-quartile)`, in three digits or more.
pub(crate) fn spread(values: &Values) -> String {
    let values = sorted(values);
    let decimals = if at(&values, 0.5) < 100.0 { 3 } else { 0 };
    let [low, median, high] = [0.25, 0.5, 0.75].map(|share| format!("{:.decimals$}", at(&values, share)));
    format!("{median} ({low}-{high})")
}

fn times_ms(client: &mut Client, count: usize) -> Result<Values, String> {
    durations(client, WARM_UP)?;
    let times = durations(client, count)?;
    Ok(times.iter().map(|time| time.as_secs_f64() * 1e3).collect())
}

pub(crate) fn sorted(values: &Values) -> Values {
    let mut values = values.clone();
    values.sort_by(f64::total_cmp);
    values
}

/// The value below which this share of ascending values lies; the nearest there is.
pub(crate) fn at(ascending: &[f64], share: f64) -> f64 {
    let last = ascending.len().saturating_sub(1);
    ascending.get((last as f64 * share).round() as usize).copied().unwrap_or(f64::NAN)
}

/// What the host computes with, and how busy it is.
pub(crate) fn host() -> String {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let (cpus, load) = (read("/proc/cpuinfo"), read("/proc/loadavg"));
    let count = cpus.lines().filter(|line| line.starts_with("processor")).count();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let load: Vec<&str> = load.split(' ').take(2).collect();
    format!("{count} x {}, load of 1 and 5 minutes {}", model.map_or("?", |(_, model)| model), load.join(" "))
}

#[cfg(test)]
mod tests {
    use super::{at, spread};

    #[test]
    fn quartiles_are_values_of_their_own() {
        let values: Vec<f64> = (1..=5).rev().map(f64::from).collect();
        assert_eq!(spread(&values), "3.000 (2.000-4.000)");
        assert_eq!(spread(&vec![5000.0; 3]), "5000 (5000-5000)");
        assert_eq!(at(&[1.0, 2.0], 0.0), 1.0);
        assert!(at(&[], 0.5).is_nan());
    }
}
