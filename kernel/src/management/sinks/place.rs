//! Where a receiver is: an address, or a name that is asked for anew each time, since who has it may move. Where the name
//! server cannot tell, it is where it was last.

use crate::net::setup::KernelStack;
use crate::thread::ThreadId;
use core::net::{Ipv4Addr, SocketAddrV4};
use exporter::push::Ended;
use kernel_core::net::{Error, QueryId};
use kernel_core::params::Host;

/// A receiver's host and port.
pub(super) struct Place {
    host: Host<'static>,
    port: u16,
    query: Option<QueryId>,
    /// What the name's address was last.
    known: Option<SocketAddrV4>,
}

impl Place {
    pub(super) const fn new(host: Host<'static>, port: u16) -> Self {
        Self { host, port, query: None, known: None }
    }

    /// The address; nothing yet if the name server has not answered: then `thread` is woken when it has.
    pub(super) fn find(
        &mut self,
        stack: &mut KernelStack,
        now: u64,
        thread: ThreadId,
    ) -> Result<Option<SocketAddrV4>, Ended> {
        let name = match self.host {
            Host::Address(address) => return Ok(Some(SocketAddrV4::new(address, self.port))),
            Host::Name(name) => name,
        };
        let query = match self.query {
            Some(query) => query,
            None => match stack.resolve(name, thread, now) {
                Ok(query) => *self.query.insert(query),
                Err(error) => return self.learn(Err(error)),
            },
        };
        match stack.resolved(query) {
            Err(Error::WouldBlock) => Ok(None),
            outcome => {
                self.query = None;
                self.learn(outcome)
            }
        }
    }

    /// The address that was found, or else the one that was known.
    fn learn(&mut self, outcome: Result<Ipv4Addr, Error>) -> Result<Option<SocketAddrV4>, Ended> {
        if let Ok(address) = outcome {
            self.known = Some(SocketAddrV4::new(address, self.port));
        }
        match outcome {
            Err(error) if self.known.is_none() => Err(ended(error)),
            _ => Ok(self.known),
        }
    }

    /// Asks no longer.
    pub(super) fn give_up(&mut self, stack: &mut KernelStack) {
        if let Some(query) = self.query.take() {
            // It is this one's, and was not taken.
            let _ = stack.cancel_query(query);
        }
    }
}

/// What a sink is to know of an error of the stack's.
pub(super) fn ended(error: Error) -> Ended {
    match error {
        Error::BrokenPipe => Ended::Closed,
        Error::Reset => Ended::Reset,
        Error::Refused => Ended::Refused,
        Error::TimedOut => Ended::TimedOut,
        Error::NoName | Error::NoNameServer => Ended::NoName,
        _ => Ended::Unreachable,
    }
}
