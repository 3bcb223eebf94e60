//! What waits to be sent: a ring of frames in memory that was taken once. When it is full the oldest frames make way, for
//! an operator who has been without news wants to know how things are now; how many were lost is told.
//!
//! A frame is what is sent or lost as a whole: some lines, a datagram, a request's body. Not here: what is in a frame, and
//! who takes it away.

extern crate alloc;

use alloc::boxed::Box;

/// Before each frame in the ring: its length and its items (4 bytes each), and its time (8).
const HEADER_BYTES: usize = 16;

/// A frame in the backlog. It names the frame and holds nothing: one that was dropped reads as empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Its number: 1 for the first frame ever, then one more each.
    pub seq: u64,
    /// Bytes in it.
    pub len: usize,
    /// What its maker counts: lines, samples, records, pings.
    pub items: u32,
    /// What its maker noted: mostly a Unix time in ns, 0 where there is none.
    pub stamp_ns: u64,
    /// Where it begins, counted in bytes from the first ever written.
    at: u64,
}

/// What was lost since somebody last asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Frames that made way for newer ones.
    pub frames: u64,
    /// The items in them.
    pub items: u64,
}

/// The ring.
pub struct Backlog {
    ring: Box<[u8]>,
    /// Where the oldest frame begins, and behind the newest, counted in bytes from the first ever written.
    start: u64,
    end: u64,
    /// Behind what was appended to the frame that was begun.
    made: u64,
    /// Whether that one became longer than the ring.
    is_void: bool,
    /// Numbers of the oldest frame and of the next one.
    first: u64,
    next: u64,
    items: u64,
    dropped: Dropped,
}

