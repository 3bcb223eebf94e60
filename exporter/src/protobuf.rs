//! One message as protobuf's wire format has it (<https://protobuf.dev/programming-guides/encoding/>), written front to
//! back. Not for what the fields mean: see `exposition::protobuf` for scrapes and `push::remote_write` for what is pushed.

use core::ops::Range;

use crate::MAX_LINE;

/// Room for the length that stands before a message.
const PREFIX: usize = 2;

/// The longest part of a message. A length takes one byte or two.
const MAX_PART: usize = (1 << 14) - 1;

const _: () = assert!(MAX_LINE <= MAX_PART);

/// A field's number. All of these schemas' are below 16, so number and wire type take one byte.
pub(crate) type Field = u8;

/// The types on the wire, in the low three bits of a field's tag.
const VARINT: u8 = 0;
const FIXED64: u8 = 1;
const DELIMITED: u8 = 2;

/// A message in the making. With room for its length it has at most as many bytes as `bytes` has, [`MAX_LINE`] unless
/// said otherwise; what does not fit is left out and sets [`overflowed`](Self::overflowed), as it does in a
/// [`Window`](crate::Window).
///
/// It is made here and not in the window because lengths are known last and stand first: so a window holds whole
/// messages only.
pub(crate) struct Message<B = [u8; MAX_LINE]> {
    bytes: B,
    end: usize,
    overflowed: bool,
}

impl Message {
    /// An empty message.
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; MAX_LINE], end: PREFIX, overflowed: false }
    }

    /// The message behind its length.
    pub(crate) fn delimited(&mut self) -> &[u8] {
        let (bytes, len) = length(self.end - PREFIX);
        let start = PREFIX - len;
        if let (Some(room), Some(length)) = (self.bytes.get_mut(start..PREFIX), bytes.get(..len)) {
            room.copy_from_slice(length);
        }
        self.bytes.get(start..self.end).unwrap_or_default()
    }
}

impl<B: AsRef<[u8]> + AsMut<[u8]>> Message<B> {
    /// An empty message in `bytes`.
    pub(crate) const fn within(bytes: B) -> Self {
        Self { bytes, end: PREFIX, overflowed: false }
    }

    /// The message without its length.
    pub(crate) fn body(&self) -> &[u8] {
        self.bytes.as_ref().get(PREFIX..self.end).unwrap_or_default()
    }

    /// The same, to change it in place.
    pub(crate) fn body_mut(&mut self) -> &mut [u8] {
        self.bytes.as_mut().get_mut(PREFIX..self.end).unwrap_or_default()
    }

    /// Where it ends now: what [`rewind`](Self::rewind) takes.
    pub(crate) fn mark(&self) -> usize {
        self.end
    }

    /// Takes back everything after `mark`, and forgets the overflow.
    pub(crate) fn rewind(&mut self, mark: usize) {
        self.end = self.end.min(mark);
        self.overflowed = false;
    }

    /// Makes it empty.
    pub(crate) fn clear(&mut self) {
        self.rewind(PREFIX);
    }

    /// Whether something did not fit.
    pub(crate) fn overflowed(&self) -> bool {
        self.overflowed
    }

    /// A whole number without a sign, or one of a schema's names for numbers.
    pub(crate) fn unsigned(&mut self, field: Field, value: u64) {
        self.put(&[tag(field, VARINT)]);
        self.varint(value);
    }

    /// A whole number, small in either direction (`sint32`, `sint64`).
    pub(crate) fn signed(&mut self, field: Field, value: i64) {
        self.put(&[tag(field, VARINT)]);
        self.packed(value);
    }

    /// The same without its field, as one of several in a nested field.
    pub(crate) fn packed(&mut self, value: i64) {
        self.varint((value << 1 ^ value >> 63).cast_unsigned());
    }

    /// What was written to these places.
    pub(crate) fn written(&self, places: Range<usize>) -> Option<&[u8]> {
        self.bytes.as_ref().get(..self.end)?.get(places)
    }

    /// Says that there is no room for something that was not written.
    pub(crate) fn overflow(&mut self) {
        self.overflowed = true;
    }

    /// A float.
    #[inline]
    pub(crate) fn double(&mut self, field: Field, value: f64) {
        self.double_bits(field, value.to_bits());
    }

    /// The same of its bits, where it matters which of all that are not a number it is.
    #[inline]
    pub(crate) fn double_bits(&mut self, field: Field, bits: u64) {
        self.put(&[tag(field, FIXED64)]);
        self.put(&bits.to_le_bytes());
    }

    /// A text.
    #[inline]
    pub(crate) fn text(&mut self, field: Field, text: &str) {
        self.overflowed |= text.len() > MAX_PART;
        let tag = tag(field, DELIMITED);
        match length(text.len().min(MAX_PART)) {
            ([short, _], 1) => self.put(&[tag, short]),
            ([low, high], _) => self.put(&[tag, low, high]),
        }
        self.put(text.as_bytes());
    }

