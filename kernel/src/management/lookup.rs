//! Where a host is: at its address, or where DNS says that its name is now. Nothing is kept of an answer: how long it is good
//! is the affair of who asks.

use crate::net::setup::KernelStack;
use crate::thread::ThreadId;
use core::net::Ipv4Addr;
use core::task::Poll;
use kernel_core::net::{Error, QueryId};
use kernel_core::params::Host;

/// A host, and the question that is asked about it.
pub(super) struct Lookup {
    host: Host<'static>,
    query: Option<QueryId>,
}

impl Lookup {
    pub(super) const fn new(host: Host<'static>) -> Self {
        Self { host, query: None }
    }

    pub(super) const fn host(&self) -> Host<'static> {
        self.host
    }

    /// The address, or why there is none. Pending while the name server has not answered: `thread` is woken when it has, or
    /// when it has had its time.
    pub(super) fn find(
        &mut self,
        stack: &mut KernelStack,
        now: u64,
        thread: ThreadId,
    ) -> Poll<Result<Ipv4Addr, Error>> {
        let name = match self.host {
            Host::Address(address) => return Poll::Ready(Ok(address)),
            Host::Name(name) => name,
        };
        let query = match self.query {
            Some(query) => query,
            None => match stack.resolve(name, thread, now) {
                Ok(query) => *self.query.insert(query),
                Err(error) => return Poll::Ready(Err(error)),
            },
        };
        match stack.resolved(query) {
            Err(Error::WouldBlock) => Poll::Pending,
            outcome => {
                self.query = None;
                Poll::Ready(outcome)
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
