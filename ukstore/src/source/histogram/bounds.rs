//! Finding an observation's bucket among written bounds. Not for exponential ones: see `exponential.rs`.

/// The most upper bounds a histogram's classic view may have: with the bucket above them and the sum, a snapshot is
/// 64 numbers.
pub const MAX_BOUNDS: usize = 62;

/// The most bounds that may be written down; more would be one comparison more for every observation.
const MAX_WRITTEN_BOUNDS: usize = PLACES - 1;

const PLACES: usize = 32;

/// Bounds as a search tree in the order of a heap (the layout of Eytzinger): the root at 1, the children of `k` at `2k`
/// and `2k + 1`. Places without a bound hold the largest number, which no observation exceeds.
#[doc(hidden)]
#[derive(Debug)]
pub struct Tree([u64; PLACES]);

impl Tree {
    /// For the macros: of bounds that grow.
    #[must_use]
    pub const fn new(bounds: &[u64]) -> Self {
        assert!(bounds.len() <= MAX_WRITTEN_BOUNDS, "ukstore: a histogram has at most 31 bounds");
        let mut index = 1;
        while index < bounds.len() {
            assert!(bounds[index - 1] < bounds[index], "ukstore: a histogram's bounds must grow");
            index += 1;
        }
        let mut places = [u64::MAX; PLACES];
        let mut place = 1;
        while place < PLACES {
            // A level's places cut the bounds into equal parts, at the odd multiples of half a part.
            let level = 1 << place.ilog2();
            let rank = (2 * (place - level) + 1) * PLACES / (2 * level) - 1;
            if rank < bounds.len() {
                places[place] = bounds[rank];
            }
            place += 1;
        }
        Self(places)
    }

    /// How many bounds are below the observation: its bucket. The same steps for every observation.
    #[inline]
    pub(super) fn below(&self, observation: u64) -> usize {
        let mut place = 1;
        let mut level = 1;
        while level < PLACES {
            place = 2 * place + usize::from(self.0[place] < observation);
            level *= 2;
        }
        place - PLACES
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    #[test]
    fn every_number_of_bounds_is_searched_right() {
        for len in 1..=MAX_WRITTEN_BOUNDS {
            for last in [u64::MAX, 10 * len as u64] {
                let mut bounds: Vec<u64> = (1..=len as u64).map(|bound| 10 * bound).collect();
                bounds[len - 1] = last;
                let tree = Tree::new(&bounds);
                let near = bounds.iter().flat_map(|&bound| [bound - 1, bound, bound.saturating_add(1)]);
                for observation in near.chain([0, u64::MAX]) {
                    let below = bounds.iter().filter(|&&bound| bound < observation).count();
                    assert_eq!(tree.below(observation), below, "{observation} in {bounds:?}");
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "must grow")]
    fn bounds_must_grow() {
        let _ = Tree::new(&[1, 2, 2]);
    }

    #[test]
    #[should_panic(expected = "at most 31 bounds")]
    fn bounds_are_bounded() {
        let _ = Tree::new(&[0; 32]);
    }
}
