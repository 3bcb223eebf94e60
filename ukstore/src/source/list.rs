//! A family whose series are found when read, one at a time. For ukstore's own entries only: everything else has
//! its series fixed when the program is built, or is an object of a class.

use crate::Value;

/// Series told apart by one label, produced one after the other.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct List {
    /// The label's name.
    pub(crate) label: &'static str,
    /// Gives the series at or after the position, and moves the position to it. `None` after the last.
    pub(crate) at: fn(&mut u32) -> Option<(&'static str, Value)>,
}

impl List {
    /// All its series together, for the tree, where the family is one entry.
    pub(crate) fn sum(&self) -> Value {
        let mut position = 0;
        let mut sum: u64 = 0;
        while let Some((_, value)) = (self.at)(&mut position) {
            if let Value::U64(number) = value {
                sum = sum.wrapping_add(number);
            }
            position += 1;
        }
        Value::U64(sum)
    }
}
