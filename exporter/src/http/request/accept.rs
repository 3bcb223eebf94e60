//! Content negotiation: which of several forms of a thing suits a client best, by its `Accept` (RFC 9110, 12.5.1).
//!
//! Forms are offered as the `Content-Type` they would be sent with, so nothing is listed twice. Nobody is refused here:
//! what cannot be read is passed over, and a client that likes none of the forms gets the first. Nothing is stored but
//! a rating for each offer, so the work is bounded by the size of a request head.

use super::media_range::{MediaRange, ranges};

/// The index of the offer the client likes best; of equals, the first. `fields` are the values of all its `Accept`
/// fields, which count as one list.
///
/// Without a match it is the first offer that the client did not rule out by `q=0`, or else the first of all.
pub(in crate::http) fn choose<'h, const N: usize>(
    fields: impl Iterator<Item = &'h [u8]>,
    offers: &[&'static str; N],
) -> usize {
    let offers = offers.map(|offer| MediaRange::parse(offer.as_bytes()));
    let ratings = rate(fields, &offers, |offer, range| Precision::of(range, offer.as_ref()?));
    let mut best = None;
    for (index, rating) in ratings.iter().enumerate() {
        let quality = rating.map_or(0, |rating| rating.range.quality);
        if quality > best.map_or(0, |(_, best)| best) {
            best = Some((index, quality));
        }
    }
    let not_ruled_out = || ratings.iter().position(Option::is_none).unwrap_or(0);
    best.map_or_else(not_ruled_out, |(index, _)| index)
}

/// What a list says of each offer, if anything: the range decides that describes it most precisely (12.5.1), of two
/// that do so equally the kinder one. `precision` tells how closely a range describes an offer.
pub(super) fn rate<'h, T, const N: usize>(
    fields: impl Iterator<Item = &'h [u8]>,
    offers: &[T; N],
    precision: impl Fn(&T, &MediaRange<'_>) -> Option<Precision>,
) -> [Option<Rating<'h>>; N] {
    let mut ratings = [None::<Rating<'h>>; N];
    for (place, range) in ranges(fields).enumerate() {
        for (rating, offer) in ratings.iter_mut().zip(offers) {
            let Some(precision) = precision(offer, &range) else { continue };
            if rating.is_none_or(|known| (known.precision, known.range.quality) < (precision, range.quality)) {
                *rating = Some(Rating { precision, place, range });
            }
        }
    }
    ratings
}

/// What a list says of one offer.
#[derive(Clone, Copy)]
pub(super) struct Rating<'h> {
    /// The range that decides.
    pub(super) range: MediaRange<'h>,
    /// Where it stands.
    pub(super) place: usize,
    /// How closely it describes the offer.
    pub(super) precision: Precision,
}

/// How closely a range describes what it matches.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Precision {
    /// Of type and subtype, how many are named.
    pub(super) names: usize,
    /// How many parameters are named.
    pub(super) parameters: usize,
}

