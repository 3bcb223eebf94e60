//! Names of objects: made safe for paths and labels, unique within a class. Not for names in the source: those are
//! checked by `declare/names.rs`.

use core::fmt;

/// The most bytes an object's name has, with its number; what is longer is cut.
pub const MAX_NAME: usize = 63;

/// An object's name, a copy with a fixed size. It never needs escaping: `/`, `"`, `\` and control characters became
/// `_`, and an empty name became `_`.
#[derive(Clone, Copy)]
pub struct Name {
    len: u8,
    bytes: [u8; MAX_NAME],
}

impl Name {
    pub(crate) const EMPTY: Self = Self { len: 0, bytes: [0; MAX_NAME] };

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }

    /// As much of `wanted` as fits, with `_` for what paths or labels cannot hold.
    fn clean(wanted: &str) -> Self {
        let mut name = Self::EMPTY;
        for letter in wanted.chars() {
            let letter = if letter.is_control() || matches!(letter, '/' | '"' | '\\') { '_' } else { letter };
            if !name.push(letter) {
                break;
            }
        }
        if name.len == 0 {
            name.push('_');
        }
        name
    }

    fn push(&mut self, letter: char) -> bool {
        let mut utf8 = [0; 4];
        let utf8 = letter.encode_utf8(&mut utf8).as_bytes();
        let start = usize::from(self.len);
        let end = start + utf8.len();
        if end > MAX_NAME {
            return false;
        }
        self.bytes[start..end].copy_from_slice(utf8);
        self.len = end as u8;
        true
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), out)
    }
}

/// A name taken apart: `worker_7` is the seventh `worker`, `worker` the first. Two names are equal exactly if both
/// parts are, so a free number can be found in one pass over the objects.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbered {
    pub(super) base: Name,
    pub(super) number: u32,
}

/// Room for `_` and ten digits after the longest base.
const MAX_BASE: usize = MAX_NAME - 11;

impl Numbered {
    pub(super) fn parse(wanted: &str) -> Self {
        let clean = Name::clean(wanted);
        let (base, number) = split_number(clean.as_str()).unwrap_or((clean.as_str(), 1));
        let base = base.get(..base.floor_char_boundary(MAX_BASE)).unwrap_or_default();
        // Cutting may have laid bare a number.
        let (base, number) = split_number(base).filter(|_| number == 1).unwrap_or((base, number));
        Self { base: Name::clean(base), number }
    }

    /// Both parts together again.
    pub(super) fn whole(&self) -> Name {
        let mut name = self.base;
        if self.number > 1 {
            name.push('_');
            let mut power = 1;
            while self.number / power >= 10 {
                power *= 10;
            }
            while power > 0 {
                name.push(char::from(b'0' + (self.number / power % 10) as u8));
                power /= 10;
            }
        }
        name
    }
}

/// `worker_7` → (`worker`, 7). Only numbers as `whole` writes them: no leading zero, not 1, fitting 32 bits.
fn split_number(name: &str) -> Option<(&str, u32)> {
    let (base, digits) = name.rsplit_once('_')?;
    let canonical = !base.is_empty() && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse().ok().filter(|&number| canonical && number > 1)?;
    Some((base, number))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn made(wanted: &str) -> Name {
        Numbered::parse(wanted).whole()
    }

    #[test]
    fn ordinary_names_stay_as_they_are() {
        for name in ["worker", "worker_2", "worker_007", "worker_1", "_2", "é", "10.0.0.1:80", "worker_4294967296"] {
            assert_eq!(made(name).as_str(), name);
        }
    }

    #[test]
    fn what_a_path_or_a_label_cannot_hold_becomes_an_underscore() {
        assert_eq!(made("a/b\"c\\d\n").as_str(), "a_b_c_d_");
        assert_eq!(made("").as_str(), "_");
    }

    #[test]
    fn a_number_made_by_a_replacement_or_a_cut_counts() {
        assert_eq!(Numbered::parse("worker/7").number, 7);
        let long = "x".repeat(MAX_BASE - 2) + "_7 and more";
        assert_eq!(Numbered::parse(&long).number, 7);
    }

    proptest! {
        #[test]
        fn a_name_is_its_base_and_its_number(wanted in ".{0,80}|[a_/0-9]{0,12}|x{45,60}(_[0-9]{1,11})?") {
            let numbered = Numbered::parse(&wanted);
            let whole = numbered.whole();
            prop_assert!(whole.as_str().len() <= MAX_NAME);
            let again = Numbered::parse(whole.as_str());
            prop_assert_eq!(again.base.as_str(), numbered.base.as_str());
            prop_assert_eq!(again.number, numbered.number);
        }
    }
}
