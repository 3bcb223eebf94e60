//! Settings of a program: what is written from outside is what the program reads.

use alloc::string::String;
use periscope::time::Duration;
use periscope::{println, thread, ukstore};

ukstore::labels! {
    /// How a test wants things done.
    pub(crate) enum Manner {
        /// Without haste.
        Calm = "calm",
        /// In haste.
        Hasty = "hasty",
    }
}

ukstore::setting! {
    /// A number that tests write.
    static LIMIT: u64 = 64, in 1..=1000, "/guest/settings/limit", "guest_setting_limit";
    /// A word that tests write.
    static MANNER: Manner = Manner::Calm, "/guest/settings/manner";
    /// A text that tests write.
    static GREETING: text(16) = "hello", "/guest/settings/greeting";
}

ukstore::fault! {
    /// A fault that tests provoke.
    static HARM: u64 = 0, in 0..=100, "/guest/faults/harm";
}

/// Prints the settings, and again when one has changed, for ever.
pub(crate) fn tell() -> Result<(), String> {
    let mut told = String::new();
    loop {
        let (limit, manner, greeting, harm) = (LIMIT.get(), MANNER.get(), GREETING.get(), HARM.get());
        let now = alloc::format!("limit {limit}, manner {manner:?}, greeting {}, harm {harm}", greeting.as_str());
        if told != now {
            println!("settings: {now}");
            told = now;
        }
        thread::sleep(Duration::from_millis(10));
    }
}
