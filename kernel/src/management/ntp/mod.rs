//! The time from an NTP server (`--ntp=`), asked on the management stack by the management thread. When to ask and what to
//! believe is `kernel_core::sntp`'s; here are the datagrams and the server's name.
//!
//! `clock` has the clock put right by what was answered, `news` is what the log is told.

mod clock;
mod news;

use super::lookup::Lookup;
use super::turn::{ADDRESS_NS, Turn};
use crate::net::setup::KernelStack;
use crate::random;
use crate::thread::ThreadId;
use crate::time;
use clock::Clock;
use core::net::{Ipv4Addr, SocketAddrV4};
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use core::task::Poll;
use kernel_core::net::{Error, Interest, UdpId, Wait};
use kernel_core::params::Host;
use kernel_core::sntp::{Client, Ended, Judgement, Rejected, Sample};
use news::News;
use ukstore::{Label as _, Labels as _};

/// NTP's port.
const PORT: u16 = 123;
/// Longest reply that is looked at, bytes: the header, and what may lie behind it for others.
const REPLY_BYTES: usize = 128;
/// After a name was not resolved: this long, ns, and twice as long each time, six times.
const NAME_NS: u64 = 16_000_000_000;
const NAME_DOUBLINGS: u32 = 6;
/// Rounds without an answer after which a name is resolved anew.
const RENEW_AFTER: u8 = 2;

ukstore::counter! {
    /// Times the NTP server was asked.
    static REQUESTS = "/ntp/requests_total", "uk_ntp_requests_total";
    /// Its answers that were believed.
    static REPLIES = "/ntp/replies_total", "uk_ntp_replies_total";
}
ukstore::counters! {
    /// Answers of the NTP server, or what came in their stead, that were not believed, by reason.
    static REJECTED = "/ntp/rejected_total", "uk_ntp_rejected_total", reason: Rejected;
}

/// Whether the server has set the clock, or the first round is over, whatever it came to.
static HAS_ASKED: AtomicBool = AtomicBool::new(false);

/// The client, its server, and the socket that a reply is waited for on.
pub(super) struct Ntp {
    lookup: Lookup,
    /// The server's address, for as long as it answers.
    server: Option<Ipv4Addr>,
    /// Names asked for in vain, in a row, and when the next is asked for.
    names_failed: u32,
    name_ns: u64,
    socket: Option<UdpId>,
    client: Client,
    clock: Clock,
    /// Why the last reply of this round was not believed.
    rejected: Option<Rejected>,
    /// Why the last request could not be sent.
    unsent: Option<Error>,
    /// Servers that refused in a row, of those that the name leads to.
    denials: u32,
    news: News,
}

impl Ntp {
    /// Asks `host` from now on.
    pub(super) fn new(host: Host<'static>) -> Self {
        let (client, clock) = (Client::new(0), Clock::new());
        clock.note(client.interval());
        Self {
            lookup: Lookup::new(host),
            server: None,
            names_failed: 0,
            name_ns: 0,
            socket: None,
            client,
            clock,
            rejected: None,
            unsent: None,
            denials: 0,
            news: News::new(host),
        }
    }

    /// Does what there is to do; `me` is woken by packets.
    pub(super) fn turn(&mut self, stack: &mut KernelStack, now: u64, me: ThreadId) -> Turn {
        let mut moved = self.receive(stack, now);
        if let Some(ended) = self.client.ended(now) {
            self.end(ended, now);
            moved = true;
        }
        if !self.client.is_waiting() {
            self.close(stack);
        }
        if self.client.is_denied() {
            return Turn { moved, deadline_ns: None };
        }
        let deadline_ns = self.client.deadline_ns();
        if self.client.is_waiting() || deadline_ns.is_none_or(|at| at > now) {
            moved |= self.socket.is_some_and(|id| stack.udp_wait(id, Interest::Readable, me) == Ok(Wait::Ready));
            return Turn { moved, deadline_ns };
        }
        if stack.address().is_none() {
            return Turn { moved, deadline_ns: Some(now + ADDRESS_NS) };
        }
        match self.address(stack, now, me) {
            Ok(server) => {
                self.ask(stack, server, now);
                Turn { moved: true, deadline_ns: None }
            }
            Err(deadline_ns) => Turn { moved, deadline_ns },
        }
    }

