//! The vectors that interrupt: who is behind each, how often it was taken and how long that took.

use super::interrupts::{FIRST_DEVICE_VECTOR, SPURIOUS_VECTOR, TIMER_VECTOR};
use super::tsc;
use crate::cpu_time::{self, Mode};
use core::cell::Cell;
use critical_section::{CriticalSection, Mutex};
use ukstore::{Labels, Value};

/// How many vectors devices may get.
const DEVICES: usize = 16;
const TIMER: usize = DEVICES;
const SPURIOUS: usize = DEVICES + 1;
const VECTORS: usize = DEVICES + 2;

/// What a device's interrupt calls, with interrupts off; it must be short. It gets its argument and the time stamp counter
/// at the interrupt.
pub(crate) type Handler = fn(usize, u64);

/// How a device's interrupt comes to the CPU.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// The device writes a message.
    Message,
    /// It raises a line of the I/O APIC.
    Line,
}

#[derive(Clone, Copy)]
struct Device {
    name: &'static str,
    route: Route,
    handler: Handler,
    argument: usize,
}

struct Vector {
    device: Cell<Option<Device>>,
    taken: Cell<u64>,
    ticks: Cell<u64>,
}

/// The devices' vectors, then the timer's and the spurious one.
static VECTORS_USED: Mutex<[Vector; VECTORS]> =
    Mutex::new([const { Vector { device: Cell::new(None), taken: Cell::new(0), ticks: Cell::new(0) } }; VECTORS]);

fn index(vector: u8) -> Option<usize> {
    match vector {
        TIMER_VECTOR => Some(TIMER),
        SPURIOUS_VECTOR => Some(SPURIOUS),
        vector => Some(usize::from(vector.wrapping_sub(FIRST_DEVICE_VECTOR))).filter(|&index| index < DEVICES),
    }
}

/// Gives the device `name` an interrupt vector of its own that calls `handler(argument, ticks)`; `None` when all are taken.
pub(crate) fn register(name: &'static str, handler: Handler, argument: usize) -> Option<u8> {
    critical_section::with(|cs| {
        let devices = &VECTORS_USED.borrow(cs)[..DEVICES];
        let free = devices.iter().position(|vector| vector.device.get().is_none())?;
        devices[free].device.set(Some(Device { name, route: Route::Message, handler, argument }));
        Some(FIRST_DEVICE_VECTOR + free as u8)
    })
}

/// Notes how a device's interrupt comes.
pub(crate) fn set_route(vector: u8, route: Route) {
    critical_section::with(|cs| {
        let Some(vector) = index(vector).map(|index| &VECTORS_USED.borrow(cs)[index]) else { return };
        vector.device.set(vector.device.get().map(|device| Device { route, ..device }));
    });
}

/// Calls the handler of the device behind a vector, if there is one.
pub(super) fn handle(cs: CriticalSection<'_>, vector: u8, ticks: u64) {
    let device = index(vector).and_then(|index| VECTORS_USED.borrow(cs)[index].device.get());
    if let Some(Device { handler, argument, .. }) = device {
        handler(argument, ticks);
    }
}

/// An interrupt that is being handled.
pub(super) struct Taken {
    vector: u8,
    interrupted: Mode,
    began: u64,
}

impl Taken {
    /// The vector's interrupt was taken when the counter showed `began`. It ends a halt.
    #[inline]
    pub(super) fn begin(cs: CriticalSection<'_>, vector: u8, began: u64) -> Self {
        let interrupted = cpu_time::mode(cs);
        cpu_time::change(cs, Mode::Irq, began);
        if interrupted == Mode::Idle {
            let name = index(vector).and_then(|index| VECTORS_USED.borrow(cs)[index].device.get()).map(|of| of.name);
            WAKEUPS[wakeup(vector, name)].inc();
            return Self { vector, interrupted: Mode::System, began };
        }
        Self { vector, interrupted, began }
    }

