//! The series that encoding is measured with, the same on the host and in a guest. Not for measuring what it takes.
//!
//! Three sets, each a run of families in the order of an exposition:
//!
//! - the *mix* of kinds that a scrape of the default program has, scaled to 374 series: single counters and gauges,
//!   some of them in seconds or bytes, labelled ones, histograms, and objects;
//! - *many* counters with fixed labels, 10,000, in 100 families: only one of these without the feature `many`;
//! - *objects* of one class that has one counter, 10,000: their labels are text that only the running program knows.
//!
//! A quarter of the values is zero; the others have one to ten digits, each length as often as any other.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod declared;
mod encoding;
mod objects;
mod values;

pub use encoding::Encoding;
pub use objects::Filled;

/// One of the sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    /// What a scrape is made of.
    Mix,
    /// Counters with fixed labels.
    Many,
    /// Counters of objects.
    Objects,
}

impl Set {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Mix, Self::Many, Self::Objects];

    /// What a table calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mix => "mix of a scrape",
            Self::Many => "labelled counters",
            Self::Objects => "counters of objects",
        }
    }

    /// What the names of all its families, and of no others, begin with.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Mix => "bench_mix_",
            Self::Many => "bench_many_",
            Self::Objects => "bench_objects_",
        }
    }

    /// How many series it has.
    #[must_use]
    pub const fn series(self) -> u64 {
        match self {
            Self::Mix => 374,
            Self::Many if cfg!(not(feature = "many")) => 100,
            Self::Many | Self::Objects => 10_000,
        }
    }
}

/// Gives every series its value. Objects stay for as long as the result lives.
#[must_use]
pub fn fill() -> Filled {
    let mut values = values::Values::new();
    declared::fill(&mut values);
    objects::fill(&mut values)
}
