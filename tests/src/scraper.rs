//! A good scraper beside an adversary: it keeps its connection, comes ten times a second, checks all of every answer,
//! and does not wait for long.

use std::io::{self, ErrorKind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::exposition;
use crate::guest::Guest;
use crate::http::{Connection, Response};
use crate::network::Side;
use crate::wait::{PATIENCE, eventually};

/// How often it comes.
const INTERVAL: Duration = Duration::from_millis(100);
/// Longer than any scrape may take, however busy the host is; Prometheus gives up after ten seconds.
const LATE: Duration = Duration::from_secs(5);

/// Connects to `guest` and scrapes it, then runs `attack`, and all the while scrapes on. Returns what the attack returned
/// and what the scrapes told, at least one. Panics unless each was answered, whole and in time.
pub fn beside<R>(guest: &Guest, attack: impl FnOnce() -> R) -> (R, Vec<String>) {
    let (attacking, over) = channel::<()>();
    let mut scraper = Scraper { guest, kept: None };
    let mut told = vec![scraper.scrape()];
    thread::scope(|scope| {
        let scraper = scope.spawn(move || {
            while over.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                told.push(scraper.scrape());
            }
            told
        });
        let result = attack();
        drop(attacking);
        (result, scraper.join().expect("every scrape beside the attack was answered"))
    })
}

/// Waits until nobody is connected to management but who asks, and returns what is told then. Panics unless management
/// has allocated nothing and the heap is as it was at the scrape `before`.
pub fn back_to_normal(guest: &Guest, before: &str) -> String {
    let mut last = String::new();
    let mut connection = guest.management();
    let value = |text: &str, series: &str| {
        exposition::value(text, series).unwrap_or_else(|| panic!("no `{series}` in:\n{text}"))
    };
    let alone = eventually(PATIENCE, || {
        last = connection.get("/metrics").ok()?.text();
        (value(&last, "uk_management_http_clients") == 1.0).then_some(())
    });
    assert!(alone.is_some(), "others are still connected:\n{last}");
    assert_eq!(value(&last, "uk_management_allocations_total"), 0.0);
    assert_eq!(value(&last, "uk_heap_used_bytes"), value(before, "uk_heap_used_bytes"));
    last
}

struct Scraper<'a> {
    guest: &'a Guest,
    kept: Option<Connection>,
}

impl Scraper<'_> {
    /// One scrape, checked.
    fn scrape(&mut self) -> String {
        let began = Instant::now();
        let response = self.ask().unwrap_or_else(|error| panic!("a scrape was not answered: {error}"));
        assert!(began.elapsed() < LATE, "a scrape took {:?}", began.elapsed());
        let text = response.text();
        assert_eq!(response.status, 200, "{text}");
        let lines = text.lines().filter(|line| !line.starts_with('#')).count();
        assert!(text.ends_with('\n') && exposition::samples(&text).count() == lines, "not an exposition:\n{text}");
        text
    }

    /// On the connection it has, or on a new one if that was taken from it, as the standard has every client do
    /// (RFC 9112, 9.3.1). A new one that is not answered has failed.
    fn ask(&mut self) -> io::Result<Response> {
        if let Some(connection) = &mut self.kept {
            match connection.get("/metrics") {
                Err(error) if is_closed(&error) => {}
                answer => return answer,
            }
        }
        let stream = self.guest.network().connect(Side::Management, 9100, LATE)?;
        self.kept.insert(Connection::new(stream)?).get("/metrics")
    }
}

/// Whether the other side has ended a connection.
fn is_closed(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof)
}
