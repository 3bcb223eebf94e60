//! Which source tells a family, as an index. The tables never change, so each family's is looked up once: names are
//! compared then, and never again while scrapes are written. Not for what is measured by it: see `meter`.

use core::ptr;
use core::sync::atomic::{AtomicU8, Ordering::Relaxed};

use ukstore::{Family, Source, families};

/// How many families are remembered. Those behind are looked up each time.
const MAX_REMEMBERED: usize = 512;

/// By the family's place among all, one more than the index of its source; nothing while it was not looked up.
static OF_FAMILIES: [AtomicU8; MAX_REMEMBERED] = [const { AtomicU8::new(0) }; MAX_REMEMBERED];

/// The index of the source that tells this family: what [`Source::index`] says.
#[inline]
pub(super) fn of(family: &'static Family) -> usize {
    let place = place(family);
    match OF_FAMILIES.get(place).map(|index| index.load(Relaxed)) {
        Some(one_more @ 1..) => usize::from(one_more - 1),
        _ => look_up(family, place),
    }
}

/// Where a family stands among all.
#[inline]
fn place(family: &'static Family) -> usize {
    let offset = ptr::from_ref(family).addr().wrapping_sub(families().as_ptr().addr());
    offset / size_of::<Family>()
}

#[cold]
fn look_up(family: &'static Family, place: usize) -> usize {
    let index = Source::of(family).index();
    if let (Some(of_family), Ok(one_more)) = (OF_FAMILIES.get(place), u8::try_from(index + 1)) {
        of_family.store(one_more, Relaxed);
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_family_has_the_source_it_has() {
        for family in families().iter().chain(families()) {
            let expected = Source::of(family);
            assert_eq!((of(family), Source::at(of(family))), (expected.index(), Some(expected)), "{family:?}");
            assert_eq!(look_up(family, place(family)), expected.index(), "as it is each time for families far behind");
        }
    }

    #[test]
    fn places_count_from_the_first() {
        assert!(families().iter().map(place).eq(0..families().len()));
    }
}
