//! Names and texts as the line protocol wants them in each place. Not for numbers: see `value`.
//!
//! A backslash makes a comma, a space or an equals sign part of a text. It cannot make itself one: some receivers read two
//! of them as one, others as two, and all read a single one before any other character as itself. So one that stands where
//! it would be misread is told as a slash. Control characters, which would end lines or be refused, are told as `\n`,
//! `\r`, `\t`, and any other as a question mark; nobody reads these back.

use crate::Window;

/// Writes a tag's key or value, or a field's key.
pub(super) fn put_key(text: &str, window: &mut Window<'_>) {
    let is_special = |byte: u8| matches!(byte, b',' | b'=' | b' ') || byte.is_ascii_control();
    let bytes = text.as_bytes();
    if !bytes.iter().any(|&byte| byte == b'\\' || is_special(byte)) {
        return window.put(bytes);
    }
    let nexts = bytes.iter().skip(1).map(|&next| Some(next)).chain([None]);
    for (&byte, next) in bytes.iter().zip(nexts) {
        match byte {
            b'\\' if next.is_none_or(|next| next == b'\\' || is_special(next)) => window.put_byte(b'/'),
            _ if byte.is_ascii_control() => window.put(control(byte)),
            _ if is_special(byte) => window.put(&[b'\\', byte]),
            _ => window.put_byte(byte),
        }
    }
}

/// Writes a text as a field's value, with its quotes. In one a backslash escapes itself.
pub(super) fn put_text(text: &str, window: &mut Window<'_>) {
    window.put_byte(b'"');
    for &byte in text.as_bytes() {
        match byte {
            b'"' | b'\\' => window.put(&[b'\\', byte]),
            _ if byte.is_ascii_control() => {
                // What begins with a backslash has that escaped.
                window.put(if control(byte).len() > 1 { b"\\" } else { b"" });
                window.put(control(byte));
            }
            _ => window.put_byte(byte),
        }
    }
    window.put_byte(b'"');
}

/// What stands for a control character.
const fn control(byte: u8) -> &'static [u8] {
    match byte {
        b'\n' => b"\\n",
        b'\r' => b"\\r",
        b'\t' => b"\\t",
        _ => b"?",
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::string::String;

    use super::*;

    fn told(put: fn(&str, &mut Window<'_>), text: &str) -> String {
        let mut bytes = [0; 100];
        let mut window = Window::new(&mut bytes);
        put(text, &mut window);
        String::from_utf8(window.written().to_vec()).expect("only ASCII is added")
    }

    #[test]
    fn keys_and_tags() {
        for (text, line) in [
            ("plain", "plain"),
            ("gr\u{f6}\u{df}e", "gr\u{f6}\u{df}e"),
            ("a,b=c d", "a\\,b\\=c\\ d"),
            ("say \"hi\"", "say\\ \"hi\""),
            ("C:\\dir", "C:\\dir"),
            ("C:\\dir\\", "C:\\dir/"),
            ("a\\,b", "a/\\,b"),
            ("\\\\host", "/\\host"),
            ("a\\\nb", "a/\\nb"),
            ("two\nlines\r\tand\0", "two\\nlines\\r\\tand?"),
            (" ", "\\ "),
        ] {
            assert_eq!(told(put_key, text), line);
        }
    }

    #[test]
    fn texts() {
        for (text, line) in [
            ("a,b=c d", "\"a,b=c d\""),
            ("say \"hi\"\\", "\"say \\\"hi\\\"\\\\\""),
            ("two\nlines\0", "\"two\\\\nlines?\""),
        ] {
            assert_eq!(told(put_text, text), line);
        }
    }
}
