//! The CMOS real-time clock: one consistent reading as broken-down time.
//!
//! For: the wall clock at boot. Not for: calendar arithmetic (`kernel_core::clock`) nor alarms. Register layout and
//! flags: Motorola MC146818A data sheet; the century register is where QEMU and ACPI's usual `CENTURY` field have it.
#![expect(unsafe_code, reason = "naming the CMOS ports, once, in `Rtc::new`")]

use crate::port::IoPort;

/// Seconds, minutes, hours, day of month, month, year, century: the registers of one reading, in that order.
const FIELDS: [u8; 7] = [0x00, 0x02, 0x04, 0x07, 0x08, 0x09, 0x32];
const STATUS_A: u8 = 0x0a;
const STATUS_B: u8 = 0x0b;
/// Status A: an update is in progress or starts within 244 µs; fields may be torn.
const UPDATE_IN_PROGRESS: u8 = 1 << 7;
/// Status B: fields are binary, not BCD.
const BINARY: u8 = 1 << 2;
/// Status B: hours run 0–23, not 1–12 with a PM flag.
const HOURS_24: u8 = 1 << 1;
/// Hours register: afternoon, in 12-hour mode.
const PM: u8 = 1 << 7;
/// Reads of status A before the clock is given up: an update lasts 2 ms, and a port read at least 0.1 µs.
const UPDATE_POLLS: u32 = 100_000;
/// Readings before the clock is given up: two in a row must agree, and they differ once a second.
const READINGS: u32 = 8;

/// A point in civil time as the clock tells it: UTC under QEMU's default (`-rtc base=utc`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTime {
    /// Year of the Gregorian calendar, 1900–2199.
    pub year: u16,
    /// Month, 1–12.
    pub month: u8,
    /// Day of the month, 1–31 (that the month has it is not checked).
    pub day: u8,
    /// Hour, 0–23.
    pub hour: u8,
    /// Minute, 0–59.
    pub minute: u8,
    /// Second, 0–59.
    pub second: u8,
}

/// Indexed access to the clock's registers; tests put a fake here.
pub trait Cmos {
    /// Reads register `index` (0–0x7f).
    fn read_register(&mut self, index: u8) -> u8;
}

/// The machine's CMOS at ports 0x70 (index) and 0x71 (data).
#[derive(Debug)]
pub struct CmosPorts {
    index: IoPort<u8>,
    data: IoPort<u8>,
}

impl CmosPorts {
    /// The ports of every PC.
    ///
    /// # Safety
    /// The code must run in ring 0, and nothing else may use the pair meanwhile (an interleaved index write would make
    /// a reading wrong, though never break memory).
    pub const unsafe fn new() -> Self {
        // SAFETY: selecting a CMOS register moves no memory. (Bit 7 would mask NMIs; no index here has it.)
        let index = unsafe { IoPort::new(0x70) };
        // SAFETY: reading a CMOS register moves no memory.
        let data = unsafe { IoPort::new(0x71) };
        Self { index, data }
    }
}

impl Cmos for CmosPorts {
    fn read_register(&mut self, index: u8) -> u8 {
        self.index.write(index & 0x7f);
        self.data.read()
    }
}

/// Reads the clock: never across an update, in BCD or binary, 12 or 24 hours, with the century where there is one.
///
/// `None` if there is no clock (`microvm` with `rtc=off` reads all ones), if it stays busy, or if what it says is no
/// time of day. Takes at most a few milliseconds.
pub fn read(cmos: &mut impl Cmos) -> Option<DateTime> {
    // No clock: nothing drives the bus. In a real status B at least the update-ended interrupt bits would be clear.
    if cmos.read_register(STATUS_A) == 0xff && cmos.read_register(STATUS_B) == 0xff {
        return None;
    }
    // An update may begin right after the flag was seen clear (an interrupt came between), so two readings must agree.
    let mut previous = None;
    for _ in 0..READINGS {
        wait_for_no_update(cmos)?;
        let raw = FIELDS.map(|register| cmos.read_register(register));
        if previous == Some(raw) {
            let status_b = cmos.read_register(STATUS_B);
            return decode(raw, status_b);
        }
        previous = Some(raw);
    }
    None
}

fn wait_for_no_update(cmos: &mut impl Cmos) -> Option<()> {
    (0..UPDATE_POLLS).find(|_| cmos.read_register(STATUS_A) & UPDATE_IN_PROGRESS == 0).map(|_| ())
}

fn decode(raw: [u8; 7], status_b: u8) -> Option<DateTime> {
    let number = |value: u8| if status_b & BINARY != 0 { Some(value) } else { from_bcd(value) };
    let [second, minute, hours, day, month, year, century] = raw;
    let hour = if status_b & HOURS_24 != 0 {
        number(hours)?
    } else {
        let twelve = number(hours & !PM)?;
        if !(1..=12).contains(&twelve) {
            return None;
        }
        twelve % 12 + if hours & PM != 0 { 12 } else { 0 }
    };
    // A machine without a century register has anything at all there; then the clock was made after 2000.
    let century = number(century).filter(|century| (19..=21).contains(century)).unwrap_or(20);
    let year = number(year).filter(|&year| year <= 99)?;
    let time = DateTime {
        year: u16::from(century) * 100 + u16::from(year),
        month: number(month)?,
        day: number(day)?,
        hour,
        minute: number(minute)?,
        second: number(second)?,
    };
    let plausible = (1..=12).contains(&time.month)
        && (1..=31).contains(&time.day)
        && time.hour <= 23
        && time.minute <= 59
        && time.second <= 59;
    plausible.then_some(time)
}

fn from_bcd(value: u8) -> Option<u8> {
    let (tens, ones) = (value >> 4, value & 0xf);
    (tens <= 9 && ones <= 9).then_some(tens * 10 + ones)
}

#[cfg(test)]
mod tests;
