//! Settings that are one number, a truth, a duration or one of a few words.

use core::fmt;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use core::time::Duration;

use super::parse;
use super::refused::list;
use super::{LastWrite, Refused, Settable, Writer, Written};
use crate::names::demand;
use crate::source::Labels;
use crate::{Text, Unit, Value, Word};

/// A type a setting can have: `u64`, `i64`, `f64`, `bool`, [`Duration`], and enums made by
/// [`labels!`](crate::labels!).
pub trait Scalar: Copy + PartialOrd + fmt::Debug + Send + 'static {
    /// The value as 64 bits.
    #[doc(hidden)]
    fn to_bits(self) -> u64;
    /// The value of bits that `to_bits` gave.
    #[doc(hidden)]
    fn from_bits(bits: u64) -> Option<Self>;
    /// What a text says.
    #[doc(hidden)]
    fn parse(text: &str, unit: Unit) -> Result<Self, Refused>;
    /// As readers get it.
    #[doc(hidden)]
    fn value(self) -> Value;
    /// Whether a setting can hold it.
    #[doc(hidden)]
    fn fits(self) -> Result<(), Refused> {
        Ok(())
    }
    /// The only unit it can have, if there is one.
    #[doc(hidden)]
    const UNIT: Option<Unit> = None;
    /// Every word it can be, for enums.
    #[doc(hidden)]
    const WORDS: &'static [&'static str] = &[];
}

impl Scalar for u64 {
    fn to_bits(self) -> u64 {
        self
    }

    fn from_bits(bits: u64) -> Option<Self> {
        Some(bits)
    }

    fn parse(text: &str, unit: Unit) -> Result<Self, Refused> {
        if unit == Unit::Bytes { parse::bytes(text) } else { parse::whole(text) }
    }

    fn value(self) -> Value {
        Value::U64(self)
    }
}

impl Scalar for i64 {
    fn to_bits(self) -> u64 {
        self.cast_unsigned()
    }

    fn from_bits(bits: u64) -> Option<Self> {
        Some(bits.cast_signed())
    }

    fn parse(text: &str, _: Unit) -> Result<Self, Refused> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
        let number = i128::from(parse::whole(digits)?) * sign;
        number.try_into().map_err(|_| Refused::NotANumber)
    }

    fn value(self) -> Value {
        Value::I64(self)
    }
}

impl Scalar for f64 {
    fn to_bits(self) -> u64 {
        Self::to_bits(self)
    }

    fn from_bits(bits: u64) -> Option<Self> {
        Some(Self::from_bits(bits))
    }

    fn parse(text: &str, _: Unit) -> Result<Self, Refused> {
        text.parse().ok().filter(|number: &Self| number.is_finite()).ok_or(Refused::NotANumber)
    }

    fn value(self) -> Value {
        Value::F64(self)
    }

    fn fits(self) -> Result<(), Refused> {
        if self.is_finite() { Ok(()) } else { Err(Refused::NotANumber) }
    }
}

impl Scalar for bool {
    fn to_bits(self) -> u64 {
        u64::from(self)
    }

    fn from_bits(bits: u64) -> Option<Self> {
        Some(bits != 0)
    }

    /// The words of the control port that `MirageOS` users know, in any case, and those of Rust.
    fn parse(text: &str, _: Unit) -> Result<Self, Refused> {
        let is = |words: [&str; 4]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
        match (is(["on", "enable", "true", "1"]), is(["off", "disable", "false", "0"])) {
            (true, _) => Ok(true),
            (_, true) => Ok(false),
            _ => Err(Refused::NotABool),
        }
    }

    fn value(self) -> Value {
        Value::Bool(self)
    }
}

impl Scalar for Duration {
    const UNIT: Option<Unit> = Some(Unit::Seconds);

    fn to_bits(self) -> u64 {
        u64::try_from(self.as_nanos()).unwrap_or(u64::MAX)
    }

    fn from_bits(bits: u64) -> Option<Self> {
        Some(Self::from_nanos(bits))
    }

    fn parse(text: &str, _: Unit) -> Result<Self, Refused> {
        parse::nanos(text).map(Self::from_nanos)
    }

    fn value(self) -> Value {
        Value::Nanos(Scalar::to_bits(self))
    }

    fn fits(self) -> Result<(), Refused> {
        u64::try_from(self.as_nanos()).map(|_| ()).map_err(|_| Refused::NotADuration)
    }
}

impl<L: Labels + PartialOrd + fmt::Debug + Send> Scalar for L {
    const WORDS: &'static [&'static str] = L::VALUES;

    fn to_bits(self) -> u64 {
        self.index() as u64
    }

    fn from_bits(bits: u64) -> Option<Self> {
        Self::at(usize::try_from(bits).ok()?)
    }

    fn parse(text: &str, _: Unit) -> Result<Self, Refused> {
        let index = Self::VALUES.iter().position(|word| *word == text);
        index.and_then(Self::at).ok_or(Refused::NotOneOf(Self::VALUES))
    }

    fn value(self) -> Value {
        Word::of(Self::VALUES, self.index()).map_or(Value::Absent, Value::Word)
    }
}

/// The least and the greatest value a setting takes; none for all there are.
#[derive(Clone, Copy, Debug)]
pub struct Limits<T>(pub Option<(T, T)>);

