//! One connection to the control port: bytes in until a command is complete, the reply out, the end.

use core::net::IpAddr;

use ukstore::Writer;

use super::LogLevels;
use super::command::{Fault, carry_out, refuse};
use super::reply::Reply;
use super::stats::Reason;
use crate::http::Closing;

/// The longest command, in bytes, with its line end.
pub const MAX_COMMAND: usize = 4096;

/// A command without a line end is complete when nothing has followed for so long: programs made for the model send none,
/// and wait for the reply.
const QUIET_NS: u64 = 100_000_000;
/// A session is over after so long.
const PATIENCE_NS: u64 = 5_000_000_000;

/// A connection, with the memory for its command and its reply.
pub struct Session {
    state: State,
    peer: Option<IpAddr>,
    opened_ns: u64,
    /// When bytes last came.
    heard_ns: u64,
    command: [u8; MAX_COMMAND],
    len: usize,
    reply: Reply,
    /// Whether something came behind the command, which is counted once.
    more: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The command is not complete.
    Hearing,
    /// The reply is being sent.
    Replying,
    /// There is nothing left to say, and what may still come is thrown away.
    Over,
    /// So it is for the client, or it was waited for long enough.
    Gone,
    /// It took too long.
    TooSlow,
}

impl Session {
    /// Of no connection.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            state: State::Gone,
            peer: None,
            opened_ns: 0,
            heard_ns: 0,
            command: [0; MAX_COMMAND],
            len: 0,
            reply: Reply::new(),
            more: false,
        }
    }

    /// Begins, with the client at `peer`.
    pub fn open(&mut self, now_ns: u64, peer: IpAddr) {
        (self.state, self.peer, self.len) = (State::Hearing, Some(peer), 0);
        (self.opened_ns, self.heard_ns, self.more) = (now_ns, now_ns, false);
        self.reply.clear();
    }

    /// Whether bytes are to be read.
    #[must_use]
    pub fn wants_to_read(&self) -> bool {
        matches!(self.state, State::Hearing | State::Over)
    }

    /// Whether there are bytes to write.
    #[must_use]
    pub fn wants_to_write(&self) -> bool {
        self.state == State::Replying
    }

    /// What to do with the connection.
    #[must_use]
    pub fn closing(&self) -> Closing {
        match self.state {
            State::Hearing | State::Replying => Closing::Open,
            State::Over | State::Gone => Closing::Finish,
            State::TooSlow => Closing::Reset,
        }
    }

    /// When it must be looked at although nothing came.
    #[must_use]
    pub fn deadline_ns(&self) -> Option<u64> {
        let patience = self.opened_ns.saturating_add(PATIENCE_NS);
        match self.state {
            State::Hearing if self.len > 0 => Some(patience.min(self.heard_ns.saturating_add(QUIET_NS))),
            State::Hearing | State::Replying | State::Over => Some(patience),
            State::Gone | State::TooSlow => None,
        }
    }

    /// Time has passed. To be called when what had come by then was taken: it may be the rest of the command.
    pub fn tick(&mut self, now_ns: u64, levels: &dyn LogLevels) {
        if self.deadline_ns().is_none_or(|deadline_ns| now_ns < deadline_ns) {
            return;
        }
        if now_ns.saturating_sub(self.opened_ns) < PATIENCE_NS {
            self.carry_out(levels);
        } else if self.state == State::Over {
            self.state = State::Gone;
        } else {
            Reason::Slow.count();
            self.state = State::TooSlow;
        }
    }

    /// Takes bytes that came; how many. What comes after the reply is thrown away, and counted if it is more than line ends.
    pub fn receive(&mut self, now_ns: u64, bytes: &[u8], levels: &dyn LogLevels) -> usize {
        if self.state == State::Over {
            if !self.more && !bytes.trim_ascii().is_empty() {
                self.more = true;
                Reason::Several.count();
            }
            return bytes.len();
        }
        if self.state != State::Hearing || bytes.is_empty() {
            return 0;
        }
        self.heard_ns = now_ns;
        let place = self.command.get_mut(self.len..).unwrap_or_default();
        let count = place.len().min(bytes.len());
        place.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        let is_complete = bytes.get(..count).unwrap_or_default().contains(&b'\n');
        self.len += count;
        if is_complete {
            self.carry_out(levels);
        } else if self.len == MAX_COMMAND {
            refuse(Fault::TooLong, &mut self.reply);
            self.state = State::Replying;
        }
        count
    }

    /// The client has nothing more to say.
    pub fn receive_end(&mut self, levels: &dyn LogLevels) {
        match self.state {
            State::Hearing if self.len > 0 => self.carry_out(levels),
            State::Hearing | State::Over => self.state = State::Gone,
            State::Replying | State::Gone | State::TooSlow => {}
        }
    }

    /// Writes what there is to say; how many bytes.
    pub fn transmit(&mut self, out: &mut [u8]) -> usize {
        if self.state != State::Replying {
            return 0;
        }
        let count = self.reply.send(out);
        if self.reply.is_sent() {
            self.state = State::Over;
        }
        count
    }

    fn carry_out(&mut self, levels: &dyn LogLevels) {
        // Whoever may be heard has a peer.
        let by = self.peer.map_or(Writer::Program, Writer::Network);
        carry_out(self.command.get(..self.len).unwrap_or_default(), levels, by, &mut self.reply);
        self.state = State::Replying;
    }
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}
