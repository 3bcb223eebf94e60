//! Which families a scrape asks for (`?name[]=`, `?collect[]=`). Not for reading the query: see `http`.

use ukstore::{Family, Source};

/// The most families that can be asked for by name.
pub const MAX_NAMED: usize = 32;

/// What is to be told of all there is. What is named in both ways must be in both.
#[derive(Clone, Copy, Debug)]
pub struct Selection {
    /// The families named, if any was: a name that there is no family of adds none.
    families: [Option<&'static Family>; MAX_NAMED],
    named: bool,
    /// A bit for each source that is told.
    sources: u64,
}

impl Selection {
    /// Everything.
    pub const ALL: Self = Self { families: [None; MAX_NAMED], named: false, sources: u64::MAX };

    /// Whether this is everything, so that no family needs to be looked at.
    #[must_use]
    pub fn is_all(&self) -> bool {
        !self.named && self.sources == u64::MAX
    }

    /// Whether this family, which is told by this source, is to be told.
    #[must_use]
    pub fn admits(&self, family: &'static Family, source: Source) -> bool {
        let is_named = || self.families.iter().flatten().any(|named| core::ptr::eq(*named, family));
        self.sources & source.bit() != 0 && (!self.named || is_named())
    }
}
