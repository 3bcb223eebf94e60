//! A guest's serial log: collected line by line as it comes, so that a test can wait for a line and a failure can show all.

use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Everything a stream has said so far. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct SerialLog {
    shared: Arc<(Mutex<State>, Condvar)>,
}

#[derive(Debug, Default)]
struct State {
    lines: Vec<String>,
    ended: bool,
}

impl SerialLog {
    /// Begins to collect `stream`, on a thread of its own that ends with the stream. Each line also goes to `echo`.
    pub fn collect(stream: impl Read + Send + 'static, mut echo: impl FnMut(&str) + Send + 'static) -> Self {
        let log = Self::default();
        let writer = log.clone();
        thread::spawn(move || {
            let mut stream = BufReader::new(stream);
            let mut bytes = Vec::new();
            // A guest may send anything, so lines are bytes first.
            while stream.read_until(b'\n', &mut bytes).is_ok_and(|count| count > 0) {
                let line = String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']).to_owned();
                bytes.clear();
                echo(&line);
                writer.lock().lines.push(line);
                writer.shared.1.notify_all();
            }
            writer.lock().ended = true;
            writer.shared.1.notify_all();
        });
        log
    }

    /// All lines so far, joined.
    #[must_use]
    pub fn text(&self) -> String {
        self.lock().lines.join("\n")
    }

    /// All lines so far.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.lock().lines.clone()
    }

    /// The first line, past or future, that contains `pattern`; `None` when the stream ends or the deadline passes first.
    #[must_use]
    pub fn wait_for(&self, pattern: &str, deadline: Duration) -> Option<String> {
        let end = Instant::now() + deadline;
        let mut seen = 0;
        let mut state = self.lock();
        loop {
            if let Some(line) = state.lines[seen..].iter().find(|line| line.contains(pattern)) {
                return Some(line.clone());
            }
            seen = state.lines.len();
            let left = end.saturating_duration_since(Instant::now());
            if state.ended || left.is_zero() {
                return None;
            }
            (state, _) = self.shared.1.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits until the stream has ended, so that the log is whole.
    pub(crate) fn wait_for_end(&self, deadline: Duration) {
        let (state, changed) = &*self.shared;
        let guard = state.lock().unwrap_or_else(PoisonError::into_inner);
        drop(changed.wait_timeout_while(guard, deadline, |state| !state.ended));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A line is pushed whole or not at all, so a log is sound whatever its holder did.
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::SerialLog;
    use std::io::Write;
    use std::os::unix::net::UnixStream;
    use std::time::Duration;

    #[test]
    fn waits_for_lines_to_come_and_stops_at_the_end() {
        let (mut guest, host) = UnixStream::pair().unwrap();
        let log = SerialLog::collect(host, |_| ());
        guest.write_all(b"first\r\nsecond \xff\nthi").unwrap();
        assert_eq!(log.wait_for("second", Duration::from_secs(10)).as_deref(), Some("second \u{fffd}"));
        assert_eq!(log.wait_for("third", Duration::from_millis(1)), None, "not a whole line yet");
        guest.write_all(b"rd").unwrap();
        drop(guest);
        assert_eq!(log.wait_for("third", Duration::from_secs(10)).as_deref(), Some("third"));
        assert_eq!(log.wait_for("fourth", Duration::from_secs(1000)), None, "the stream has ended");
        assert_eq!(log.text(), "first\nsecond \u{fffd}\nthird");
    }
}
