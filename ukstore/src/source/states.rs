//! Which of a fixed set of words holds now. Not for words that are not known when the program is built: those are texts.

use core::fmt;
use core::marker::PhantomData;
use core::sync::atomic::{AtomicU8, Ordering::Relaxed};

use super::Labels;
use crate::{Value, Word};

/// A cell that holds one state of an enum made by [`labels!`](crate::labels!).
pub struct State<L> {
    index: AtomicU8,
    states: PhantomData<fn(L)>,
}

impl<L: Labels> State<L> {
    /// For the macro: the first state.
    #[doc(hidden)]
    #[must_use]
    pub const fn new() -> Self {
        Self { index: AtomicU8::new(0), states: PhantomData }
    }

    /// Enters a state; the first, if its index is not that of a value.
    #[inline]
    pub fn set(&self, state: L) {
        let index = state.index();
        // A label has fewer than 256 values.
        self.index.store(if index < L::VALUES.len() { index as u8 } else { 0 }, Relaxed);
    }

    /// The state now.
    #[must_use]
    pub fn get(&self) -> L {
        L::at(self.index()).unwrap_or(L::FIRST)
    }

    /// The state's place among the enum's variants.
    #[doc(hidden)]
    #[must_use]
    pub fn index(&self) -> usize {
        usize::from(self.index.load(Relaxed))
    }
}

impl<L: Labels> Default for State<L> {
    fn default() -> Self {
        Self::new()
    }
}

impl<L: Labels> fmt::Debug for State<L> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(L::VALUES.get(self.index()).copied().unwrap_or_default())
    }
}

/// A state set as readers see it: a series for each state, 1 for the one that holds. The label is called as the metric,
/// as OpenMetrics asks for.
#[doc(hidden)]
#[derive(Debug)]
#[repr(C)]
pub struct States {
    /// The joined `name{name="state"}` of each state. First, because the build's check reads it there.
    prefixes: &'static [&'static str],
    words: &'static [&'static str],
    /// A load of one cell.
    current: fn() -> usize,
}

impl States {
    /// For the macro.
    #[must_use]
    pub const fn new(
        words: &'static [&'static str],
        prefixes: &'static [&'static str],
        current: fn() -> usize,
    ) -> Self {
        assert!(words.len() == prefixes.len(), "ukstore: one series for each state");
        Self { prefixes, words, current }
    }

    /// Which state holds.
    pub(crate) fn current(&self) -> usize {
        (self.current)()
    }

    /// The states' series texts, in order.
    pub(crate) const fn prefixes(&self) -> &'static [&'static str] {
        self.prefixes
    }

    /// The state that holds, as the tree tells it.
    pub(crate) fn word(&self) -> Value {
        Word::of(self.words, self.current()).map_or(Value::Absent, Value::Word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Label;

    /// Written by hand, and wrong: its second variant is beyond the values.
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Wrong {
        First,
        Beyond,
    }

    impl Label for Wrong {
        fn index(self) -> usize {
            if self == Self::First { 0 } else { 256 }
        }
    }

    impl Labels for Wrong {
        const VALUES: &'static [&'static str] = &["first", "second"];
        const FIRST: Self = Self::First;

        fn at(index: usize) -> Option<Self> {
            (index == 0).then_some(Self::First)
        }
    }

    #[test]
    fn a_label_that_breaks_its_contract_gives_the_first_state() {
        let state = State::new();
        state.set(Wrong::Beyond);
        assert_eq!((state.get(), state.index()), (Wrong::First, 0));
        state.index.store(1, Relaxed);
        assert_eq!(state.get(), Wrong::First, "no variant is at that place");
    }
}
