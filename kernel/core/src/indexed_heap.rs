//! A binary min-heap of (key, id) pairs that also knows where each id stands, so that any member can be removed or re-keyed
//! in O(log n), not only the smallest. Used where ids are small dense numbers: the run queues (key: virtual runtime), the
//! sleepers (key: wake-up time).
//!
//! Not a general priority queue: ids are below `N`, each at most once, and the heap never allocates.

use heapless::Vec;

/// Position of an id that is not in the heap.
const ABSENT: u16 = u16::MAX;

/// Min-heap of up to `N` ids (`0..N`), each with a key of type `K`. Equal keys leave in no particular order: make the key
/// unique (add a sequence number) where first-in first-out matters.
///
/// Methods taking an id panic if it is `N` or more: ids come from the kernel's own tables, never from outside.
#[derive(Debug)]
pub struct IndexedHeap<K, const N: usize> {
    /// Heap order: the parent of entry `i` is entry `(i - 1) / 2`, and no entry's key is below its parent's.
    entries: Vec<(K, u16), N>,
    /// For each id its index in `entries`, or [`ABSENT`].
    positions: [u16; N],
}

impl<K: Ord + Copy, const N: usize> IndexedHeap<K, N> {
    /// An empty heap.
    pub const fn new() -> Self {
        const { assert!(N < ABSENT as usize, "positions are u16, and the last one means absent") };
        Self { entries: Vec::new(), positions: [ABSENT; N] }
    }

    /// Number of ids in the heap.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no id is in the heap.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether `id` is in the heap.
    pub fn contains(&self, id: usize) -> bool {
        self.positions[id] != ABSENT
    }

    /// The key `id` was inserted or updated with, if it is in the heap.
    pub fn key(&self, id: usize) -> Option<K> {
        let position = self.positions[id];
        self.entries.get(usize::from(position)).map(|&(key, _)| key)
    }

    /// The smallest key and its id, left in place.
    pub fn peek(&self) -> Option<(K, usize)> {
        self.entries.first().map(|&(key, id)| (key, usize::from(id)))
    }

    /// Adds `id`. Returns false, and changes nothing, if it is there already.
    pub fn insert(&mut self, id: usize, key: K) -> bool {
        if self.contains(id) {
            return false;
        }
        let last = self.entries.len();
        // Ids are below N < u16::MAX and each is in at most once, so neither the cast nor the push can fail.
        let pushed = self.entries.push((key, id as u16)).is_ok();
        debug_assert!(pushed);
        self.positions[id] = last as u16;
        self.sift_up(last);
        true
    }

    /// Gives `id` a new key. Returns false, and changes nothing, if it is not in the heap.
    pub fn update(&mut self, id: usize, key: K) -> bool {
        if !self.contains(id) {
            return false;
        }
        let position = usize::from(self.positions[id]);
        self.entries[position].0 = key;
        self.restore(position);
        true
    }

    /// Takes `id` out and returns its key; `None` if it is not in the heap.
    pub fn remove(&mut self, id: usize) -> Option<K> {
        let key = self.key(id)?;
        let position = usize::from(self.positions[id]);
        self.entries.swap_remove(position);
        self.positions[id] = ABSENT;
        if position < self.entries.len() {
            // The former last entry stands here now; it may belong higher or lower.
            self.positions[usize::from(self.entries[position].1)] = position as u16;
            self.restore(position);
        }
        Some(key)
    }

    /// Takes out the smallest key with its id.
    pub fn pop(&mut self) -> Option<(K, usize)> {
        let (key, id) = self.peek()?;
        self.remove(id);
        Some((key, id))
    }

    /// Moves the entry at `position` to where its key belongs.
    fn restore(&mut self, position: usize) {
        let settled = self.sift_up(position);
        self.sift_down(settled);
    }

