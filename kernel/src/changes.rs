//! What changes in the tree goes to the log: who set which setting, and, for developers, which objects come and go.
//!
//! Objects come and go often, and seldom does anybody want to read of it. So whoever makes a change looks at once whether
//! it is to be told: if not, the housekeeper is not woken, and what is to be told is not crowded out.

use crate::housekeeper;
use core::cell::RefCell;
use critical_section::Mutex;
use heapless::Deque;
use ukstore::{Change, Event, Subscriber};

ukstore::counter! {
    /// Changes of the tree that no log line tells, because they came too fast.
    static UNTOLD = "/log/changes_untold_total", "uk_log_changes_untold_total";
}

/// The most changes that wait to be told: one command may switch all sources.
const WAITING: usize = ukstore::MAX_SOURCES;

struct Changes {
    /// None until somebody tells.
    subscriber: Option<Subscriber>,
    waiting: Deque<Event, WAITING>,
    /// Changes that found no room to wait.
    untold: u64,
}

static CHANGES: Mutex<RefCell<Changes>> =
    Mutex::new(RefCell::new(Changes { subscriber: None, waiting: Deque::new(), untold: 0 }));

fn with<R>(f: impl FnOnce(&mut Changes) -> R) -> R {
    critical_section::with(|cs| f(&mut CHANGES.borrow_ref_mut(cs)))
}

impl Changes {
    /// Keeps what is to be told of what has changed; whether that is anything.
    fn take(&mut self) -> bool {
        let mut any = false;
        for event in self.subscriber.iter_mut().flatten() {
            let is_told = matches!(event.change, Change::Set(_)) || log::log_enabled!(log::Level::Debug);
            if is_told {
                self.untold += u64::from(self.waiting.push_back(event).is_err());
                any = true;
            }
        }
        any
    }
}

/// Something has changed: ukstore calls this, in whichever thread or interrupt that was.
pub(crate) fn made() {
    if with(Changes::take) {
        housekeeper::wake();
    }
}

/// What changes from now on is told.
pub(crate) fn listen() {
    with(|changes| changes.subscriber = Some(Subscriber::new()));
}

/// Logs what has changed. For the housekeeper.
pub(crate) fn tell() {
    while let Some(Event { change, path, name, .. }) = with(|changes| changes.waiting.pop_front()) {
        let (slash, name) = name.as_ref().map_or(("", ""), |name| ("/", name.as_str()));
        match change {
            Change::Set(by) => log::info!("setting {path}{slash}{name} set by {by}"),
            Change::Created => log::debug!("{path}{slash}{name} created"),
            Change::Released => log::debug!("{path}{slash}{name} released"),
        }
    }
    let untold = with(|changes| core::mem::take(&mut changes.untold));
    if untold > 0 {
        UNTOLD.add(untold);
        log::warn!("{untold} changes of the tree came too fast to be told");
    }
}
