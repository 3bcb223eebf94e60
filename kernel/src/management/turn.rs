//! What each of those that share the management thread tells its loop.

/// How often to look whether there is an address to send from. On a stack of management's own, what brings one wakes the
/// thread anyway.
pub(super) const ADDRESS_NS: u64 = 1_000_000_000;

/// What came of somebody's turn.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Turn {
    /// Whether anything moved: there may be more, which is seen to at once.
    pub(super) moved: bool,
    /// When the next turn must be at the latest, although nothing came.
    pub(super) deadline_ns: Option<u64>,
}