macro_rules! demands {
    ($($T:ty, $value:ident => $number:expr;)+) => {
        $(
            // An inherent function for each type, because those of traits cannot run while compiling.
            impl Limits<$T> {
                /// For the macro: the range has values, the default among them, and a setting can hold all of them.
                #[doc(hidden)]
                pub const fn demand(self, path: &'static str, default: $T) {
                    let (low, high) = match self.0 {
                        Some(range) => range,
                        None => (default, default),
                    };
                    let low = { let $value = low; $number };
                    let default = { let $value = default; $number };
                    let high = { let $value = high; $number };
                    let (Some(low), Some(default), Some(high)) = (low, default, high) else {
                        return demand(path, Err("a setting's default and range are finite, and below 584 years"));
                    };
                    if low > high {
                        demand(path, Err("the range is empty: the least value comes first"));
                    }
                    if default < low || default > high {
                        demand(path, Err("the default is outside of the range"));
                    }
                }
            }
        )+
    };
}

// What can be compared while compiling; none if a setting cannot hold it.
demands! {
    u64, value => Some(value);
    i64, value => Some(value);
    f64, value => if value.is_finite() { Some(value) } else { None };
    bool, value => Some(value);
    Duration, value => if value.as_nanos() <= u64::MAX as u128 { Some(value.as_nanos()) } else { None };
}

impl<L: Labels> Limits<L> {
    /// For the macro: words of an enum cannot be compared while compiling, so nothing is demanded of them.
    #[doc(hidden)]
    pub const fn demand(self, _: &'static str, _: L) {}
}

/// A setting of one value. Getting it is two atomic loads.
pub struct Setting<T> {
    path: &'static str,
    default: T,
    limits: Limits<T>,
    unit: Unit,
    /// What machines do at once after a write; programs look when they need the value, or subscribe to events.
    then: Option<fn()>,
    is_set: AtomicBool,
    bits: AtomicU64,
    written: Written,
}

impl<T: Scalar> Setting<T> {
    /// For the macro.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(path: &'static str, default: T, limits: Limits<T>, unit: Unit, then: Option<fn()>) -> Self {
        if let Some(only) = T::UNIT
            && only as u8 != unit as u8
        {
            demand(path, Err("the unit of a Duration is Seconds"));
        }
        let (is_set, bits) = (AtomicBool::new(false), AtomicU64::new(0));
        Self { path, default, limits, unit, then, is_set, bits, written: Written::never() }
    }

    /// The value now.
    #[must_use]
    pub fn get(&self) -> T {
        if self.is_set.load(Ordering::Acquire) {
            T::from_bits(self.bits.load(Ordering::Relaxed)).unwrap_or(self.default)
        } else {
            self.default
        }
    }

    /// Sets it, in the program's name.
    ///
    /// # Errors
    /// As [`set_by`](Self::set_by).
    pub fn set(&self, value: T) -> Result<(), Refused> {
        self.set_by(value, Writer::Program)
    }

    /// Sets it in somebody's name.
    ///
    /// # Errors
    /// [`Refused::OutOfRange`]; [`Refused::NotADuration`] for one of more than 584 years; [`Refused::NotANumber`] for a float
    /// that is not finite.
    pub fn set_by(&self, value: T, by: Writer) -> Result<(), Refused> {
        value.fits()?;
        if let Limits(Some((low, high))) = self.limits
            && !(low <= value && value <= high)
        {
            return Err(Refused::OutOfRange(low.value(), high.value()));
        }
        self.written.now(self.path, None, by, |_| {
            self.bits.store(value.to_bits(), Ordering::Relaxed);
            self.is_set.store(true, Ordering::Release);
        });
        if let Some(then) = self.then {
            then();
        }
        Ok(())
    }
}

impl<T: Scalar> fmt::Debug for Setting<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Setting").field("path", &self.path).field("value", &self.get()).finish_non_exhaustive()
    }
}

impl<T: Scalar> Settable for Setting<T> {
    fn write(&self, text: &str, by: Writer) -> Result<(), Refused> {
        self.set_by(T::parse(text.trim_ascii(), self.unit)?, by)
    }

    fn value(&self) -> Value {
        self.get().value()
    }

    fn text(&self) -> Option<Text> {
        None
    }

    fn last_write(&self) -> Option<LastWrite> {
        self.written.get()
    }

    fn accepts(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        match (self.limits, self.default.value()) {
            (Limits(Some((low, high))), Value::Nanos(_)) => write!(out, "{} to {} seconds", low.value(), high.value()),
            (Limits(Some((low, high))), _) => write!(out, "{} to {}", low.value(), high.value()),
            (_, Value::Bool(_)) => out.write_str("true or false"),
            (_, Value::Nanos(_)) => out.write_str("a duration"),
            (_, Value::Word(_)) => list(T::WORDS, out),
            _ => out.write_str("a number"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_float_that_is_not_finite_is_refused_with_and_without_a_range() {
        let share = |limits| Setting::new("/share", 0.5, limits, Unit::None, None);
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(share(Limits(None)).set(number), Err(Refused::NotANumber));
            assert_eq!(share(Limits(Some((0.0, 1.0)))).set(number), Err(Refused::NotANumber));
        }
        assert_eq!(share(Limits(Some((0.0, 1.0)))).set(1.0), Ok(()));
    }
}
