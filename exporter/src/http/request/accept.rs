//! Content negotiation: which of several forms of a thing suits a client best, by its `Accept` (RFC 9110, 12.5.1).
//!
//! Forms are offered as the `Content-Type` they would be sent with, so nothing is listed twice. Nobody is refused here:
//! what cannot be read is passed over, and a client that likes none of the forms gets the first. Nothing is stored but
//! a rating for each offer, so the work is bounded by the size of a request head.

use super::list;

/// The index of the offer the client likes best; of equals, the first. `fields` are the values of all its `Accept`
/// fields, which count as one list.
///
/// Without a match it is the first offer that the client did not rule out by `q=0`, or else the first of all.
pub(in crate::http) fn choose<'h, const N: usize>(
    fields: impl Iterator<Item = &'h [u8]>,
    offers: &[&'static str; N],
) -> usize {
    let offers = offers.map(|offer| MediaRange::parse(offer.as_bytes()));
    let mut ratings = [None::<Rating>; N];
    for range in fields.flat_map(|field| split(field, b',')).filter_map(MediaRange::parse) {
        for (rating, offer) in ratings.iter_mut().zip(&offers) {
            let precision = offer.as_ref().and_then(|offer| range.precision_for(offer));
            // The most precise range decides (12.5.1); of two that are equally so, the kinder one.
            *rating = precision.map(|precision| Rating { precision, quality: range.quality }).max(*rating);
        }
    }
    let mut best = None;
    for (index, rating) in ratings.iter().enumerate() {
        let quality = rating.map_or(0, |rating| rating.quality);
        if quality > best.map_or(0, |(_, best)| best) {
            best = Some((index, quality));
        }
    }
    let not_ruled_out = || ratings.iter().position(Option::is_none).unwrap_or(0);
    best.map_or_else(not_ruled_out, |(index, _)| index)
}

/// What a list says of one offer. Ordered by precision first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rating {
    precision: Precision,
    /// In thousandths.
    quality: u16,
}

/// How closely a range describes what it matches.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Precision {
    /// Of type and subtype, how many are named.
    names: usize,
    parameters: usize,
}

/// One member of the list: `text/*`, `text/plain;version=0.0.4;q=0.5`. An offer is one too, without wildcards.
struct MediaRange<'h> {
    kind: &'h [u8],
    subtype: &'h [u8],
    parameters: &'h [u8],
    quality: u16,
}

impl<'h> MediaRange<'h> {
    /// Reads one; `None` if it is malformed in any part.
    fn parse(member: &'h [u8]) -> Option<Self> {
        let (range, parameters) = list::split_once(member, b';').unwrap_or((member, b""));
        let (kind, subtype) = list::split_once(range.trim_ascii(), b'/')?;
        if !is_token(kind) || !is_token(subtype) || (kind == b"*" && subtype != b"*") {
            return None;
        }
        let mut weight = None;
        for parameter in split(parameters, b';') {
            let (name, value) = parse_parameter(parameter)?;
            if name.eq_ignore_ascii_case(b"q") && weight.replace(parse_quality(value)?).is_some() {
                return None;
            }
        }
        Some(Self { kind, subtype, parameters, quality: weight.unwrap_or(1_000) })
    }

    /// How precisely this range describes `offer`; `None` if not at all. Every parameter it names the offer must have.
    fn precision_for(&self, offer: &MediaRange<'_>) -> Option<Precision> {
        let mut names = 0;
        for (ours, theirs) in [(self.kind, offer.kind), (self.subtype, offer.subtype)] {
            if ours != b"*" {
                names += 1;
                if !ours.eq_ignore_ascii_case(theirs) {
                    return None;
                }
            }
        }
        let mut parameters = 0;
        for (name, value) in self.parameters() {
            offer.parameters().find(|&(its_name, its_value)| {
                name.eq_ignore_ascii_case(its_name) && unquoted(value).eq(unquoted(its_value))
            })?;
            parameters += 1;
        }
        Some(Precision { names, parameters })
    }

    /// Names and values, the weight left out.
    fn parameters(&self) -> impl Iterator<Item = (&'h [u8], &'h [u8])> {
        split(self.parameters, b';').filter_map(parse_parameter).filter(|(name, _)| !name.eq_ignore_ascii_case(b"q"))
    }
}

/// Splits at `separator`, though not inside quoted strings, and leaves out what is empty (RFC 9110, 5.6.1, 5.6.6).
fn split(text: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let (mut quoted, mut escaped) = (false, false);
    let members = text.split(move |&byte| {
        let literal = quoted || byte == b'"';
        (quoted, escaped) = match byte {
            _ if escaped => (quoted, false),
            b'\\' => (quoted, quoted),
            b'"' => (!quoted, false),
            _ => (quoted, false),
        };
        byte == separator && !literal
    });
    members.map(<[u8]>::trim_ascii).filter(|member| !member.is_empty())
}

/// Name and value of `name=value`, with no space around the `=` (5.6.6). A quoted value keeps its quotes.
fn parse_parameter(parameter: &[u8]) -> Option<(&[u8], &[u8])> {
    list::split_once(parameter, b'=').filter(|(name, value)| is_token(name) && (is_token(value) || is_quoted(value)))
}

/// A weight in thousandths: up to three decimals, and at most 1 (12.4.2).
fn parse_quality(value: &[u8]) -> Option<u16> {
    let (whole, decimals) = match value {
        [whole] => (whole, &b""[..]),
        [whole, b'.', decimals @ ..] if decimals.len() <= 3 => (whole, decimals),
        _ => return None,
    };
    let mut thousandths = 0;
    for (digit, weight) in decimals.iter().zip([100, 10, 1]) {
        thousandths += u16::from(digit.checked_sub(b'0').filter(|&digit| digit <= 9)?) * weight;
    }
    match whole {
        b'0' => Some(thousandths),
        b'1' if thousandths == 0 => Some(1_000),
        _ => None,
    }
}

/// A value as its characters: without quotes and escapes, and in lower case. Values that tell forms apart, such as
/// versions and charsets, do not differ in case alone.
fn unquoted(value: &[u8]) -> impl Iterator<Item = u8> {
    let quoted = value.first() == Some(&b'"');
    let inner = if quoted { value.get(1..value.len() - 1).unwrap_or_default() } else { value };
    let mut escaped = false;
    let characters = inner.iter().filter(move |&&byte| {
        escaped = quoted && !escaped && byte == b'\\';
        !escaped
    });
    characters.map(u8::to_ascii_lowercase)
}

/// Whether `value` is one quoted string, whole (5.6.4). Control bytes were refused with the head.
fn is_quoted(value: &[u8]) -> bool {
    let [b'"', inner @ .., b'"'] = value else { return false };
    let mut escaped = false;
    for &byte in inner {
        if byte == b'"' && !escaped {
            return false;
        }
        escaped = byte == b'\\' && !escaped;
    }
    !escaped
}

/// Whether `text` is a token (5.6.2).
fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
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
