//! Names of objects: made safe for paths and labels, unique within a class. Not for names in the source: those are
//! checked by `declare/names.rs`.

use core::fmt;

/// The most bytes an object's name has; what is longer is cut.
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

    fn push(&mut self, letter: char, limit: usize) -> bool {
        let mut utf8 = [0; 4];
        let utf8 = letter.encode_utf8(&mut utf8).as_bytes();
        let start = usize::from(self.len);
        let end = start + utf8.len();
        if end > limit {
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
        let (base, number) = split_number(wanted).unwrap_or((wanted, 1));
        let mut name = Name::EMPTY;
        for letter in base.chars() {
            let letter = if letter.is_control() || matches!(letter, '/' | '"' | '\\') { '_' } else { letter };
            if !name.push(letter, MAX_BASE) {
                break;
            }
        }
        if name.len == 0 {
            name.push('_', MAX_BASE);
        }
        Self { base: name, number }
    }

    /// Both parts together again.
    pub(super) fn whole(&self) -> Name {
        let mut name = self.base;
        if self.number > 1 {
            name.push('_', MAX_NAME);
            let mut power = 1;
            while self.number / power >= 10 {
                power *= 10;
            }
            while power > 0 {
                name.push(char::from(b'0' + (self.number / power % 10) as u8), MAX_NAME);
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
