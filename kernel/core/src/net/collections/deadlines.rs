//! At most one deadline for each member of a table, and which of them is due first: a binary heap that knows where each
//! member stands, so that a deadline can be moved or dropped in O(log n).
//!
//! Same structure as [`crate::indexed_heap`], which has its bound in its type; this one takes it at construction.

use alloc::{boxed::Box, vec, vec::Vec};

/// Position of a member without deadline.
const ABSENT: u16 = u16::MAX;

/// Deadlines in nanoseconds, by member.
pub(in crate::net) struct Deadlines {
    /// Heap order: no entry is later than its children. Capacity is reserved at construction for every member.
    entries: Vec<(u64, u16)>,
    positions: Box<[u16]>,
}

impl Deadlines {
    /// No deadlines, for members `0..members`.
    pub(in crate::net) fn new(members: usize) -> Self {
        assert!(members <= super::MAX_MEMBERS);
        Self { entries: Vec::with_capacity(members), positions: vec![ABSENT; members].into_boxed_slice() }
    }

    /// The earliest deadline.
    pub(in crate::net) fn first(&self) -> Option<u64> {
        self.entries.first().map(|&(at, _)| at)
    }

    /// Sets, moves or (with `None`) drops the deadline of `member`.
    pub(in crate::net) fn set(&mut self, member: usize, deadline: Option<u64>) {
        let position = usize::from(self.positions[member]);
        match deadline {
            None if self.positions[member] == ABSENT => {}
            None => {
                self.positions[member] = ABSENT;
                self.entries.swap_remove(position);
                if position < self.entries.len() {
                    self.place(position);
                }
            }
            Some(at) if self.positions[member] == ABSENT => {
                self.entries.push((at, member as u16));
                self.place(self.entries.len() - 1);
            }
            Some(at) => {
                self.entries[position].0 = at;
                self.place(position);
            }
        }
    }

    /// Takes out the earliest deadline that is not after `now` and returns whose it was.
    pub(in crate::net) fn pop_due(&mut self, now: u64) -> Option<usize> {
        let &(at, member) = self.entries.first()?;
        if at > now {
            return None;
        }
        self.set(usize::from(member), None);
        Some(usize::from(member))
    }

    /// Moves the entry at `position` up or down to where it belongs, and records where everybody stands.
    fn place(&mut self, mut position: usize) {
        while position > 0 && self.entries[position].0 < self.entries[(position - 1) / 2].0 {
            let parent = (position - 1) / 2;
            self.swap(position, parent);
            position = parent;
        }
        loop {
            let children = 2 * position + 1..(2 * position + 3).min(self.entries.len());
            let Some(earliest) = children.min_by_key(|&child| self.entries[child].0) else { break };
            if self.entries[position].0 <= self.entries[earliest].0 {
                break;
            }
            self.swap(position, earliest);
            position = earliest;
        }
        self.positions[usize::from(self.entries[position].1)] = position as u16;
    }

    fn swap(&mut self, a: usize, b: usize) {
        self.entries.swap(a, b);
        self.positions[usize::from(self.entries[a].1)] = a as u16;
        self.positions[usize::from(self.entries[b].1)] = b as u16;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        /// Set, moved and dropped at random, the earliest deadline is always the model's minimum, and all leave in order.
        #[test]
        fn agrees_with_a_map(steps in prop::collection::vec((0..20usize, prop::option::of(0..40u64)), 0..200)) {
            let mut deadlines = Deadlines::new(20);
            let mut model = BTreeMap::new();
            for (member, deadline) in steps {
                deadlines.set(member, deadline);
                match deadline {
                    Some(at) => { model.insert(member, at); }
                    None => { model.remove(&member); }
                }
                prop_assert_eq!(deadlines.first(), model.values().min().copied());
            }
            while let Some(first) = deadlines.first() {
                prop_assert!(first == 0 || deadlines.pop_due(first - 1).is_none());
                let member = deadlines.pop_due(first);
                prop_assert_eq!(member.and_then(|m| model.remove(&m)), Some(first));
            }
            prop_assert!(model.is_empty());
        }
    }
}