    /// It has been handled.
    #[inline]
    pub(super) fn end(self, cs: CriticalSection<'_>) {
        if !ukstore::COUNTS {
            return;
        }
        let now = tsc::read();
        if let Some(index) = index(self.vector) {
            let vector = &VECTORS_USED.borrow(cs)[index];
            vector.taken.set(vector.taken.get().wrapping_add(1));
            vector.ticks.set(vector.ticks.get().wrapping_add(now.wrapping_sub(self.began)));
        }
        cpu_time::change(cs, self.interrupted, now);
    }
}

ukstore::labels! {
    /// What ends a halt.
    enum Reason {
        /// A sleeper's time, or the scheduler's.
        Timer = "timer",
        /// The service NIC.
        Service = "service",
        /// The management NIC.
        Management = "management",
        /// Something else: nothing that is known of.
        Other = "other",
    }
}

fn wakeup(vector: u8, device: Option<&str>) -> Reason {
    match (vector, device) {
        (TIMER_VECTOR, _) => Reason::Timer,
        (_, Some("service")) => Reason::Service,
        (_, Some("management")) => Reason::Management,
        _ => Reason::Other,
    }
}

ukstore::counters! {
    /// Halts ended, by what ended them: the timer, a NIC by its name, or something else.
    static WAKEUPS = "/scheduler/wakeups_total", "uk_wakeups_total", reason: Reason;
}

/// The interrupt in Linux's words, by its place among the vectors: its type, what it is, and its devices.
fn describe(index: usize, device: Option<Device>) -> Option<[&'static str; 3]> {
    /// From the first device's vector on.
    const NUMBERS: [&str; DEVICES] =
        ["48", "49", "50", "51", "52", "53", "54", "55", "56", "57", "58", "59", "60", "61", "62", "63"];
    const _: () = assert!(FIRST_DEVICE_VECTOR == 48);
    match (index, device) {
        (TIMER, _) => Some(["LOC", "Local timer interrupts", ""]),
        (SPURIOUS, _) => Some(["SPU", "Spurious interrupts", ""]),
        (index, Some(Device { name, route, .. })) => {
            let info = if route == Route::Line { "IO-APIC" } else { "PCI-MSI" };
            Some([NUMBERS[index], info, name])
        }
        _ => None,
    }
}

/// The first vector in use at the position or behind it, to which it is moved: in words, and what it counted.
fn told(position: &mut u32) -> Option<([&'static str; 3], u64, u64)> {
    critical_section::with(|cs| {
        loop {
            let vector = VECTORS_USED.borrow(cs).get(*position as usize)?;
            if let Some(words) = describe(*position as usize, vector.device.get()) {
                return Some((words, vector.taken.get(), vector.ticks.get()));
            }
            *position += 1;
        }
    })
}

fn all() -> u64 {
    critical_section::with(|cs| VECTORS_USED.borrow(cs).iter().map(|vector| vector.taken.get()).sum())
}

ukstore::listed! {
    /// Interrupts taken, by type: LOC is the timer's, SPU vanished before they were taken, a number is a device's vector.
    counter "/interrupts/taken_total", "node_interrupts_total", { cpu, devices, info, type } => prompt |position| {
        let ([kind, info, devices], taken, _) = told(position)?;
        Some((["0", devices, info, kind], Value::U64(taken)))
    };
    /// Time spent handling interrupts, by type, as node_interrupts_total has it.
    counter "/interrupts/seconds_total", "uk_interrupt_seconds_total", Seconds, { type } => prompt |position| {
        let ([kind, ..], _, ticks) = told(position)?;
        Some(([kind], Value::Nanos(tsc::span_ns(ticks))))
    };
}

ukstore::computed! {
    /// Interrupts taken.
    counter "/interrupts/total", "node_intr_total" => prompt || Value::U64(all());
    /// Times the CPU was halted because nothing could run, and woken again.
    counter "/scheduler/halts_total", "uk_halts_total" => prompt || {
        Value::U64((0..Reason::VALUES.len()).filter_map(Reason::at).map(|reason| WAKEUPS[reason].get()).sum())
    };
}
