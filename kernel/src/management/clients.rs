//! Who is connected to the management port: all places for clients, and a turn for each that is taken. Who gets in is
//! `door`'s affair, what passes between a client and the exporter `client`'s.

use super::client::Client;
use super::door::{Door, Seat};
use super::transport::Transport;
use super::turn::Turn;
use crate::net::setup::KernelStack;
use crate::thread::ThreadId;
use alloc::boxed::Box;
use exporter::Site;
use kernel_core::net::{Error, ListenerId, Wait};

ukstore::gauge! {
    /// Connections to the management port that are open.
    static CLIENTS = "/management/http/clients", "uk_management_http_clients";
}

/// All clients, with all the memory they will ever use.
pub(super) struct Clients {
    listener: Option<ListenerId>,
    door: Door,
    places: Box<[Client]>,
    /// Places are taken from the first on: behind so many, all are vacant.
    seated: usize,
}

impl Clients {
    /// Takes the memory for so many.
    pub(super) fn new(door: Door, places: usize) -> Self {
        Self { listener: None, door, places: (0..places).map(|_| Client::vacant()).collect(), seated: 0 }
    }

    /// Listens. Once, by the management thread.
    pub(super) fn listen(&mut self, stack: &mut KernelStack, port: u16) -> Result<(), Error> {
        self.listener = Some(stack.listen(port, self.places.len())?);
        Ok(())
    }

    /// Moves what can be moved now and seats who has come; registers `me` for the rest.
    pub(super) fn turn(&mut self, transport: &mut impl Transport, site: &dyn Site, now: u64, me: ThreadId) -> Turn {
        let Some(listener) = self.listener else { return Turn::default() };
        let mut moved = false;
        for client in self.places[..self.seated].iter_mut().filter(|client| !client.is_vacant()) {
            // One client at a time has the stack, while up to 16 KiB of a reply are made, or 4 KiB compressed.
            moved |= transport.with(|stack| client.serve(stack, site, now, me));
        }
        // The newcomers' turn is the next one.
        let came = transport.with(|stack| self.door.accept(&mut self.places, stack, listener, now));
        let looked_at = if came { self.places.len() } else { self.seated };
        let last = self.places[..looked_at].iter().rposition(|client| !client.is_vacant());
        self.seated = last.map_or(0, |last| last + 1);
        let open = self.places[..self.seated].iter().filter(|client| !client.is_vacant());
        CLIENTS.set(open.clone().count() as i64);
        let deadline_ns = open.filter_map(Client::deadline_ns).min();
        // Waiting for the listener is registered anew each time; ready means that there is one to accept.
        let ready = transport.with(|stack| stack.wait_accept(listener, me)) == Ok(Wait::Ready);
        Turn { moved: moved || came || ready, deadline_ns }
    }
}
