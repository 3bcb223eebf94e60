//! How fast a counter of unknown frequency runs, measured against one of known frequency.
//!
//! The two cannot be read at the same instant, and on a busy host a guest may stand still for milliseconds between two
//! reads. So each reading of the reference is bracketed by two readings of the counter, several are taken at each end of the
//! interval, and only the tightest bracket of each end counts.
//!
//! Not here: reading the counters and waiting in between.

/// The reference: a counter of known frequency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Its frequency.
    pub hz: u64,
    /// How many bits it has, 1 to 64: it may wrap once between two readings.
    pub bits: u32,
    /// Whether it counts down, as the PIT and the local APIC's timer do.
    pub counts_down: bool,
}

impl Reference {
    fn elapsed(self, start: u64, end: u64) -> u64 {
        let (from, to) = if self.counts_down { (end, start) } else { (start, end) };
        to.wrapping_sub(from) & (u64::MAX >> (64 - self.bits.clamp(1, 64)))
    }
}

/// One reading of the reference and the readings of the counter right before and after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bracket {
    /// The counter, before.
    pub before: u64,
    /// The reference.
    pub reference: u64,
    /// The counter, after.
    pub after: u64,
}

impl Bracket {
    /// How far the counter moved meanwhile: the reading is not surer than that.
    pub const fn width(self) -> u64 {
        self.after.wrapping_sub(self.before)
    }

    const fn middle(self) -> u64 {
        self.before.wrapping_add(self.width() / 2)
    }
}

/// The bracket whose readings lie closest together.
pub fn tightest(brackets: impl IntoIterator<Item = Bracket>) -> Option<Bracket> {
    brackets.into_iter().min_by_key(|bracket| bracket.width())
}

/// A measured frequency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// The counter's frequency.
    pub hz: u64,
    /// How far off it may be for the width of the brackets, in millionths.
    pub error_ppm: u64,
}

/// The counter's frequency between two brackets. `None` if either counter stood still, or the result is no 64-bit number.
pub fn measure(reference: Reference, start: Bracket, end: Bracket) -> Option<Measured> {
    let ticks = u128::from(end.middle().wrapping_sub(start.middle()));
    let reference_ticks = u128::from(reference.elapsed(start.reference, end.reference));
    let hz = (ticks * u128::from(reference.hz)).checked_div(reference_ticks).filter(|&hz| hz > 0)?;
    // Each middle may be half a width off.
    let doubt = (u128::from(start.width()) + u128::from(end.width())).div_ceil(2);
    let error_ppm = doubt * 1_000_000 / ticks;
    Some(Measured { hz: u64::try_from(hz).ok()?, error_ppm: u64::try_from(error_ppm).unwrap_or(u64::MAX) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PIT: Reference = Reference { hz: 1_193_182, bits: 16, counts_down: true };

    #[test]
    fn the_tightest_bracket_counts() {
        let slow = Bracket { before: 100, reference: 7, after: 90_100 };
        let quick = Bracket { before: 200_000, reference: 9, after: 200_050 };
        assert_eq!(tightest([slow, quick, slow]), Some(quick));
        assert_eq!(tightest([]), None);
    }

    #[test]
    fn a_counter_that_stands_still_is_no_clock() {
        let bracket = Bracket { before: 5, reference: 5, after: 5 };
        assert_eq!(measure(PIT, bracket, bracket), None);
        assert_eq!(measure(PIT, bracket, Bracket { before: 9, after: 9, ..bracket }), None);
        assert_eq!(measure(PIT, bracket, Bracket { reference: 1, ..bracket }), None);
    }

    proptest! {
        /// The true frequency is found within the stated error and the reference's own resolution, across wraps.
        #[test]
        fn finds_the_frequency(
            hz in 500_000_000u64..5_000_000_000, offset: u64, pit_offset in 0u64..1 << 16, interval_us in 2_000u64..50_000,
            widths in (10u64..2_000, 10u64..2_000), places in (0u64..=10, 0u64..=10),
        ) {
            let bracket = |at_ns: u64, width: u64, place: u64| {
                let read = offset.wrapping_add(at_ns * (hz / 1000) / 1_000_000);
                let down = pit_offset.wrapping_sub(at_ns * PIT.hz / 1_000_000_000) & 0xffff;
                let before = read.wrapping_sub(width * place / 10);
                Bracket { before, reference: down, after: before.wrapping_add(width) }
            };
            let measured = measure(PIT, bracket(0, widths.0, places.0), bracket(interval_us * 1000, widths.1, places.1));
            let measured = measured.expect("both moved");
            let resolution_ppm = 1_000_000_000_000 / (interval_us * PIT.hz) + 10;
            let off_ppm = measured.hz.abs_diff(hz) as u128 * 1_000_000 / u128::from(hz);
            prop_assert!(off_ppm <= u128::from(measured.error_ppm + resolution_ppm), "{off_ppm} {measured:?}");
        }
    }
}
