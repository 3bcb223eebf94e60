//! Doubly linked lists threaded through one table of links: every operation is O(1), and taking a member out needs no search.
//!
//! A member is in at most one of the lists that share a [`Links`]. Not a general list: it stores indices only.

use alloc::{boxed::Box, vec};

/// No neighbor on this side.
const NIL: u16 = u16::MAX;
/// In `prev`: the member is in no list.
const UNLINKED: u16 = u16::MAX - 1;

#[derive(Clone, Copy)]
struct Link {
    prev: u16,
    next: u16,
}

/// The links of all members; lists that exclude each other share one.
pub(in crate::net) struct Links {
    links: Box<[Link]>,
}

/// Head and tail of one list. All methods are on [`Links`], which must be the same one every time.
#[derive(Debug)]
pub(in crate::net) struct List {
    head: u16,
    tail: u16,
    len: u16,
}

impl List {
    /// A list without members.
    pub(in crate::net) const fn new() -> Self {
        Self { head: NIL, tail: NIL, len: 0 }
    }

    /// Number of members.
    pub(in crate::net) fn len(&self) -> usize {
        usize::from(self.len)
    }

    /// Whether there are none.
    pub(in crate::net) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The member that has been in longest.
    pub(in crate::net) fn front(&self) -> Option<usize> {
        (self.head != NIL).then_some(usize::from(self.head))
    }
}

impl Links {
    /// Links for members `0..members`, all in no list.
    pub(in crate::net) fn new(members: usize) -> Self {
        assert!(members <= super::MAX_MEMBERS);
        Self { links: vec![Link { prev: UNLINKED, next: NIL }; members].into_boxed_slice() }
    }

    /// Whether `member` is in one of the lists.
    pub(in crate::net) fn is_linked(&self, member: usize) -> bool {
        self.links[member].prev != UNLINKED
    }

    /// Appends `member`, which must be in no list.
    pub(in crate::net) fn push_back(&mut self, list: &mut List, member: usize) {
        assert!(!self.is_linked(member), "a member is in one list at a time");
        self.links[member] = Link { prev: list.tail, next: NIL };
        match list.tail {
            NIL => list.head = member as u16,
            tail => self.links[usize::from(tail)].next = member as u16,
        }
        list.tail = member as u16;
        list.len += 1;
    }

    /// Takes `member` out of `list`, which it must be in.
    pub(in crate::net) fn remove(&mut self, list: &mut List, member: usize) {
        assert!(self.is_linked(member), "only a member can be removed");
        let Link { prev, next } = self.links[member];
        match prev {
            NIL => list.head = next,
            prev => self.links[usize::from(prev)].next = next,
        }
        match next {
            NIL => list.tail = prev,
            next => self.links[usize::from(next)].prev = prev,
        }
        self.links[member] = Link { prev: UNLINKED, next: NIL };
        list.len -= 1;
    }

    /// Takes out the member that has been in longest.
    pub(in crate::net) fn pop_front(&mut self, list: &mut List) -> Option<usize> {
        let member = list.front()?;
        self.remove(list, member);
        Some(member)
    }

    /// Takes out the member that came last.
    pub(in crate::net) fn pop_back(&mut self, list: &mut List) -> Option<usize> {
        let member = usize::from(list.tail);
        if list.tail == NIL {
            return None;
        }
        self.remove(list, member);
        Some(member)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::{collections::VecDeque, vec::Vec};

    proptest! {
        /// Two lists over one set of links behave as two deques that exclude each other.
        #[test]
        fn agrees_with_deques(steps in prop::collection::vec((0..5u8, 0..12usize), 0..200)) {
            let mut links = Links::new(12);
            let mut lists = [List::new(), List::new()];
            let mut models: [VecDeque<usize>; 2] = Default::default();
            for (operation, member) in steps {
                let which = member % 2;
                match operation {
                    0 | 1 if !links.is_linked(member) => {
                        let which = usize::from(operation);
                        links.push_back(&mut lists[which], member);
                        models[which].push_back(member);
                    }
                    2 => prop_assert_eq!(links.pop_front(&mut lists[which]), models[which].pop_front()),
                    3 => prop_assert_eq!(links.pop_back(&mut lists[which]), models[which].pop_back()),
                    4 => for (list, model) in lists.iter_mut().zip(&mut models) {
                        if let Some(at) = model.iter().position(|&m| m == member) {
                            links.remove(list, member);
                            model.remove(at);
                        }
                    },
                    _ => {}
                }
                for (list, model) in lists.iter().zip(&models) {
                    prop_assert_eq!(list.len(), model.len());
                    prop_assert_eq!(list.front(), model.front().copied());
                    prop_assert_eq!(list.is_empty(), model.is_empty());
                }
                let linked: Vec<_> = (0..12).filter(|&m| links.is_linked(m)).collect();
                prop_assert_eq!(linked.len(), models[0].len() + models[1].len());
            }
        }
    }
}
