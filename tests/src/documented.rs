//! What the documents say is there: the metrics of docs/metrics.md, and what docs/absent.md says is missing.

use std::collections::BTreeSet;
use std::io;

use crate::files::repository;

/// Every metric that docs/metrics.md has a row for: also those of which a guest has no series now.
pub fn metrics() -> io::Result<BTreeSet<String>> {
    rows(|_| true)
}

/// Those of them that it marks as zero by nature.
pub fn zeros() -> io::Result<BTreeSet<String>> {
    rows(|rest| rest.contains("| *Zero by nature.* "))
}

/// The metrics of docs/metrics.md whose rows, behind the name, are as asked.
fn rows(is_meant: impl Fn(&str) -> bool) -> io::Result<BTreeSet<String>> {
    let text = std::fs::read_to_string(repository().join("docs/metrics.md"))?;
    let cells = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    // A metric is followed by its type; paths begin with a slash, and what is absent is followed by the reason.
    let is_type = |rest: &str| TYPES.iter().any(|kind| rest.starts_with(&format!("{kind} |")));
    let meant = cells.filter(|(_, rest)| is_type(rest) && is_meant(rest));
    Ok(meant.map(|(name, _)| name.to_owned()).collect())
}

const TYPES: [&str; 6] = ["counter", "gauge", "untyped", "histogram", "stateset", "info"];

/// A row of docs/absent.md: what families are called that Periscope does not have. A star stands for any letters.
#[derive(Debug)]
pub struct Absent {
    before: String,
    /// What follows the star, if there is one.
    after: Option<String>,
}

impl Absent {
    /// All rows.
    pub fn read() -> io::Result<Vec<Self>> {
        let text = std::fs::read_to_string(repository().join("docs/absent.md"))?;
        let patterns = text.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        Ok(patterns.map(Self::parse).collect())
    }

    fn parse(pattern: &str) -> Self {
        let (before, after) = pattern.split_once('*').map_or((pattern, None), |(before, after)| (before, Some(after)));
        Self { before: before.to_owned(), after: after.map(str::to_owned) }
    }

    /// Whether a family is called so.
    #[must_use]
    pub fn is(&self, family: &str) -> bool {
        match (family.strip_prefix(&self.before), &self.after) {
            (Some(rest), Some(after)) => rest.ends_with(after),
            (Some(rest), None) => rest.is_empty(),
            (None, _) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Absent, metrics};

    #[test]
    fn a_star_stands_for_any_letters() {
        let is = |pattern: &str, family: &str| Absent::parse(pattern).is(family);
        assert!(is("node_os_*", "node_os_info") && !is("node_os_*", "node_osx"));
        assert!(is("a_*_bytes", "a_Cma_bytes") && !is("a_*_bytes", "a_Cma_total"));
        assert!(is("node_udp_queues", "node_udp_queues") && !is("node_udp_queues", "node_udp_queues_total"));
    }

    #[test]
    fn the_tables_have_rows() {
        let absent = Absent::read().expect("docs/absent.md is there");
        assert!(absent.iter().any(|row| row.is("node_filesystem_size_bytes")));
        assert!(!absent.iter().any(|row| row.is("node_uname_info")));
        let metrics = metrics().expect("docs/metrics.md is there");
        assert!(metrics.contains("node_uname_info") && !metrics.contains("node_filesystem_size_bytes"));
    }
}
