//! The query of `/metrics`: `name[]=METRIC` and `collect[]=SOURCE`, each as often as wished, percent-encoded or not.
//!
//! Names are looked up when the request is read, so nothing of its text is kept. A metric nobody knows selects nothing;
//! a source nobody knows is an error, and so is every other key: who asked for a part must not take the whole for it.

use super::percent::{self, BadEscape, Decoded};
use super::refusal::Refusal;
use crate::exposition::{MAX_NAMED, Selection, TooManyNames};

/// No metric and no source has a longer name.
const MAX_NAME: usize = 255;

// The sentence that refuses more says so.
const _: () = assert!(MAX_NAMED == 32);

/// Reads `name[]=uk_log_lines_total&collect[]=net`.
///
/// # Errors
/// [`Refusal::Selection`] for another key and for a malformed pair, [`Refusal::UnknownSource`], and
/// [`Refusal::TooManyNames`] for more names than can be given.
pub(super) fn parse(query: &str) -> Result<Selection, Refusal> {
    let mut selection = Selection::ALL;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').ok_or(Refusal::Selection)?;
        let is_key = |name: &str| bytes(key).eq(name.bytes().map(Ok));
        let mut decoded = [0; MAX_NAME];
        let name = decode(value, &mut decoded)?;
        if is_key("name[]") {
            selection.name(name.unwrap_or_default()).map_err(|TooManyNames| Refusal::TooManyNames)?;
        } else if is_key("collect[]") {
            selection.collect(name.and_then(ukstore::source).ok_or(Refusal::UnknownSource)?);
        } else {
            return Err(Refusal::Selection);
        }
    }
    Ok(selection)
}

fn bytes(text: &str) -> impl Iterator<Item = Result<u8, BadEscape>> {
    percent::decode(text).map(|byte| byte.map(Decoded::byte))
}

/// The text that is encoded in `value`; `None` if it cannot be the name of anything.
fn decode<'d>(value: &str, decoded: &'d mut [u8; MAX_NAME]) -> Result<Option<&'d str>, Refusal> {
    let mut len = 0;
    for byte in bytes(value) {
        let byte = byte.map_err(|BadEscape| Refusal::Selection)?;
        if let Some(place) = decoded.get_mut(len) {
            *place = byte;
        }
        len += 1;
    }
    Ok(decoded.get(..len).and_then(|name| core::str::from_utf8(name).ok()))
}

#[cfg(test)]
mod tests {
    extern crate std;

    use proptest::prelude::*;
    use std::format;
    use std::string::String;
    use ukstore::{Family, families};

    use super::*;

    ukstore::counter! {
        /// Something to select.
        static SENT = "/selected/sent_total", "selected_sent_total";
    }

    ukstore::counter! {
        /// Something else.
        static LOST = "/unselected/lost_total", "unselected_lost_total";
    }

    /// The names of what a query selects, of the two above.
    fn selected(query: &str) -> Result<[bool; 2], Refusal> {
        SENT.inc();
        LOST.inc();
        let selection = parse(query)?;
        Ok(["selected_sent_total", "unselected_lost_total"].map(|name| {
            let family: &'static Family = families().iter().find(|family| family.name() == name).expect("it is above");
            selection.admits(family)
        }))
    }

    #[test]
    fn understood() {
        for (query, expected) in [
            ("", [true, true]),
            ("&&", [true, true]),
            ("name[]=selected_sent_total", [true, false]),
            ("name%5B%5D=selected_sent_total", [true, false]),
            ("n%61me%5b]=selected%5Fsent_total&", [true, false]),
            ("name[]=selected_sent", [true, false]),
            ("name[]=selected_sent_total&name[]=unselected_lost_total", [true, true]),
            ("name[]=selected_sent_total&name[]=selected_sent_total", [true, false]),
            ("name[]=nothing", [false, false]),
            ("name[]=", [false, false]),
            ("name[]=%ff&name[]=%00", [false, false]),
            // Decoded once; a plus is a plus, and a semicolon separates nothing.
            ("name[]=selected_sent_total;name[]=selected_sent_total", [false, false]),
            ("name[]=selected%255Fsent_total", [false, false]),
            ("name[]=selected+sent_total", [false, false]),
            ("collect[]=selected", [true, false]),
            ("collect%5B%5D=selecte%64", [true, false]),
            ("collect[]=selected&collect[]=unselected", [true, true]),
            // In both ways.
            ("collect[]=selected&name[]=selected_sent_total", [true, false]),
            ("collect[]=selected&name[]=unselected_lost_total", [false, false]),
        ] {
            assert_eq!(selected(query), Ok(expected), "{query}");
        }
    }

    #[test]
    fn refused() {
        for (query, refusal) in [
            ("name[]", Refusal::Selection),
            ("name=a", Refusal::Selection),
            ("Name[]=a", Refusal::Selection),
            ("name[0]=a", Refusal::Selection),
            ("names[]=a", Refusal::Selection),
            ("=a", Refusal::Selection),
            ("target=a", Refusal::Selection),
            ("name[]=a&module=b", Refusal::Selection),
            ("name[]=%", Refusal::Selection),
            ("name[]=%4", Refusal::Selection),
            ("name[]=%4g", Refusal::Selection),
            ("name%5=a", Refusal::Selection),
            ("name%255B%255D=a", Refusal::Selection),
            ("collect[]=", Refusal::UnknownSource),
            ("collect[]=nothing", Refusal::UnknownSource),
            ("collect[]=/selected", Refusal::UnknownSource),
            ("collect[]=selected/sent_total", Refusal::UnknownSource),
            ("collect[]=%ff", Refusal::UnknownSource),
            ("collect[]=selected&collect[]=nothing", Refusal::UnknownSource),
        ] {
            assert_eq!(selected(query), Err(refusal), "{query}");
        }
    }

    #[test]
    fn names_of_any_length() {
        for len in [255, 256, 1_000] {
            assert_eq!(selected(&format!("name[]={}", "a".repeat(len))), Ok([false, false]));
            assert_eq!(selected(&format!("collect[]={}", "a".repeat(len))), Err(Refusal::UnknownSource));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn anything_is_read_or_refused(query in "([a-z\\[\\]=&%+;]|name\\[\\]=|collect\\[\\]=|%5[bBdD]|selected(_sent_total)?){0,30}") {
            let _ = selected(&query);
        }

        #[test]
        fn encoding_changes_nothing(encoded in prop::collection::vec(any::<bool>(), 19)) {
            let spell = |(byte, encoded): (u8, &bool)| if *encoded { format!("%{byte:02x}") } else { char::from(byte).into() };
            let name: String = "selected_sent_total".bytes().zip(&encoded).map(spell).collect();
            let key: String = "name[]".bytes().zip(&encoded).map(spell).collect();
            prop_assert_eq!(selected(&format!("{key}={name}")), Ok([true, false]));
        }
    }
}
