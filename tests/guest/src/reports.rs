//! Lines of every kind for those who collect them, and then an end as the test wants it.

use alloc::string::String;
use periscope::{log, println, thread, ukstore};

use crate::serve;

ukstore::counter! {
    /// More than signed numbers can tell.
    static VAST = "/guest/vast_total", "guest_vast_total";
}

/// Longer than a line of the log may be.
const LONG: usize = 600;

/// When somebody knocks, tells lines that are hard to carry and `lines` plain ones; at the next knock, ends: well, or with
/// an error if `end` is `fail`.
pub(crate) fn tell(end: &str, lines: u32) -> Result<(), String> {
    let door = serve::door()?;
    VAST.add(u64::MAX);
    println!("reports: ready");
    serve::knock(&door)?;
    println!("reports: quote \" bracket ] backslash \\ percent % angle <13>1 end");
    println!("reports: Grüße, 世界, and\ttab");
    log::error!("reports: an error");
    log::warn!("reports: a warning");
    log::info!("reports: {:x<LONG$}", "long ");
    let worker = thread::Builder::new().name("worker").spawn(|| println!("reports: from a thread"));
    worker.map_err(|error| alloc::format!("{error}"))?.join();
    for line in 0..lines {
        println!("reports: line {line} of {lines}");
    }
    println!("reports: told");
    serve::knock(&door)?;
    if end == "fail" { Err("as it was told to".into()) } else { Ok(()) }
}
