//! Names of objects: made safe for paths and labels, with a number where two want the same. Not for finding out
//! whether a name is free: see `class.rs`. Not for names in the source: those are checked by `declare/names.rs`.

use core::cmp::Ordering;
use core::fmt;

/// The most bytes an object's name has, with its number; what is longer is cut.
pub const MAX_NAME: usize = 39;

/// An object's name, a copy with a fixed size. It never needs escaping: `/`, `"`, `\` and control characters became
/// `_`, and so did an empty name and the dots of `.` and `..`.
///
/// The text, zeros behind it, and in the last byte how long it is. Control characters are not in the text, so names
/// compare as their texts do, and that takes a few words.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Name([u8; MAX_NAME + 1]);

impl Name {
    pub(crate) const EMPTY: Self = Self([0; MAX_NAME + 1]);

    /// As much of `wanted` as fits, with `_` for what paths or labels cannot hold.
    pub(crate) fn clean(wanted: &str) -> Self {
        let mut name = Self::EMPTY;
        for letter in wanted.chars() {
            let letter = if letter.is_control() || matches!(letter, '/' | '"' | '\\') { '_' } else { letter };
            if !name.push(letter) {
                break;
            }
        }
        // Nobody could follow a link to the other two: browsers take them for the directory and the one above.
        match name.as_str() {
            "" | "." => Self::clean("_"),
            ".." => Self::clean("__"),
            _ => name,
        }
    }

    /// A name as it is, to find what has it. `None` if it is too long for any to have it.
    pub(super) fn exactly(text: &str) -> Option<Self> {
        let mut name = Self::EMPTY;
        name.0.get_mut(..MAX_NAME)?.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        name.0[MAX_NAME] = text.len() as u8;
        Some(name)
    }

    /// This name with a number at its end, `worker_7`, and cut before it as far as the number needs.
    pub(super) fn numbered(&self, number: u64) -> Self {
        let mut digits = [0; 20];
        let mut first = digits.len();
        let mut rest = number;
        while first > 0 && (rest > 0 || first == digits.len()) {
            first -= 1;
            digits[first] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        let digits = &digits[first..];
        let end = self.as_str().floor_char_boundary(MAX_NAME - 1 - digits.len());
        let mut name = Self::EMPTY;
        name.0[..end].copy_from_slice(&self.0[..end]);
        name.0[end] = b'_';
        name.0[end + 1..][..digits.len()].copy_from_slice(digits);
        name.0[MAX_NAME] = (end + 1 + digits.len()) as u8;
        name
    }

    /// The name as text.
    #[must_use]
    #[inline]
    #[expect(
        unsafe_code,
        reason = "a walk asks for the name of every object, and to check it costs more than to write it"
    )]
    pub fn as_str(&self) -> &str {
        // SAFETY: a name is made by this file alone: of whole characters (`push`), of a whole text (`exactly`), or of a text
        // cut between characters with digits behind it (`numbered`); its last byte says how many bytes that are.
        unsafe { core::str::from_utf8_unchecked(&self.0[..self.len()]) }
    }

    /// The text with zeros behind it, and one byte more that is no part of it; and how long it is. For copying it whole,
    /// without a loop.
    #[must_use]
    #[inline]
    pub fn padded(&self) -> (&[u8; MAX_NAME + 1], usize) {
        (&self.0, self.len())
    }

    #[inline]
    fn len(&self) -> usize {
        usize::from(self.0[MAX_NAME])
    }

    fn push(&mut self, letter: char) -> bool {
        let mut utf8 = [0; 4];
        let utf8 = letter.encode_utf8(&mut utf8).as_bytes();
        let start = self.len();
        let end = start + utf8.len();
        if end > MAX_NAME {
            return false;
        }
        self.0[start..end].copy_from_slice(utf8);
        self.0[MAX_NAME] = end as u8;
        true
    }

    fn words(&self) -> impl Iterator<Item = u64> {
        let (words, _) = self.0.as_chunks();
        words.iter().map(|&word| u64::from_be_bytes(word))
    }
}

impl Ord for Name {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.words().cmp(other.words())
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), out)
    }
}

#[cfg(test)]
mod tests {
    use std::format;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_names_stay_as_they_are() {
        for name in ["worker", "worker_2", "worker_007", "_2", "é", "10.0.0.1:80", "worker_4294967296"] {
            assert_eq!(Name::clean(name).as_str(), name);
        }
    }

    #[test]
    fn what_a_path_or_a_label_cannot_hold_becomes_an_underscore() {
        assert_eq!(Name::clean("a/b\"c\\d\n").as_str(), "a_b_c_d_");
        assert_eq!(Name::clean("").as_str(), "_");
    }

    #[test]
    fn what_is_too_long_is_no_name() {
        assert!(Name::exactly(&"x".repeat(MAX_NAME)).is_some());
        assert_eq!(Name::exactly(&"x".repeat(MAX_NAME + 1)), None);
    }

    #[test]
    fn a_number_follows_the_name() {
        assert_eq!(Name::clean("worker").numbered(2).as_str(), "worker_2");
        assert_eq!(Name::clean("worker_2").numbered(10).as_str(), "worker_2_10");
        assert_eq!(Name::clean("w").numbered(0).as_str(), "w_0");
        assert_eq!(Name::clean("w").numbered(u64::MAX).as_str(), "w_18446744073709551615");
        // The two bytes of the last é do not fit beside the number.
        assert_eq!(Name::clean(&"é".repeat(30)).numbered(5).as_str(), "é".repeat(18) + "_5");
    }

    proptest! {
        #[test]
        fn names_compare_as_their_texts(one in "[ab]{0,2}|[a-c]{7,9}|.{0,60}", other in "[ab]{0,2}|[a-c]{7,9}|.{0,60}") {
            let (one, other) = (Name::clean(&one), Name::clean(&other));
            prop_assert_eq!(one.cmp(&other), one.as_str().cmp(other.as_str()));
            prop_assert_eq!(Name::exactly(one.as_str()), Some(one));
        }

        #[test]
        fn a_name_is_clean_and_keeps_its_number(wanted in ".{0,80}|[a_/0-9]{0,12}|é{20,30}", number: u64) {
            let clean = Name::clean(&wanted);
            prop_assert!((1..=MAX_NAME).contains(&clean.as_str().len()));
            let again = Name::clean(clean.as_str());
            prop_assert_eq!(again.as_str(), clean.as_str());
            let numbered = clean.numbered(number);
            prop_assert!(numbered.as_str().len() <= MAX_NAME);
            let base = numbered.as_str().strip_suffix(&format!("_{number}"));
            prop_assert!(base.is_some_and(|base| clean.as_str().starts_with(base)), "{clean:?} {numbered:?}");
        }
    }
}
