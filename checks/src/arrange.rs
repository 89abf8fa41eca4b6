//! Sorting in few bytes. The standard library's stable sort is four kilobytes of machine code for every type that it sorts, a
//! twentieth of the program in all; here only the last step, putting the items into their places, is compiled for each.

use std::cmp::Ordering;

/// Sorts by a key; items of one key keep their order. The key is made anew at each of `n log n` comparisons.
pub fn by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    by(items, |a, b| key(a).cmp(&key(b)));
}

/// Sorts by a comparison, which must be a total order; equal items keep their order.
pub fn by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let sources = sources(items.len(), &|a, b| compare(&items[a], &items[b]));
    put(items, sources);
}

/// For each place the index of the item that belongs there.
fn sources(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut sources: Vec<usize> = (0..count).collect();
    sources.sort_by(|a, b| compare(*a, *b));
    sources
}

/// Follows each cycle of the permutation once: every item is moved at most twice.
fn put<T>(items: &mut [T], mut sources: Vec<usize>) {
    for start in 0..items.len() {
        let mut place = start;
        loop {
            let source = std::mem::replace(&mut sources[place], place);
            if source == start || source == place {
                break;
            }
            items.swap(place, source);
            place = source;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn items_are_sorted_as_by_the_standard_library(keys in prop::collection::vec(0..6_u8, 0..40)) {
            let mut items: Vec<(u8, usize)> = keys.into_iter().zip(0..).collect();
            let mut expected = items.clone();
            expected.sort_by_key(|(key, _)| *key);
            by_key(&mut items, |(key, _)| *key);
            prop_assert_eq!(&items, &expected);
            by(&mut items, |a, b| b.cmp(a));
            expected.sort_by(|a, b| b.cmp(a));
            prop_assert_eq!(items, expected);
        }
    }
}
