//! The escapes of a label value, which OpenMetrics wants in HELP text as well. HELP text of 0.0.4 needs none: ukstore
//! refuses, at build time, what would have to be escaped there.

use crate::Window;

/// Writes a label value with backslash, newline and double quote escaped.
///
/// All three are ASCII, so cutting around them leaves UTF-8 whole.
pub(super) fn put_label_value(text: &str, window: &mut Window<'_>) {
    let mut rest = text.as_bytes();
    if is_plain(rest) {
        return window.put(rest);
    }
    while let Some(at) = rest.iter().position(|byte| SPECIAL.contains(byte)) {
        let (plain, special) = rest.split_at(at);
        window.put(plain);
        let Some((&byte, after)) = special.split_first() else { return };
        window.put(&[b'\\', if byte == b'\n' { b'n' } else { byte }]);
        rest = after;
    }
    window.put(rest);
}

/// The bytes that must be escaped.
const SPECIAL: [u8; 3] = [b'\\', b'\n', b'"'];

/// Whether nothing must be escaped, as in nearly every text. Eight bytes are looked at together, the last of them perhaps
/// twice.
#[inline]
fn is_plain(text: &[u8]) -> bool {
    if let Some(last) = text.last_chunk() {
        let (words, _) = text.as_chunks();
        return !words.iter().chain([last]).any(|word| has_special(*word));
    }
    match (text.first_chunk(), text.last_chunk()) {
        (Some(&[a, b, c, d]), Some(&[e, f, g, h])) => !has_special([a, b, c, d, e, f, g, h]),
        _ => !text.iter().any(|byte| SPECIAL.contains(byte)),
    }
}

/// Whether one of eight bytes is one: what differs from it in no bit is zero, and of all bytes only zero has its highest
/// bit clear and borrows when one is taken from it.
fn has_special(bytes: [u8; 8]) -> bool {
    const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGHEST: u64 = u64::from_ne_bytes([0x80; 8]);
    let word = u64::from_ne_bytes(bytes);
    let zeros = SPECIAL.map(|special| {
        let differs = word ^ (ONES * u64::from(special));
        differs.wrapping_sub(ONES) & !differs & HIGHEST
    });
    zeros != [0; 3]
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_must_be_is_escaped() {
        for (text, escaped) in
            [("", ""), ("größe {a=b}, c", "größe {a=b}, c"), ("\"C:\\x\"\n", "\\\"C:\\\\x\\\"\\n"), ("\n\n", "\\n\\n")]
        {
            let mut bytes = [0; 64];
            let mut window = Window::new(&mut bytes);
            put_label_value(text, &mut window);
            assert_eq!(core::str::from_utf8(window.written()), Ok(escaped));
        }
    }

    fn text() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![8 => any::<u8>(), 1 => prop::sample::select(&SPECIAL[..])];
        prop::collection::vec(byte, 0..60)
    }

    proptest! {
        #[test]
        fn what_needs_no_escape_is_known(text in text()) {
            prop_assert_eq!(is_plain(&text), !text.iter().any(|byte| SPECIAL.contains(byte)));
            let plain: Vec<u8> = text.into_iter().filter(|byte| !SPECIAL.contains(byte)).collect();
            prop_assert!(is_plain(&plain));
        }
    }
}
