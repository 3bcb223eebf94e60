//! The control port: who is connected to it, and the bytes between them and the exporter's sessions. It is there only if
//! `--monitor-adjust` is given, and works on the management thread with few places and a little work a turn, so that
//! scrapes do not wait for it.
//!
//! Its words have no room for a user or a token. So where `--metrics-auth` asks for one, the port stays closed: it would be
//! a door beside the locked one. Settings can be written over HTTP then, and a warning says so at boot.

use super::door::{Door, Seat};
use super::turn::Turn;
use crate::net::setup::KernelStack;
use crate::thread::ThreadId;
use crate::{kernel_log, settings};
use alloc::boxed::Box;
use core::net::IpAddr;
use exporter::control::{LevelsRefused, LogLevels, Session};
use exporter::http::Closing;
use kernel_core::log_filter::{LogFilter, sources_named};
use kernel_core::net::{ConnId, Error, Interest, ListenerId, Wait};
use kernel_core::params::Params;
use ukstore::Writer;

/// Most clients at once: people, and the scripts of a few.
pub(super) const PLACES: usize = 4;

ukstore::gauge! {
    /// Connections to the control port that are open.
    static CLIENTS = "/management/control/clients", "uk_management_control_clients";
}
ukstore::counter! {
    /// Connections to the control port ended because a new client needed the place: the oldest.
    static EVICTED = "/management/control/evicted_total", "uk_management_control_evicted_total";
}

/// The port, with all the memory it will ever use.
pub(super) struct Control {
    port: u16,
    listener: Option<ListenerId>,
    door: Door,
    places: Box<[Place]>,
}

/// A place for a client.
struct Place {
    connection: Option<ConnId>,
    session: Session,
    since_ns: u64,
    /// Whether our side of the connection is closed.
    finished: bool,
}

impl Control {
    /// Takes the memory, if the port is asked for and may be open.
    pub(super) fn new(params: &'static Params<'static>) -> Option<Self> {
        let port = params.monitor_adjust?;
        if params.metrics_auth.is_some() {
            log::warn!(
                "no control port: it knows no passwords, and --metrics-auth asks for one; settings are written over HTTP"
            );
            return None;
        }
        let places = (0..PLACES).map(|_| Place::vacant()).collect();
        Some(Self { port, listener: None, door: Door::new(params), places })
    }

    /// Listens. Once, by the management thread.
    pub(super) fn listen(&mut self, stack: &mut KernelStack) {
        match stack.listen(self.port, PLACES) {
            Ok(listener) => {
                self.listener = Some(listener);
                log::info!("management: control on port {}", self.port);
            }
            Err(error) => log::error!("no control port: port {}: {error}", self.port),
        }
    }

    /// Moves what can be moved now and seats who has come; registers `me` for the rest.
    pub(super) fn turn(&mut self, stack: &mut KernelStack, now: u64, me: ThreadId) -> Turn {
        let Some(listener) = self.listener else { return Turn::default() };
        let mut moved = false;
        for place in self.places.iter_mut().filter(|place| !place.is_vacant()) {
            moved |= place.serve(stack, now, me);
        }
        // One a turn: the turn of who was seated is the next one.
        moved |= self.accept(stack, listener, now);
        let open = self.places.iter().filter(|place| !place.is_vacant());
        CLIENTS.set(open.clone().count() as i64);
        let deadline_ns = open.filter_map(|place| place.session.deadline_ns()).min();
        // Ready means that there is one to accept.
        moved |= matches!(stack.wait_accept(listener, me), Ok(Wait::Ready));
        Turn { moved, deadline_ns }
    }

    fn accept(&mut self, stack: &mut KernelStack, listener: ListenerId, now: u64) -> bool {
        let Ok(accepted) = stack.accept(listener) else { return false };
        // Nobody has to make way before he was heard.
        let makes_way = |place: &&mut Place| place.is_vacant() || place.since_ns < now;
        let place = self.places.iter_mut().filter(makes_way).min_by_key(|place| (!place.is_vacant(), place.since_ns));
        self.door.admit(accepted, place, stack, now);
        true
    }
}

impl Seat for Place {
    fn is_vacant(&self) -> bool {
        self.connection.is_none()
    }

