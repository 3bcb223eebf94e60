//! The files of `deploy/` as a test or the demo runs them: an operator's, but for addresses and times.

use std::fs;

use crate::files::repository;

/// A file of the repository with each of `changes` made: what stands left becomes what stands right. One that finds nothing
/// to change is an error: the file has become another, and what runs it would no longer run what is meant.
pub fn adapted(file: &str, changes: &[(&str, &str)]) -> Result<String, String> {
    let text = fs::read_to_string(repository().join(file)).map_err(|error| format!("{file}: {error}"))?;
    let change = |text: String, (from, to): &(&str, &str)| {
        if text.contains(from) { Ok(text.replace(from, to)) } else { Err(format!("{file} does not say `{from}`")) }
    };
    changes.iter().try_fold(text, change)
}

#[cfg(test)]
mod tests {
    use super::adapted;

    #[test]
    fn what_is_not_there_cannot_be_changed() {
        let file = "deploy/alertmanager/alertmanager.yml";
        let adapted = |from| adapted(file, &[("group_wait: 30s", "group_wait: 1s"), (from, "")]);
        assert!(adapted("group_interval: 5m").is_ok_and(|text| text.contains("group_wait: 1s")));
        assert_eq!(adapted("group_wait: 30s"), Err(format!("{file} does not say `group_wait: 30s`")));
    }
}