    /// A message within this one, or whatever else has its length in front.
    #[inline]
    pub(crate) fn nested(&mut self, field: Field, put: impl FnOnce(&mut Self)) {
        let at = self.end + 1;
        // Most are shorter than 128 bytes, and so their lengths than two.
        self.put(&[tag(field, DELIMITED), 0]);
        let start = self.end;
        put(self);
        self.overflowed |= self.end - start > MAX_PART;
        let (bytes, len) = length((self.end - start).min(MAX_PART));
        if len > 1 {
            self.put(&[0]);
            if self.overflowed {
                return;
            }
            self.bytes.as_mut().copy_within(start..self.end - 1, start + 1);
        }
        for (byte, length) in self.bytes.as_mut().iter_mut().skip(at).zip(bytes).take(len) {
            *byte = length;
        }
    }

    /// A whole number without its field, as one of several in a nested field.
    pub(crate) fn varint(&mut self, mut value: u64) {
        let mut bytes = [0; 10];
        let mut len = 0;
        for byte in &mut bytes {
            len += 1;
            *byte = value as u8 | 0x80;
            value >>= 7;
            if value == 0 {
                *byte &= 0x7f;
                break;
            }
        }
        self.put(bytes.get(..len).unwrap_or_default());
    }

    /// Bytes as they are, as part of a nested field.
    #[inline]
    pub(crate) fn put(&mut self, bytes: &[u8]) {
        let end = self.end + bytes.len();
        match self.bytes.as_mut().get_mut(self.end..end) {
            Some(room) if !self.overflowed => {
                room.copy_from_slice(bytes);
                self.end = end;
            }
            _ => self.overflowed = true,
        }
    }
}

/// What stands before a field: its number and the type of what follows.
const fn tag(field: Field, wire_type: u8) -> u8 {
    field << 3 | wire_type
}

/// A length of this message or of a part of it, and how many of the bytes it takes.
fn length(len: usize) -> ([u8; PREFIX], usize) {
    if len < 0x80 { ([len as u8, 0], 1) } else { ([len as u8 | 0x80, (len >> 7) as u8], 2) }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;

    fn made(put: impl FnOnce(&mut Message)) -> std::vec::Vec<u8> {
        let mut message = Message::new();
        put(&mut message);
        assert!(!message.overflowed());
        message.delimited().to_vec()
    }

    #[test]
    fn numbers() {
        assert_eq!(made(|message| message.unsigned(1, 0)), [2, 0x08, 0]);
        assert_eq!(made(|message| message.unsigned(2, 300)), [3, 0x10, 0xac, 0x02]);
        let most = [11, 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        assert_eq!(made(|message| message.unsigned(1, u64::MAX)), most);
        assert_eq!(made(|message| message.signed(1, i64::MIN)), most);
        for (value, byte) in [(0, 0), (-1, 1), (1, 2), (-64, 127)] {
            assert_eq!(made(|message| message.signed(5, value)), [2, 0x28, byte]);
        }
        assert_eq!(made(|message| message.double(1, -2.0)), [9, 0x09, 0, 0, 0, 0, 0, 0, 0, 0xc0]);
        assert_eq!(
            made(|message| message.nested(13, |message| [1, -1].into_iter().for_each(|delta| message.packed(delta)))),
            [4, 0x6a, 2, 2, 1]
        );
    }

    #[test]
    fn lengths_are_as_short_as_they_can_be() {
        let text = "x".repeat(16_000);
        for len in [0, 1, 127, 128, 129, 300, 4_000] {
            let text = &text[..len];
            let mut expected = std::vec![0x0a];
            expected.extend(if len < 128 {
                std::vec![len as u8]
            } else {
                std::vec![len as u8 | 0x80, (len >> 7) as u8]
            });
            expected.extend(text.bytes());
            let bytes = made(|message| message.text(1, text));
            let prefix = if expected.len() < 128 { 1 } else { 2 };
            assert_eq!(bytes[prefix..], expected);
            assert_eq!(bytes.len(), prefix + expected.len());
        }
    }

    #[test]
    fn the_longest_message_and_one_longer() {
        let mut message = Message::new();
        // The message's length, a tag and the text's length.
        let longest = "x".repeat(MAX_LINE - 5);
        message.text(1, &longest);
        assert!(!message.overflowed());
        assert_eq!(message.delimited().len(), MAX_LINE);
        message.clear();
        message.text(1, &(longest + "x"));
        assert!(message.overflowed());
    }

    #[test]
    fn parts_may_be_longer_than_a_line_and_no_longer_than_their_length_can_tell() {
        for (len, fits) in [(MAX_PART, true), (MAX_PART + 1, false)] {
            let mut message = Message::within(std::vec![0; 1 << 16]);
            message.text(1, &"x".repeat(len));
            assert_eq!(message.overflowed(), !fits);
            message.clear();
            message.nested(2, |message| message.put(&std::vec![0; len]));
            assert_eq!(message.overflowed(), !fits);
            if fits {
                assert_eq!(message.body()[..3], [0x12, 0xff, 0x7f]);
                assert_eq!(message.body().len(), 3 + len);
            }
        }
    }

    #[test]
    fn overflow_lasts_until_it_is_taken_back() {
        let mut message = Message::new();
        message.unsigned(1, 7);
        let mark = message.mark();
        message.nested(2, |message| message.put(&[0; MAX_LINE]));
        message.unsigned(1, 8);
        assert!(message.overflowed());
        message.rewind(mark);
        assert!(!message.overflowed());
        assert_eq!(message.delimited(), [2, 0x08, 7]);
    }
}
