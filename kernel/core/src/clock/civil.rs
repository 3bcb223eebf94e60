//! Dates of the Gregorian calendar and Unix time, in UTC and without leap seconds, as the RTC and RFC 3339 have them.
//!
//! Not here: reading the RTC (its BCD and 12-hour forms included) and time zones.

use super::NANOS_PER_SEC;
use core::fmt;

const SECONDS_PER_DAY: u64 = 86_400;

/// The calendar repeats after 400 years, which have so many days.
const DAYS_PER_ERA: u64 = 146_097;

/// Days from 0000-03-01, where [`DateTime`]'s count of days begins, to 1970-01-01.
const EPOCH_DAY: u64 = 719_468;

/// A date and time of day in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DateTime {
    /// Year, with the century.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute, 0 to 59.
    pub minute: u8,
    /// Second, 0 to 59.
    pub second: u8,
}

impl DateTime {
    /// Seconds since 1970-01-01. `None` if there is no such date or time, or it is earlier: an RTC whose battery died shows
    /// anything.
    pub fn unix_seconds(&self) -> Option<u64> {
        let Self { year, month, day, hour, minute, second } = *self;
        let is_time = hour < 24 && minute < 60 && second < 60;
        let is_date = (1..=12).contains(&month) && day >= 1 && day <= days_in_month(year, month);
        if !is_time || !is_date || year < 1970 {
            return None;
        }
        // Counted from March, the day that some years lack comes last, and the months' lengths follow a line:
        // (153 * month + 2) / 5 days lie before the month that is `month` months after March.
        let since_march = (u64::from(month) + 9) % 12;
        let years = u64::from(year) - u64::from(month < 3);
        let leap_days = years / 4 - years / 100 + years / 400;
        let days = years * 365 + leap_days + (153 * since_march + 2) / 5 + u64::from(day) - 1;
        let seconds = (u64::from(hour) * 60 + u64::from(minute)) * 60 + u64::from(second);
        Some((days - EPOCH_DAY) * SECONDS_PER_DAY + seconds)
    }

    /// The date and time so many seconds after the beginning of 1970; the end of the year 65535 at the latest.
    pub fn from_unix_seconds(seconds: u64) -> Self {
        const LAST: u64 = 2_005_949_145_599;
        let seconds = seconds.min(LAST);
        let days = seconds / SECONDS_PER_DAY + EPOCH_DAY;
        let (era, day_of_era) = (days / DAYS_PER_ERA, days % DAYS_PER_ERA);
        // Leave out the leap days before this day (one in 1,461 days, none in 36,524, one in 146,096): every year has 365.
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (year_of_era * 365 + year_of_era / 4 - year_of_era / 100);
        let since_march = (5 * day_of_year + 2) / 153;
        let month = (since_march + 2) % 12 + 1;
        let second_of_day = seconds % SECONDS_PER_DAY;
        Self {
            year: (era * 400 + year_of_era + u64::from(month < 3)) as u16,
            month: month as u8,
            day: (day_of_year - (153 * since_march + 2) / 5 + 1) as u8,
            hour: (second_of_day / 3600) as u8,
            minute: (second_of_day / 60 % 60) as u8,
            second: (second_of_day % 60) as u8,
        }
    }
}

fn days_in_month(year: u16, month: u8) -> u8 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 => 28 + u8::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Shown as RFC 3339, `2026-03-01T12:00:00Z`.
impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}Z", Unzoned(self))
    }
}

/// A Unix time in nanoseconds, shown as RFC 3339. The formatter's precision says how many digits the fraction has (0 to 9,
/// cut, not rounded): `{:.6}` shows `2026-03-01T12:00:00.123456Z`. Without one, milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rfc3339(
    /// Nanoseconds since 1970-01-01.
    pub u64,
);

impl fmt::Display for Rfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = DateTime::from_unix_seconds(self.0 / NANOS_PER_SEC);
        let digits = f.precision().unwrap_or(3).min(9);
        write!(f, "{}", Unzoned(&date))?;
        if digits > 0 {
            let fraction = self.0 % NANOS_PER_SEC / 10u64.pow(9 - digits as u32);
            write!(f, ".{fraction:0digits$}")?;
        }
        f.write_str("Z")
    }
}

/// A date and time without its zone.
struct Unzoned<'a>(&'a DateTime);

impl fmt::Display for Unzoned<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DateTime { year, month, day, hour, minute, second } = self.0;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::{format, string::ToString};

    #[test]
    fn known_dates() {
        for (seconds, shown) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_234_567_890, "2009-02-13T23:31:30Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (2_005_949_145_599, "65535-12-31T23:59:59Z"),
        ] {
            let date = DateTime::from_unix_seconds(seconds);
            assert_eq!(date.to_string(), shown);
            assert_eq!(date.unix_seconds(), Some(seconds));
        }
        assert_eq!(DateTime::from_unix_seconds(u64::MAX).to_string(), "65535-12-31T23:59:59Z");
    }

    #[test]
    fn dates_that_are_none() {
        let good = DateTime { year: 2024, month: 2, day: 29, hour: 0, minute: 0, second: 0 };
        assert!(good.unix_seconds().is_some());
        for bad in [
            DateTime { year: 2023, ..good },
            DateTime { year: 2100, ..good },
            DateTime { year: 1968, ..good },
            DateTime { month: 0, ..good },
            DateTime { month: 13, ..good },
            DateTime { day: 0, ..good },
            DateTime { month: 4, day: 31, ..good },
            DateTime { hour: 24, ..good },
            DateTime { minute: 60, ..good },
            DateTime { second: 60, ..good },
            DateTime { year: 65535, month: 255, day: 255, hour: 255, minute: 255, second: 255 },
        ] {
            assert_eq!(bad.unix_seconds(), None, "{bad:?}");
        }
    }

    #[test]
    fn fractions_are_cut() {
        let time = Rfc3339(1_234_567_890_012_999_999);
        assert_eq!(time.to_string(), "2009-02-13T23:31:30.012Z");
        assert_eq!(format!("{time:.0}"), "2009-02-13T23:31:30Z");
        assert_eq!(format!("{time:.6}"), "2009-02-13T23:31:30.012999Z");
        assert_eq!(format!("{time:.99}"), "2009-02-13T23:31:30.012999999Z");
    }

    #[test]
    fn every_day_of_four_centuries_follows_the_one_before() {
        let mut before = DateTime::from_unix_seconds(0);
        for day in 1..=DAYS_PER_ERA {
            let date = DateTime::from_unix_seconds(day * SECONDS_PER_DAY);
            let next_day = DateTime { day: before.day + 1, ..before };
            let next_month = DateTime { month: before.month + 1, day: 1, ..before };
            let next_year = DateTime { year: before.year + 1, month: 1, day: 1, ..before };
            let expected = [next_day, next_month, next_year].into_iter().find(|next| next.unix_seconds().is_some());
            assert_eq!(Some(date), expected);
            before = date;
        }
    }

    proptest! {
        #[test]
        fn there_and_back(seconds in 0u64..2_005_949_145_600) {
            prop_assert_eq!(DateTime::from_unix_seconds(seconds).unix_seconds(), Some(seconds));
        }
    }
}
