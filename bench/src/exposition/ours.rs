//! Our encoder, and one set to encode.

use bench_series::Set;
use exporter::exposition::text::Encoder;
use exporter::{Step, Window};

/// Room for the largest set.
const ROOM: usize = 2 << 20;

/// An encoder at rest before the first family of a set.
pub(crate) struct Ours {
    start: Encoder,
    /// What the set comes to, as the encoder counts its work.
    steps: usize,
    buffer: Vec<u8>,
}

impl Ours {
    pub(crate) fn new(set: Set) -> Result<Self, String> {
        let mut buffer = vec![0; ROOM];
        let mut encoder = Encoder::new();
        let mut found = None;
        let mut steps = 0;
        loop {
            let before = encoder.clone();
            let mut window = Window::new(&mut buffer);
            let step = encoder.write(&mut window, 1);
            let is_of_set = contains(window.written(), set.prefix().as_bytes());
            if is_of_set {
                found.get_or_insert(before);
                steps += 1;
            }
            if step == Step::End || (found.is_some() && !is_of_set) {
                let start = found.ok_or_else(|| format!("{set:?} is not in the exposition"))?;
                return Ok(Self { start, steps, buffer });
            }
        }
    }

    /// Encodes the set.
    pub(crate) fn encode(&mut self) -> &[u8] {
        let mut window = Window::new(&mut self.buffer);
        self.start.clone().write(&mut window, self.steps);
        let len = window.len();
        &self.buffer[..len]
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
