//! Binary search among sorted texts with long common beginnings, such as paths. Not for ordering anything.

use core::cmp::Ordering;

/// Finds what has the text `wanted` in a slice sorted by `text`: the item, or the index it would have.
///
/// Whatever lies between two texts begins with what both have in common, so each comparison starts at the first word in
/// which the texts left can differ, and mostly ends there, too. Words are compared in place: for so few bytes a call of
/// `memcmp` costs more than all the rest. `make bench-ukstore` counts the instructions.
pub(super) fn search<'a, T>(sorted: &'a [T], text: impl Fn(&'a T) -> &'a str, wanted: &str) -> Result<&'a T, usize> {
    let wanted = wanted.as_bytes();
    // The range that is left goes from `low` to the end of `below`; how many words the texts beside it share with the
    // wanted one.
    let (mut low, mut low_shares) = (0, 0);
    let (mut below, mut high_shares) = (sorted, 0);
    loop {
        // Not `midpoint`, which costs four instructions more: a slice of records is too short for an overflow.
        let middle = (low + below.len()) / 2;
        // The middle is before the end exactly if something is left, so one check serves for both.
        let Some(item) = below.get(middle) else { return Err(low) };
        let (order, shares) = compare(text(item).as_bytes(), wanted, usize::min(low_shares, high_shares));
        match order {
            Ordering::Less => (low, low_shares) = (middle + 1, shares),
            Ordering::Greater => (below, high_shares) = (&below[..middle], shares),
            Ordering::Equal => return Ok(item),
        }
    }
}

/// How `left` compares to `right`, and how many whole words they have in common, given that they have `shared`.
#[inline(always)]
fn compare(left: &[u8], right: &[u8], shared: usize) -> (Ordering, usize) {
    let (left_words, right_words) = (left.as_chunks().0, right.as_chunks().0);
    let mut at = shared;
    while let (Some(left), Some(right)) = (left_words.get(at), right_words.get(at)) {
        if left != right {
            return (order_of_unequal(*left, *right), at);
        }
        at += 1;
    }
    (compare_ends(left, right), at)
}

/// How two texts compare that have no more than their last bytes apart: less than a word of one of them.
#[inline(always)]
fn compare_ends(left: &[u8], right: &[u8]) -> Ordering {
    let shorter = usize::min(left.len(), right.len());
    // The last whole word reaches back into what is known to be equal.
    let (Some(left_end), Some(right_end)) = (left[..shorter].last_chunk(), right[..shorter].last_chunk()) else {
        return left.cmp(right);
    };
    if left_end == right_end { left.len().cmp(&right.len()) } else { order_of_unequal(*left_end, *right_end) }
}

/// How two words of text compare that are not equal. The first byte weighs most, as in the texts.
#[inline(always)]
fn order_of_unequal(left: [u8; 8], right: [u8; 8]) -> Ordering {
    // Not `cmp`: whoever calls this branches on less or greater, and the compiler sees through this form.
    if u64::from_be_bytes(left) < u64::from_be_bytes(right) { Ordering::Less } else { Ordering::Greater }
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
                let found = search(&sorted, |text| *text, wanted);
                prop_assert_eq!(found, sorted.binary_search(&wanted).map(|at| &sorted[at]), "{}", wanted);
            }
        }
    }
}
