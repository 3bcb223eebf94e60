//! Work of a known amount for the CPU, the scheduler and a lock, one piece after each knock.

use crate::serve;
use alloc::string::String;
use alloc::vec::Vec;
use core::hint::spin_loop;
use periscope::sync::Mutex;
use periscope::thread::{self, Builder};
use periscope::time::{Duration, Instant};
use periscope::{net::TcpListener, println};

/// The amounts, which the test knows too.
const SPIN: Duration = Duration::from_millis(600);
const SLEEPS: u32 = 50;
const SLEEP: Duration = Duration::from_millis(10);
const YIELDS: u32 = 1000;
const HOLD: Duration = Duration::from_millis(200);
const CONTENDERS: u32 = 3;

static HELD: Mutex<u32> = Mutex::named("held", 0);

/// Does a piece of work after each knock; after the last one it spins in `count` threads for ever.
pub(crate) fn work(count: u32) -> Result<(), String> {
    let door = serve::door()?;
    println!("cpu: ready");
    after_knock(&door, "spun", || {
        let began = Instant::now();
        spin_until(began + SPIN);
        println!("cpu: the loop took {} ns", Instant::now().duration_since(began).as_nanos());
        Ok(())
    })?;
    after_knock(&door, "slept", || {
        (0..SLEEPS).for_each(|_| thread::sleep(SLEEP));
        Ok(())
    })?;
    after_knock(&door, "yielded", || {
        interrupt_that_nobody_has();
        yield_in_two()
    })?;
    after_knock(&door, "held", hold)?;
    serve::knock(&door)?;
    let spinners: Result<Vec<_>, _> = (1..count).map(|_| Builder::new().name("spinner").spawn(spin)).collect();
    let _spinners = spinners.map_err(|error| alloc::format!("{error}"))?;
    println!("cpu: spinning");
    spin()
}

fn after_knock(door: &TcpListener, what: &str, work: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    serve::knock(door)?;
    work()?;
    println!("cpu: {what}");
    Ok(())
}

fn spin_until(end: Instant) {
    while Instant::now() < end {
        spin_loop();
    }
}

fn spin() -> Result<(), String> {
    loop {
        spin_loop();
    }
}

/// Takes an interrupt on a vector that is for devices and that no device was given.
#[expect(unsafe_code, reason = "no safe Rust interrupts")]
fn interrupt_that_nobody_has() {
    // SAFETY: the kernel has a handler for every vector, which keeps all registers.
    unsafe { core::arch::asm!("int 63") };
}

/// Two threads that give way to each other, each so many times.
fn yield_in_two() -> Result<(), String> {
    let handles: Result<Vec<_>, _> = (0..2)
        .map(|_| Builder::new().name("yielder").spawn(|| (0..YIELDS).for_each(|_| thread::yield_now())))
        .collect();
    let began = Instant::now();
    handles.map_err(|error| alloc::format!("{error}"))?.into_iter().for_each(thread::JoinHandle::join);
    println!("cpu: {} yields took {} ns", 2 * YIELDS, (Instant::now().duration_since(began)).as_nanos());
    Ok(())
}

/// Holds a lock for a known time, while others wait for it.
fn hold() -> Result<(), String> {
    let guard = HELD.lock();
    let handles: Result<Vec<_>, _> =
        (0..CONTENDERS).map(|_| Builder::new().name("contender").spawn(|| *HELD.lock() += 1)).collect();
    thread::sleep(HOLD);
    drop(guard);
    handles.map_err(|error| alloc::format!("{error}"))?.into_iter().for_each(thread::JoinHandle::join);
    if *HELD.lock() == CONTENDERS { Ok(()) } else { Err("not every contender had the lock".into()) }
}
