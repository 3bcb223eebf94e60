//! The demo's guests, and the wires they are on.

use std::io;
use std::net::SocketAddrV4;
use std::path::Path;
use std::time::Duration;

use ::tests::network::{Forward, free_port_from};
use ::tests::{Boot, Guest, Machine, Network, PATIENCE, Side, eventually, http};

/// How many there are.
const COUNT: usize = 3;

/// One guest, and the name it goes by.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) guest: Guest,
}

/// Boots them, and waits until each has answered a scrape.
pub(crate) fn boot(image: &Path, taps: bool) -> Result<Vec<Named>, String> {
    let networks = if taps { on_taps() } else { on_ports() }?;
    let start = |(network, number)| {
        let name = format!("demo-{number}");
        let boot = Boot::new(Machine::Q35, image.to_owned()).network(network).parameters(&format!("--name={name}"));
        let guest = boot.try_start().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                "there is no qemu-system-x86_64 here: tests/setup.sh qemu installs it".to_owned()
            }
            _ => format!("cannot start qemu-system-x86_64: {error}"),
        })?;
        Ok(Named { name, guest })
    };
    let guests = networks.into_iter().zip(1..).map(start).collect::<Result<Vec<_>, String>>()?;
    for Named { name, guest } in &guests {
        let answered = eventually(PATIENCE, || scrape(guest).ok().filter(|answer| answer.status == 200));
        if answered.is_none() {
            return Err(format!("{name} does not answer\n{}", guest.log()));
        }
    }
    Ok(guests)
}

impl Named {
    /// Where it is scraped.
    pub(crate) fn metrics(&self) -> SocketAddrV4 {
        self.guest.network().address(Side::Management, 9100)
    }

    /// Where its program serves.
    pub(crate) fn service(&self) -> SocketAddrV4 {
        self.guest.network().address(Side::Service, 80)
    }
}

fn scrape(guest: &Guest) -> io::Result<http::Response> {
    let stream = guest.network().connect(Side::Management, 9100, Duration::from_secs(2))?;
    http::Connection::new(stream)?.get("/metrics")
}

fn on_taps() -> Result<Vec<Network>, String> {
    let make = |_| Network::host_taps().map_err(|error| format!("cannot make the taps: {error}; try NET=user"));
    (0..COUNT).map(make).collect()
}

fn on_ports() -> Result<Vec<Network>, String> {
    let (metrics, service) = (free_ports(9100)?, free_ports(8080)?);
    let forward = |(metrics, service)| {
        Network::forwarding(vec![
            Forward { side: Side::Management, guest: 9100, host: metrics },
            Forward { side: Side::Service, guest: 80, host: service },
        ])
    };
    Ok(metrics.into_iter().zip(service).map(forward).collect())
}

/// A free port for each guest, none of them twice.
fn free_ports(first: u16) -> Result<Vec<u16>, String> {
    let mut ports: Vec<u16> = Vec::new();
    while ports.len() < COUNT {
        let next = ports.last().map_or(first, |last| last + 1);
        ports.push(free_port_from(next).ok_or_else(|| format!("a hundred ports from {next} on are all taken"))?);
    }
    Ok(ports)
}
