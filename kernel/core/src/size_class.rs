//! Size classes of the heap: which few block sizes stand for all small requests.
//!
//! Classes are 16, 32, 48 and 64 bytes and from there four to each doubling (80, 96, 112, 128, 160, ...) up to 32 KiB. Four
//! steps keep what a block wastes below a fifth of it (one middle step would waste up to a third, none up to half); the class
//! comes from the size by shifts, without a search. 32 KiB is where requests get rare (stacks, buffers made once): keeping
//! freed blocks for reuse would save little time and hold much memory. All classes are multiples of 16, so that every block
//! is fit for any basic type.
//!
//! Not here: free lists and memory. What is larger goes to the general allocator as it is.

/// Largest request that has a class, in bytes.
pub const MAX_BYTES: usize = 32 << 10;

/// Number of classes.
pub const COUNT: usize = 40;

/// Below this size classes are 16 bytes apart.
const LINEAR_BYTES: usize = 64;

/// One size class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SizeClass(u8);

impl SizeClass {
    /// The smallest class for a request of `size` bytes aligned to `align`, a power of two. `None`: too large.
    ///
    /// A request of no bytes counts as one of a byte.
    pub const fn of(size: usize, align: usize) -> Option<Self> {
        // A size that is a multiple of `align` falls into a class that is one too: either the classes there are multiples
        // of `align` apart, or the size is itself a class. (Tested for every size.)
        let size = if size == 0 { 1 } else { size };
        let Some(size) = size.checked_next_multiple_of(align) else { return None };
        if size > MAX_BYTES {
            return None;
        }
        let last = size - 1;
        let index = if last < LINEAR_BYTES {
            last / 16
        } else {
            let doubling = last.ilog2();
            let step = (last >> (doubling - 2)) & 3;
            4 + (doubling - LINEAR_BYTES.ilog2()) as usize * 4 + step
        };
        Some(Self(index as u8))
    }

    /// The class with this index, below [`COUNT`].
    pub const fn from_index(index: usize) -> Option<Self> {
        if index < COUNT { Some(Self(index as u8)) } else { None }
    }

    /// Its index: 0 is the smallest class, [`COUNT`]` - 1` the largest.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// Size of its blocks in bytes.
    pub const fn bytes(self) -> usize {
        BYTES[self.index()] as usize
    }

    /// Alignment its blocks must have: the largest power of two that divides their size, so that a block serves every
    /// request of the class.
    pub const fn align(self) -> usize {
        1 << self.bytes().trailing_zeros()
    }
}

/// Block size of each class.
const BYTES: [u16; COUNT] = {
    let mut table = [0; COUNT];
    let mut index = 0;
    while index < COUNT {
        table[index] = if index < 4 {
            16 * (index as u16 + 1)
        } else {
            let quarter = 1 << ((index - 4) / 4 + 4);
            quarter * (5 + (index as u16 - 4) % 4)
        };
        index += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_classes_are_as_documented() {
        let first: std::vec::Vec<_> = BYTES[..13].to_vec();
        assert_eq!(first, [16, 32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]);
        assert_eq!(usize::from(BYTES[COUNT - 1]), MAX_BYTES);
        assert!(BYTES.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(BYTES.iter().all(|bytes| bytes % 16 == 0));
    }

    #[test]
    fn every_request_gets_the_smallest_class_that_fits() {
        for align in (0..=16).map(|shift| 1usize << shift) {
            for size in 0..=MAX_BYTES + 1 {
                let fits = |bytes: &&u16| usize::from(**bytes) >= size && usize::from(**bytes).is_multiple_of(align);
                let expected = BYTES.iter().find(fits).map(|&bytes| usize::from(bytes));
                let class = SizeClass::of(size, align);
                assert_eq!(class.map(SizeClass::bytes), expected, "{size} {align}");
                assert!(class.is_none_or(|class| class.align().is_multiple_of(align)));
                if size > LINEAR_BYTES && align <= 16 {
                    assert!(
                        class.is_none_or(|class| (class.bytes() - size) * 5 < class.bytes()),
                        "{size} wastes a fifth"
                    );
                }
            }
        }
        assert_eq!(SizeClass::of(usize::MAX, 16), None);
        assert_eq!(SizeClass::of(0, 1).map(SizeClass::index), Some(0));
    }

    #[test]
    fn indices_name_classes() {
        for index in 0..COUNT {
            let class = SizeClass::from_index(index).expect("below COUNT");
            assert_eq!((class.index(), SizeClass::of(class.bytes(), 1)), (index, Some(class)));
        }
        assert_eq!(SizeClass::from_index(COUNT), None);
    }
}
