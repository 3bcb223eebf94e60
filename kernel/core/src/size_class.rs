//! Size classes of the heap: which few block sizes stand for all small requests.
//!
//! Classes are 16, 32, 48 and 64 bytes and from there four to each doubling (80, 96, 112, 128, 160, ...) up to 32 KiB. Four
//! steps keep what a block wastes below a fifth of it (one middle step would waste up to a third, none up to half); the class
//! comes from the size by shifts, without a search. 32 KiB is where requests get rare (stacks, buffers made once): keeping
//! freed blocks for reuse would save little time and hold much memory. All classes are multiples of 16, so that every block
//! is fit for any basic type.
//!
//! Blocks are cut from chunks, [`chunk_bytes`] long and aligned to [`CHUNK_ALIGN`], one after the other from the chunk's
//! start; each block is then as aligned as its class is divisible.
//!
//! Forty classes are more than anybody wants to read, so they are told by the doubling: see [`of_doubling`].
//!
//! Not here: free lists and memory. What has no class goes to the general allocator as it is.

use core::ops::Range;

/// Largest request that has a class, in bytes.
pub const MAX_BYTES: usize = 32 << 10;

/// Number of classes.
pub const COUNT: usize = 40;

/// Alignment of chunks, and the strictest alignment that a class can serve.
pub const CHUNK_ALIGN: usize = 4096;

/// Below this size classes are 16 bytes apart.
const LINEAR_BYTES: usize = 64;

/// Block size of each class in bytes, smallest first.
pub const SIZES: [usize; COUNT] = {
    let mut sizes = [0; COUNT];
    let mut class = 0;
    while class < COUNT {
        sizes[class] = if class < 4 {
            16 * (class + 1)
        } else {
            // From one power of two to the next in quarters of the lower one.
            let quarter = (LINEAR_BYTES / 4) << ((class - 4) / 4);
            quarter * (5 + (class - 4) % 4)
        };
        class += 1;
    }
    sizes
};

/// Number of doublings that the classes are told by: blocks of up to 16 bytes, up to 32, up to 64 and so on.
pub const DOUBLINGS: usize = 12;

/// The classes whose blocks are larger than half of `16 << doubling` bytes, and no larger than that; none beyond the last.
pub const fn of_doubling(doubling: usize) -> Range<usize> {
    match doubling {
        0 | 1 => doubling..doubling + 1,
        2 => 2..4,
        3..DOUBLINGS => 4 * doubling - 8..4 * doubling - 4,
        _ => COUNT..COUNT,
    }
}

/// The smallest class for a request of `size` bytes aligned to `align`, a power of two. `None`: too large or too strict.
///
/// A request of no bytes counts as one of a byte.
pub const fn class_of(size: usize, align: usize) -> Option<usize> {
    // A size that is a multiple of `align` falls into a class that is one too: either the classes there are multiples of
    // `align` apart, or the size is itself a class. (Tested for every size.)
    let size = if size == 0 { 1 } else { size };
    let Some(size) = size.checked_next_multiple_of(align) else { return None };
    if size > MAX_BYTES || align > CHUNK_ALIGN {
        return None;
    }
    let last = size - 1;
    if last < LINEAR_BYTES {
        return Some(last / 16);
    }
    let doubling = last.ilog2();
    let quarter = (last >> (doubling - 2)) & 3;
    Some(4 + (doubling - LINEAR_BYTES.ilog2()) as usize * 4 + quarter)
}

/// How much memory a class takes at a time: a whole number of its blocks, 8 of them or a page full of them, but no more than
/// 64 KiB (two of the largest), so that a small machine is not used up by what waits in lists.
pub const fn chunk_bytes(class: usize) -> usize {
    let bytes = SIZES[class];
    let wanted = if bytes * 8 < CHUNK_ALIGN { CHUNK_ALIGN } else { bytes * 8 };
    let taken = if wanted > 2 * MAX_BYTES { 2 * MAX_BYTES } else { wanted };
    taken - taken % bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_classes_are_as_documented() {
        assert_eq!(SIZES[..13], [16, 32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]);
        assert_eq!(SIZES[COUNT - 1], MAX_BYTES);
        assert!(SIZES.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(SIZES.iter().all(|bytes| bytes.is_multiple_of(16)));
    }

    #[test]
    fn every_request_gets_the_smallest_class_that_fits() {
        for align in (0..=16).map(|shift| 1usize << shift) {
            for size in 0..=MAX_BYTES + 1 {
                let fits = |&bytes: &usize| bytes >= size && bytes.is_multiple_of(align) && align <= CHUNK_ALIGN;
                let class = class_of(size, align);
                assert_eq!(class, SIZES.iter().position(fits), "{size} {align}");
                if let Some(bytes) = class.map(|class| SIZES[class]).filter(|_| size > LINEAR_BYTES && align <= 16) {
                    assert!((bytes - size) * 5 < bytes, "{size} wastes a fifth");
                }
            }
        }
        assert_eq!(class_of(usize::MAX, 16), None);
    }

    #[test]
    fn each_class_is_in_the_doubling_that_its_size_says() {
        let mut next = 0;
        for doubling in 0..DOUBLINGS {
            let classes = of_doubling(doubling);
            assert_eq!(classes.start, next, "no class is left out, and none is in two");
            let within = |&bytes: &usize| bytes > (8 << doubling) && bytes <= (16 << doubling);
            assert!(SIZES[classes.clone()].iter().all(within), "{doubling}: {classes:?}");
            next = classes.end;
        }
        assert_eq!(next, COUNT);
        assert!(of_doubling(DOUBLINGS).is_empty() && of_doubling(usize::MAX).is_empty());
    }

    #[test]
    fn chunks_are_full_of_blocks() {
        for (class, &block) in SIZES.iter().enumerate() {
            let chunk = chunk_bytes(class);
            assert!(chunk.is_multiple_of(block) && chunk >= 2 * block && chunk <= 64 << 10, "{block}: {chunk}");
        }
        assert_eq!((chunk_bytes(0), chunk_bytes(2), chunk_bytes(COUNT - 1)), (4096, 4080, 64 << 10));
    }
}