impl Precision {
    /// How precisely `range` describes `offer`; `None` if not at all. Every parameter it names the offer must have.
    fn of(range: &MediaRange<'_>, offer: &MediaRange<'_>) -> Option<Self> {
        let mut names = 0;
        for (ours, theirs) in [(range.kind, offer.kind), (range.subtype, offer.subtype)] {
            if ours != b"*" {
                names += 1;
                if !ours.eq_ignore_ascii_case(theirs) {
                    return None;
                }
            }
        }
        let mut parameters = 0;
        for parameter in range.parameters() {
            offer.parameters().iter().find(|its| its.equals(parameter))?;
            parameters += 1;
        }
        Some(Self { names, parameters })
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use proptest::prelude::*;
    use std::string::String;
    use std::vec::Vec;

    use super::*;

    const TEXT: usize = 0;
    const JSON: usize = 1;
    const HTML: usize = 2;
    const FORMS: [&str; 3] = ["text/plain; version=0.0.4; charset=utf-8", "application/json", "text/html"];

    fn chosen(fields: &[&str]) -> usize {
        choose(fields.iter().map(|field| field.as_bytes()), &FORMS)
    }

    #[test]
    fn the_best_liked_offer() {
        for (accept, expected) in [
            // Nothing said, nothing matched, anything taken: the first.
            ("", TEXT),
            (" , ,", TEXT),
            ("image/png", TEXT),
            ("*/*", TEXT),
            // Plain choices.
            ("application/json", JSON),
            ("text/html", HTML),
            ("TEXT/Html", HTML),
            ("application/*", JSON),
            ("text/*", TEXT),
            // A browser, and curl.
            ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", HTML),
            ("*/*;q=0.1", TEXT),
            // Weights; ties go to the earlier offer, wherever they stand in the list.
            ("text/html;q=0.5, application/json;q=0.6", JSON),
            ("text/html;q=0.501 , application/json;q=0.5", HTML),
            ("text/html, application/json", JSON),
            ("text/html;q=0.3,*/*;q=0.3", TEXT),
            ("text/html; q=1.000 ;,application/json;Q=0.999", HTML),
            // The more precise range decides, whatever the order.
            ("text/*;q=0.2, text/html;q=0.9, application/json;q=0.5", HTML),
            ("text/html;q=0.1,*/*", TEXT),
            ("text/plain;q=0.1,text/*;q=0.7,*/*;q=0.5", HTML),
            ("text/plain;version=0.0.4;q=0.9,text/plain;q=0.1,application/json;q=0.5", TEXT),
            ("text/html;q=0.2,text/html;q=0.8,application/json;q=0.5", HTML),
            // Ruled out.
            ("text/plain;q=0,*/*", JSON),
            ("*/*,text/*;q=0", JSON),
            ("text/plain;q=0", JSON),
            ("text/plain;q=0.000, application/*;q=0", HTML),
            ("*/*;q=0", TEXT),
            // Parameters: all that are named must be there.
            ("text/plain;version=0.0.4,application/json;q=0.9", TEXT),
            ("text/plain;charset=UTF-8;VERSION=0.0.4,application/json;q=0.9", TEXT),
            ("text/plain;version=\"0.0.4\",application/json;q=0.9", TEXT),
            ("text/plain;version=\"0\\.0.4\",application/json;q=0.9", TEXT),
            ("text/plain;version=1.0.0,application/json;q=0.1", JSON),
            ("text/plain;version=\"0.0.4\\\"\",application/json;q=0.1", JSON),
            ("text/plain;escaping=underscores,application/json;q=0.1", JSON),
            // A comma or semicolon inside quotes is none.
            ("a/b;c=\"x,application/json\",text/html;q=0.5", HTML),
            ("a/b;c=\"\\\",application/json;\",text/html;q=0.5", HTML),
        ] {
            assert_eq!(chosen(&[accept]), expected, "{accept}");
        }
    }

    #[test]
    fn malformed_members_are_passed_over() {
        for malformed in [
            "application",
            "application/",
            "/json",
            "application/json/x",
            "application /json",
            "application/ json",
            "appli(cation/json",
            "*/json",
            "application/json q=1",
            "application/json;q",
            "application/json;q=",
            "application/json;q =1",
            "application/json;q= 1",
            "application/json;q=2",
            "application/json;q=1.001",
            "application/json;q=1.0000",
            "application/json;q=-1",
            "application/json;q=0.5x",
            "application/json;q=.9",
            "application/json;q=01",
            "application/json;q=\"1\"",
            "application/json;q=1;q=1",
            "application/json;v=\"a\"b",
            "application/json;v=\"a\\\"",
            "application/json;v=\"",
            "application/json;=1",
            "\u{e9}/json",
        ] {
            assert_eq!(chosen(&[malformed]), TEXT, "{malformed}");
            assert_eq!(chosen(&["text/html;q=0.1", malformed]), HTML, "{malformed}");
        }
    }

    #[test]
    fn quoted_values_are_whole_or_malformed() {
        let forms = ["text/html", "application/json; v=\"a\\\"b\""];
        for (accept, expected) in [
            ("application/json;v=\"a\\\"b\"", 1),
            ("application/json;v=\"\\a\\\"b\"", 1),
            ("application/json;v=\"a\"b\"", 0),
            ("application/json;v=a\"b", 0),
        ] {
            assert_eq!(choose([accept.as_bytes()].into_iter(), &forms), expected, "{accept}");
        }
    }

    #[test]
    fn several_fields_are_one_list() {
        assert_eq!(chosen(&["text/html;q=0.1", "application/json;q=0.5", "text/plain;q=0.3"]), JSON);
        assert_eq!(chosen(&["a/b;c=\"unfinished", "application/json"]), JSON);
        assert_eq!(chosen(&[]), TEXT);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever comes, an offer is chosen; and a field of garbage spoils none of the others.
        #[test]
        fn garbage_is_harmless(
            garbage in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..200),
                "([a-z*/;,=\" \\\\]|q=|text|json|0\\.|1){0,40}".prop_map(String::into_bytes),
            ],
        ) {
            prop_assert!(choose([garbage.as_slice()].into_iter(), &FORMS) < FORMS.len());
            let without_ranges: Vec<u8> = garbage.into_iter().filter(|&byte| byte != b'/').collect();
            let fields = [without_ranges.as_slice(), b"text/html;q=0.1"];
            prop_assert_eq!(choose(fields.into_iter(), &FORMS), HTML);
        }
    }
}
