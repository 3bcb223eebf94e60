//! What changes in the tree, for whoever wants to be told: objects that come and go, settings that are set. Not for
//! values: those are read.
//!
//! Events go into one ring. Whoever changes the tree writes there and never waits; a subscriber reads at its own
//! position, and is told how many it missed if it was too slow. While nobody subscribes an event costs one load.

use core::cell::RefCell;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use critical_section::Mutex;

use crate::{Name, Writer, machine, own};

/// How many events the ring holds.
pub const EVENTS: usize = 64;

/// Something that changed.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// When, in nanoseconds since boot.
    pub at_ns: u64,
    /// What changed.
    pub change: Change,
    /// The setting's path, or the object's class's.
    pub path: &'static str,
    /// The object's name; for the switch of a source, the source's.
    pub name: Option<Name>,
}

/// How something changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// An object was added to its class.
    Created,
    /// An object is gone.
    Released,
    /// A setting was set.
    Set(Writer),
}

struct Ring {
    events: [Option<Event>; EVENTS],
    /// How many there ever were.
    count: u64,
}

static RING: Mutex<RefCell<Ring>> = Mutex::new(RefCell::new(Ring { events: [None; EVENTS], count: 0 }));
static SUBSCRIBERS: AtomicUsize = AtomicUsize::new(0);

/// Whether anybody subscribes.
pub(crate) fn is_watched() -> bool {
    SUBSCRIBERS.load(Relaxed) > 0
}

/// Records an event. To be called in the critical section that makes the change: so events come in the order of the
/// changes, and what was created last under a name is not taken for what was released before. Behind that section, the
/// caller wakes the subscribers (`machine::wake`), which may switch threads.
pub(crate) fn raise(change: Change, path: &'static str, name: Option<Name>) {
    if !is_watched() {
        return;
    }
    let event = Event { at_ns: machine::now_ns(), change, path, name };
    critical_section::with(|cs| {
        let mut ring = RING.borrow_ref_mut(cs);
        let at = (ring.count % EVENTS as u64) as usize;
        ring.events[at] = Some(event);
        ring.count += 1;
    });
}

/// Somebody who is told of events, from its making on. Any number of them may be; none can hold up a change or another.
#[derive(Debug)]
pub struct Subscriber {
    next: u64,
    missed: u64,
}

impl Subscriber {
    /// Subscribes to what happens from now on.
    #[must_use]
    pub fn new() -> Self {
        SUBSCRIBERS.fetch_add(1, Relaxed);
        Self { next: critical_section::with(|cs| RING.borrow_ref(cs).count), missed: 0 }
    }

    /// How many events this subscriber was too slow for.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.missed
    }
}

/// The events not yet taken, the oldest first. `None` means that there is none now, not that none will come. Events that
/// were overwritten before they were taken are counted, here ([`missed`](Subscriber::missed)) and in
/// `uk_store_events_missed_total`.
impl Iterator for Subscriber {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        let (event, missed) = critical_section::with(|cs| {
            let ring = RING.borrow_ref(cs);
            let oldest = ring.count.saturating_sub(EVENTS as u64);
            let next = self.next.max(oldest);
            let event = (next < ring.count).then(|| ring.events[(next % EVENTS as u64) as usize]);
            (event.flatten(), next - self.next)
        });
        self.next += missed + u64::from(event.is_some());
        self.missed += missed;
        own::MISSED.add(missed);
        event
    }
}

impl Default for Subscriber {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        SUBSCRIBERS.fetch_sub(1, Relaxed);
    }
}
