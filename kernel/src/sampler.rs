//! The sampler: the thread in which the program's own functions are called, shortly before somebody shows what they give.
//!
//! It runs when management asks, and never else. A function that does not return keeps its thread; the housekeeper starts
//! another then, because management allocates nothing. `kernel_core::sampling` decides all that.

use crate::cpu_time::{self, Mode};
use crate::housekeeper;
use crate::thread::{self, Builder, SpawnError, ThreadId};
use crate::time::now_ns;
use core::cell::{Cell, RefCell};
use critical_section::Mutex;
use kernel_core::sampling::{Duty, PATIENCE_NS, Relief, Rounds};
use ukstore::Value;

static ROUNDS: Mutex<RefCell<Rounds<ThreadId>>> = Mutex::new(RefCell::new(Rounds::new()));
/// Who is told that a round is over: the management thread.
static ASKER: Mutex<Cell<Option<ThreadId>>> = Mutex::new(Cell::new(None));

ukstore::counter! {
    /// Rounds in which the program's functions were sampled.
    static SAMPLED = "/sampler/rounds_total", "uk_sampler_rounds_total";
    /// Threads lost in functions that did not return in time.
    static LOST = "/sampler/lost_total", "uk_sampler_lost_total";
}
ukstore::computed! {
    /// Threads that are in functions which have not returned in time.
    gauge "/sampler/stuck", "uk_sampler_stuck" => prompt || Value::U64(rounds(|rounds| rounds.lost()).into());
}

fn rounds<R>(f: impl FnOnce(&mut Rounds<ThreadId>) -> R) -> R {
    critical_section::with(|cs| f(&mut ROUNDS.borrow(cs).borrow_mut()))
}

/// Starts the thread, if the program has functions to be sampled.
pub(crate) fn start() -> Result<(), SpawnError> {
    if ukstore::has_samples() { spawn() } else { Ok(()) }
}

fn spawn() -> Result<(), SpawnError> {
    Builder::new().name("sampler").kernel().spawn(run).map(|_| ())
}

/// The thread.
fn run() {
    let me = thread::current_id();
    if let Some(returned) = rounds(|rounds| rounds.take_over(me)) {
        thread::unpark(returned);
    }
    loop {
        match rounds(|rounds| rounds.duty(me, now_ns())) {
            Duty::Sample(round) => {
                SAMPLED.inc();
                // What it calls is the program's.
                cpu_time::within(Mode::User, |_| ukstore::sample_all());
                rounds(|rounds| rounds.end(round, now_ns()));
                wake_asker();
            }
            Duty::Sleep => {
                thread::park_until(None);
            }
            Duty::Leave => return,
        }
    }
}

fn wake_asker() {
    if let Some(asker) = critical_section::with(|cs| ASKER.borrow(cs).get()) {
        thread::unpark(asker);
    }
}

/// Has everything sampled, for the calling thread, which is woken when that is done. A ticket for [`is_over`]; nothing if
/// there is nothing to wait for.
pub(crate) fn ask(now: u64) -> Option<u64> {
    if !ukstore::has_samples() {
        return None;
    }
    critical_section::with(|cs| ASKER.borrow(cs).set(Some(thread::current_id())));
    let (round, sampler) = rounds(|rounds| rounds.ask(now))?;
    if let Some(sampler) = sampler {
        thread::unpark(sampler);
    }
    Some(round)
}

/// Whether what was asked for is done, or never will be.
pub(crate) fn is_over(round: u64) -> bool {
    rounds(|rounds| rounds.is_over(round))
}

/// Sees to it that a round does not take for ever; when to call again, if at all. For who has asked.
pub(crate) fn watch(now: u64) -> Option<u64> {
    if rounds(|rounds| rounds.look(now)) {
        housekeeper::wake();
    }
    rounds(|rounds| rounds.next_look_ns())
}

/// Has another thread take over from one that does not come back. For the housekeeper.
pub(crate) fn relieve() {
    let why = match rounds(Rounds::relieve) {
        Relief::None => return,
        Relief::Start => match spawn() {
            Ok(()) => "another thread samples the rest",
            Err(_) => {
                rounds(Rounds::not_started);
                return log::error!("no memory for another sampler");
            }
        },
        Relief::GiveUp => {
            wake_asker();
            "too many threads are lost so: nothing is sampled until one returns"
        }
    };
    LOST.inc();
    log::warn!("a sampled function of the program has not returned for {} ms: {why}", PATIENCE_NS / 1_000_000);
}
