//! The NICs: found on PCI and on the memory bus, told apart, started, and their interrupts routed.

use super::link;
use crate::arch::vectors::{self, Route};
use crate::arch::{apic, ioapic};
use crate::identity;
use crate::memory::dma::KernelHal;
use crate::memory::map;
use crate::thread::{self, ThreadId};
use crate::time::Moment;
use alloc::boxed::Box;
use core::cell::Cell;
use core::fmt;
use critical_section::Mutex;
use drivers::pci::ConfigPorts;
use drivers::virtio::net::VirtioNet;
use drivers::virtio::{self, Location, Silencer};
use heapless::Vec;
use kernel_core::params::{Mac, ManagementMode, Params};
use virtio_drivers::transport::SomeTransport;

/// Where BARs go that the firmware left without an address (qboot): above the ECAM and RAM of all
/// of QEMU's machines, below the APICs.
const PCI_WINDOW: core::ops::Range<u64> = 0xe000_0000..0xfe00_0000;
/// The most NICs that are looked at.
const MAX_NICS: usize = 8;

/// A NIC as the stacks use it.
pub(crate) type Device = VirtioNet<KernelHal, SomeTransport<'static>>;

/// A started NIC and the way to be woken by it.
pub(crate) struct Nic {
    /// Boxed at once: it is some 14 KiB, and each move of it by value is a copy on the boot stack.
    pub(crate) device: Box<Device>,
    pub(crate) interrupt: &'static NicInterrupt,
}

/// The NICs by role.
pub(crate) struct Nics {
    pub(crate) service: Option<Nic>,
    pub(crate) management: Option<Nic>,
}

/// Whom a NIC's interrupt wakes.
pub(crate) struct NicInterrupt {
    silencer: Silencer,
    /// Its time is management's.
    management: bool,
    waiter: Mutex<Cell<Option<ThreadId>>>,
}

impl NicInterrupt {
    /// Wakes this thread from now on.
    pub(crate) fn wake(&self, thread: ThreadId) {
        critical_section::with(|cs| self.waiter.borrow(cs).set(Some(thread)));
    }

    /// Wakes `to` from now on, if it was to wake `from`.
    pub(crate) fn wake_instead_of(&self, from: ThreadId, to: ThreadId) {
        critical_section::with(|cs| {
            let waiter = self.waiter.borrow(cs);
            if waiter.get() == Some(from) {
                waiter.set(Some(to));
            }
        });
    }

    /// The handler: quiets the device, which asks to be heard again when it has been harvested, and
    /// wakes who harvests.
    fn handle(argument: usize, ticks: u64) {
        // SAFETY: `start` leaked the value whose address it registered.
        #[expect(unsafe_code, reason = "an interrupt's argument is a word")]
        let this = unsafe { &*(argument as *const Self) };
        this.silencer.silence();
        let waiter = critical_section::with(|cs| this.waiter.borrow(cs).get());
        if this.management {
            thread::charge_management(Moment::at(ticks).ns); // before the wake-up's decision
        }
        if let Some(thread) = waiter {
            thread::unpark(thread);
        }
    }
}

/// Why the machine's NICs cannot be used; each says what to do.
#[derive(Debug)]
pub(crate) enum Error {
    None,
    NoSuch(&'static str, Mac),
    SameMac(Mac),
    Start(Location, virtio::net::Error),
    NoVector,
    NoLine(u32),
    NoRegisters(u64),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::None => f.write_str(
                "there is no virtio-net NIC: give the machine two (-device virtio-net-pci, or virtio-net-device on microvm)",
            ),
            Error::NoSuch(parameter, mac) => write!(f, "--{parameter}={mac}: no NIC has that MAC"),
            Error::SameMac(mac) => write!(f, "--service-mac and --management-mac are both {mac}: they must be two NICs"),
            Error::Start(location, error) => write!(f, "the NIC at {location}: {error}"),
            Error::NoRegisters(address) => {
                write!(f, "virtio_mmio.device at {address:#x}: no device can be there, or no memory is left to map it")
            }
            Error::NoVector => f.write_str("no interrupt vector is left for a NIC"),
            Error::NoLine(line) => write!(f, "the I/O APIC has no line {line}, which a NIC interrupts on"),
        }
    }
}

/// A NIC that was found, and the line it interrupts on if it has one.
struct Found {
    nic: virtio::Nic,
    line: Option<u32>,
}

