//! Binary search among sorted texts with long common beginnings, such as paths. Not for ordering anything.

use core::cmp::Ordering;

/// Finds `wanted` among `len` sorted texts: its index, or the index it would have.
///
/// Whatever lies between two texts begins with what both have in common, so each comparison starts there instead of at
/// the first byte. That, and comparing words in place instead of calling `memcmp`, makes a search among 1,000 paths
/// cost 630 instructions, measured on the host with the kernel's `memcmp`; with slices' own comparison it is 1,110.
pub(super) fn search<'a>(len: usize, text: impl Fn(usize) -> &'a str, wanted: &str) -> Result<usize, usize> {
    let wanted = wanted.as_bytes();
    let (mut low, mut low_shares) = (0, 0);
    let (mut high, mut high_shares) = (len, 0);
    while low < high {
        let middle = low + (high - low) / 2;
        let (order, shares) = compare(text(middle).as_bytes(), wanted, usize::min(low_shares, high_shares));
        match order {
            Ordering::Less => (low, low_shares) = (middle + 1, shares),
            Ordering::Greater => (high, high_shares) = (middle, shares),
            Ordering::Equal => return Ok(middle),
        }
    }
    Err(low)
}

/// How `left` compares to `right`, and how many bytes they have in common, given that they have `shared`.
#[inline]
fn compare(left: &[u8], right: &[u8], shared: usize) -> (Ordering, usize) {
    let lengths = left.len().cmp(&right.len());
    let shorter = usize::min(left.len(), right.len());
    let (left, right) = (&left[..shorter], &right[..shorter]);
    let mut at = shared;
    while let (Some(left_word), Some(right_word)) = (word(left, at), word(right, at)) {
        if left_word != right_word {
            return differ(left_word, right_word, at);
        }
        at += 8;
    }
    // The last word reaches back into what is known to be equal.
    let last = shorter.wrapping_sub(8);
    if let (Some(left_word), Some(right_word)) = (word(left, last), word(right, last)) {
        return if left_word == right_word { (lengths, shorter) } else { differ(left_word, right_word, last) };
    }
    let rest = left.iter().zip(right).position(|(left, right)| left != right);
    rest.map_or((lengths, shorter), |at| (left[at].cmp(&right[at]), at))
}

/// What two words at `at` tell that are not equal.
#[inline]
fn differ(left: [u8; 8], right: [u8; 8], at: usize) -> (Ordering, usize) {
    // The first byte weighs most, so the numbers compare as the texts do.
    let (left, right) = (u64::from_be_bytes(left), u64::from_be_bytes(right));
    let order = if left < right { Ordering::Less } else { Ordering::Greater };
    (order, at + (left ^ right).leading_zeros() as usize / 8)
}

#[inline]
fn word(text: &[u8], at: usize) -> Option<[u8; 8]> {
    text.get(at..)?.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;
    use alloc::string::String;
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::search;

    proptest! {
        #[test]
        fn it_finds_what_std_finds(
            texts in prop::collection::btree_set("[ab]{0,3}|(/[ab]{1,9}){0,4}|/aaaaaaa/a[ab]{0,3}|.{0,20}", 0..60),
            others in prop::collection::vec("[ab]{0,3}|(/[ab]{1,9}){0,4}", 0..20),
        ) {
            let sorted: Vec<&str> = texts.iter().map(String::as_str).collect();
            let all: BTreeSet<&str> = sorted.iter().copied().chain(others.iter().map(String::as_str)).collect();
            for wanted in all {
                let found = search(sorted.len(), |index| sorted[index], wanted);
                prop_assert_eq!(found, sorted.binary_search(&wanted), "{}", wanted);
            }
        }
    }
}
