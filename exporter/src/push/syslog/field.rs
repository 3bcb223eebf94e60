//! Pieces of a message: names in its header, and its text, cut where it must be.

use crate::Window;
use crate::escape::{put_escaped, put_escaped_char};

use super::Made;

/// What a cut text ends in.
const MARK: &str = "…";

/// Writes a field of the header: at most `most` characters, `_` for those that are not allowed, `-` where there is none.
pub(super) fn put_name(name: &str, most: usize, is_allowed: fn(char) -> bool, window: &mut Window<'_>) {
    if name.is_empty() {
        return window.put(b"-");
    }
    for character in name.chars().take(most) {
        // What is allowed is ASCII.
        window.put_byte(if is_allowed(character) { character as u8 } else { b'_' });
    }
}

/// Writes the text; if it does not fit, as much of it as does, and the mark.
pub(super) fn put_text(text: &str, window: &mut Window<'_>) -> Made {
    if window.overflowed() {
        return Made::TooLong;
    }
    let begin = window.len();
    put_escaped(text, window);
    if !window.overflowed() {
        return Made::Whole;
    }
    window.rewind(begin);
    if window.free().len() < MARK.len() {
        return Made::TooLong;
    }
    for character in text.chars() {
        let end = window.len();
        put_escaped_char(character, window);
        if window.free().len() < MARK.len() {
            window.rewind(end);
            break;
        }
    }
    window.put(MARK.as_bytes());
    Made::Cut
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use proptest::prelude::*;
    use std::string::String;

    proptest! {
        /// Whatever there is room for: a text is whole, or cut between characters and marked, and no room is wasted.
        #[test]
        fn a_text_is_cut_between_characters(text in "[a-z\n\u{1b}äß→😀]{0,60}", room in 0usize..80) {
            let mut bytes = [0; 80];
            let mut window = Window::new(&mut bytes[..room]);
            let made = put_text(&text, &mut window);
            let escaped = |character: char| if character.is_control() {
                character.escape_default().collect()
            } else {
                String::from(character)
            };
            let whole: String = text.chars().map(escaped).collect();
            let written = core::str::from_utf8(window.written()).expect("whole characters");
            match made {
                Made::Whole => prop_assert_eq!(written, &whole),
                Made::Cut => {
                    let kept = written.strip_suffix(MARK).expect("marked");
                    let longest = (0..=text.chars().count())
                        .map(|count| text.chars().take(count).map(escaped).collect::<String>())
                        .take_while(|part| part.len() + MARK.len() <= room)
                        .last();
                    prop_assert!(whole.len() > room);
                    prop_assert_eq!(Some(kept), longest.as_deref());
                }
                Made::TooLong => prop_assert!(room < MARK.len() && whole.len() > room),
            }
        }
    }
}
