//! A family whose series are found when read, one at a time. For ukstore's own entries only: everything else has
//! its series fixed when the program is built, or is an object of a class.

use crate::Value;
use crate::object::sum;

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
    /// The series at or after a position, which moves to it.
    pub(crate) fn next(&self, position: &mut u32) -> Option<(&'static str, Value)> {
        (self.at)(position)
    }

    /// All of them together: in the tree the family is one number.
    pub(crate) fn sum(&self) -> Value {
        let mut position = 0;
        let mut total = Value::Absent;
        while let Some((_, value)) = self.next(&mut position) {
            total = sum(total, value);
            position += 1;
        }
        // Of nothing, too, there is a sum.
        if matches!(total, Value::Absent) { Value::U64(0) } else { total }
    }
}
