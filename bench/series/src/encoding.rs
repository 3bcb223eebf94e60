//! Encoding of one set, without what comes before and after it in the exposition.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use exporter::exposition::{Encoder, Format, Selection};
use exporter::{Step, Window};

use crate::Set;

/// Room for the largest set.
const ROOM: usize = 2 << 20;

/// An encoder at rest before the first family of a set.
#[derive(Debug)]
pub struct Encoding {
    start: Encoder,
    /// The least limit to one call with which all of the set is written.
    limit: usize,
    room: Vec<u8>,
}

impl Encoding {
    /// Looks for the families of `set`.
    ///
    /// # Errors
    /// There are none, as when [`fill`](crate::fill) was not called.
    pub fn new(set: Set, format: Format) -> Result<Self, String> {
        let mut room = alloc::vec![0; ROOM];
        let mut encoder = Encoder::new(format, Selection::ALL, None);
        let mut start = None;
        let mut len = 0;
        let start = loop {
            let before = encoder.clone();
            let mut window = Window::new(&mut room);
            let step = encoder.write(&mut window, 1);
            let is_of_set = contains(window.written(), set.prefix().as_bytes());
            if is_of_set {
                start.get_or_insert(before);
                len += window.len();
            }
            if step == Step::End || (start.is_some() && !is_of_set) {
                break start.ok_or_else(|| format!("{set:?} is not in the exposition"))?;
            }
        };
        // What a limit counts depends on the format, but with a higher one there is never less.
        let mut encoding = Self { start, limit: 0, room };
        let mut higher = len;
        while encoding.limit < higher {
            let lower = encoding.limit;
            encoding.limit = lower.midpoint(higher);
            if encoding.run().len() < len {
                encoding.limit += 1;
            } else {
                (encoding.limit, higher) = (lower, encoding.limit);
            }
        }
        let written = encoding.run().len();
        if written == len { Ok(encoding) } else { Err(format!("{set:?} has {len} bytes, or {written} at once")) }
    }

    /// Encodes the set, from its first family to its last.
    pub fn run(&mut self) -> &[u8] {
        let mut window = Window::new(&mut self.room);
        self.start.clone().write(&mut window, self.limit);
        let len = window.len();
        self.room.get(..len).unwrap_or_default()
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
