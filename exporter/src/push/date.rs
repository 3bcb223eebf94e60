//! How long what carries a date waits until the machine knows it well. For producers; not for asking anybody.

use crate::Site;

/// From the first time on that it is asked for.
const PATIENCE_NS: u64 = 10_000_000_000;

/// Patience with whoever is asked for the date.
#[derive(Debug, Default)]
pub(super) struct DatePatience {
    /// When it ends; known from the first call on.
    ends_ns: Option<u64>,
    is_waiting: bool,
}

impl DatePatience {
    /// Whether to wait.
    pub(super) fn waits(&mut self, now_ns: u64, site: &dyn Site) -> bool {
        let ends_ns = *self.ends_ns.get_or_insert(now_ns.saturating_add(PATIENCE_NS));
        self.is_waiting = now_ns < ends_ns && site.awaits_date();
        self.is_waiting
    }

    /// Waits no longer, whatever is known.
    pub(super) const fn end(&mut self) {
        (self.ends_ns, self.is_waiting) = (Some(0), false);
    }

    /// Until when, while it waits.
    pub(super) fn deadline_ns(&self) -> Option<u64> {
        self.ends_ns.filter(|_| self.is_waiting)
    }
}