    fn take(&mut self, connection: ConnId, peer: IpAddr, now: u64) {
        self.session.open(now, peer);
        (self.connection, self.since_ns, self.finished) = (Some(connection), now, false);
    }

    fn evict(&mut self, stack: &mut KernelStack, now: u64) {
        EVICTED.inc();
        self.reset(stack, now);
    }
}

impl Place {
    const fn vacant() -> Self {
        Self { connection: None, session: Session::new(), since_ns: 0, finished: false }
    }

    fn reset(&mut self, stack: &mut KernelStack, now: u64) {
        if let Some(connection) = self.connection.take() {
            // A connection that is over already needs no reset.
            let _ = stack.abort(connection, now);
        }
    }

    fn close(&mut self, stack: &mut KernelStack, now: u64) {
        if let Some(connection) = self.connection.take() {
            // As above.
            let _ = stack.close(connection, now);
        }
    }

    /// Moves what can be moved now, and registers `thread` for what cannot. Whether anything moved.
    fn serve(&mut self, stack: &mut KernelStack, now: u64, thread: ThreadId) -> bool {
        let Some(connection) = self.connection else { return false };
        let mut moved = self.session.wants_to_read() && self.read(stack, connection, now);
        // After what has come: this thread may be late, and half a command would be one.
        self.session.tick(now, &Levels);
        if self.session.wants_to_write() {
            match stack.send_with(connection, |space| {
                let written = self.session.transmit(space);
                (written, written)
            }) {
                Ok(written) => moved |= written > 0,
                Err(Error::WouldBlock) => {}
                Err(_) => self.close(stack, now),
            }
        }
        match self.session.closing() {
            Closing::Open => {}
            Closing::Reset => self.reset(stack, now),
            Closing::Finish if !self.session.wants_to_read() => self.close(stack, now),
            Closing::Finish if !self.finished => {
                self.finished = true;
                moved = true;
                // A connection that is over already is closed at its next read.
                let _ = stack.shutdown_write(connection);
            }
            Closing::Finish => {}
        }
        if self.connection.is_none() {
            // There is something to send: the end.
            return true;
        }
        let interest = if self.session.wants_to_write() { Interest::Writable } else { Interest::Readable };
        // Ready means that a step above stopped at the end of a ring buffer: there is more to move.
        moved | (stack.wait(connection, interest, thread) == Ok(Wait::Ready))
    }

    fn read(&mut self, stack: &mut KernelStack, connection: ConnId, now: u64) -> bool {
        match stack.recv_with(connection, |bytes| {
            let taken = self.session.receive(now, bytes, &Levels);
            (taken, taken)
        }) {
            Ok(taken) => taken > 0,
            Err(Error::WouldBlock) => false,
            Err(Error::BrokenPipe) => {
                self.session.receive_end(&Levels);
                true
            }
            Err(_) => {
                self.close(stack, now);
                true
            }
        }
    }
}

/// The kernel's levels of logs.
struct Levels;

impl LogLevels for Levels {
    fn knows(&self, source: &str) -> bool {
        kernel_log::Sources.knows(source)
    }

    fn default_level(&self) -> &'static str {
        kernel_log::default_level().name()
    }

    fn level(&self, source: &str) -> &'static str {
        kernel_log::level_of(source).name()
    }

    fn each_set(&self, tell: &mut dyn FnMut(&str)) {
        settings::levels().sources().for_each(|(source, _)| tell(source));
    }

    fn each(&self, tell: &mut dyn FnMut(&str)) {
        kernel_log::Sources.each(tell);
        // Modules, which nobody could say beforehand.
        settings::levels()
            .sources()
            .filter(|(source, _)| !kernel_log::Sources.lists(source))
            .for_each(|(source, _)| tell(source));
    }

    fn adjust<'w>(&self, words: &'w str, by: Writer) -> Result<(), LevelsRefused<'w>> {
        // What makes no sense at all is told first.
        LogFilter::parse(words).map_err(|error| LevelsRefused::Because(error.reason()))?;
        if let Some(unknown) = sources_named(words).find(|source| !self.knows(source)) {
            return Err(LevelsRefused::UnknownSource(unknown));
        }
        settings::adjust_levels(words, by).map_err(LevelsRefused::Because)
    }
}
