//! A series' labels, as a receiver wants them: sorted by name, each name once, no value empty. Not for encoding them.
//!
//! Every series says who tells it: `instance` (`--name`), `job` and the operator's tags. Where a series has a label of such
//! a name itself, that becomes `exported_<name>`, as it does when Prometheus scrapes (`honor_labels: false`).

use ukstore::MAX_LABELS;

use crate::push::Origin;

/// The most tags, as of the boot parameters.
const MAX_TAGS: usize = 8;

/// What all series have: `instance`, `job`, and tags.
const MAX_COMMON: usize = 2 + MAX_TAGS;
/// What a series has itself: `__name__`, a histogram's `le`, and no more than an info or a list has.
const MAX_OWN: usize = 2 + MAX_LABELS;
/// The most labels of one series.
pub(super) const MAX: usize = MAX_COMMON + MAX_OWN;

/// A label of a series' name.
pub(super) const NAME: &str = "__name__";
const EXPORTED: &str = "exported_";

/// A label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Label<'a> {
    /// How often `exported_` stands before the name.
    exported: u8,
    name: &'a str,
    value: &'a str,
}

impl<'a> Label<'a> {
    const NONE: Self = Self { exported: 0, name: "", value: "" };

    /// The name's pieces.
    pub(super) fn name(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        core::iter::repeat_n(EXPORTED, self.exported.into()).chain([self.name])
    }

    /// The value.
    pub(super) fn value(&self) -> &'a str {
        self.value
    }

    fn is_before(&self, other: &Label<'_>) -> bool {
        if self.exported == 0 && other.exported == 0 {
            return self.name < other.name;
        }
        self.name().flat_map(str::bytes).lt(other.name().flat_map(str::bytes))
    }

    fn has_name_of(&self, other: &Label<'_>) -> bool {
        if self.exported == other.exported {
            return self.name == other.name;
        }
        self.name().flat_map(str::bytes).eq(other.name().flat_map(str::bytes))
    }
}

/// Sorted labels, at most `N`.
#[derive(Clone, Debug)]
struct Sorted<'a, const N: usize> {
    labels: [Label<'a>; N],
    len: usize,
}

impl<'a, const N: usize> Sorted<'a, N> {
    const EMPTY: Self = Self { labels: [Label::NONE; N], len: 0 };

    fn as_slice(&self) -> &[Label<'a>] {
        self.labels.get(..self.len).unwrap_or_default()
    }

    fn has(&self, label: &Label<'_>) -> bool {
        self.as_slice().iter().any(|other| other.has_name_of(label))
    }

    /// Puts it to its place, if there is one left.
    fn insert(&mut self, label: Label<'a>) {
        let Some(room) = self.labels.get_mut(..=self.len) else { return };
        let mut at = self.len;
        while let Some([before, place]) = at.checked_sub(1).and_then(|before| room.get_mut(before..=at))
            && label.is_before(before)
        {
            *place = *before;
            at -= 1;
        }
        if let Some(place) = room.get_mut(at) {
            *place = label;
            self.len += 1;
        }
    }
}

/// What all series of this machine have.
#[derive(Clone, Debug)]
pub(super) struct Common<'a>(Sorted<'a, MAX_COMMON>);

impl<'a> Common<'a> {
    /// A tag never stands for another label, and of two of one name the first counts.
    pub(super) fn of(origin: &Origin<'a>) -> Self {
        let mut sorted = Sorted::EMPTY;
        let who = [("instance", origin.name), ("job", origin.job)];
        for (name, value) in who.into_iter().chain(origin.tags.iter().copied()) {
            let label = Label { exported: 0, name, value };
            if !value.is_empty() && name != NAME && !sorted.has(&label) {
                sorted.insert(label);
            }
        }
        Self(sorted)
    }
}

/// The labels of one series.
#[derive(Clone, Debug)]
pub(super) struct Labels<'a> {
    common: &'a [Label<'a>],
    own: Sorted<'a, MAX_OWN>,
}

impl<'a> Labels<'a> {
    /// Those of a series called `name`, so far.
    pub(super) fn new(common: &'a Common<'a>, name: &'a str) -> Self {
        let mut own = Sorted::EMPTY;
        own.insert(Label { exported: 0, name: NAME, value: name });
        Self { common: common.0.as_slice(), own }
    }

