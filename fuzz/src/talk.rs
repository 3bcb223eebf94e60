//! A client that sends a stream in pieces and takes the replies through a window of a certain size, until the
//! connection has ended by itself.

use std::net::{IpAddr, Ipv4Addr};

use exporter::http::{Closing, Connection, Timeouts};

use crate::{Fuzzed, Reply};

const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 9));
/// States a connection without a client goes through at most: a refusal, its end, and nothing.
const MAX_TICKS: u32 = 4;
/// A call compresses only so much, and may have nothing to send yet; not many of them.
const MAX_IN_VAIN: u32 = 64;

/// A request and the reply to it, an interim one included.
#[derive(Debug)]
pub struct Exchange {
    /// What was taken of the stream since the last reply.
    pub request: Vec<u8>,
    /// The reply.
    pub reply: Reply,
}

/// Sends `stream` in pieces as long as `cut` says and takes the replies through `window` bytes.
///
/// # Panics
/// If a reply is not well formed, if something follows one that closes, or if there is no end to it.
pub fn talk(site: &Fuzzed, stream: &[u8], cut: impl FnMut() -> usize, window: usize) -> Vec<Exchange> {
    site.restore();
    let mut connection = Connection::new(Timeouts::DEFAULT);
    connection.open(0, PEER);
    let mut client = Client { connection, site, out: vec![0; window], request: Vec::new(), exchanges: Vec::new() };
    client.send(stream, cut);
    client.end();
    client.exchanges
}

/// The one reply to a request sent all at once.
///
/// # Panics
/// If there is not exactly one.
pub fn exchange(site: &Fuzzed, request: &[u8]) -> Reply {
    let mut exchanges = talk(site, request, || usize::MAX, 65_536);
    assert_eq!(exchanges.len(), 1, "not one reply: {exchanges:?}");
    exchanges.remove(0).reply
}

struct Client<'s> {
    connection: Connection,
    site: &'s Fuzzed,
    out: Vec<u8>,
    request: Vec<u8>,
    exchanges: Vec<Exchange>,
}

impl Client<'_> {
    fn send(&mut self, stream: &[u8], mut cut: impl FnMut() -> usize) {
        let mut rest = stream;
        loop {
            self.take_reply(0);
            if rest.is_empty() || self.connection.closing() != Closing::Open {
                break;
            }
            assert!(self.connection.wants_to_read(), "it neither reads nor writes nor closes");
            let piece = &rest[..cut().clamp(1, rest.len())];
            let taken = self.connection.receive(0, piece, self.site);
            assert!((1..=piece.len()).contains(&taken), "it took {taken} of {} bytes", piece.len());
            self.request.extend_from_slice(&rest[..taken]);
            rest = &rest[taken..];
        }
        if self.connection.closing() == Closing::Finish {
            let taken = self.connection.receive(0, rest, self.site);
            assert_eq!((taken, self.connection.wants_to_write()), (rest.len(), false), "it goes on after its end");
        }
    }

    /// Takes what there is of a reply, to its end.
    fn take_reply(&mut self, now_ns: u64) {
        let (mut bytes, mut in_vain) = (Vec::new(), 0);
        while self.connection.wants_to_write() {
            let len = self.connection.transmit(now_ns, &mut self.out, self.site);
            bytes.extend_from_slice(&self.out[..len]);
            in_vain = if len > 0 { 0 } else { in_vain + 1 };
            assert!(in_vain <= MAX_IN_VAIN, "there is room, and it writes nothing");
        }
        if !bytes.is_empty() {
            let request = std::mem::take(&mut self.request);
            let reply = Reply::parse(&bytes, &request);
            assert_eq!(reply.closes(), self.connection.closing() == Closing::Finish, "{reply:?}");
            self.exchanges.push(Exchange { request, reply });
        }
        assert_eq!(self.connection.transmit(now_ns, &mut self.out, self.site), 0, "it writes without wanting to");
    }

    /// Lets every deadline pass.
    fn end(&mut self) {
        let mut ticks = 0;
        while let Some(deadline_ns) = self.connection.deadline_ns() {
            self.connection.tick(deadline_ns, self.site);
            self.take_reply(deadline_ns);
            ticks += 1;
            assert!(ticks <= MAX_TICKS, "it waits for ever");
        }
        assert_eq!(self.connection.closing(), Closing::Reset);
    }
}
