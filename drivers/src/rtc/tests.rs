//! The clock against a fake CMOS that ticks while it is read.

use super::*;

/// A clock whose registers can change under the reader's hands.
struct Fake {
    registers: [u8; 128],
    /// Reads of any register so far.
    reads: u32,
    /// At this read the fields become `next`, as if an update had slipped in.
    tick_at: Option<u32>,
    next: [u8; 7],
    /// Status A says "updating" for that many reads of it.
    busy: u32,
}

impl Fake {
    fn new(fields: [u8; 7], status_b: u8) -> Self {
        let mut fake = Self { registers: [0; 128], reads: 0, tick_at: None, next: fields, busy: 0 };
        fake.set(fields);
        fake.registers[usize::from(STATUS_A)] = 0x26;
        fake.registers[usize::from(STATUS_B)] = status_b;
        fake
    }

    fn set(&mut self, fields: [u8; 7]) {
        for (register, value) in FIELDS.into_iter().zip(fields) {
            self.registers[usize::from(register)] = value;
        }
    }
}

impl Cmos for Fake {
    fn read_register(&mut self, index: u8) -> u8 {
        self.reads += 1;
        if self.tick_at == Some(self.reads) {
            self.set(self.next);
        }
        let value = self.registers[usize::from(index)];
        if index == STATUS_A && self.busy > 0 {
            self.busy -= 1;
            return value | UPDATE_IN_PROGRESS;
        }
        assert!(self.busy == 0 || index == STATUS_B, "field {index:#x} read during an update");
        value
    }
}

const NEW_YEAR: DateTime = DateTime { year: 2026, month: 1, day: 1, hour: 0, minute: 0, second: 0 };

#[test]
fn bcd_24_hours() {
    let mut cmos = Fake::new([0x59, 0x34, 0x23, 0x31, 0x12, 0x25, 0x20], HOURS_24);
    let expected = DateTime { year: 2025, month: 12, day: 31, hour: 23, minute: 34, second: 59 };
    assert_eq!(read(&mut cmos), Some(expected));
}

#[test]
fn binary_24_hours() {
    let mut cmos = Fake::new([59, 34, 23, 31, 12, 99, 19], HOURS_24 | BINARY);
    let expected = DateTime { year: 1999, month: 12, day: 31, hour: 23, minute: 34, second: 59 };
    assert_eq!(read(&mut cmos), Some(expected));
}

#[test]
fn twelve_hours_with_their_two_midnights() {
    for (register, hour) in [(0x12, 0), (0x01, 1), (0x11, 11), (0x12 | PM, 12), (0x01 | PM, 13), (0x11 | PM, 23)] {
        let mut cmos = Fake::new([0, 0, register, 1, 1, 0x26, 0x20], 0);
        assert_eq!(read(&mut cmos), Some(DateTime { hour, ..NEW_YEAR }), "hours register {register:#x}");
    }
    for nonsense in [0x00, 0x13, 0x0a] {
        assert_eq!(read(&mut Fake::new([0, 0, nonsense, 1, 1, 0x26, 0x20], 0)), None);
    }
}

#[test]
fn a_century_register_that_is_none_means_2000() {
    for nonsense in [0x00, 0xff, 0x7f, 0x50] {
        let mut cmos = Fake::new([0, 0, 0, 1, 1, 0x26, nonsense], HOURS_24);
        assert_eq!(read(&mut cmos), Some(NEW_YEAR));
    }
}

#[test]
fn an_absent_clock_reads_all_ones() {
    let mut cmos = Fake::new([0xff; 7], 0xff);
    cmos.registers = [0xff; 128];
    assert_eq!(read(&mut cmos), None);
    assert!(cmos.reads < 10, "absence is noticed at once");
}

#[test]
fn waits_for_an_update_to_end() {
    let mut cmos = Fake::new([0, 0, 0, 1, 1, 0x26, 0x20], HOURS_24);
    cmos.busy = 1000;
    assert_eq!(read(&mut cmos), Some(NEW_YEAR));
    cmos.busy = u32::MAX;
    assert_eq!(read(&mut cmos), None, "a clock that never settles is given up");
}

#[test]
fn a_tick_anywhere_in_the_reading_never_tears_it() {
    let before = [0x59, 0x59, 0x23, 0x31, 0x12, 0x25, 0x20];
    let after = [0x00, 0x00, 0x00, 0x01, 0x01, 0x26, 0x20];
    let old = DateTime { year: 2025, month: 12, day: 31, hour: 23, minute: 59, second: 59 };
    for tick_at in 1..40 {
        let mut cmos = Fake::new(before, HOURS_24);
        cmos.tick_at = Some(tick_at);
        cmos.next = after;
        let time = read(&mut cmos).expect("the clock works");
        assert!(time == old || time == NEW_YEAR, "torn reading {time:?} with the tick at read {tick_at}");
    }
}

#[test]
fn fields_out_of_range_are_no_time() {
    for (field, value) in [(0, 0x60), (1, 0x60), (2, 0x24), (3, 0), (3, 0x32), (4, 0), (4, 0x13), (5, 0xaa)] {
        let mut fields = [0, 0, 0, 1, 1, 0x26, 0x20];
        fields[field] = value;
        assert_eq!(read(&mut Fake::new(fields, HOURS_24)), None, "field {field} = {value:#x}");
    }
}
