//! The clocks, as a program reads them.

use alloc::string::String;
use periscope::time::{Duration, Instant, SystemTime};
use periscope::{println, thread};

/// Checks that the monotonic clock never goes back and that sleeping takes as long as asked for, and prints the wall
/// clock for the test to compare with the host's.
pub(crate) fn tell() -> Result<(), String> {
    let mut last = Instant::now();
    for _ in 0..100_000 {
        let now = Instant::now();
        if now < last {
            return Err("the monotonic clock went back".into());
        }
        last = now;
    }
    for millis in [0, 1, 10, 200] {
        let asked = Duration::from_millis(millis);
        let began = Instant::now();
        thread::sleep(asked);
        let slept = began.elapsed();
        if slept < asked {
            return Err(alloc::format!("slept {slept:?} of {asked:?}"));
        }
        println!("clock: slept {slept:?} when asked for {asked:?}");
    }
    let wall = SystemTime::now().ok_or("no wall clock")?;
    println!("clock: unix time {} ms", wall.since_epoch().as_millis());
    Ok(())
}
