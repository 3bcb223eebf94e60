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
/// All vectors that nobody has, devices' that were not given to one among them.
const UNEXPECTED: usize = DEVICES + 2;
const PLACES: usize = DEVICES + 3;

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
    reason: Reason,
    route: Route,
    handler: Handler,
    argument: usize,
}

struct Vector {
    device: Cell<Option<Device>>,
    taken: Cell<u64>,
    ticks: Cell<u64>,
}

/// The devices' vectors, then the timer's, the spurious one, and all the others.
static VECTORS: Mutex<[Vector; PLACES]> =
    Mutex::new([const { Vector { device: Cell::new(None), taken: Cell::new(0), ticks: Cell::new(0) } }; PLACES]);

fn of<'cs>(cs: CriticalSection<'cs>, vector: u8) -> &'cs Vector {
    let vectors = VECTORS.borrow(cs);
    let place = match vector {
        TIMER_VECTOR => TIMER,
        SPURIOUS_VECTOR => SPURIOUS,
        vector => match usize::from(vector.wrapping_sub(FIRST_DEVICE_VECTOR)) {
            device @ 0..DEVICES if vectors[device].device.get().is_some() => device,
            _ => UNEXPECTED,
        },
    };
    &vectors[place]
}

/// Gives the device `name` an interrupt vector of its own that calls `handler(argument, ticks)`; `None` when all are taken.
pub(crate) fn register(name: &'static str, handler: Handler, argument: usize) -> Option<u8> {
    let reason = match name {
        "service" => Reason::Service,
        "management" => Reason::Management,
        _ => Reason::Other,
    };
    critical_section::with(|cs| {
        let devices = &VECTORS.borrow(cs)[..DEVICES];
        let free = devices.iter().position(|vector| vector.device.get().is_none())?;
        devices[free].device.set(Some(Device { name, reason, route: Route::Message, handler, argument }));
        Some(FIRST_DEVICE_VECTOR + free as u8)
    })
}

/// Notes how a device's interrupt comes.
pub(crate) fn set_route(vector: u8, route: Route) {
    critical_section::with(|cs| {
        let device = &of(cs, vector).device;
        device.set(device.get().map(|device| Device { route, ..device }));
    });
}

/// An interrupt that is being handled.
pub(super) struct Taken<'cs> {
    cs: CriticalSection<'cs>,
    vector: &'cs Vector,
    /// What the CPU goes on with.
    resumed: Mode,
    began: u64,
}

impl<'cs> Taken<'cs> {
    /// An interrupt was taken when the counter showed `began`. It ends a halt.
    #[inline]
    pub(super) fn begin(cs: CriticalSection<'cs>, vector: u8, began: u64) -> Self {
        let is_timer = vector == TIMER_VECTOR;
        let vector = of(cs, vector);
        let mut resumed = cpu_time::mode(cs);
        cpu_time::change(cs, Mode::Irq, began);
        if resumed == Mode::Idle {
            let device = vector.device.get().map_or(Reason::Other, |device| device.reason);
            WAKEUPS[if is_timer { Reason::Timer } else { device }].inc();
            resumed = Mode::System;
        }
        Self { cs, vector, resumed, began }
    }

    /// Calls the handler of the device behind the vector, if there is one.
    #[inline]
    pub(super) fn handle(&self) {
        if let Some(Device { handler, argument, .. }) = self.vector.device.get() {
            handler(argument, self.began);
        }
    }

    /// It has been handled.
    #[inline]
    pub(super) fn end(self) {
        if !ukstore::COUNTS {
            return;
        }
        let now = tsc::read();
        let Vector { taken, ticks, .. } = self.vector;
        taken.set(taken.get().wrapping_add(1));
        ticks.set(ticks.get().wrapping_add(now.wrapping_sub(self.began)));
        cpu_time::change(self.cs, self.resumed, now);
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
        /// Nothing that is known of.
        Other = "other",
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
        (UNEXPECTED, _) => Some(["ERR", "Unexpected interrupts", ""]),
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
            let vector = VECTORS.borrow(cs).get(*position as usize)?;
            if let Some(words) = describe(*position as usize, vector.device.get()) {
                return Some((words, vector.taken.get(), vector.ticks.get()));
            }
            *position += 1;
        }
    })
}

fn all() -> u64 {
    critical_section::with(|cs| VECTORS.borrow(cs).iter().map(|vector| vector.taken.get()).sum())
}

ukstore::listed! {
    /// Interrupts taken, by type: LOC is the timer's, SPU vanished before they were taken, ERR nobody asked for, a number is a device's vector.
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
