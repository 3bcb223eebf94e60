//! What the CPU does, and how long it has done it: its time by mode.
//!
//! One variable says what the CPU does now, and one since when. A change of mode charges the ticks since then to the old
//! mode, so every moment is charged once and the modes add up to the time since this life's first instruction. What the
//! hypervisor has stolen meanwhile is taken from the mode it was stolen from.
//!
//! Not for deciding who runs: the scheduler keeps its own accounts.

use crate::arch::{steal, tsc};
use crate::time::Moment;
use core::cell::Cell;
use critical_section::{CriticalSection, Mutex};
use ukstore::{Labels, Value};

ukstore::labels! {
    /// What the CPU does, in the words of Linux.
    pub(crate) enum Mode {
        /// Nothing: it is halted.
        Idle = "idle",
        /// Nothing, while a disk works. There are no disks.
        IoWait = "iowait",
        /// Handles an interrupt.
        Irq = "irq",
        /// Runs a thread of low priority. Nobody has any.
        Nice = "nice",
        /// Moves packets, in whichever thread.
        Softirq = "softirq",
        /// Nothing here: the hypervisor ran something else.
        Steal = "steal",
        /// Runs a thread of the kernel or of management.
        System = "system",
        /// Runs a thread of the program.
        User = "user",
    }
}

const MODES: usize = Mode::VALUES.len();

struct Account {
    mode: Cell<Mode>,
    since: Cell<u64>,
    /// By mode, what was stolen meanwhile included.
    ticks: [Cell<u64>; MODES],
    /// What was stolen, by the mode it was stolen from.
    stolen_ns: [Cell<u64>; MODES],
    /// What the hypervisor had stolen in all at the last change of mode.
    stolen_until: Cell<u64>,
}

static ACCOUNT: Mutex<Account> = Mutex::new(Account {
    mode: Cell::new(Mode::System),
    since: Cell::new(0),
    ticks: [const { Cell::new(0) }; MODES],
    stolen_ns: [const { Cell::new(0) }; MODES],
    stolen_until: Cell::new(0),
});

/// Begins the account, at this life's first instruction: the boot is the kernel's time. Once, at boot.
pub(crate) fn init() {
    steal::init();
    critical_section::with(|cs| ACCOUNT.borrow(cs).since.set(tsc::born()));
}

/// What the CPU does now.
#[inline]
pub(crate) fn mode(cs: CriticalSection<'_>) -> Mode {
    ACCOUNT.borrow(cs).mode.get()
}

/// From `ticks` of the time stamp counter on, the CPU does something else.
#[inline]
pub(crate) fn change(cs: CriticalSection<'_>, mode: Mode, ticks: u64) {
    if !ukstore::COUNTS {
        return;
    }
    let account = ACCOUNT.borrow(cs);
    let old = account.mode.replace(mode) as usize;
    let elapsed = ticks.wrapping_sub(account.since.replace(ticks));
    account.ticks[old].set(account.ticks[old].get().wrapping_add(elapsed));
    let stolen = steal::stolen_ns();
    if stolen != account.stolen_until.get() {
        let more = stolen.wrapping_sub(account.stolen_until.replace(stolen));
        account.stolen_ns[old].set(account.stolen_ns[old].get().wrapping_add(more));
    }
}

/// Runs `work`, which gets the time, in `mode`.
#[inline]
pub(crate) fn within<R>(mode: Mode, work: impl FnOnce(u64) -> R) -> R {
    let (outside, began_ns) = critical_section::with(|cs| {
        let outside = self::mode(cs);
        let began = Moment::now();
        change(cs, mode, began.ticks);
        (outside, began.ns)
    });
    let result = work(began_ns);
    if ukstore::COUNTS {
        critical_section::with(|cs| change(cs, outside, tsc::read()));
    }
    result
}

/// Time spent in a mode, up to now.
fn spent_ns(mode: Mode) -> u64 {
    let (ticks, stolen_ns) = critical_section::with(|cs| {
        let account = ACCOUNT.borrow(cs);
        change(cs, account.mode.get(), tsc::read());
        match mode {
            Mode::Steal => (0, account.stolen_ns.iter().map(Cell::get).fold(0, u64::wrapping_add)),
            mode => (account.ticks[mode as usize].get(), account.stolen_ns[mode as usize].get()),
        }
    });
    if mode == Mode::Steal { stolen_ns } else { tsc::span_ns(ticks).saturating_sub(stolen_ns) }
}

/// Time the CPU worked: neither halted nor stolen.
pub(crate) fn busy_ns() -> u64 {
    [Mode::Irq, Mode::Softirq, Mode::System, Mode::User].into_iter().map(spent_ns).sum()
}

ukstore::computed! {
    /// CPU time by mode: user is the program's threads, system the kernel's and management's, softirq the moving of packets in whichever thread, irq the handling of interrupts. There is no disk to wait for and no low priority. All modes together are the time since this life's first instruction.
    counter "/cpu/seconds_total", "node_cpu_seconds_total", Seconds, { cpu = "0", mode: Mode } => prompt |mode| {
        Value::Nanos(spent_ns(mode))
    };
    /// Time the CPU ran threads or handled interrupts.
    counter "/scheduler/running_seconds_total", "node_schedstat_running_seconds_total", Seconds, { cpu = ["0"] }
        => prompt |_| Value::Nanos(busy_ns());
}
