//! What a filter says of each source, found by where the source's name lies: so a line that is not kept, of a program of
//! which some other source is talkative, costs a few instructions and no comparison of names.
//!
//! Only for names that never change, such as the compiler's: a name is known again by its address and length. Whoever
//! changes the filter clears this in the same critical section, and keeps what it looked up in the one in which it did.

use super::Level;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// More than there are modules that log, so that few share a place.
const PLACES: usize = 64;
const _: () = assert!(PLACES.is_power_of_two(), "places are counted in bits");

/// Bits of a place: the address, the length, and the level plus one.
const ADDRESS_BITS: u32 = 48;
const LEN_BITS: u32 = 12;
const LEVEL_BITS: u32 = 64 - ADDRESS_BITS - LEN_BITS;

const _: () = assert!(Level::ALL.len() < 1 << LEVEL_BITS, "every level, and 0 for an empty place");

/// Levels by source, of those that were asked for last.
pub struct LevelCache {
    places: [AtomicU64; PLACES],
}

impl LevelCache {
    /// Nothing is known.
    pub const fn new() -> Self {
        Self { places: [const { AtomicU64::new(0) }; PLACES] }
    }

    /// The level kept for this very name, if it is known.
    #[inline]
    pub fn get(&self, source: &str) -> Option<Level> {
        let key = key(source)?;
        let kept = self.places[place(key)].load(Relaxed);
        if kept >> LEVEL_BITS != key {
            return None;
        }
        // 0, of a place without anything in it, has no level before it.
        let level = (kept % (1 << LEVEL_BITS)).checked_sub(1)?;
        Level::ALL.get(level as usize).copied()
    }

    /// Keeps the level of a name, in place of another's.
    pub fn keep(&self, source: &str, level: Level) {
        if let Some(key) = key(source) {
            self.places[place(key)].store(key << LEVEL_BITS | (level as u64 + 1), Relaxed);
        }
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.places.iter().for_each(|place| place.store(0, Relaxed));
    }
}

impl Default for LevelCache {
    fn default() -> Self {
        Self::new()
    }
}

/// Address and length; `None` if they have more bits than there is room for.
#[inline]
fn key(source: &str) -> Option<u64> {
    let (address, len) = (source.as_ptr().addr() as u64, source.len() as u64);
    (address >> ADDRESS_BITS == 0 && len >> LEN_BITS == 0).then_some(address << LEN_BITS | len)
}

/// Where a key's level is: its highest bits once it is multiplied by 2^64 over the golden ratio, which spreads neighbours
/// (Knuth, The Art of Computer Programming, volume 3, section 6.4).
#[inline]
fn place(key: u64) -> usize {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - PLACES.ilog2())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{string::String, vec::Vec};

    #[test]
    fn a_name_is_known_by_where_it_lies() {
        let cache = LevelCache::new();
        let text = String::from("web::http");
        let (whole, part, copy) = (text.as_str(), &text[..3], text.clone());
        assert_eq!(cache.get(whole), None);
        for level in Level::ALL {
            cache.keep(whole, level);
            assert_eq!(cache.get(whole), Some(level));
        }
        assert_eq!((cache.get(part), cache.get(&copy)), (None, None));
        cache.keep(part, Level::Quiet);
        assert_eq!(cache.get(part), Some(Level::Quiet));
        cache.clear();
        assert_eq!((cache.get(whole), cache.get(part)), (None, None));
        assert_eq!(cache.get(""), None);
    }

    /// Whatever shares a place with whatever: what is told is what was kept for that name.
    #[test]
    fn no_name_has_another_s_level() {
        let cache = LevelCache::new();
        let text: String = "abcdefgh".repeat(200);
        let names: Vec<&str> = (0..150).flat_map(|at| [&text[at..at + 8], &text[at..at + 11]]).collect();
        let level = |index: usize| Level::ALL[index * 7 % 6];
        for (index, name) in names.iter().enumerate() {
            cache.keep(name, level(index));
        }
        let known = names.iter().enumerate().filter_map(|(index, name)| Some((index, cache.get(name)?)));
        let known: Vec<_> = known.collect();
        assert!(known.len() >= PLACES / 2, "{}", known.len());
        assert!(known.iter().all(|&(index, found)| found == level(index)));
    }

    #[test]
    fn a_name_that_is_too_long_is_never_known() {
        let (cache, long) = (LevelCache::new(), "x".repeat(1 << LEN_BITS));
        cache.keep(&long, Level::Debug);
        assert_eq!(cache.get(&long), None);
    }
}