    /// The server's address; while it is not known, when to ask again.
    fn address(&mut self, stack: &mut KernelStack, now: u64, me: ThreadId) -> Result<Ipv4Addr, Option<u64>> {
        if let Some(server) = self.server {
            return Ok(server);
        }
        if now < self.name_ns {
            return Err(Some(self.name_ns));
        }
        match self.lookup.find(stack, now, me) {
            Poll::Pending => Err(None),
            Poll::Ready(Ok(server)) => {
                self.names_failed = 0;
                Ok(*self.server.insert(server))
            }
            Poll::Ready(Err(why)) => {
                self.news.fails(format_args!("its address is not known: {why}"));
                self.name_ns = now + (NAME_NS << self.names_failed.min(NAME_DOUBLINGS));
                self.names_failed += 1;
                Err(Some(self.name_ns))
            }
        }
    }

    /// Sends a request, from a port of its own: who has not seen it must guess that, too.
    fn ask(&mut self, stack: &mut KernelStack, server: Ipv4Addr, now: u64) {
        let Some(request) = self.client.request(now, random::seed()) else { return };
        self.close(stack);
        REQUESTS.inc();
        let sent = stack.udp_bind(0).and_then(|id| {
            self.socket = Some(id);
            stack.udp_send(id, &request.bytes(), SocketAddrV4::new(server, PORT))
        });
        // If it was not, it counts as not answered, so that it is tried again as if it had been lost.
        self.unsent = sent.err();
    }

    /// Takes what has come. Whether that was anything.
    fn receive(&mut self, stack: &mut KernelStack, now: u64) -> bool {
        let Some(id) = self.socket else { return false };
        let mut reply = [0; REPLY_BYTES];
        let mut came = false;
        while let Ok((len, from)) = stack.udp_receive(id, &mut reply) {
            came = true;
            if self.server != Some(*from.ip()) || from.port() != PORT {
                REJECTED[Rejected::Bogus].inc();
                continue;
            }
            match self.client.receive(&reply[..len], now) {
                Ok(sample) => {
                    REPLIES.inc();
                    // While nobody knows the time, the first answer is better than the best one later.
                    if time::course().is_none() {
                        self.put_right(&sample, now);
                        self.clock.note(self.client.interval());
                        HAS_ASKED.store(true, Relaxed);
                    }
                }
                Err(why) => {
                    REJECTED[why].inc();
                    self.rejected = Some(why);
                }
            }
        }
        came
    }

    /// A round is over.
    fn end(&mut self, ended: Ended, now: u64) {
        let rejected = self.rejected.take();
        HAS_ASKED.store(true, Relaxed);
        match ended {
            Ended::Sample(best) => {
                self.denials = 0;
                let judgement = self.put_right(&best, now);
                self.client.judge(judgement.right, now);
                self.clock.note(self.client.interval());
            }
            Ended::Silence(rounds) => {
                if self.client.is_denied() {
                    return self.denied(now);
                }
                let news = &mut self.news;
                match (rejected, self.unsent) {
                    (Some(why), _) => {
                        news.fails(format_args!("its answers are not believed ({})", Rejected::VALUES[why.index()]))
                    }
                    (None, Some(why)) => news.fails(format_args!("it cannot be asked: {why}")),
                    (None, None) => news.fails(format_args!("it does not answer")),
                }
                if rounds >= RENEW_AFTER {
                    self.server = None;
                }
            }
        }
    }

    /// The server wants no more requests. A name may lead to another one, as a pool's does; an address does not.
    fn denied(&mut self, now: u64) {
        match self.lookup.host() {
            Host::Address(_) => self.news.given_up(),
            Host::Name(_) => {
                self.news.fails(format_args!("it refuses to be asked"));
                self.server = None;
                self.client = Client::new(now + (NAME_NS << self.denials.min(NAME_DOUBLINGS)));
                self.denials += 1;
            }
        }
    }

    /// Has the clock put right.
    fn put_right(&mut self, sample: &Sample, now: u64) -> Judgement {
        let was_set = time::course().is_some();
        let judgement = self.clock.put_right(sample, now);
        self.news.answered(sample, &judgement, was_set);
        judgement
    }

    fn close(&mut self, stack: &mut KernelStack) {
        if let Some(id) = self.socket.take() {
            // It was bound by `ask` and nobody else has its id.
            let _ = stack.udp_close(id);
        }
    }
}

/// Whether the clock is as right as the server could make it so far: until then it may be stepped any time.
pub(super) fn has_asked() -> bool {
    HAS_ASKED.load(Relaxed)
}
