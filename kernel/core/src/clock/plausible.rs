//! Which times of day can be true.

use super::NANOS_PER_SEC;

/// 2024-01-01, in Unix time, in seconds. It cannot be earlier: this program was written later. A battery that died, an RTC that was
/// never set and a broken server tell such times.
pub const EARLIEST_SECONDS: u64 = 1_704_067_200;

/// 2100-01-01, in Unix time, in seconds. It cannot be that or later: nothing runs so long after it was built.
pub const LATEST_SECONDS: u64 = 4_102_444_800;

/// Whether it can be so late, in Unix time in ns.
pub const fn is_plausible(unix_ns: u64) -> bool {
    unix_ns >= EARLIEST_SECONDS * NANOS_PER_SEC && unix_ns < LATEST_SECONDS * NANOS_PER_SEC
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::civil::DateTime;

    #[test]
    fn what_dead_clocks_tell_is_not_believed() {
        let seconds =
            |year, month, day| DateTime { year, month, day, hour: 0, minute: 0, second: 0 }.unix_seconds().unwrap();
        let at = |year, month, day| is_plausible(seconds(year, month, day) * NANOS_PER_SEC);
        assert_eq!(EARLIEST_SECONDS, seconds(2024, 1, 1));
        assert_eq!(LATEST_SECONDS, seconds(2100, 1, 1));
        assert!(!is_plausible(0));
        assert!(!at(1980, 1, 1) && !at(2001, 1, 1) && !at(2023, 12, 31));
        assert!(at(2024, 1, 1) && at(2038, 1, 20) && at(2099, 12, 31));
        assert!(!at(2100, 1, 1) && !is_plausible(u64::MAX));
    }
}
