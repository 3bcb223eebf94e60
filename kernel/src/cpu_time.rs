//! What the CPU does, and how long it has done it: its time by mode.
//!
//! Each change of mode costs one read of the time stamp counter and charges the mode that ends
//! (`kernel_core::cpu_account`), so the modes add up to the time since this life's first instruction.
//!
//! Not for deciding who runs: the scheduler keeps its own accounts.

use crate::arch::{steal, tsc};
use crate::time::Moment;
use critical_section::{CriticalSection, Mutex};
use kernel_core::cpu_account::CpuAccount;
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

static ACCOUNT: Mutex<CpuAccount<MODES>> = Mutex::new(CpuAccount::new(Mode::System as usize));

/// Begins the account, at this life's first instruction: the boot is the kernel's time. Once, at boot.
pub(crate) fn init() {
    steal::init();
    critical_section::with(|cs| ACCOUNT.borrow(cs).begin(tsc::born(), steal::stolen_ns()));
}

/// What the CPU does now.
#[inline]
pub(crate) fn mode(cs: CriticalSection<'_>) -> Mode {
    Mode::at(ACCOUNT.borrow(cs).mode()).unwrap_or(Mode::System)
}

/// From `ticks` of the time stamp counter on, the CPU does something else.
#[inline]
pub(crate) fn change(cs: CriticalSection<'_>, mode: Mode, ticks: u64) {
    if ukstore::COUNTS {
        ACCOUNT.borrow(cs).change(mode as usize, ticks, steal::stolen_ns(), tsc::span_ns);
    }
}

/// The time, right after an interrupt: the reading that ended the interrupt serves as it does the interrupted code.
#[inline]
pub(crate) fn after_interrupt(cs: CriticalSection<'_>) -> Moment {
    if ukstore::COUNTS { Moment::at(ACCOUNT.borrow(cs).since()) } else { Moment::now() }
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

/// The account, up to now.
fn settled<R>(read: impl FnOnce(&CpuAccount<MODES>) -> R) -> R {
    critical_section::with(|cs| {
        change(cs, mode(cs), tsc::read());
        read(ACCOUNT.borrow(cs))
    })
}

/// Time spent in these modes.
fn spent_ns(modes: &[Mode]) -> u64 {
    let (ticks, stolen_ns) = settled(|account| {
        let each = modes.iter().map(|mode| account.of(*mode as usize));
        each.fold((0_u64, 0_u64), |sum, one| (sum.0.wrapping_add(one.0), sum.1.wrapping_add(one.1)))
    });
    tsc::span_ns(ticks).saturating_sub(stolen_ns)
}

/// Time the CPU worked: neither halted nor stolen.
pub(crate) fn busy_ns() -> u64 {
    spent_ns(&[Mode::Irq, Mode::Softirq, Mode::System, Mode::User])
}

ukstore::computed! {
    /// CPU time by mode: user is the program's threads, system the kernel's and management's, softirq the moving of packets in whichever thread, irq the handling of interrupts. There is no disk to wait for and no low priority. All modes together are the time since this life's first instruction.
    counter "/cpu/seconds_total", "node_cpu_seconds_total", Seconds, { cpu = "0", mode: Mode } => prompt |mode| {
        Value::Nanos(if mode == Mode::Steal { settled(CpuAccount::stolen_ns) } else { spent_ns(&[mode]) })
    };
    /// Time the CPU ran threads or handled interrupts.
    counter "/scheduler/running_seconds_total", "node_schedstat_running_seconds_total", Seconds, { cpu = ["0"] }
        => prompt |_| Value::Nanos(busy_ns());
}
