//! Where those readers of the log have come to that ask for lines by number: as long as each goes on where it was, nothing
//! is searched for. Of more readers than there are places, those that have been away longest are searched for once.

use super::Cursor;
use heapless::Vec;

/// Positions of up to `N` readers, the one used last first.
#[derive(Debug, Default)]
pub struct Positions<const N: usize>(Vec<Cursor, N>);

impl<const N: usize> Positions<N> {
    /// No positions.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Takes out the position of a reader whose next line is number `seq`, if one is known. Of several readers there, one.
    pub fn take(&mut self, seq: u64) -> Option<Cursor> {
        let index = self.0.iter().position(|cursor| cursor.seq == seq)?;
        Some(self.0.remove(index))
    }

    /// Keeps a position for [`take`](Self::take).
    pub fn keep(&mut self, cursor: Cursor) {
        if self.0.is_full() {
            self.0.pop();
        }
        // There is room, unless there is none for any.
        let _ = self.0.insert(0, cursor);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::entry;
    use super::super::{LogRing, RecordBuffer, Text};
    use super::*;

    /// Reads a line as the kernel does; whether its place had to be searched for.
    fn read<const N: usize>(ring: &LogRing<4096>, positions: &mut Positions<N>, seq: u64) -> bool {
        let known = positions.take(seq);
        let mut cursor = known.unwrap_or_else(|| ring.cursor_after(seq - 1));
        let mut buffer = RecordBuffer::new();
        assert_eq!(ring.read(&mut cursor, &mut buffer).map(|record| record.seq), Some(seq));
        positions.keep(cursor);
        known.is_none()
    }

    fn ring(lines: u64) -> LogRing<4096> {
        let mut ring = LogRing::new();
        let message = Text::format(format_args!("x"));
        for number in 1..=lines {
            ring.push(entry(number, "a", &message));
        }
        ring
    }

    #[test]
    fn readers_in_step_and_out_of_step_are_searched_for_once() {
        let (ring, mut positions) = (ring(60), Positions::<4>::new());
        let searched: usize = (1..=20)
            .map(|step| {
                // Two in step, one ahead of them, and one that goes backwards now and then.
                let wanted = [step, step, step + 20, 41 + step % 7];
                wanted.into_iter().filter(|&seq| read(&ring, &mut positions, seq)).count()
            })
            .sum();
        // Each of the four at first, and the last one each time it went back.
        assert_eq!(searched, 4 + 2);
    }

    #[test]
    fn one_reader_too_many_is_searched_for_and_nothing_worse() {
        let (ring, mut positions) = (ring(60), Positions::<2>::new());
        for step in 1..=15 {
            for start in [0, 20, 40] {
                assert!(read(&ring, &mut positions, start + step), "it was away longest");
            }
        }
        assert!(!read(&ring, &mut positions, 56) && !read(&ring, &mut positions, 36));
        assert!(read(&ring, &mut Positions::<0>::new(), 7));
    }
}
