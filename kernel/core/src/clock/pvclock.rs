//! The clock that KVM offers its guests: a page in which the hypervisor writes how to turn the TSC into nanoseconds since
//! boot (`pvclock_vcpu_time_info`, Linux `Documentation/virt/kvm/x86/msr.rst`, MSR 0x4b564d01), and another with the date of
//! boot (`pvclock_wall_clock`, MSR 0x4b564d00).
//!
//! Not here: the MSRs and the reading of shared memory.

use super::{Clock, NANOS_PER_SEC, Scale};

/// One copy of the time page's fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeInfo {
    /// Odd while the hypervisor writes; changes with every write.
    pub version: u32,
    /// The TSC at the last write.
    pub tsc_timestamp: u64,
    /// Nanoseconds since boot at the last write.
    pub system_time_ns: u64,
    /// Nanoseconds per shifted TSC tick, as a fraction of 2^32.
    pub tsc_to_system_mul: u32,
    /// How far the TSC ticks are shifted left first; right if negative.
    pub tsc_shift: i8,
    /// Bit 0: the time is monotonic across CPUs.
    pub flags: u8,
}

impl TimeInfo {
    /// Reads the fields from the page's first 32 bytes.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        let [v0, v1, v2, v3, _, _, _, _, rest @ ..] = *bytes;
        let [t0, t1, t2, t3, t4, t5, t6, t7, s0, s1, s2, s3, s4, s5, s6, s7, m0, m1, m2, m3, shift, flags, _, _] = rest;
        Self {
            version: u32::from_le_bytes([v0, v1, v2, v3]),
            tsc_timestamp: u64::from_le_bytes([t0, t1, t2, t3, t4, t5, t6, t7]),
            system_time_ns: u64::from_le_bytes([s0, s1, s2, s3, s4, s5, s6, s7]),
            tsc_to_system_mul: u32::from_le_bytes([m0, m1, m2, m3]),
            tsc_shift: i8::from_le_bytes([shift]),
            flags,
        }
    }

    /// Whether the copy is whole: `version_after` is the page's version read once more, after everything else.
    pub const fn is_whole(&self, version_after: u32) -> bool {
        self.version & 1 == 0 && self.version == version_after
    }

    /// The clock these fields describe. `None` if they describe none, as before the hypervisor's first write.
    ///
    /// The definition shifts before it multiplies and so loses bits when the shift is negative; here the product is 128 bits
    /// wide and shifted once, which is later by less than a nanosecond per bit lost and never goes back between two writes.
    pub fn clock(&self) -> Option<Clock> {
        let shift = 32i32.checked_sub(self.tsc_shift.into()).and_then(|shift| u32::try_from(shift).ok())?;
        let to_ns = Scale::from_parts(self.tsc_to_system_mul.into(), shift)?;
        let to_tsc = Scale::new(NANOS_PER_SEC, self.tsc_hz()?)?;
        Some(Clock { base_tsc: self.tsc_timestamp, base_ns: self.system_time_ns, to_ns, to_tsc })
    }

    /// The TSC's frequency, as far as 32 bits tell it.
    pub fn tsc_hz(&self) -> Option<u64> {
        let shift = 32i32 - i32::from(self.tsc_shift);
        let scaled = u128::from(NANOS_PER_SEC).checked_shl(u32::try_from(shift).ok().filter(|&shift| shift < 64)?)?;
        let hz = scaled.checked_div(self.tsc_to_system_mul.into())?;
        u64::try_from(hz).ok().filter(|&hz| hz > 0)
    }
}

/// The Unix time in nanoseconds at which the clock of [`TimeInfo`] showed 0, from the wall clock page's 12 bytes: version,
/// seconds, nanoseconds. `None` while the hypervisor is writing.
pub fn boot_unix_ns(bytes: &[u8; 12]) -> Option<u64> {
    let [v0, v1, v2, v3, s0, s1, s2, s3, n0, n1, n2, n3] = *bytes;
    let nanos = u32::from_le_bytes([n0, n1, n2, n3]);
    let is_whole = u32::from_le_bytes([v0, v1, v2, v3]) & 1 == 0;
    let seconds = u64::from(u32::from_le_bytes([s0, s1, s2, s3]));
    is_whole.then(|| seconds * NANOS_PER_SEC + u64::from(nanos))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The formula of the definition, step by step.
    fn by_definition(info: &TimeInfo, tsc: u64) -> u128 {
        let delta = u128::from(tsc - info.tsc_timestamp);
        let shifted = if info.tsc_shift < 0 { delta >> -info.tsc_shift } else { delta << info.tsc_shift };
        u128::from(info.system_time_ns) + ((shifted * u128::from(info.tsc_to_system_mul)) >> 32)
    }

    fn info(tsc_to_system_mul: u32, tsc_shift: i8) -> TimeInfo {
        TimeInfo { version: 2, tsc_timestamp: 1000, system_time_ns: 77, tsc_to_system_mul, tsc_shift, flags: 1 }
    }

    #[test]
    fn fields_are_where_the_definition_has_them() {
        let mut bytes = [0; 32];
        bytes[0] = 4;
        bytes[4] = 0xee; // padding
        bytes[8..16].copy_from_slice(&0x1122_3344_5566_7788u64.to_le_bytes());
        bytes[16..24].copy_from_slice(&99u64.to_le_bytes());
        bytes[24..28].copy_from_slice(&0x8000_0001u32.to_le_bytes());
        bytes[28] = 0xff;
        bytes[29] = 1;
        let expected = TimeInfo {
            version: 4,
            tsc_timestamp: 0x1122_3344_5566_7788,
            system_time_ns: 99,
            tsc_to_system_mul: 0x8000_0001,
            tsc_shift: -1,
            flags: 1,
        };
        assert_eq!(TimeInfo::from_bytes(&bytes), expected);
        assert!(expected.is_whole(4) && !expected.is_whole(6));
        assert!(!TimeInfo { version: 5, ..expected }.is_whole(5));
    }

    #[test]
    fn a_2_ghz_processor() {
        let info = info(1 << 31, 0);
        assert_eq!(info.tsc_hz(), Some(2_000_000_000));
        assert_eq!(info.clock().map(|clock| clock.to_ns(1000 + 4_000_000_000)), Some(77 + 2_000_000_000));
    }

    #[test]
    fn an_empty_page_is_no_clock() {
        assert_eq!(TimeInfo::from_bytes(&[0; 32]).clock(), None);
        assert_eq!(info(1, 100).clock(), None);
        assert_eq!(info(1, -100).clock(), None);
    }

    #[test]
    fn the_date_of_boot() {
        let mut bytes = [0; 12];
        bytes[4..8].copy_from_slice(&1_700_000_000u32.to_le_bytes());
        bytes[8] = 5;
        assert_eq!(boot_unix_ns(&bytes), Some(1_700_000_000_000_000_005));
        bytes[0] = 1;
        assert_eq!(boot_unix_ns(&bytes), None);
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(mul in 1u32 << 30.., shift in -8i8..=3, delta in 0u64..1 << 50) {
            let info = info(mul, shift);
            let ns = u128::from(info.clock().expect("a clock").to_ns(1000 + delta));
            let defined = by_definition(&info, 1000 + delta);
            prop_assert!(ns >= defined && ns - defined <= 1 << 8, "{ns} {defined}");
        }

        #[test]
        fn any_page_is_answered(bytes: [u8; 32], tsc: u64, ns: u64) {
            if let Some(clock) = TimeInfo::from_bytes(&bytes).clock() {
                let _answers = (clock.to_ns(tsc), clock.to_ticks(ns));
            }
        }
    }
}
