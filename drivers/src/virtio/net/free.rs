//! Which of a ring's buffers are free, and runs of neighbours among them.
//!
//! For: transmit buffers, of which a long frame takes several side by side. Not for: whether the device has a buffer, which
//! the ring knows itself.

use super::ring::{RING, Run};

const WORD: usize = u64::BITS as usize;

/// A set of buffers. Runs are looked for from the first buffer on, so the same few are used while the load is low, and the
/// far end stays in one piece.
#[derive(Debug)]
pub(super) struct FreeBuffers {
    /// A bit for each buffer.
    words: [u64; RING / WORD],
}

impl FreeBuffers {
    /// All of them.
    pub(super) fn all() -> Self {
        Self { words: [u64::MAX; RING / WORD] }
    }

    /// Whether there is a run of `count` buffers, which is at least 1 and at most 64.
    pub(super) fn has(&self, count: usize) -> bool {
        self.words.iter().any(|&word| starts(word, count) != 0)
    }

    /// Takes the first run of `count` buffers.
    pub(super) fn take(&mut self, count: usize) -> Option<Run> {
        let word = self.words.iter().position(|&word| starts(word, count) != 0)?;
        let first = starts(self.words[word], count).trailing_zeros() as usize;
        self.words[word] &= !(ones(count) << first);
        Run::new(word * WORD + first, count)
    }

    /// Puts a run back that was taken.
    pub(super) fn put(&mut self, run: Run) {
        let bits = ones(run.count()) << (run.first() % WORD);
        let word = &mut self.words[run.first() / WORD];
        debug_assert_eq!(*word & bits, 0, "a buffer put back twice");
        *word |= bits;
    }
}

/// `count` ones, at least one.
fn ones(count: usize) -> u64 {
    u64::MAX >> (WORD - count)
}

/// Where in `word` runs of `count` ones start. A run does not go on in the next word.
fn starts(word: u64, count: usize) -> u64 {
    let (mut starts, mut len) = (word, 1);
    while len < count {
        let more = len.min(count - len);
        starts &= starts >> more;
        len += more;
    }
    starts
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn numbers(run: Run) -> core::ops::Range<usize> {
        run.first()..run.first() + run.count()
    }

    /// The definition: the first `count` neighbours that are free and in one word.
    fn first(free: &BTreeSet<usize>, count: usize) -> Option<usize> {
        (0..=RING - count)
            .find(|&at| at / WORD == (at + count - 1) / WORD && (at..at + count).all(|n| free.contains(&n)))
    }

    proptest! {
        #[test]
        fn runs_are_the_first_free_neighbours(steps in vec((1..=16_usize, any::<prop::sample::Index>(), any::<bool>()), 1..200)) {
            let (mut free, mut model, mut out) = (FreeBuffers::all(), (0..RING).collect::<BTreeSet<_>>(), Vec::new());
            for (count, which, put) in steps {
                if put && !out.is_empty() {
                    let run: Run = out.swap_remove(which.index(out.len()));
                    model.extend(numbers(run));
                    free.put(run);
                    continue;
                }
                prop_assert_eq!(free.has(count), first(&model, count).is_some());
                let run = free.take(count);
                prop_assert_eq!(run.map(Run::first), first(&model, count));
                if let Some(run) = run {
                    prop_assert_eq!(run.count(), count);
                    prop_assert!(numbers(run).all(|number| model.remove(&number)));
                    out.push(run);
                }
            }
        }
    }
}