impl Backlog {
    /// An empty backlog that takes `bytes` of memory, and no more ever. Each frame takes 16 of them besides its own.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        Self {
            ring: alloc::vec![0; bytes].into_boxed_slice(),
            start: 0,
            end: 0,
            made: 0,
            is_void: true,
            first: 1,
            next: 1,
            items: 0,
            dropped: Dropped::default(),
        }
    }

    /// Begins a frame. One that was begun and not committed is forgotten.
    pub fn begin(&mut self) {
        self.made = self.end;
        self.is_void = false;
        // The header's place, until its values are known.
        self.append(&[0; HEADER_BYTES]);
    }

    /// Adds to the frame that was begun; the oldest frames make way. False if it is longer than the ring: then it is lost.
    pub fn append(&mut self, bytes: &[u8]) -> bool {
        let made = self.made + bytes.len() as u64;
        if self.is_void || made - self.end > self.ring.len() as u64 {
            self.is_void = true;
            return false;
        }
        while made - self.start > self.ring.len() as u64 {
            self.drop_front();
        }
        self.write(self.made, bytes);
        self.made = made;
        true
    }

    /// Ends the frame that was begun. False if it was lost, or none was begun.
    pub fn commit(&mut self, items: u32, stamp_ns: u64) -> bool {
        let Some(len) = self.made.checked_sub(self.end + HEADER_BYTES as u64).filter(|_| !self.is_void) else {
            return false;
        };
        let mut header = [0; HEADER_BYTES];
        let (numbers, stamp) = header.split_at_mut(8);
        numbers.copy_from_slice(&(len | u64::from(items) << 32).to_le_bytes());
        stamp.copy_from_slice(&stamp_ns.to_le_bytes());
        self.write(self.end, &header);
        self.end = self.made;
        self.next += 1;
        self.items += u64::from(items);
        self.is_void = true;
        true
    }

    /// Whether a frame of so many bytes has room without any other's making way.
    #[must_use]
    pub fn fits(&self, len: usize) -> bool {
        self.bytes().saturating_add(len).saturating_add(HEADER_BYTES) <= self.ring.len()
    }

    /// The oldest frame.
    #[must_use]
    pub fn front(&self) -> Option<Frame> {
        self.frame(self.first, self.start)
    }

    /// The frame behind this one, if this one is still there.
    #[must_use]
    pub fn after(&self, frame: &Frame) -> Option<Frame> {
        if frame.seq < self.first {
            return None;
        }
        self.frame(frame.seq + 1, frame.at + (HEADER_BYTES + frame.len) as u64)
    }

    /// Bytes of the frames from this one up to, and without, a later one, whether they are still there or not.
    #[must_use]
    pub fn distance(from: &Frame, to: &Frame) -> u64 {
        let headers = to.seq.saturating_sub(from.seq) * HEADER_BYTES as u64;
        to.at.saturating_sub(from.at).saturating_sub(headers)
    }

    /// Copies what the frame has from its byte `from` on, as much as `out` has room for, and returns how much that is: 0 at
    /// its end, and if it was dropped.
    pub fn read(&self, frame: &Frame, from: usize, out: &mut [u8]) -> usize {
        if frame.seq < self.first || frame.seq >= self.next {
            return 0;
        }
        let len = frame.len.saturating_sub(from).min(out.len());
        if let Some(out) = out.get_mut(..len) {
            self.copy(frame.at + (HEADER_BYTES + from) as u64, out);
        }
        len
    }

    /// Takes the oldest frame away: it has arrived, or nobody wants it.
    pub fn pop(&mut self) {
        if let Some(front) = self.front() {
            self.start = front.at + (HEADER_BYTES + front.len) as u64;
            self.first += 1;
            self.items -= u64::from(front.items);
        }
    }

    /// What made way since this was last asked.
    pub fn take_dropped(&mut self) -> Dropped {
        core::mem::take(&mut self.dropped)
    }

    /// Frames in it.
    #[must_use]
    pub const fn frames(&self) -> u64 {
        self.next - self.first
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.next == self.first
    }

    /// The items in them.
    #[must_use]
    pub const fn items(&self) -> u64 {
        self.items
    }

    /// The bytes they take.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        (self.end - self.start) as usize
    }

    /// The most bytes they can take.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.ring.len()
    }

    fn drop_front(&mut self) {
        self.dropped.frames += 1;
        self.dropped.items += self.front().map_or(0, |front| u64::from(front.items));
        self.pop();
    }

    fn frame(&self, seq: u64, at: u64) -> Option<Frame> {
        if seq >= self.next {
            return None;
        }
        let (mut numbers, mut stamp) = ([0; 8], [0; 8]);
        self.copy(at, &mut numbers);
        self.copy(at + 8, &mut stamp);
        let numbers = u64::from_le_bytes(numbers);
        let len = (numbers & u64::from(u32::MAX)) as usize;
        Some(Frame { seq, len, items: (numbers >> 32) as u32, stamp_ns: u64::from_le_bytes(stamp), at })
    }

    /// The ring from the byte `at` on: to its end, and from its beginning on.
    fn place(&self, at: u64, len: usize) -> (usize, usize) {
        let start = at.checked_rem(self.ring.len() as u64).unwrap_or(0) as usize;
        (start, len.min(self.ring.len() - start))
    }

    fn write(&mut self, at: u64, bytes: &[u8]) {
        let (start, before_end) = self.place(at, bytes.len());
        let (head, tail) = bytes.split_at(before_end);
        for (from, part) in [(start, head), (0, tail)] {
            if let Some(room) = self.ring.get_mut(from..from + part.len()) {
                room.copy_from_slice(part);
            }
        }
    }

    fn copy(&self, at: u64, out: &mut [u8]) {
        let (start, before_end) = self.place(at, out.len());
        let (head, tail) = out.split_at_mut(before_end);
        for (from, part) in [(start, head), (0, tail)] {
            if let Some(bytes) = self.ring.get(from..from + part.len()) {
                part.copy_from_slice(bytes);
            }
        }
    }
}

impl core::fmt::Debug for Backlog {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.debug_struct("Backlog")
            .field("frames", &self.frames())
            .field("bytes", &self.bytes())
            .field("capacity", &self.capacity())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use proptest::prelude::*;
    use std::collections::VecDeque;
    use std::vec::Vec;

    fn push(backlog: &mut Backlog, bytes: &[u8], items: u32) -> bool {
        backlog.begin();
        backlog.append(bytes) && backlog.commit(items, 7)
    }

    fn text(backlog: &Backlog, frame: &Frame) -> Vec<u8> {
        let mut out = std::vec![0; frame.len];
        assert_eq!(backlog.read(frame, 0, &mut out), frame.len);
        out
    }

