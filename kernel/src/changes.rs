//! What changes in the tree goes to the log: who set which setting, and, for developers, which objects come and go.

use ukstore::{Change, Event, Subscriber};

/// A reader of ukstore's events, and how many of them it was too slow for so far.
pub(crate) struct Changes {
    subscriber: Subscriber,
    missed: u64,
}

impl Changes {
    /// Tells of what changes from now on.
    pub(crate) fn new() -> Self {
        Self { subscriber: Subscriber::new(), missed: 0 }
    }

    /// Logs what has changed since the last call.
    pub(crate) fn tell(&mut self) {
        for Event { change, path, name, .. } in self.subscriber.by_ref() {
            let (slash, name) = name.as_ref().map_or(("", ""), |name| ("/", name.as_str()));
            match change {
                Change::Set(by) => log::info!("setting {path}{slash}{name} set by {by}"),
                Change::Created => log::debug!("{path}{slash}{name} created"),
                Change::Released => log::debug!("{path}{slash}{name} released"),
            }
        }
        let missed = self.subscriber.missed();
        if missed > self.missed {
            log::debug!("{} changes came too fast to be told", missed - self.missed);
            self.missed = missed;
        }
    }
}
