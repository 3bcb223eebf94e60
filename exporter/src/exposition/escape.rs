//! The escapes of a label value, which OpenMetrics wants in HELP text as well. HELP text of 0.0.4 needs none: ukstore
//! refuses, at build time, what would have to be escaped there.

use crate::Window;

/// Writes a label value with backslash, newline and double quote escaped.
///
/// All three are ASCII, so cutting around them leaves UTF-8 whole.
pub(super) fn put_label_value(text: &str, window: &mut Window<'_>) {
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'\\' | b'\n' | b'"')) {
        let (plain, special) = rest.split_at(at);
        window.put(plain);
        let Some((&byte, after)) = special.split_first() else { return };
        window.put(&[b'\\', if byte == b'\n' { b'n' } else { byte }]);
        rest = after;
    }
    window.put(rest);
}

#[cfg(test)]
mod tests {
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
}