    /// Adds a label of the series' own.
    pub(super) fn add(&mut self, name: &'a str, value: &'a str) {
        let mut label = Label { exported: 0, name, value };
        if value.is_empty() {
            return;
        }
        while self.common.iter().any(|other| other.has_name_of(&label)) || self.own.has(&label) {
            label.exported += 1;
        }
        self.own.insert(label);
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Label<'a>> {
        let (mut common, mut own) = (self.common.iter().peekable(), self.own.as_slice().iter().peekable());
        core::iter::from_fn(move || match (common.peek(), own.peek()) {
            (Some(theirs), Some(ours)) if ours.is_before(theirs) => own.next(),
            (Some(_), _) => common.next(),
            (None, _) => own.next(),
        })
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::string::String;
    use std::vec::Vec;

    use super::*;
    use proptest::prelude::*;

    fn origin<'a>(tags: &'a [(&'a str, &'a str)]) -> Origin<'a> {
        Origin { name: "one", job: "test", tags, program: "", version: "", boot_id: "" }
    }

    fn told(tags: &[(&str, &str)], own: &[(&str, &str)]) -> Vec<(String, String)> {
        let origin = origin(tags);
        let common = Common::of(&origin);
        let mut labels = Labels::new(&common, "up");
        own.iter().for_each(|(name, value)| labels.add(name, value));
        labels.iter().map(|label| (label.name().collect(), label.value().into())).collect()
    }

    fn owned(labels: &[(&str, &str)]) -> Vec<(String, String)> {
        labels.iter().map(|&(name, value)| (name.into(), value.into())).collect()
    }

    #[test]
    fn sorted_by_bytes() {
        assert_eq!(
            told(&[("zone", "z"), ("Az", "a"), ("empty", "")], &[("le", "1.0"), ("device", "d"), ("none", "")]),
            owned(&[
                ("Az", "a"),
                ("__name__", "up"),
                ("device", "d"),
                ("instance", "one"),
                ("job", "test"),
                ("le", "1.0"),
                ("zone", "z"),
            ])
        );
    }

    #[test]
    fn a_tag_stands_for_no_other_label() {
        let tags = [("instance", "x"), ("job", "x"), ("__name__", "x"), ("rack", "1"), ("rack", "2")];
        let expected = [("__name__", "up"), ("instance", "one"), ("job", "test"), ("rack", "1")];
        assert_eq!(told(&tags, &[]), owned(&expected));
    }

    #[test]
    fn an_own_label_of_a_common_name_is_exported() {
        let tags = [("exported_job", "e")];
        assert_eq!(
            told(&tags, &[("job", "mine"), ("instance", "i"), ("a", "a")]),
            owned(&[
                ("__name__", "up"),
                ("a", "a"),
                ("exported_exported_job", "mine"),
                ("exported_instance", "i"),
                ("exported_job", "e"),
                ("instance", "one"),
                ("job", "test"),
            ])
        );
    }

    #[test]
    fn more_than_there_may_be_are_left_out() {
        let names: Vec<String> = (0..2 * MAX_TAGS).map(|number| std::format!("t{number:03}")).collect();
        let tags: Vec<_> = names.iter().map(|name| (name.as_str(), "v")).collect();
        let own: Vec<_> = names.iter().map(|name| (&name[1..], "v")).collect();
        assert_eq!(told(&tags, &own).len(), MAX);
    }

    proptest! {
        #[test]
        fn always_sorted_and_unique(
            tags in prop::collection::vec(("[A-Za-z_]{1,3}|job|exported_job|instance", "[a-z]{0,2}"), 0..20),
            own in prop::collection::btree_map("[a-z_]{1,3}|job|exported_job|instance", "[a-z]{0,2}", 0..9),
        ) {
            let tags: Vec<_> = tags.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let own: Vec<_> = own.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let told = told(&tags, &own);
            prop_assert!(told.is_sorted_by(|(one, _), (other, _)| one < other), "{:?}", told);
            prop_assert!(told.iter().all(|(_, value)| !value.is_empty()));
            for (name, value) in own.iter().filter(|(_, value)| !value.is_empty()) {
                prop_assert!(told.iter().any(|(told, of)| told.ends_with(name) && of == value));
            }
        }
    }
}
