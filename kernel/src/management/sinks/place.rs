//! Where a receiver is: an address, or a name that is asked for anew each time, since who has it may move. Where the name
//! server cannot tell, it is where it was last.

use crate::management::lookup::Lookup;
use crate::net::setup::KernelStack;
use crate::thread::ThreadId;
use core::net::SocketAddrV4;
use core::task::Poll;
use exporter::push::Ended;
use kernel_core::net::Error;
use kernel_core::params::Host;

/// A receiver's host and port.
pub(super) struct Place {
    lookup: Lookup,
    port: u16,
    /// Where it was last.
    known: Option<SocketAddrV4>,
}

impl Place {
    pub(super) const fn new(host: Host<'static>, port: u16) -> Self {
        Self { lookup: Lookup::new(host), port, known: None }
    }

    /// The address that is found, or else the one that was known. Pending while the name server has not answered: then
    /// `thread` is woken when it has.
    pub(super) fn find(
        &mut self,
        stack: &mut KernelStack,
        now: u64,
        thread: ThreadId,
    ) -> Poll<Result<SocketAddrV4, Ended>> {
        self.lookup.find(stack, now, thread).map(|outcome| match outcome {
            Ok(address) => Ok(*self.known.insert(SocketAddrV4::new(address, self.port))),
            Err(error) => self.known.ok_or(ended(error)),
        })
    }

    /// Asks no longer.
    pub(super) fn give_up(&mut self, stack: &mut KernelStack) {
        self.lookup.give_up(stack);
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
