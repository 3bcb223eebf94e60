//! Whatever strangers send to the management port is answered, refused or closed, each once and counted, and holds up no
//! good scraper beside it.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;

use tests::exposition::moved;
use tests::garbage::{self, Kind};
use tests::scraper::{back_to_normal, beside};
use tests::{Guest, Machine, Network, PATIENCE, Side, exposition, needs_root, on_every_machine};

on_every_machine! {
    fn ten_thousand_pieces_of_garbage(machine: Machine) {
        needs_root!("ten_thousand_pieces_of_garbage");
        const PIECES: u32 = 10_000;
        const SENDERS: u32 = 4;
        let guest = Guest::boot(machine, "guest").network(Network::taps()).words("formats").start();
        let _ = guest.line("formats: ready");
        let _ = guest.scrape();
        let before = guest.scrape();
        let (tallies, scrapes) = beside(&guest, || {
            thread::scope(|scope| {
                let send = |sender| {
                    let guest = &guest;
                    scope.spawn(move || guest.network().run(|| {
                        let mut tally = Tally::default();
                        (sender..PIECES).step_by(SENDERS as usize).for_each(|number| tally.send(guest, number));
                        tally
                    }))
                };
                let senders: Vec<_> = (0..SENDERS).map(send).collect();
                senders.into_iter().map(|sender| sender.join().expect("a sender reports")).collect::<Vec<_>>()
            })
        });
        let tally = tallies.into_iter().fold(Tally::default(), Tally::and);
        let after = back_to_normal(&guest, &before);

        // Two connections were not the senders': the good scraper's, and that of who waited until it is alone.
        assert_eq!(tally.silent + tally.by_connection, PIECES, "{tally:?}");
        assert_eq!(moved(&before, &after, "uk_management_http_connections_total"), f64::from(PIECES + 2));
        let answered = moved(&before, &after, "uk_management_http_requests_total");
        let refused = moved(&before, &after, "uk_management_http_refused_total");
        let replies = moved(&before, &after, "uk_management_http_replies_total");
        assert_eq!(answered + refused, replies, "every request is answered or refused");
        let by_code = |code: u16| {
            let series = format!("uk_management_http_replies_total{{code=\"{code}\"}}");
            let told = |text| exposition::value(text, &series).unwrap_or_else(|| panic!("no `{series}`"));
            told(&after) - told(&before)
        };
        let good: f64 = tally.by_code.iter().map(|(code, count)| match (code, by_code(*code) - f64::from(*count)) {
            (200, good) => good,
            (_, difference) => {
                assert_eq!(difference, 0.0, "{code}: {tally:?}");
                0.0
            }
        }).sum();
        assert_eq!(f64::from(tally.replies()) + good, replies, "a reply that nobody got: {tally:?}");
        assert!(good > scrapes.len() as f64, "{good} good scrapes, {} were made beside the garbage", scrapes.len());
        // It was garbage of all kinds, and not mostly such that needs no answer.
        assert!(tally.by_code.len() > 5 && tally.silent < PIECES / 4, "{tally:?}");
        for other_end in ["http_timeouts", "http_evicted", "connections_refused"] {
            let ended = &format!("uk_management_{other_end}_total");
            assert!(after.contains(ended) && moved(&before, &after, ended) == 0.0, "{ended}");
        }
    }
}

/// What became of pieces of garbage, as their sender sees it.
#[derive(Debug, Default)]
struct Tally {
    /// Replies, by status. One connection can have several: what was cut out of a request may be another one.
    by_code: BTreeMap<u16, u32>,
    /// Connections with a reply.
    by_connection: u32,
    /// Connections that were closed without a word.
    silent: u32,
}

impl Tally {
    /// Sends a piece on a connection of its own, ends its side, and reads to the end.
    fn send(&mut self, guest: &Guest, number: u32) {
        let (kind, bytes) = garbage::piece(number);
        let codes = send(guest, &bytes).unwrap_or_else(|error| panic!("{kind:?}, number {number}: {error}"));
        if kind == Kind::Smuggling {
            assert!(matches!(codes[..], [400..=599]), "number {number} was answered with {codes:?}");
        }
        if codes.is_empty() {
            self.silent += 1;
        } else {
            self.by_connection += 1;
        }
        for code in codes {
            *self.by_code.entry(code).or_default() += 1;
        }
    }

    fn replies(&self) -> u32 {
        self.by_code.values().sum()
    }

    fn and(mut self, other: Self) -> Self {
        for (code, count) in other.by_code {
            *self.by_code.entry(code).or_default() += count;
        }
        self.by_connection += other.by_connection;
        self.silent += other.silent;
        self
    }
}

/// Sends `bytes`, and returns the status of each reply. To be called where the guest is reached.
fn send(guest: &Guest, bytes: &[u8]) -> io::Result<Vec<u16>> {
    let mut stream = TcpStream::connect_timeout(&guest.network().address(Side::Management, 9100).into(), PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(bytes)?;
    stream.shutdown(Shutdown::Write)?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply)?;
    // A body may hold a line that looks like a status line only if somebody puts it there: none of ours does.
    let lines = reply.split(|byte| *byte == b'\n').filter_map(|line| line.strip_prefix(b"HTTP/1.1 "));
    lines.map(|line| String::from_utf8_lossy(&line[..3]).parse().map_err(io::Error::other)).collect()
}
