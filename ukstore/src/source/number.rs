//! What a cell's number means: cells as fields of groups and objects. Not the cells themselves: see `cell.rs`.

use core::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed};

use super::{Counter, Flag, FloatGauge, Gauge};
use crate::{Unit, Value};

/// A cell, or an array of cells of one family, that a field of a group or of an object may name.
///
/// Sealed: reading one is a load, so readers may do it in a critical section whoever wrote the program.
pub trait Number: sealed::Sealed {
    /// How many cells it is.
    #[doc(hidden)]
    const SERIES: usize = 1;

    /// The number at an index, which only arrays heed, in a unit: of seconds, cells hold nanoseconds.
    #[doc(hidden)]
    fn number(&self, index: usize, unit: Unit) -> Value;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! numbers {
    ($($Cell:ty, $cell:ident, $unit:ident => $value:expr;)+) => {
        $(
            impl sealed::Sealed for $Cell {}
            impl Number for $Cell {
                #[inline]
                fn number(&self, _: usize, $unit: Unit) -> Value {
                    let $cell = self;
                    $value
                }
            }
        )+
    };
}

numbers! {
    Counter, cell, unit => unsigned(cell.get(), unit);
    Gauge, cell, unit => signed(cell.get(), unit);
    FloatGauge, cell, _unit => Value::F64(cell.get());
    Flag, cell, _unit => Value::Bool(cell.get());
    AtomicU64, cell, unit => unsigned(cell.load(Relaxed), unit);
    AtomicU32, cell, unit => unsigned(u64::from(cell.load(Relaxed)), unit);
    AtomicUsize, cell, unit => unsigned(cell.load(Relaxed) as u64, unit);
    AtomicI64, cell, unit => signed(cell.load(Relaxed), unit);
    AtomicBool, cell, _unit => Value::Bool(cell.load(Relaxed));
}

impl<C: Number, const N: usize> sealed::Sealed for [C; N] {}

impl<C: Number, const N: usize> Number for [C; N] {
    const SERIES: usize = N;

    #[inline]
    fn number(&self, index: usize, unit: Unit) -> Value {
        self.get(index).map_or(Value::Absent, |cell| cell.number(0, unit))
    }
}

/// A count as a value: of seconds, nanoseconds were counted.
#[inline]
pub(crate) fn unsigned(number: u64, unit: Unit) -> Value {
    match unit {
        Unit::Seconds => Value::Nanos(number),
        _ => Value::U64(number),
    }
}

/// A level as a value: of seconds, nanoseconds are held.
#[inline]
pub(crate) fn signed(number: i64, unit: Unit) -> Value {
    match (unit, u64::try_from(number)) {
        (Unit::Seconds, Ok(nanos)) => Value::Nanos(nanos),
        // Exact durations have no sign; a negative one is rare enough for soft floats.
        (Unit::Seconds, Err(_)) => Value::F64(number as f64 / 1e9),
        _ => Value::I64(number),
    }
}
