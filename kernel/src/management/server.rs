//! The loop of the management thread: packets, clients, sleep.

use super::client::Client;
use super::site::KernelSite;
use super::transport::{Next, Transport};
use crate::net::setup::KernelStack;
use crate::time::now_ns;
use crate::{sampler, thread};
use alloc::boxed::Box;
use core::net::IpAddr;
use kernel_core::net::{ConnId, ListenerId};
use kernel_core::params::Params;

/// Clients served at once. When one more comes, the one that has been idle longest makes way.
pub(super) const MAX_CLIENTS: usize = 32;

ukstore::gauge! {
    /// Connections to the management port that are open.
    static CLIENTS = "/management/http/clients", "uk_management_http_clients";
}
ukstore::counter! {
    /// Idle connections closed because a new client needed the place.
    static EVICTED = "/management/http/evicted_total", "uk_management_http_evicted_total";
    /// Connections refused because every place was taken by a client being answered.
    static TURNED_AWAY = "/management/http/turned_away_total", "uk_management_http_turned_away_total";
}

/// The server, with all the memory it will ever use.
pub(super) struct Server<T> {
    transport: T,
    port: u16,
    clients: Box<[Client]>,
    site: KernelSite,
}

impl<T: Transport> Server<T> {
    pub(super) fn new(transport: T, params: &Params<'_>) -> Self {
        Self {
            transport,
            port: params.management_port,
            clients: (0..MAX_CLIENTS).map(|_| Client::vacant()).collect(),
            site: KernelSite::new(params),
        }
    }

    /// Serves for ever.
    pub(super) fn run(mut self) {
        self.transport.begin();
        let listener = match self.transport.with(|stack| stack.listen(self.port, MAX_CLIENTS)) {
            Ok(listener) => listener,
            Err(error) => return log::error!("no management: port {}: {error}", self.port),
        };
        log::info!("management: http on port {}", self.port);
        let me = thread::current_id();
        thread::seal_management();
        loop {
            let next = self.transport.poll();
            let now = now_ns();
            let mut moved = self.transport.with(|stack| accept(&mut self.clients, stack, listener, now));
            for client in &mut self.clients {
                // One client at a time has the stack, for at most one buffer's copy: none delays another.
                moved |= self.transport.with(|stack| client.serve(stack, &self.site, now, me));
            }
            CLIENTS.set(self.clients.iter().filter(|client| !client.is_vacant()).count() as i64);
            let samples = sampler::watch(now);
            // Waiting for the listener is registered anew each time; ready means there is one to accept.
            let waiting = self.transport.with(|stack| stack.wait_accept(listener, me));
            let ready = matches!(waiting, Ok(kernel_core::net::Wait::Ready));
            match next {
                Next::At(packets) if !moved && !ready && self.transport.may_sleep() => {
                    let timeouts = self.clients.iter().filter_map(Client::deadline_ns);
                    thread::park_until(timeouts.chain(packets).chain(samples).min());
                }
                _ => {}
            }
        }
    }
}

/// Seats the clients that have connected.
fn accept(clients: &mut [Client], stack: &mut KernelStack, listener: ListenerId, now: u64) -> bool {
    let mut seated = false;
    while let Ok((connection, peer)) = stack.accept(listener) {
        seated = true;
        seat(clients, stack, connection, IpAddr::V4(*peer.ip()), now);
    }
    seated
}

fn seat(clients: &mut [Client], stack: &mut KernelStack, connection: ConnId, peer: IpAddr, now: u64) {
    if let Some(client) = clients.iter_mut().find(|client| client.is_vacant()) {
        return client.seat(connection, peer, now);
    }
    let longest_idle =
        clients.iter_mut().filter(|client| client.idle_since_ns().is_some()).min_by_key(|c| c.idle_since_ns());
    match longest_idle {
        Some(client) => {
            client.evict(stack, now);
            EVICTED.inc();
            client.seat(connection, peer, now);
        }
        None => {
            TURNED_AWAY.inc();
            // It was just accepted: the id is valid.
            let _ = stack.abort(connection, now);
        }
    }
}
