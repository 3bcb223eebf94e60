//! A guest under watch: what its metrics move by while a test does something of which it knows how much.

use std::net::TcpStream;

use crate::exposition;
use crate::guest::Guest;
use crate::http::Connection;
use crate::network::{Network, Side};
use crate::wait::{PATIENCE, eventually};

/// A guest, and one connection on which it is asked, so that asking opens none.
#[derive(Debug)]
pub struct Observed {
    /// The guest.
    pub guest: Guest,
    observer: Connection,
}

impl Observed {
    /// Asks the guest once, and goes on asking on a connection of its own.
    #[must_use]
    pub fn new(guest: Guest) -> Self {
        let _ = guest.scrape();
        let observer = guest.management();
        Self { guest, observer }
    }

    /// The wires it is on.
    #[must_use]
    pub fn network(&self) -> &Network {
        self.guest.network()
    }

    /// What `/metrics` says now.
    pub fn scrape(&mut self) -> String {
        self.observer.get("/metrics").expect("management answers").text()
    }

    /// What one family says, in a reply that is as short as can be.
    pub fn only(&mut self, family: &str) -> String {
        self.observer.get(&format!("/metrics?name[]={family}")).expect("management answers").text()
    }

    /// One number of it.
    pub fn value(&mut self, series: &str) -> f64 {
        value(&self.scrape(), series)
    }

    /// What moved while `work` was done, once `settled` says that this is all.
    pub fn moved(&mut self, work: impl FnOnce(&Network), settled: impl Fn(&Moved, &Network) -> bool) -> Moved {
        let before = self.scrape();
        work(self.guest.network());
        let mut moved = Moved { before, after: String::new() };
        let done = eventually(PATIENCE, || {
            moved.after = self.scrape();
            settled(&moved, self.guest.network()).then_some(())
        });
        assert!(done.is_some(), "it did not settle:\n{}", moved.after);
        // One family is told after the other: what came in between shows in the later ones alone.
        moved.after = self.scrape();
        moved
    }

    /// A counter of one stack alone, from the tree.
    pub fn of_stack(&mut self, side: Side, entry: &str) -> f64 {
        let response = self.observer.get(&format!("/ukstore/stacks/{}/{entry}", side.name())).expect("an answer");
        let text = response.text();
        let number = text.split_ascii_whitespace().last().and_then(|word| word.parse().ok());
        number.unwrap_or_else(|| panic!("{entry} is {text}"))
    }

    /// A connection to the program's `port`.
    #[must_use]
    pub fn open(&self, port: u16) -> TcpStream {
        self.network().connect(Side::Service, port, PATIENCE).unwrap_or_else(|error| panic!("port {port}: {error}"))
    }
}

/// Two scrapes.
#[derive(Debug)]
pub struct Moved {
    /// The earlier one.
    pub before: String,
    /// The later one.
    pub after: String,
}

impl Moved {
    /// How much a series has moved.
    #[must_use]
    pub fn by(&self, series: &str) -> f64 {
        value(&self.after, series) - value(&self.before, series)
    }

    /// How much all series called `name` have, together.
    #[must_use]
    pub fn sum(&self, name: &str) -> f64 {
        exposition::moved(&self.before, &self.after, name)
    }

    /// How much the series of the service's NIC has.
    #[must_use]
    pub fn service(&self, name: &str) -> f64 {
        self.by(&format!("{name}{{device=\"service\"}}"))
    }

    /// How much the series of one of its virtqueues has.
    #[must_use]
    pub fn queue(&self, name: &str, queue: &str) -> f64 {
        self.by(&format!("{name}{{device=\"service\",queue=\"{queue}\"}}"))
    }
}

/// The value of `series`, which is there.
#[must_use]
pub fn value(text: &str, series: &str) -> f64 {
    exposition::value(text, series).unwrap_or_else(|| panic!("no `{series}` in:\n{text}"))
}