    fn sift_up(&mut self, mut position: usize) -> usize {
        while position > 0 {
            let parent = (position - 1) / 2;
            if self.entries[parent].0 <= self.entries[position].0 {
                break;
            }
            self.swap(position, parent);
            position = parent;
        }
        position
    }

    fn sift_down(&mut self, mut position: usize) {
        loop {
            let left = 2 * position + 1;
            let right = left + 1;
            let mut smallest = position;
            for child in [left, right] {
                if child < self.entries.len() && self.entries[child].0 < self.entries[smallest].0 {
                    smallest = child;
                }
            }
            if smallest == position {
                return;
            }
            self.swap(position, smallest);
            position = smallest;
        }
    }

    fn swap(&mut self, a: usize, b: usize) {
        self.entries.swap(a, b);
        self.positions[usize::from(self.entries[a].1)] = a as u16;
        self.positions[usize::from(self.entries[b].1)] = b as u16;
    }
}

impl<K: Ord + Copy, const N: usize> Default for IndexedHeap<K, N> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::{collections::BTreeMap, vec::Vec};

    #[test]
    fn pops_in_key_order() {
        let mut heap: IndexedHeap<u64, 8> = IndexedHeap::new();
        for (id, key) in [(3, 30), (1, 10), (7, 70), (0, 5)] {
            assert!(heap.insert(id, key));
        }
        assert!(!heap.insert(3, 1), "an id is in at most once");
        assert_eq!(heap.peek(), Some((5, 0)));
        let order: Vec<_> = core::iter::from_fn(|| heap.pop()).collect();
        assert_eq!(order, [(5, 0), (10, 1), (30, 3), (70, 7)]);
        assert!(heap.is_empty() && !heap.contains(3));
    }

    #[test]
    fn holds_as_many_as_there_are_ids() {
        let mut heap: IndexedHeap<u8, 5> = IndexedHeap::default();
        for id in 0..5 {
            assert!(heap.insert(id, 10 - id as u8));
        }
        assert_eq!(heap.len(), 5);
        assert_eq!(heap.pop(), Some((6, 4)));
    }

    #[derive(Clone, Debug)]
    enum Step {
        Insert(usize, u16),
        Update(usize, u16),
        Remove(usize),
        Pop,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            3 => (0..24usize, 0..50u16).prop_map(|(id, key)| Step::Insert(id, key)),
            2 => (0..24usize, 0..50u16).prop_map(|(id, key)| Step::Update(id, key)),
            1 => (0..24usize).prop_map(Step::Remove),
            1 => Just(Step::Pop),
        ]
    }

    proptest! {
        /// Whatever is done to it, the heap answers as a plain map searched for its minimum would.
        #[test]
        fn agrees_with_a_map(steps in prop::collection::vec(step(), 0..200)) {
            let mut heap: IndexedHeap<u16, 24> = IndexedHeap::new();
            let mut model = BTreeMap::new();
            for step in steps {
                match step {
                    Step::Insert(id, key) => {
                        let fresh = !model.contains_key(&id);
                        if fresh {
                            model.insert(id, key);
                        }
                        prop_assert_eq!(heap.insert(id, key), fresh);
                    }
                    Step::Update(id, key) => {
                        let known = model.get_mut(&id).map(|slot| *slot = key).is_some();
                        prop_assert_eq!(heap.update(id, key), known);
                    }
                    Step::Remove(id) => prop_assert_eq!(heap.remove(id), model.remove(&id)),
                    Step::Pop => {
                        let smallest = model.values().min().copied();
                        let popped = heap.pop();
                        prop_assert_eq!(popped.map(|(key, _)| key), smallest);
                        if let Some((key, id)) = popped {
                            prop_assert_eq!(model.remove(&id), Some(key));
                        }
                    }
                }
                prop_assert_eq!(heap.len(), model.len());
                prop_assert_eq!(heap.peek().map(|(key, _)| key), model.values().min().copied());
                for id in 0..24 {
                    prop_assert_eq!(heap.key(id), model.get(&id).copied());
                }
            }
        }
    }
}
