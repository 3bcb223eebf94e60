//! Functions that the kernel samples: one that never returns and wants the CPU meanwhile, one that sleeps for ever, and a
//! good one. The bad ones are good, too, until they are told otherwise.

use crate::serve;
use alloc::string::String;
use core::hint::spin_loop;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use periscope::time::Duration;
use periscope::ukstore::{self, Value};
use periscope::{println, thread};

static MISBEHAVE: AtomicBool = AtomicBool::new(false);
static CALLS: AtomicU64 = AtomicU64::new(0);

ukstore::computed! {
    /// A function that spins while it is told to.
    gauge "/guest/samples/spins", "guest_sample_spins" => spins;
    /// A function that sleeps while it is told to, and a day more.
    gauge "/guest/samples/sleeps", "guest_sample_sleeps" => sleeps;
    /// How often this was sampled.
    counter "/guest/samples/good_total", "guest_sample_good_total" => good;
}

fn spins() -> Value {
    while MISBEHAVE.load(Relaxed) {
        spin_loop();
    }
    Value::U64(0)
}

fn sleeps() -> Value {
    while MISBEHAVE.load(Relaxed) {
        thread::sleep(Duration::from_secs(24 * 60 * 60));
    }
    Value::U64(0)
}

fn good() -> Value {
    Value::U64(CALLS.fetch_add(1, Relaxed) + 1)
}

/// Has the two misbehave until somebody knocks, and then lets the spinning one return.
pub(crate) fn misbehave() -> Result<(), String> {
    let door = serve::door()?;
    MISBEHAVE.store(true, Relaxed);
    println!("samples: two do not return");
    serve::knock(&door)?;
    MISBEHAVE.store(false, Relaxed);
    println!("samples: one returns");
    serve::knock(&door)
}
