//! Unix time as people read it: the `Date` header, the log's wall-clock column, and what syslog writes.
//!
//! Proleptic Gregorian calendar in UTC, integers only, from 1970 on. No time zones, no parsing, no leap seconds (Unix
//! time has none).

use core::fmt;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// 1970-01-01 was a Thursday.
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// A moment in UTC, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Civil {
    year: u64,
    /// 1 to 12.
    month: usize,
    day: u64,
    /// Days since Thursday, 0 to 6.
    weekday: usize,
    hour: u64,
    minute: u64,
    second: u64,
    nanosecond: u64,
}

impl Civil {
    /// Takes nanoseconds since 1970-01-01T00:00:00Z apart.
    pub(crate) fn from_unix_ns(unix_ns: u64) -> Self {
        let seconds = unix_ns / 1_000_000_000;
        let (days, second_of_day) = (seconds / 86_400, seconds % 86_400);
        // Years are counted from March, so that the leap day is the last of its year and month lengths follow the
        // line (153 m + 2) / 5. Day 0 of an era of 400 years (146,097 days) is 1 March; 1970-01-01 is day 719,468.
        let day_of_eras = days + 719_468;
        let (era, day_of_era) = (day_of_eras / 146_097, day_of_eras % 146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        Self {
            year: era * 400 + year_of_era + u64::from(month <= 2),
            month: month as usize,
            day,
            weekday: (days % 7) as usize,
            hour: second_of_day / 3_600,
            minute: second_of_day / 60 % 60,
            second: second_of_day % 60,
            nanosecond: unix_ns % 1_000_000_000,
        }
    }

    /// The form HTTP wants (RFC 9110, section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
    /// Every reply has it, so it is made without formatters.
    pub(crate) fn http(&self) -> [u8; 29] {
        let mut text = *b"Thu, 01 Jan 1970 00:00:00 GMT";
        for (at, name) in [(0, WEEKDAYS.get(self.weekday)), (8, MONTHS.get(self.month - 1))] {
            if let (Some(place), Some(name)) = (text.get_mut(at..at + 3), name) {
                place.copy_from_slice(name.as_bytes());
            }
        }
        let Self { year, day, hour, minute, second, .. } = *self;
        for (at, len, number) in [(5, 2, day), (12, 4, year), (17, 2, hour), (20, 2, minute), (23, 2, second)] {
            let mut rest = number;
            for digit in text.get_mut(at..at + len).into_iter().flatten().rev() {
                *digit = b'0' + (rest % 10) as u8;
                rest /= 10;
            }
        }
        text
    }

    /// The form logs want (RFC 3339, microseconds): `1994-11-06T08:49:37.000000Z`.
    pub(crate) fn write_rfc3339(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        let Self { year, month, day, hour, minute, second, nanosecond, .. } = self;
        let microsecond = nanosecond / 1_000;
        write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{microsecond:06}Z")
    }

    /// The form of the first syslog (RFC 3164, section 4.1.2), which knows neither year nor zone: `Nov  6 08:49:37`.
    pub(crate) fn write_rfc3164(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        let Self { month, day, hour, minute, second, .. } = self;
        let month = MONTHS.get(month - 1).copied().unwrap_or_default();
        write!(out, "{month} {day:2} {hour:02}:{minute:02}:{second:02}")
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::String;

    fn forms(unix_ns: u64) -> (String, String) {
        let http = String::from_utf8(Civil::from_unix_ns(unix_ns).http().to_vec()).unwrap();
        let mut log = String::new();
        Civil::from_unix_ns(unix_ns).write_rfc3339(&mut log).unwrap();
        (http, log)
    }

    #[test]
    fn known_moments() {
        for (seconds, http, log) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00.000123Z"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37.000123Z"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT", "2000-02-29T00:00:00.000123Z"),
            (951_868_799, "Tue, 29 Feb 2000 23:59:59 GMT", "2000-02-29T23:59:59.000123Z"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT", "2100-03-01T00:00:00.000123Z"),
            (4_102_444_799, "Thu, 31 Dec 2099 23:59:59 GMT", "2099-12-31T23:59:59.000123Z"),
        ] {
            assert_eq!(forms(seconds * 1_000_000_000 + 123_456), (http.into(), log.into()));
        }
    }

    #[test]
    fn syslog_pads_the_day_with_a_space() {
        for (seconds, expected) in [(784_111_777, "Nov  6 08:49:37"), (4_102_444_799, "Dec 31 23:59:59")] {
            let mut text = String::new();
            Civil::from_unix_ns(seconds * 1_000_000_000).write_rfc3164(&mut text).unwrap();
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn every_day_for_two_centuries_follows_the_one_before() {
        let mut before = Civil::from_unix_ns(0);
        for day in 1..=73_000 {
            let now = Civil::from_unix_ns(day * 86_400_000_000_000);
            let next_day = now.month == before.month && now.day == before.day + 1;
            let next_month = now.day == 1 && now.month == before.month % 12 + 1 && before.day >= 28;
            assert!(next_day || next_month, "{before:?} then {now:?}");
            assert_eq!(now.weekday, (before.weekday + 1) % 7);
            before = now;
        }
    }
}