    #[test]
    fn the_newest_frames_are_kept() {
        let mut backlog = Backlog::new(3 * (HEADER_BYTES + 4));
        for (frame, items) in [(b"one_", 1), (b"two_", 2), (b"tri_", 3), (b"four", 4)] {
            assert!(push(&mut backlog, frame, items));
        }
        assert_eq!(backlog.take_dropped(), Dropped { frames: 1, items: 1 });
        assert_eq!(backlog.take_dropped(), Dropped::default());
        assert_eq!((backlog.frames(), backlog.items(), backlog.bytes()), (3, 9, 60));
        let front = backlog.front().expect("there are three");
        assert_eq!((front.seq, text(&backlog, &front)), (2, b"two_".to_vec()));
        let next = backlog.after(&front).expect("there are two more");
        assert_eq!(text(&backlog, &next), b"tri_");
        let last = backlog.after(&next).expect("there is one more");
        assert_eq!((Backlog::distance(&front, &front), Backlog::distance(&front, &last)), (0, 8));
        backlog.pop();
        assert_eq!(backlog.read(&front, 0, &mut [0; 4]), 0, "it is gone");
        assert_eq!(backlog.after(&front), None, "nobody knows where it ended");
        assert_eq!(backlog.read(&next, 2, &mut [0; 8]), 2);
    }

    #[test]
    fn a_frame_longer_than_the_ring_is_lost_alone() {
        let mut backlog = Backlog::new(HEADER_BYTES + 8);
        assert!(!backlog.commit(1, 0), "none was begun");
        assert!(!push(&mut backlog, &[0; 9], 1));
        assert!(!backlog.commit(1, 0));
        assert!(push(&mut backlog, &[1; 8], 1));
        assert!(!backlog.fits(0));
        backlog.begin();
        assert!(backlog.is_empty(), "it made way");
        assert!(!Backlog::new(0).append(b"x"));
    }

    #[test]
    fn a_frame_that_was_begun_and_not_committed_is_nothing() {
        let mut backlog = Backlog::new(100);
        backlog.begin();
        backlog.append(b"forgotten");
        assert!(push(&mut backlog, b"kept", 1));
        let front = backlog.front().expect("one");
        assert_eq!((backlog.frames(), text(&backlog, &front)), (1, b"kept".to_vec()));
        assert_eq!(backlog.after(&front), None);
    }

    proptest! {
        /// It is a queue that forgets its oldest.
        #[test]
        fn is_a_queue(
            capacity in 0usize..200,
            steps in proptest::collection::vec(prop_oneof![Just(None), (0usize..60, 0u32..9).prop_map(Some)], 0..60),
        ) {
            let mut backlog = Backlog::new(capacity);
            let mut model: VecDeque<(Vec<u8>, u32)> = VecDeque::new();
            for (index, step) in steps.into_iter().enumerate() {
                match step {
                    None => {
                        backlog.pop();
                        model.pop_front();
                    }
                    Some((len, items)) => {
                        let bytes = std::vec![index as u8; len];
                        let is_kept = push(&mut backlog, &bytes, items);
                        prop_assert_eq!(is_kept, len + HEADER_BYTES <= capacity);
                        let taken = backlog.take_dropped();
                        let lost = (0..taken.frames).map(|_| u64::from(model.pop_front().expect("it was there").1));
                        prop_assert_eq!(lost.sum::<u64>(), taken.items);
                        if is_kept {
                            model.push_back((bytes, items));
                        }
                        prop_assert!(model.iter().map(|(bytes, _)| bytes.len() + HEADER_BYTES).sum::<usize>() <= capacity);
                    }
                }
                let mut frame = backlog.front();
                for (bytes, items) in &model {
                    let this = frame.expect("as many as in the model");
                    prop_assert_eq!((&text(&backlog, &this), this.items, this.stamp_ns), (bytes, *items, 7));
                    frame = backlog.after(&this);
                }
                prop_assert_eq!(frame, None);
                prop_assert_eq!(backlog.items(), model.iter().map(|(_, items)| u64::from(*items)).sum::<u64>());
            }
        }
    }
}
