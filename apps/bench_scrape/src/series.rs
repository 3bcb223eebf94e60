//! As many series as asked for: the kernel's and the program's own, and objects with a counter each for the rest.

use alloc::format;
use alloc::vec::Vec;

use exporter::exposition::{Encoder, Format, Selection};
use exporter::{Step, Window};
use periscope::ukstore::{Object, class};

class! {
    /// Peers that there could be.
    static PEERS: Class<struct Peer> = "/bench/peers", label peer, series 10_000 {
        /// Messages that the peer sent.
        counter messages = "messages_total", "bench_peer_messages_total";
    }
}

/// Keeps the objects in the tree.
pub(crate) struct Added(Vec<Object<Peer>>);

impl Added {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Adds objects until a scrape has `wanted` series; none if it has more already.
pub(crate) fn fill_up(wanted: u64) -> Added {
    let add = |number: u64| {
        let peer = PEERS.add(&format!("peer-{number:05}"), Peer::new());
        peer.messages.add(number);
        peer
    };
    Added((0..wanted.saturating_sub(told())).map(add).collect())
}

/// How many series a scrape has now.
fn told() -> u64 {
    let mut encoder = Encoder::new(Format::Text, Selection::ALL, None);
    let mut room = alloc::vec![0; 1 << 16];
    while encoder.write(&mut Window::new(&mut room), usize::MAX) != Step::End {}
    encoder.series()
}
