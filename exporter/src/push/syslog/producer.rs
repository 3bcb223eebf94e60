//! Makes a frame of each line of the log, from the boot's first on, at its own pace: the log itself is where lines wait, and
//! none is taken before the backlog has room for it without dropping another. Lines that were overwritten in the log before
//! that are counted, and the receiver sees that they are missing: by the numbers of those that it has, or where lines carry
//! none, by a line that says so.

extern crate alloc;

use alloc::boxed::Box;

use crate::push::date::DatePatience;
use crate::push::{Ending, Origin, Outbox, Producer, Reason};
use crate::{Level, LogRecord, Site, Window};

use super::{Format, Framing, Made, octet_counting};

/// Lines made in one go: a few microseconds each.
const LINES_AT_ONCE: usize = 16;

/// All lines of the log, as frames of one format.
#[derive(Debug)]
pub struct LogLines {
    format: Format,
    framing: Framing,
    /// Where a message is made: as long as one may be.
    room: Box<[u8]>,
    /// The number of the line to be read next.
    next: u64,
    date: DatePatience,
    is_ending: bool,
    is_finished: bool,
}

/// A message in the room.
#[derive(Clone, Copy)]
struct Message {
    made: Made,
    len: usize,
    stamp_ns: u64,
}

impl LogLines {
    /// Lines that look like this. The one time it takes memory.
    #[must_use]
    pub fn new(format: Format, framing: Framing) -> Self {
        Self {
            format,
            framing,
            room: alloc::vec![0; format.limit(framing)].into_boxed_slice(),
            next: 1,
            date: DatePatience::default(),
            is_ending: false,
            is_finished: false,
        }
    }

    /// Makes a frame of the next line. `None` if there is none, or no room for the longest that there may be.
    fn make_next(&mut self, site: &dyn Site, out: &mut Outbox<'_>) -> Option<()> {
        if !out.backlog.is_empty() && !out.backlog.fits(octet_counting::ROOM + self.room.len()) {
            return None;
        }
        let origin = site.origin();
        let Self { format, room, next, .. } = self;
        let (mut message, mut lost, mut is_cut, mut is_feedback) = (None, 0, false, false);
        let seq = site.log_next(*next, Level::Trace, &mut |record| {
            lost = record.seq.saturating_sub(*next);
            if lost == 0 && is_about_sending(record) {
                is_feedback = true;
            } else if lost == 0 {
                is_cut = record.truncated;
                message = Some(put(*format, &origin, record, room));
            } else if !format.is_numbered() {
                message = Some(put_loss(*format, &origin, record, lost, room));
            }
        });
        let Some(seq) = seq else {
            self.is_finished = self.is_ending;
            return None;
        };
        if is_feedback {
            out.lost(1, Reason::Feedback);
        }
        let items = u32::from(lost == 0);
        if let Some(message) = message {
            self.frame(message, items, out);
            if items == 1 && (is_cut || message.made == Made::Cut) {
                out.stats.truncated.inc();
            }
        }
        if lost > 0 {
            // The line that was found is the next one.
            out.lost(lost, Reason::Overwritten);
            self.next = seq;
        } else {
            self.next = seq.saturating_add(1);
        }
        Some(())
    }

    /// Puts the message in the backlog.
    fn frame(&self, message: Message, items: u32, out: &mut Outbox<'_>) {
        if message.made == Made::TooLong {
            return out.lost(items.into(), Reason::TooLong);
        }
        let mut length = [0; octet_counting::ROOM];
        let mut length = Window::new(&mut length);
        match self.framing {
            Framing::Datagrams => {}
            Framing::OctetCounting => octet_counting::put_length(message.len, &mut length),
        }
        out.backlog.begin();
        out.backlog.append(length.written());
        out.backlog.append(self.room.get(..message.len).unwrap_or_default());
        out.commit(items, message.stamp_ns);
    }
}

/// Whether a line is one of those that sending a line makes: what the network stack and the thread that sends tell
/// developers of each packet. To send these would never end.
fn is_about_sending(record: &LogRecord<'_>) -> bool {
    record.level >= Level::Debug && (record.thread == "management" || record.source.starts_with("smoltcp"))
}

/// Makes the message of `record`.
fn put(format: Format, origin: &Origin<'_>, record: &LogRecord<'_>, room: &mut [u8]) -> Message {
    // A bare line has an end; a syslog message needs none.
    let end: &[u8] = if format == Format::Netconsole { b"\n" } else { b"" };
    let text = room.len().saturating_sub(end.len());
    let mut window = Window::new(room.get_mut(..text).unwrap_or_default());
    let made = format.put(origin, record, &mut window);
    let len = window.len();
    if let Some(behind) = room.get_mut(len..len + end.len()) {
        behind.copy_from_slice(end);
    }
    Message { made, len: len + end.len(), stamp_ns: record.unix_ns.unwrap_or(0) }
}

/// Makes a message that says what is missing before `record`.
fn put_loss(format: Format, origin: &Origin<'_>, record: &LogRecord<'_>, lost: u64, room: &mut [u8]) -> Message {
    use core::fmt::Write as _;
    let mut text = [0; 80];
    let mut window = Window::new(&mut text);
    // It fits, whatever the number.
    let _ = write!(window, "{lost} lines were overwritten before they could be sent here");
    let message = core::str::from_utf8(window.written()).unwrap_or_default();
    let loss = LogRecord { level: Level::Warning, source: "log", thread: "", message, truncated: false, ..*record };
    put(format, origin, &loss, room)
}

impl Producer for LogLines {
    fn produce(&mut self, now_ns: u64, site: &dyn Site, out: &mut Outbox<'_>) -> bool {
        if self.date.waits(now_ns, site) {
            return false;
        }
        (0..LINES_AT_ONCE).all(|_| self.make_next(site, out).is_some())
    }

    fn deadline_ns(&self) -> Option<u64> {
        self.date.deadline_ns()
    }

    fn waiting(&self, site: &dyn Site) -> u64 {
        site.log_newest().map_or(0, |newest| newest.saturating_add(1).saturating_sub(self.next))
    }

    fn finish(&mut self, _now_ns: u64, _ending: Ending) {
        self.is_ending = true;
        self.date.end();
    }

    fn is_finished(&self) -> bool {
        self.is_finished
    }
}
