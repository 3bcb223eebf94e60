//! Why a call on the stack was refused.

use core::fmt;

/// What the caller should do is in each variant's description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// Nothing to read, no room to write, nothing to accept, or still connecting: register a waiter and try again.
    WouldBlock,
    /// The id is stale: what it named was closed. Never another one's connection. A fault of the caller.
    InvalidId,
    /// The peer reset the connection, or the address it used is gone. Close it.
    Reset,
    /// The peer refused the connection. Close it.
    Refused,
    /// The peer did not answer in time; the connection is given up. Close it.
    TimedOut,
    /// The writing side was shut down, or the connection is over. Close it.
    BrokenPipe,
    /// Every socket, listener or port is taken. Try later, or give the stack a larger pool.
    Exhausted,
    /// The port is taken by another listener or socket. Choose another.
    AddressInUse,
    /// No address yet (DHCP), or no route to the destination. Try later.
    Unreachable,
    /// The datagram is larger than the socket's buffer or the network can carry. Send less.
    TooLong,
    /// Too many wait for the same thing. Try later.
    TooManyWaiters,
    /// No IPv4 address has this name: the name server says so or cannot tell, or it is not a name at all. Try much later.
    NoName,
    /// There is nobody to ask for names: no server is configured and DHCP has named none yet. Try later.
    NoNameServer,
    /// A destination of port 0 or an address that is not unicast. A fault of the caller.
    InvalidAddress,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Error::WouldBlock => "would block",
            Error::InvalidId => "no such socket",
            Error::Reset => "connection reset by peer",
            Error::Refused => "connection refused",
            Error::TimedOut => "connection timed out",
            Error::BrokenPipe => "writing side is closed",
            Error::Exhausted => "no free socket",
            Error::AddressInUse => "address in use",
            Error::Unreachable => "no address or no route",
            Error::TooLong => "datagram too long",
            Error::TooManyWaiters => "too many waiters",
            Error::NoName => "no address of that name",
            Error::NoNameServer => "no name server",
            Error::InvalidAddress => "invalid address",
        })
    }
}

impl core::error::Error for Error {}
