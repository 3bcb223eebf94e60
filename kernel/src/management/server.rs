//! The loop of the management thread: packets, a turn for everybody, sleep.

use super::clients::Clients;
use super::control::Control;
use super::door::Door;
use super::farewell;
use super::ntp::Ntp;
use super::sinks::{self, Sinks};
use super::site::KernelSite;
use super::transport::{Next, Transport};
use super::turn::Turn;
use crate::kernel_log::Following;
use crate::thread::ThreadId;
use crate::time::now_ns;
use crate::{sampler, thread};
use kernel_core::params::Params;

/// The server, with all the memory it will ever use.
pub(super) struct Server<T> {
    transport: T,
    port: u16,
    clients: Clients,
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
            clients: Clients::new(Door::new(params), places),
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
        if let Err(error) = self.transport.with(|stack| self.clients.listen(stack, self.port)) {
            return log::error!("no management: port {}: {error}", self.port);
        }
        log::info!("management: http on port {}", self.port);
        if let Some(control) = &mut self.control {
            self.transport.with(|stack| control.listen(stack));
        }
        if self.is_quiet {
            log::warn!(
                "no --monitor and no --syslog: no Influx lines are pushed, and the log stays here and under /log"
            );
        }
        if !self.sinks.is_empty() {
            farewell::listen();
        }
        let me = thread::current_id();
        let mut following = self.tells_log.then(Following::new);
        thread::seal_management();
        loop {
            let next = self.transport.poll();
            let now = now_ns();
            if let Some(following) = &mut following {
                following.look(now);
            }
            let turns = self.turns(now, me);
            let moved = turns.iter().any(|turn| turn.moved);
            let lines_are_told = || following.as_ref().is_none_or(|following| following.may_sleep(now));
            match next {
                Next::At(packets) if !moved && lines_are_told() && self.transport.may_sleep() => {
                    let lines = following.as_ref().and_then(|following| following.deadline_ns(now));
                    let others = turns.iter().map(|turn| turn.deadline_ns);
                    thread::park_until(others.chain([packets, lines]).flatten().min());
                }
                _ => {}
            }
        }
    }

    /// Gives everybody a turn. The sampler has its own after those that ask for samples.
    fn turns(&mut self, now: u64, me: ThreadId) -> [Turn; 5] {
        let Self { transport, site, sinks, clients, control, ntp, .. } = self;
        [
            sinks.turn(transport, site, now, me),
            clients.turn(transport, site, now, me),
            control.as_mut().map_or_else(Turn::default, |port| transport.with(|stack| port.turn(stack, now, me))),
            Turn { moved: false, deadline_ns: sampler::watch(now) },
            ntp.as_mut().map_or_else(Turn::default, |client| transport.with(|stack| client.turn(stack, now, me))),
        ]
    }
}
