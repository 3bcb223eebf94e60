//! Where a receiver is: an address, or a name that is asked for anew each time, since who has it may move.

use crate::net::setup::KernelStack;
use crate::thread::ThreadId;
use core::net::SocketAddrV4;
use exporter::push::Ended;
use kernel_core::net::{Error, QueryId};
use kernel_core::params::Host;

/// A receiver's host and port.
pub(super) struct Place {
    host: Host<'static>,
    port: u16,
    query: Option<QueryId>,
}

impl Place {
    pub(super) const fn new(host: Host<'static>, port: u16) -> Self {
        Self { host, port, query: None }
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
            None => *self.query.insert(stack.resolve(name, thread, now).map_err(ended)?),
        };
        match stack.resolved(query) {
            Err(Error::WouldBlock) => Ok(None),
            outcome => {
                self.query = None;
                outcome.map(|address| Some(SocketAddrV4::new(address, self.port))).map_err(ended)
            }
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