/// Finds the NICs and starts those that have a role. By order the first is the service NIC and the
/// second the management NIC, unless a MAC says otherwise.
pub(crate) fn find(params: &Params<'_>) -> Result<Nics, Error> {
    let mut found = discover(params)?;
    if found.is_empty() {
        return Err(Error::None);
    }
    let service_mac = params.service.mac;
    let management_mac = params.management.mac;
    if let (Some(a), Some(b)) = (service_mac, management_mac)
        && a == b
    {
        return Err(Error::SameMac(a));
    }
    let has = |found: &Found, mac: Mac| found.nic.mac == Some(mac.octets());
    let mut take = |parameter, mac: Option<Mac>, not: Option<Mac>| -> Result<Option<Found>, Error> {
        let position = match mac {
            Some(mac) => Some(found.iter().position(|nic| has(nic, mac)).ok_or(Error::NoSuch(parameter, mac))?),
            None => found.iter().position(|nic| not.is_none_or(|not| !has(nic, not))),
        };
        Ok(position.map(|position| found.remove(position)))
    };
    // Only where management has a NIC of its own is that one not the service NIC.
    let separate = params.management_mode == ManagementMode::Separate;
    let service = take("service-mac", service_mac, management_mac.filter(|_| separate))?;
    let management = match params.management_mode {
        ManagementMode::Off | ManagementMode::Shared => None,
        ManagementMode::Separate => take("management-mac", management_mac, None)?,
    };
    let mac_of = |nic: &Option<Found>| nic.as_ref().and_then(|found| found.nic.mac);
    identity::settle(params, mac_of(&management).or(mac_of(&service)));
    log::info!("name: {}", identity::name());
    Ok(Nics {
        service: service.map(|found| start("service", found)).transpose()?,
        management: management.map(|found| start("management", found)).transpose()?,
    })
}

fn discover(params: &Params<'_>) -> Result<Vec<Found, MAX_NICS>, Error> {
    let mut found = Vec::new();
    let mut add = |nic, line| {
        if let Err(Found { nic, .. }) = found.push(Found { nic, line }) {
            log::warn!("more than {MAX_NICS} NICs: the one at {} is not used", nic.location);
        }
    };
    for device in &params.mmio_devices {
        if !map::map_device(device.base, device.size) {
            return Err(Error::NoRegisters(device.base));
        }
        // SAFETY: the hypervisor's command line says that a virtio device's registers are there.
        #[expect(unsafe_code, reason = "an address from the command line")]
        let probed = unsafe { virtio::mmio::probe::<KernelHal>(device.base, device.size as usize) };
        match probed {
            Ok(Some(nic)) => add(nic, Some(device.irq)),
            Ok(None) => {}
            Err(error) => log::warn!("virtio_mmio.device at {:#x}: {error}", device.base),
        }
    }
    // SAFETY: ring 0; this is the one user of the configuration ports.
    #[expect(unsafe_code, reason = "PCI configuration space")]
    let ports = unsafe { ConfigPorts::new() };
    // SAFETY: boot: no driver uses a device yet; KernelHal maps registers uncached.
    #[expect(unsafe_code, reason = "PCI configuration space")]
    unsafe {
        virtio::pci::discover::<KernelHal, _>(&ports, PCI_WINDOW, &mut |function, nic| match nic {
            Ok(nic) => add(nic, None),
            Err(error) => log::warn!("the NIC at PCI {function} is not used: {error}"),
        });
    }
    Ok(found)
}

/// A started device. On its own, because its frame holds the device several times over.
#[inline(never)]
fn boxed(name: &'static str, nic: virtio::Nic) -> Result<Box<Device>, virtio::net::Error> {
    Device::new(name, nic.transport).map(Box::new)
}

/// Starts a NIC and routes its interrupt, which nobody hears until `NicInterrupt::wake`.
fn start(name: &'static str, found: Found) -> Result<Nic, Error> {
    let location = found.nic.location;
    let device = boxed(name, found.nic).map_err(|error| Error::Start(location, error))?;
    // SAFETY: the device is part of a stack that lives as long as the machine.
    #[expect(unsafe_code, reason = "the device outlives its interrupt")]
    let silencer = unsafe { device.silencer() };
    let interrupt: &'static NicInterrupt = Box::leak(Box::new(NicInterrupt {
        silencer,
        management: name == "management",
        waiter: Mutex::new(Cell::new(None)),
    }));
    let argument = core::ptr::from_ref(interrupt) as usize;
    let vector = vectors::register(name, NicInterrupt::handle, argument).ok_or(Error::NoVector)?;
    let by_message = device.route_interrupt(apic::id(), vector);
    if !by_message && let Some(line) = found.line {
        ioapic::route(line, vector, apic::id()).map_err(|_| Error::NoLine(line))?;
        vectors::set_route(vector, Route::Line);
    }
    let address = link::tell(name, &device);
    let offloads = device.offloads();
    log::info!("{name} NIC: {address} at {location}, offloads: {offloads}");
    Ok(Nic { device, interrupt })
}
