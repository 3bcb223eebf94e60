//! Finding an observation's bucket among written bounds. Not for exponential ones: see `exponential.rs`.

/// The most upper bounds a histogram's classic view may have: with the bucket above them and the sum, a snapshot is
/// 64 numbers.
pub const MAX_BOUNDS: usize = 62;

/// How many places bounds are padded to, so that each search has its number of steps fixed by the compiler.
#[doc(hidden)]
#[must_use]
pub const fn bounds_room(bounds: &[u64]) -> usize {
    assert!(bounds.len() <= MAX_BOUNDS, "ukstore: a histogram has at most 62 bounds");
    match bounds.len() {
        0..16 => 16,
        16..32 => 32,
        _ => 64,
    }
}

/// The bounds, and above them the largest number there is, which no observation exceeds.
#[doc(hidden)]
#[must_use]
pub const fn padded<const ROOM: usize>(bounds: &[u64]) -> [u64; ROOM] {
    let mut places = [u64::MAX; ROOM];
    let mut index = 0;
    while index < bounds.len() {
        assert!(index == 0 || bounds[index - 1] < bounds[index], "ukstore: a histogram's bounds must grow");
        places[index] = bounds[index];
        index += 1;
    }
    places
}

/// Padded bounds. A slice would tell the compiler nothing of the length.
#[derive(Clone, Copy, Debug)]
pub(super) enum Padded {
    Few(&'static [u64; 16]),
    Some(&'static [u64; 32]),
    Many(&'static [u64; 64]),
}

impl Padded {
    pub(super) const fn new(places: &'static [u64]) -> Self {
        match places.len() {
            16 => Self::Few(places.first_chunk().expect("it has sixteen")),
            32 => Self::Some(places.first_chunk().expect("it has thirty-two")),
            _ => Self::Many(places.first_chunk().expect("bounds_room knows three lengths")),
        }
    }

    pub(super) const fn places(self) -> &'static [u64] {
        match self {
            Self::Few(places) => places,
            Self::Some(places) => places,
            Self::Many(places) => places,
        }
    }

    /// How many bounds are below the observation: its bucket.
    #[inline]
    pub(super) fn below(self, observation: u64) -> usize {
        match self {
            Self::Few(places) => below(places, observation),
            Self::Some(places) => below(places, observation),
            Self::Many(places) => below(places, observation),
        }
    }
}

/// A binary search without branches: the same instructions for every observation, three for each halving.
#[inline]
fn below<const ROOM: usize>(places: &[u64; ROOM], observation: u64) -> usize {
    let mut below = 0;
    let mut half = ROOM / 2;
    while half > 0 {
        // `below` is a multiple of twice `half`, so this is the last place of the lower half.
        if places[below | (half - 1)] < observation {
            below |= half;
        }
        half /= 2;
    }
    below
}
