//! The address: given, or leased from a DHCP server by smoltcp's client; announced to the neighbors; and whether a destination can be reached from it.

use alloc::boxed::Box;
use core::net::Ipv4Addr;

use smoltcp::{
    iface::{SocketHandle, SocketSet},
    phy::Device,
    socket::dhcpv4::{self, Event},
    time::Duration,
    wire::{DhcpOption, IpCidr, Ipv4Cidr},
};

use super::{
    Config, Error, Ipv4,
    engine::{Engine, instant},
    wire,
};

/// Option 12 of RFC 2132: host name.
const OPTION_HOST_NAME: u8 = 12;
/// Longest host name sent: a DNS label (RFC 1035, section 2.3.4).
const LONGEST_HOST_NAME: usize = 63;

/// How often a new address is announced, and the time between (RFC 5227, section 1.1: ANNOUNCE_NUM, ANNOUNCE_INTERVAL).
const ANNOUNCEMENTS: u8 = 2;
const ANNOUNCEMENT_INTERVAL_NS: u64 = 2_000_000_000;

/// The address a stack uses, and what comes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// Own address.
    pub address: Ipv4Addr,
    /// Length of the network's prefix.
    pub prefix_len: u8,
    /// Default router.
    pub gateway: Option<Ipv4Addr>,
    /// Name server that is asked, if there is one: configured, or named by DHCP.
    pub dns: Option<Ipv4Addr>,
}

/// The DHCP client.
pub(super) struct Dhcp {
    handle: SocketHandle,
    pub(super) dns: Option<Ipv4Addr>,
}

impl Dhcp {
    /// The client, if `config` asks for one.
    pub(super) fn new(config: &Config, set: &mut SocketSet<'static>) -> Option<Self> {
        let Ipv4::Dhcp { hostname } = config.ipv4 else { return None };
        let mut socket = dhcpv4::Socket::new();
        let name = &hostname.as_bytes()[..hostname.len().min(LONGEST_HOST_NAME)];
        if !name.is_empty() {
            socket.set_outgoing_options(Box::leak(Box::new([DhcpOption { kind: OPTION_HOST_NAME, data: name }])));
        }
        let mut retry = socket.get_retry_config();
        // RFC 2131, section 4.1, starts at 4 s; smoltcp at 10 s, which a lost packet would add to the boot.
        retry.discover_timeout = Duration::from_secs(4);
        retry.initial_request_timeout = Duration::from_secs(4);
        socket.set_retry_config(retry);
        Some(Self { handle: set.add(socket), dns: None })
    }
}

impl<W: Copy + PartialEq> Engine<W> {
    /// Applies what the DHCP client has learned.
    pub(super) fn apply_lease(&mut self, now: u64) {
        let Some(dhcp) = &mut self.udp.dhcp else { return };
        let (network, gateway) = match self.udp.set.get_mut::<dhcpv4::Socket<'_>>(dhcp.handle).poll() {
            None => return,
            Some(Event::Configured(lease)) => {
                dhcp.dns = lease.dns_servers.first().copied();
                (Some(lease.address), lease.router)
            }
            Some(Event::Deconfigured) => {
                dhcp.dns = None;
                (None, None)
            }
        };
        match network {
            Some(network) => {
                self.stats.dhcp_configured.inc();
                match gateway {
                    Some(gateway) => log::info!("net: {}: DHCP leased {network}, gateway {gateway}", self.name),
                    None => log::info!("net: {}: DHCP leased {network}, no gateway", self.name),
                }
            }
            // The client says so at its start, too.
            None if self.network.is_none() => return,
            None => {
                self.stats.dhcp_lost.inc();
                log::warn!("net: {}: DHCP lease lost, no address", self.name);
            }
        }
        self.renew_name_server();
        self.set_address(network, gateway, now);
    }

    /// Uses `network`'s address from now on. Connections of another address are over, without a word to their peers, whom
    /// none could reach.
    pub(super) fn set_address(&mut self, network: Option<Ipv4Cidr>, gateway: Option<Ipv4Addr>, now: u64) {
        self.iface.update_ip_addrs(|addresses| {
            addresses.clear();
            // One address fits: the smallest table smoltcp can be built with has one entry.
            addresses.extend(network.map(IpCidr::Ipv4));
        });
        match gateway {
            Some(gateway) => {
                // One route fits, for the same reason.
                let _ = self.iface.routes_mut().add_default_ipv4_route(gateway);
            }
            None => {
                self.iface.routes_mut().remove_default_ipv4_route();
            }
        }
        // smoltcp has forgotten them just now.
        self.neighbors.clear();
        self.stats.neighbors.set(0);
        self.network = network;
        self.gateway = gateway;
        self.announcements = (if network.is_some() { ANNOUNCEMENTS } else { 0 }, now);
        let address = network.map(|network| network.address());
        for slot in 0..self.tcp.slots.len() {
            if self.tcp.slots[slot].tuple.is_some_and(|tuple| Some(*tuple.local.ip()) != address) {
                self.tcp.slots[slot].socket_mut().abort();
                self.tcp.unlink(slot);
                self.tcp.rouse(slot);
            }
        }
    }

    /// Announces a new address: a machine that takes over another's would else be looked for at the other's hardware address
    /// until its neighbors' caches expire. Returns whether the device is full.
    pub(super) fn announce<D: Device>(&mut self, device: &mut D, now: u64) -> bool {
        let (left, at) = self.announcements;
        let Some(network) = self.network.filter(|_| left > 0 && at <= now) else { return false };
        let Some(token) = device.transmit(instant(now)) else { return true };
        wire::announce(token, self.mac, network.address());
        self.tally.frames_sent += 1;
        self.announcements = (left - 1, now + ANNOUNCEMENT_INTERVAL_NS);
        false
    }

    /// Fails unless there is an address and `destination` is in its network or behind its gateway.
    pub(super) fn route(&self, destination: Ipv4Addr) -> Result<(), Error> {
        let network = self.network.ok_or(Error::Unreachable)?;
        if destination.is_loopback() {
            return Err(Error::Unreachable);
        }
        if destination.is_unspecified() {
            return Err(Error::InvalidAddress);
        }
        let near = network.contains_addr(&destination) || destination.is_broadcast() || destination.is_multicast();
        if near || self.gateway.is_some() { Ok(()) } else { Err(Error::Unreachable) }
    }
}
