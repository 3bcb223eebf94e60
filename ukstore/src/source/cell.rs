//! The cells numbers live in: a counter, and gauges of whole numbers, floats and truths. Not for what is read together:
//! see `group.rs` and `histogram/`.

use crate::COUNTS;
use core::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed};

/// A number that only grows. An increment is one relaxed atomic add; nothing is formatted until read.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// A counter at zero.
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Adds one.
    #[inline]
    pub fn inc(&self) {
        self.add(1);
    }

    /// Adds `amount`. Wraps at 2⁶⁴, which readers take for a restart.
    #[inline]
    pub fn add(&self, amount: u64) {
        if COUNTS {
            self.0.fetch_add(amount, Relaxed);
        }
    }

    /// What it stands at.
    #[inline]
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }

    /// Overwrites the count. Only inside a critical section shared with every other writer.
    #[inline]
    pub(crate) fn store(&self, count: u64) {
        self.0.store(count, Relaxed);
    }
}

/// A number that goes up and down.
#[derive(Debug, Default)]
pub struct Gauge(AtomicI64);

impl Gauge {
    /// A gauge at zero.
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicI64::new(0))
    }

    /// Replaces the number.
    #[inline]
    pub fn set(&self, number: i64) {
        if COUNTS {
            self.0.store(number, Relaxed);
        }
    }

    /// Adds `amount`, wrapping.
    #[inline]
    pub fn add(&self, amount: i64) {
        if COUNTS {
            self.0.fetch_add(amount, Relaxed);
        }
    }

    /// Takes `amount` away, wrapping.
    #[inline]
    pub fn sub(&self, amount: i64) {
        if COUNTS {
            self.0.fetch_sub(amount, Relaxed);
        }
    }

    /// What it stands at.
    #[inline]
    #[must_use]
    pub fn get(&self) -> i64 {
        self.0.load(Relaxed)
    }
}

/// A measurement that is no whole number. Costly to move on a soft-float target: prefer whole base units.
#[derive(Debug, Default)]
pub struct FloatGauge(AtomicU64);

impl FloatGauge {
    /// A gauge at zero.
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Replaces the number.
    #[inline]
    pub fn set(&self, number: f64) {
        if COUNTS {
            self.0.store(number.to_bits(), Relaxed);
        }
    }

    /// What it stands at.
    #[inline]
    #[must_use]
    pub fn get(&self) -> f64 {
        f64::from_bits(self.0.load(Relaxed))
    }
}

/// A truth: told as 1 or 0.
#[derive(Debug, Default)]
pub struct Flag(AtomicBool);

impl Flag {
    /// Not so.
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// Replaces it.
    #[inline]
    pub fn set(&self, yes: bool) {
        if COUNTS {
            self.0.store(yes, Relaxed);
        }
    }

    /// Whether it is so.
    #[inline]
    #[must_use]
    pub fn get(&self) -> bool {
        self.0.load(Relaxed)
    }
}
