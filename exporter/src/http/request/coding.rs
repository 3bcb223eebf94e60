//! Whether a client asks for gzip, by its `Accept-Encoding` (RFC 9110, 12.5.3).

use super::list;
use super::media_range::parse_quality;

/// Whether gzip is asked for, and no less than the text as it is. `fields` are the values of all its `Accept-Encoding`
/// fields, which count as one list. Members that cannot be read are passed over.
pub(super) fn asks_for_gzip<'h>(fields: impl Iterator<Item = &'h [u8]>) -> bool {
    let (mut gzip, mut identity, mut any) = (None, None, None);
    for (coding, quality) in fields.flat_map(list::members).filter_map(member) {
        let rating = match coding {
            // The older name means the same (8.4.1.3).
            _ if coding.eq_ignore_ascii_case(b"gzip") || coding.eq_ignore_ascii_case(b"x-gzip") => &mut gzip,
            _ if coding.eq_ignore_ascii_case(b"identity") => &mut identity,
            b"*" => &mut any,
            _ => continue,
        };
        // Of two that say the same, the kinder one.
        *rating = (*rating).max(Some(quality));
    }
    let gzip = gzip.or(any).unwrap_or(0);
    gzip > 0 && gzip >= identity.unwrap_or(0)
}

/// Coding and weight of `gzip;q=0.5`; `None` if it is malformed.
fn member(member: &[u8]) -> Option<(&[u8], u16)> {
    let Some((coding, weight)) = list::split_once(member, b';') else { return Some((member, 1_000)) };
    let (name, quality) = list::split_once(weight.trim_ascii_start(), b'=')?;
    let quality = parse_quality(quality).filter(|_| name.eq_ignore_ascii_case(b"q"))?;
    Some((coding.trim_ascii_end(), quality))
}

#[cfg(test)]
mod tests {
    extern crate std;

    use proptest::prelude::*;
    use std::vec::Vec;

    use super::*;

    fn asks(fields: &[&str]) -> bool {
        asks_for_gzip(fields.iter().map(|field| field.as_bytes()))
    }

    #[test]
    fn asked_for() {
        for accept in [
            "gzip",
            "GZip",
            "x-gzip",
            // Prometheus, VictoriaMetrics; curl --compressed; a browser.
            "deflate, gzip, br, zstd",
            "gzip, deflate, br",
            "*",
            "*;q=0.001",
            "br;q=1.0, gzip;q=0.8, *;q=0.1",
            "identity;q=0.5, gzip;q=0.5",
            "identity;q=0, *",
            "gzip ; q=0.2",
            "gzip;Q=1.000",
            "*;q=0, gzip",
            "gzip;q=0, gzip;q=0.1",
            " , gzip,, ",
        ] {
            assert!(asks(&[accept]), "{accept}");
        }
        assert!(asks(&["br", "gzip"]), "several fields are one list");
    }

    #[test]
    fn not_asked_for() {
        for accept in [
            "",
            "identity",
            "deflate, br",
            "gzip;q=0",
            "gzip;q=0.000",
            "gzip;q=0, *",
            "*;q=0",
            "identity, gzip;q=0.9",
            "identity;q=0.5, *;q=0.4",
            "identity",
            // Malformed, or something else.
            "gzip;q=2",
            "gzip;q=",
            "gzip;q",
            "gzip;level=9",
            "gzip;q=1;q=1",
            "gzip q=1",
            "gzipped",
            "g\u{e9}zip",
        ] {
            assert!(!asks(&[accept]), "{accept}");
        }
        assert!(!asks(&[]));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever comes is answered, and garbage spoils nothing beside it.
        #[test]
        fn garbage_is_harmless(garbage in prop::collection::vec(any::<u8>(), 0..100)) {
            let _either = asks_for_gzip([garbage.as_slice()].into_iter());
            let unnamed: Vec<u8> = garbage.into_iter().filter(|byte| !b"*iI".contains(byte)).collect();
            prop_assert!(asks_for_gzip([unnamed.as_slice(), b"gzip"].into_iter()));
        }
    }
}
