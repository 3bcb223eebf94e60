//! What every histogram is to a reader: a scale and its cells. Not for observing: see `scale.rs`.

use super::{MAX_BUCKETS, Native, Scale, Snapshot};
use crate::Counter;

/// A histogram, a static one or a field of an object. Readers copy it in one critical section.
pub trait Buckets {
    /// Where the buckets lie.
    fn scale(&self) -> &'static Scale;

    /// The buckets in growing order, the last of them for what is above all bounds, then the sum. With written bounds
    /// there is one for each bound, one above and the sum; an exponential scale has more buckets than bounds.
    fn cells(&self) -> &[Counter];

    /// The upper bounds of the classic view, growing, without `+Inf`.
    fn bounds(&self) -> &'static [u64] {
        self.scale().bounds()
    }

    /// Copies the classic view of one instant.
    fn snapshot_into(&self, snapshot: &mut Snapshot) {
        self.scale().snapshot_into(self.cells(), snapshot);
    }

    /// Copies the exponential buckets of one instant; `None` if the bounds were written down.
    fn native<'a>(&self, room: &'a mut [u64; MAX_BUCKETS]) -> Option<Native<'a>> {
        self.scale().native(self.cells(), room)
    }
}
