//! The loop of the management thread: packets, clients, sleep.

use super::client::Client;
use super::control::Control;
use super::door::Door;
use super::farewell;
use super::ntp::Ntp;
use super::sinks::{self, Sinks};
use super::site::KernelSite;
use super::transport::{Next, Transport};
use crate::kernel_log::Following;
use crate::time::now_ns;
use crate::{sampler, thread};
use alloc::boxed::Box;
use kernel_core::params::Params;

ukstore::gauge! {
    /// Connections to the management port that are open.
    static CLIENTS = "/management/http/clients", "uk_management_http_clients";
}

/// The server, with all the memory it will ever use.
pub(super) struct Server<T> {
    transport: T,
    port: u16,
    door: Door,
    clients: Box<[Client]>,
    control: Option<Control>,
    sinks: Sinks,
    /// Whether there is neither who is told metrics as Influx lines, nor who is told the log as syslog.
    is_quiet: bool,
    /// Whether some of them tell the log.
    tells_log: bool,
    site: KernelSite,
    ntp: Option<Ntp>,
}

impl<T: Transport> Server<T> {
    /// Takes the memory, with `places` for clients.
    pub(super) fn new(transport: T, params: &'static Params<'static>, places: usize) -> Self {
        let sinks = sinks::build(params);
        if !sinks.is_empty() {
            farewell::expect();
        }
        Self {
            transport,
            port: params.management_port,
            door: Door { allow: params.allow.as_ref() },
            clients: (0..places).map(|_| Client::vacant()).collect(),
            control: Control::new(params),
            sinks,
            is_quiet: params.monitors.is_empty() && params.syslogs.is_empty(),
            tells_log: [&params.syslogs, &params.netconsoles, &params.pings].iter().any(|tell| !tell.is_empty()),
            site: KernelSite::new(params),
            ntp: params.ntp.map(Ntp::new),
        }
    }

    /// Serves for ever.
    pub(super) fn run(mut self) {
        self.transport.begin();
        let listener = match self.transport.with(|stack| stack.listen(self.port, self.clients.len())) {
            Ok(listener) => listener,
            Err(error) => return log::error!("no management: port {}: {error}", self.port),
        };
        log::info!("management: http on port {}", self.port);
        if let Some(control) = &mut self.control {
            self.transport.with(|stack| control.listen(stack));
        }
        let me = thread::current_id();
        if self.is_quiet {
            log::warn!(
                "no --monitor and no --syslog: no Influx lines are pushed, and the log stays here and under /log"
            );
        }
        if !self.sinks.is_empty() {
            farewell::listen();
        }
        let mut following = self.tells_log.then(Following::new);
        thread::seal_management();
        // Places are taken from the first on: behind so many, all are vacant.
        let mut seated = 0;
        loop {
            let next = self.transport.poll();
            let now = now_ns();
            if let Some(following) = &mut following {
                following.look(now);
            }
            let mut moved = self.sinks.serve(&mut self.transport, &self.site, now, me);
            for client in self.clients[..seated].iter_mut().filter(|client| !client.is_vacant()) {
                // One client at a time has the stack, while up to 16 KiB of a reply are made, or 4 KiB compressed.
                moved |= self.transport.with(|stack| client.serve(stack, &self.site, now, me));
            }
            // The newcomers' turn is the next one.
            let came = self.transport.with(|stack| self.door.accept(&mut self.clients, stack, listener, now));
            moved |= came;
            let adjusting = self.control.as_mut().and_then(|control| {
                let (did, deadline) = self.transport.with(|stack| control.turn(stack, &self.door, now, me));
                moved |= did;
                deadline
            });
            let looked_at = if came { self.clients.len() } else { seated };
            seated =
                self.clients[..looked_at].iter().rposition(|client| !client.is_vacant()).map_or(0, |last| last + 1);
            CLIENTS.set(self.clients[..seated].iter().filter(|client| !client.is_vacant()).count() as i64);
            let samples = sampler::watch(now);
            let asks = self.ntp.as_mut().and_then(|ntp| {
                let (did, deadline) = self.transport.with(|stack| ntp.turn(stack, now, me));
                moved |= did;
                deadline
            });
            // Waiting for the listener is registered anew each time; ready means there is one to accept.
            let waiting = self.transport.with(|stack| stack.wait_accept(listener, me));
            let ready = matches!(waiting, Ok(kernel_core::net::Wait::Ready));
            let lines_are_told = || following.as_ref().is_none_or(|following| following.may_sleep(now));
            match next {
                Next::At(packets) if !moved && !ready && lines_are_told() && self.transport.may_sleep() => {
                    let timeouts = self.clients[..seated].iter().filter_map(Client::deadline_ns);
                    let lines = following.as_ref().and_then(|following| following.deadline_ns(now));
                    let others = [packets, samples, self.sinks.deadline_ns(now), asks, adjusting, lines];
                    thread::park_until(timeouts.chain(others.into_iter().flatten()).min());
                }
                _ => {}
            }
        }
    }
}
