//! More than the log can hold, and changes faster than it can be told of them.

use alloc::string::String;
use periscope::{println, ukstore};

use crate::serve;

ukstore::setting! {
    /// A number that is written over and over.
    static TURNS: u64 = 0, in 0..=1_000_000, "/guest/log/turns";
}

/// When somebody knocks, writes a setting `changes` times in a row; at the next knock, `lines` lines.
pub(crate) fn fill(changes: u32, lines: u32) -> Result<(), String> {
    let door = serve::door()?;
    serve::knock(&door)?;
    for turn in 0..changes {
        TURNS.set(u64::from(turn)).map_err(|refused| alloc::format!("{refused:?}"))?;
    }
    println!("log: changed");
    serve::knock(&door)?;
    for line in 0..lines {
        println!("log: line {line} of {lines}, as long as lines are");
    }
    println!("log: full");
    serve::knock(&door)
}
