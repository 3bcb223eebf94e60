//! Text from anywhere, made fit for one line: a log's record, or a syslog message, can never look like two.

use crate::Window;

/// Writes text with its control characters as Rust spells them, and everything else as it is.
pub(crate) fn put_escaped(text: &str, window: &mut Window<'_>) {
    let mut rest = text;
    while let Some(at) = rest.find(char::is_control) {
        let (plain, after) = rest.split_at(at);
        window.put(plain.as_bytes());
        let mut after = after.chars();
        if let Some(control) = after.next() {
            put_escaped_char(control, window);
        }
        rest = after.as_str();
    }
    window.put(rest.as_bytes());
}

/// Writes one character likewise.
pub(crate) fn put_escaped_char(character: char, window: &mut Window<'_>) {
    let mut put = |character: char| window.put(character.encode_utf8(&mut [0; 4]).as_bytes());
    if character.is_control() {
        character.escape_default().for_each(put);
    } else {
        put(character);
    }
}
