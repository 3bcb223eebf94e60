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
    /// The series at or after a position, which moves to it.
    pub(crate) fn next(&self, position: &mut u32) -> Option<(&'static str, Value)> {
        (self.at)(position)
    }

    /// The series at a position.
    pub(crate) fn get(&self, position: u32) -> Option<(&'static str, Value)> {
        let mut at = position;
        self.next(&mut at).filter(|_| at == position)
    }

    /// The position of the series of a label's value.
    pub(crate) fn find(&self, value: &str) -> Option<u32> {
        let mut position = 0;
        while let Some((label, _)) = self.next(&mut position) {
            if label == value {
                return Some(position);
            }
            position += 1;
        }
        None
    }
}
