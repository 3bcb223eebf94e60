//! From a hash to the index of a table's member, by chaining. The table keeps the keys; this keeps only who stands where.
//!
//! Lookup is O(1) as long as hashes are spread well, which is the caller's part (see `HashKey`): the peer
//! chooses most of what is hashed, so the hash must be keyed.

use alloc::{boxed::Box, vec};

const NIL: u16 = u16::MAX;

/// Chains of members by hash.
pub(in crate::net) struct HashIndex {
    /// First member of each chain; the length is a power of two.
    heads: Box<[u16]>,
    /// For each member the next in its chain.
    next: Box<[u16]>,
}

impl HashIndex {
    /// An index for members `0..members`, with at least one chain a member.
    pub(in crate::net) fn new(members: usize) -> Self {
        assert!(members <= super::MAX_MEMBERS);
        Self {
            heads: vec![NIL; members.next_power_of_two()].into_boxed_slice(),
            next: vec![NIL; members].into_boxed_slice(),
        }
    }

    fn chain(&self, hash: u32) -> usize {
        hash as usize & (self.heads.len() - 1)
    }

    /// Adds `member` under `hash`. It must not be in already.
    pub(in crate::net) fn insert(&mut self, hash: u32, member: usize) {
        let chain = self.chain(hash);
        self.next[member] = self.heads[chain];
        self.heads[chain] = member as u16;
    }

    /// Takes `member` out, which was inserted under `hash`; does nothing if it is not there.
    pub(in crate::net) fn remove(&mut self, hash: u32, member: usize) {
        let chain = self.chain(hash);
        let mut previous = None;
        let mut at = self.heads[chain];
        while at != NIL {
            let next = self.next[usize::from(at)];
            if usize::from(at) == member {
                match previous {
                    None => self.heads[chain] = next,
                    Some(previous) => self.next[previous] = next,
                }
                self.next[member] = NIL;
                return;
            }
            previous = Some(usize::from(at));
            at = next;
        }
    }

    /// The member under `hash` for which `matches` holds.
    pub(in crate::net) fn find(&self, hash: u32, mut matches: impl FnMut(usize) -> bool) -> Option<usize> {
        let mut at = self.heads[self.chain(hash)];
        while at != NIL {
            let member = usize::from(at);
            if matches(member) {
                return Some(member);
            }
            at = self.next[member];
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        /// With hashes from a small range, so that chains are long, the index finds exactly what was put in.
        #[test]
        fn agrees_with_a_map(steps in prop::collection::vec((any::<bool>(), 0..16usize, 0..6u32), 0..200)) {
            let mut index = HashIndex::new(16);
            let mut model: BTreeMap<usize, u32> = BTreeMap::new();
            for (add, member, hash) in steps {
                if let Some(hash) = model.remove(&member) {
                    index.remove(hash, member);
                }
                if add {
                    index.insert(hash, member);
                    model.insert(member, hash);
                }
                for member in 0..16 {
                    for hash in 0..6 {
                        let found = index.find(hash, |m| m == member);
                        if model.get(&member) == Some(&hash) {
                            prop_assert_eq!(found, Some(member));
                        } else if model.get(&member).is_none_or(|&h| h & 15 != hash & 15) {
                            prop_assert_eq!(found, None);
                        }
                    }
                }
            }
        }
    }
}
