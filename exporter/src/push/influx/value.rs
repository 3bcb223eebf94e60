//! A sample's value as a field's, typed. InfluxDB refuses a field whose type is not the one it had before, so the type is the
//! metric's: seconds and ratios are floats, also where they are whole, and infos and states are integers. Other numbers are of
//! the type that their cells have.

use ukstore::{Kind, Part, Sample, Unit, Value};

use super::escape::put_text;
use crate::Window;
use crate::exposition::number::{put_f64, put_i64, put_seconds, put_u64};

/// What became of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Exactly,
    /// As the largest integer there is.
    Saturated,
    /// There is no way to tell it.
    Nothing,
}

/// Writes a sample's value. With `unsigned`, what cannot be negative is told so.
pub(super) fn put_value(sample: &Sample<'_>, unsigned: bool, window: &mut Window<'_>) -> Told {
    let is_count = matches!(sample.part, Part::Bucket(_) | Part::Count);
    let is_float = !is_count && matches!(sample.family.unit(), Unit::Seconds | Unit::Ratio);
    let is_fact = matches!(sample.family.kind(), Kind::Info | Kind::StateSet);
    match sample.value {
        Value::F64(number) if number.is_finite() => put_f64(number, window),
        Value::F64(_) | Value::Absent => return Told::Nothing,
        Value::Nanos(nanos) => put_seconds(nanos, window),
        Value::U64(number) if is_float => put_u64(number, window),
        Value::I64(number) if is_float => put_i64(number, window),
        Value::U64(number) if unsigned && !is_fact => {
            put_u64(number, window);
            window.put_byte(b'u');
        }
        Value::U64(number) => {
            let signed = i64::try_from(number);
            put_i64(signed.unwrap_or(i64::MAX), window);
            window.put_byte(b'i');
            return if signed.is_ok() { Told::Exactly } else { Told::Saturated };
        }
        Value::I64(number) => {
            put_i64(number, window);
            window.put_byte(b'i');
        }
        Value::Bool(yes) if is_fact => window.put(if yes { b"1i" } else { b"0i" }),
        Value::Bool(yes) => window.put(if yes { b"true" } else { b"false" }),
        Value::Word(word) => put_text(word.as_str(), window),
    }
    Told::Exactly
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::string::String;

    use ukstore::{Family, Series, Word};

    use super::*;

    ukstore::gauge! {
        /// A number of things.
        static THINGS = "/influx_value/things", "influx_value_things";
        /// A time.
        static TIME = "/influx_value/time_seconds", "influx_value_time_seconds", Seconds;
        /// A share.
        static SHARE: f64 = "/influx_value/share_ratio", "influx_value_share_ratio", Ratio;
    }
    ukstore::info! {
        /// A fact.
        "/influx_value/fact", "influx_value_fact_info", { version = "1" };
    }

    fn family(name: &str) -> &'static Family {
        ukstore::families().iter().find(|family| family.name() == name).expect("it is declared above")
    }

    fn told(name: &str, part: Part, value: Value, unsigned: bool) -> (String, Told) {
        let mut bytes = [0; 64];
        let mut window = Window::new(&mut bytes);
        let sample = Sample { family: family(name), series: Series::Names(&[]), part, value };
        let told = put_value(&sample, unsigned, &mut window);
        (String::from_utf8(window.written().to_vec()).expect("it is ASCII"), told)
    }

    #[test]
    fn types_are_the_metrics() {
        let (things, time, share) = ("influx_value_things", "influx_value_time_seconds", "influx_value_share_ratio");
        let fact = "influx_value_fact_info";
        let words = Word::of(&["on"], 0).map_or(Value::Absent, Value::Word);
        THINGS.set(1);
        TIME.set(1);
        SHARE.set(1.0);
        for (name, part, value, line) in [
            (things, Part::Whole, Value::U64(7), "7i"),
            (things, Part::Whole, Value::I64(-7), "-7i"),
            (things, Part::Whole, Value::U64(i64::MAX as u64), "9223372036854775807i"),
            (things, Part::Whole, Value::F64(2.0), "2"),
            (things, Part::Whole, Value::F64(0.1 + 0.2), "0.30000000000000004"),
            (things, Part::Whole, Value::Bool(true), "true"),
            (things, Part::Whole, Value::Bool(false), "false"),
            (things, Part::Whole, words, "\"on\""),
            (time, Part::Whole, Value::Nanos(1_500_000_000), "1.5"),
            (time, Part::Whole, Value::Nanos(2_000_000_000), "2"),
            (time, Part::Whole, Value::F64(-0.25), "-0.25"),
            (time, Part::Sum, Value::Nanos(3), "0.000000003"),
            (time, Part::Bucket(None), Value::U64(3), "3i"),
            (time, Part::Count, Value::U64(3), "3i"),
            (share, Part::Whole, Value::U64(0), "0"),
            (share, Part::Whole, Value::I64(-1), "-1"),
            (fact, Part::Whole, Value::U64(1), "1i"),
            (fact, Part::Whole, Value::Bool(true), "1i"),
            (fact, Part::Whole, Value::Bool(false), "0i"),
        ] {
            assert_eq!(told(name, part, value, false), (line.into(), Told::Exactly));
        }
        for value in [Value::Absent, Value::F64(f64::NAN), Value::F64(f64::INFINITY), Value::F64(f64::NEG_INFINITY)] {
            assert_eq!(told(things, Part::Whole, value, true), (String::new(), Told::Nothing));
        }
    }

    #[test]
    fn large_and_unsigned() {
        let told = |value, unsigned| told("influx_value_things", Part::Whole, value, unsigned);
        assert_eq!(told(Value::U64(u64::MAX), false), ("9223372036854775807i".into(), Told::Saturated));
        assert_eq!(told(Value::U64(u64::MAX), true), ("18446744073709551615u".into(), Told::Exactly));
        assert_eq!(told(Value::I64(7), true), ("7i".into(), Told::Exactly), "it could be negative");
    }
}
