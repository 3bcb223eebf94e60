//! The query of `/log`: `since=SEQ` and `level=LEVEL`, each at most once, in any order.
//!
//! A key or value that is not understood is an error, not a default: somebody who asked for `level=warn` must not
//! believe that nothing was logged. Values are plain ASCII, so nothing is percent-decoded.

use super::refusal::Refusal;
use crate::Level;

/// Which log records are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) struct LogQuery {
    /// Number of the first record wanted.
    pub(in crate::http) from: u64,
    /// The least severe level wanted.
    pub(in crate::http) level: Level,
}

impl LogQuery {
    /// Reads `since=41&level=info`. `since` is the last number already seen: the records after it are wanted.
    ///
    /// # Errors
    /// [`Refusal::Query`] for an unknown or repeated key and for a value that is not one.
    pub(in crate::http) fn parse(query: &str) -> Result<Self, Refusal> {
        let (mut from, mut level) = (None, None);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=').ok_or(Refusal::Query)? {
                ("since", value) if from.is_none() => from = Some(after(value)?),
                ("level", value) if level.is_none() => level = Some(Level::from_name(value).ok_or(Refusal::Query)?),
                _ => return Err(Refusal::Query),
            }
        }
        Ok(Self { from: from.unwrap_or(0), level: level.unwrap_or(Level::Trace) })
    }
}

/// The number after the one `value` spells, in plain digits: `parse` alone would take a leading `+`.
fn after(value: &str) -> Result<u64, Refusal> {
    if !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::Query);
    }
    value.parse::<u64>().ok().and_then(|seen| seen.checked_add(1)).ok_or(Refusal::Query)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn understood() {
        let all = LogQuery { from: 0, level: Level::Trace };
        assert_eq!(LogQuery::parse(""), Ok(all));
        assert_eq!(LogQuery::parse("&"), Ok(all));
        assert_eq!(LogQuery::parse("since=0"), Ok(LogQuery { from: 1, ..all }));
        assert_eq!(LogQuery::parse("level=info&since=41"), Ok(LogQuery { from: 42, level: Level::Info }));
    }

    #[test]
    fn refused() {
        for query in [
            "since",
            "since=",
            "since=-1",
            "since=+1",
            "since=1x",
            "since=18446744073709551615",
            "since=18446744073709551616",
            "since=1&since=1",
            "level=",
            "level=INFO",
            "level=warn",
            "level=quiet",
            "Level=info",
            "levels=info",
            "x=1",
        ] {
            assert_eq!(LogQuery::parse(query), Err(Refusal::Query), "{query}");
        }
    }
}
