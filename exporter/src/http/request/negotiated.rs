//! What a client's last `Accept` came to. A scraper brings the same 300 bytes each time, and to read them takes longer
//! than to write fifty series; to compare them does not. Not for reading them: see `formats`.

use super::formats;
use crate::exposition::ContentType;

/// The longest list that is remembered. That of Prometheus 3.5 has 308 bytes.
const MAX_ACCEPT: usize = 384;

/// One list, and the format it asks for; in the beginning the empty list.
#[derive(Debug)]
pub(in crate::http) struct Negotiated {
    accept: [u8; MAX_ACCEPT],
    len: usize,
    content_type: ContentType,
}

impl Negotiated {
    /// Nothing asked for yet.
    pub(in crate::http) const fn new() -> Self {
        Self { accept: [0; MAX_ACCEPT], len: 0, content_type: formats::LAST_RESORT }
    }

    /// The format to send, by the values of all `Accept` fields.
    pub(super) fn with<'h>(&mut self, mut fields: impl Iterator<Item = &'h [u8]> + Clone) -> ContentType {
        let all = fields.clone();
        let accept = match (fields.next(), fields.next()) {
            (None, _) => return formats::LAST_RESORT,
            (Some(one), None) => one,
            (Some(_), Some(_)) => return formats::negotiate(all),
        };
        if self.accept.get(..self.len) != Some(accept) {
            let content_type = formats::negotiate(all);
            // A list that is too long is read anew each time.
            let Some(place) = self.accept.get_mut(..accept.len()) else { return content_type };
            place.copy_from_slice(accept);
            (self.len, self.content_type) = (accept.len(), content_type);
        }
        self.content_type
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use proptest::prelude::*;
    use std::string::String;
    use std::vec::Vec;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever was asked for before, the answer is the same.
        #[test]
        fn nothing_is_remembered_wrongly(
            requests in prop::collection::vec(prop::collection::vec(prop::sample::select(&[
                (0, ""),
                (0, "text/plain;version=0.0.4"),
                (0, "text/plain;version=1.0.0"),
                (0, "application/openmetrics-text"),
                (0, "application/openmetrics-text;escaping=dots"),
                (MAX_ACCEPT, "application/openmetrics-text"),
                (MAX_ACCEPT - 28, "application/openmetrics-text"),
                (MAX_ACCEPT - 27, "application/openmetrics-text"),
                (1_000, "text/plain;version=1.0.0"),
            ][..]), 0..3), 1..20),
        ) {
            let mut negotiated = Negotiated::new();
            for fields in requests {
                let fields: Vec<_> =
                    fields.into_iter().map(|(padding, list)| String::from_iter([&" ".repeat(padding), list])).collect();
                let values = || fields.iter().map(String::as_bytes);
                prop_assert_eq!(negotiated.with(values()), formats::negotiate(values()), "{:?}", fields);
            }
        }
    }

    #[test]
    fn the_longest_list_is_remembered_and_no_longer_one() {
        let mut negotiated = Negotiated::new();
        for (len, remembered) in [(9, 9), (MAX_ACCEPT + 1, 9), (MAX_ACCEPT, MAX_ACCEPT), (0, 0)] {
            let list = "a".repeat(len);
            negotiated.with([list.as_bytes()].into_iter());
            assert_eq!(negotiated.len, remembered);
        }
    }
}
