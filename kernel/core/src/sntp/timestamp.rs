//! NTP's timestamps: seconds since 1900 and their fraction, 32 bits each (RFC 5905, section 6).
//!
//! The seconds wrap in 2036 and nothing in a packet tells how often they have. So a timestamp is taken for the one time that
//! it can mean in the 136 years from the earliest plausible one on.

use crate::clock::{EARLIEST_SECONDS, NANOS_PER_SEC};

/// Seconds from 1900 to 1970.
const UNIX_EPOCH: u64 = 2_208_988_800;
/// The earliest plausible time's seconds.
const EARLIEST: u32 = (EARLIEST_SECONDS + UNIX_EPOCH) as u32;

/// Unix time, in ns, of a timestamp; `None` for zero, which means that it is unknown.
pub const fn unix_ns(timestamp: u64) -> Option<u64> {
    if timestamp == 0 {
        return None;
    }
    let since_earliest = ((timestamp >> 32) as u32).wrapping_sub(EARLIEST) as u64;
    let nanoseconds = ((timestamp & 0xffff_ffff) * NANOS_PER_SEC + (1 << 31)) >> 32;
    Some((EARLIEST_SECONDS + since_earliest) * NANOS_PER_SEC + nanoseconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a server writes.
    fn timestamp(unix_ns: u64) -> u64 {
        let seconds = unix_ns / NANOS_PER_SEC + UNIX_EPOCH;
        (seconds << 32) | (((unix_ns % NANOS_PER_SEC) << 32) / NANOS_PER_SEC)
    }

    #[test]
    fn known_times() {
        assert_eq!(unix_ns(0), None);
        // RFC 5905, figure 4: the era ends on 7 February 2036; its last second and the first of the next.
        assert_eq!(unix_ns(0xffff_ffff << 32), Some(2_085_978_495 * NANOS_PER_SEC));
        assert_eq!(unix_ns(1 << 32), Some(2_085_978_497 * NANOS_PER_SEC));
        assert_eq!(unix_ns(0x8000_0000), Some(2_085_978_496 * NANOS_PER_SEC + NANOS_PER_SEC / 2));
        // The first second that is plausible, and the one before it, which can only be of the next era.
        assert_eq!(unix_ns(u64::from(EARLIEST) << 32), Some(EARLIEST_SECONDS * NANOS_PER_SEC));
        let last = (EARLIEST_SECONDS + (1 << 32) - 1) * NANOS_PER_SEC;
        assert_eq!(unix_ns(u64::from(EARLIEST - 1) << 32), Some(last));
    }

    proptest! {
        #[test]
        fn every_time_of_136_years_is_found_again(since in 0u64..(1 << 32) * NANOS_PER_SEC) {
            let unix = EARLIEST_SECONDS * NANOS_PER_SEC + since;
            prop_assume!(timestamp(unix) != 0);
            let found = unix_ns(timestamp(unix)).unwrap();
            prop_assert!(found.abs_diff(unix) <= 1, "{} {}", found, unix);
        }
    }
}
