//! What an operator adds to everything that is pushed: `--job` and `--tags`.

use super::Why;
use heapless::Vec;

/// The most tags.
pub const MAX_TAGS: usize = 8;

/// Longest value, and longest name, in bytes.
const LONGEST: usize = 64;

/// Names that are written on one of the roads already.
pub(super) const TAKEN: [&str; 11] =
    ["vm", "instance", "job", "le", "quantile", "time", "boot", "seq", "thread", "source", "truncated"];

/// Names and values, in the order given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags<'a>(Vec<(&'a str, &'a str), MAX_TAGS>);

impl<'a> Tags<'a> {
    pub(super) const NONE: Self = Self(Vec::new());

    /// Checks `NAME=VALUE` with commas between. A name is what Prometheus takes for a label's: letters, digits and `_`, no
    /// digit first; it is given once, and not that of a label which is written anyway.
    pub fn parse(text: &'a str) -> Result<Self, Why> {
        let mut tags = Self::NONE;
        for tag in text.split(',') {
            let (name, value) = tag.split_once('=').ok_or(Why::Tags)?;
            let known = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            let begins = name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit()) && !name.starts_with("__");
            let is_new = !TAKEN.contains(&name) && tags.0.iter().all(|(other, _)| *other != name);
            if !known || !begins || !is_new || name.len() > LONGEST {
                return Err(Why::Tags);
            }
            let value = word(value).map_err(|_| Why::Tags)?;
            tags.0.push((name, value)).map_err(|_| Why::Tags)?;
        }
        Ok(tags)
    }

    /// Names and values.
    pub fn as_slice(&self) -> &[(&'a str, &'a str)] {
        &self.0
    }
}

/// Checks what may be the value of a tag, and a job's name: 1 to 64 bytes without control characters.
pub(super) fn word(text: &str) -> Result<&str, Why> {
    let is_word = (1..=LONGEST).contains(&text.len()) && !text.chars().any(char::is_control);
    if is_word { Ok(text) } else { Err(Why::Word) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn tags_are_names_and_values() {
        let tags = Tags::parse("cluster=021,datacenter=murika,note=a=b").expect("three");
        assert_eq!(tags.as_slice(), [("cluster", "021"), ("datacenter", "murika"), ("note", "a=b")]);
        // What the rules in deploy/ call the machine that a guest runs on.
        assert!(Tags::parse("host=hv-1").is_ok());
        for text in ["", "a", "a=", "=b", "1a=b", "__a=b", "a-b=c", "a=1,a=2", "vm=x", "job=x", "a=b,", "a=\u{7}"] {
            assert_eq!(Tags::parse(text), Err(Why::Tags), "{text}");
        }
        // What is refused is what the refusal says.
        let why = Why::Tags.to_string();
        for name in TAKEN {
            assert_eq!(Tags::parse(&std::format!("{name}=x")), Err(Why::Tags), "{name}");
            assert!(why.contains(&std::format!(" {name}")), "{name}: {why}");
        }
        assert!(!why.contains("host"), "{why}");
        let many = |count| (0..count).map(|tag| std::format!("t{tag}=1")).collect::<std::vec::Vec<_>>().join(",");
        assert!(Tags::parse(&many(MAX_TAGS)).is_ok() && Tags::parse(&many(MAX_TAGS + 1)).is_err());
    }
}
