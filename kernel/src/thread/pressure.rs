//! What the run queue tells: how long threads wait for the CPU, and how many there are.

use super::switching;
use core::cell::RefCell;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use critical_section::Mutex;
use kernel_core::load::LoadAverages;
use ukstore::Value;

/// Times the CPU went from one thread to another.
pub(super) static SWITCHES: AtomicU64 = AtomicU64::new(0);

ukstore::histogram! {
    /// How long a thread could have run before it did, each time it got the CPU.
    pub(super) static RUN_QUEUE_WAIT = "/scheduler/run_queue_wait_seconds", "uk_run_queue_wait_seconds", Seconds,
        [1_000, 4_000, 16_000, 64_000, 250_000, 1_000_000, 4_000_000, 16_000_000, 64_000_000, 250_000_000];
    /// Time from a sleeping thread's wake-up to its running.
    pub(super) static WAKEUP_LATENCY = "/scheduler/wakeup_latency_seconds", "uk_wakeup_latency_seconds", Seconds,
        [1_000, 4_000, 16_000, 64_000, 250_000, 1_000_000, 4_000_000, 16_000_000, 64_000_000, 250_000_000];
    /// How late the timer interrupted, after the time it was set for.
    pub(super) static TIMER_LATENESS = "/scheduler/timer_lateness_seconds", "uk_timer_lateness_seconds", Seconds,
        [1_000, 4_000, 16_000, 64_000, 250_000, 1_000_000, 4_000_000, 16_000_000, 64_000_000, 250_000_000];
}

static LOAD: Mutex<RefCell<LoadAverages>> = Mutex::new(RefCell::new(LoadAverages::new()));

/// One of the averages, over 1, 5 and 15 minutes.
fn load(which: usize) -> Value {
    critical_section::with(|cs| {
        let (now, occupancy) = switching::occupancy(cs);
        Value::Nanos(LOAD.borrow(cs).borrow_mut().at(now, occupancy.runnable_ns())[which])
    })
}

fn waited_ns() -> u64 {
    critical_section::with(|cs| switching::occupancy(cs).1.waited_ns())
}

fn pressed_ns() -> u64 {
    critical_section::with(|cs| switching::occupancy(cs).1.pressed_ns())
}

ukstore::computed! {
    /// Times the CPU went from one thread to another.
    counter "/scheduler/switches_total", "node_context_switches_total" => prompt || Value::U64(SWITCHES.load(Relaxed));
    /// Threads that ran or could have run, on average over about a minute.
    gauge "/scheduler/load1", "node_load1" => prompt || load(0);
    /// Threads that ran or could have run, on average over about five minutes.
    gauge "/scheduler/load5", "node_load5" => prompt || load(1);
    /// Threads that ran or could have run, on average over about a quarter of an hour.
    gauge "/scheduler/load15", "node_load15" => prompt || load(2);
    /// Threads that run or could run now.
    gauge "/scheduler/running", "node_procs_running" => prompt || Value::U64(switching::runnable() as u64);
    /// Time in which some thread could run and another did.
    counter "/pressure/cpu_waiting_seconds_total", "node_pressure_cpu_waiting_seconds_total", Seconds
        => prompt || Value::Nanos(pressed_ns());
    /// Time that threads could run and another did, all threads added.
    counter "/scheduler/waiting_seconds_total", "node_schedstat_waiting_seconds_total", Seconds, { cpu = ["0"] }
        => prompt |_| Value::Nanos(waited_ns());
    /// Times a thread was given the CPU.
    counter "/scheduler/timeslices_total", "node_schedstat_timeslices_total", { cpu = ["0"] }
        => prompt |_| Value::U64(RUN_QUEUE_WAIT.count());
}

ukstore::zero! {
    /// Threads that wait for a disk: there is none.
    gauge "/scheduler/blocked", "node_procs_blocked";
    /// Time in which some thread waited for memory to be freed: an allocation succeeds or fails at once.
    counter "/pressure/memory_waiting_seconds_total", "node_pressure_memory_waiting_seconds_total", Seconds;
    /// Time in which all threads waited for memory to be freed: an allocation succeeds or fails at once.
    counter "/pressure/memory_stalled_seconds_total", "node_pressure_memory_stalled_seconds_total", Seconds;
}
