//! The virtual machines Periscope boots on, as QEMU's options. Nothing about what runs in them.

use std::fmt;
use std::str::FromStr;

/// A QEMU machine type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machine {
    /// PCI Express chipset: virtio-pci with MSI-X.
    Q35,
    /// The older PCI chipset, what `qemu-system-x86_64` starts when told nothing.
    Pc,
    /// No PCI and next to no legacy devices: virtio-mmio behind an I/O APIC.
    Microvm,
}

/// What starts the kernel on a machine with a BIOS. microvm comes with its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Firmware {
    /// A minimal one, three times as fast; leaves PCI resources for the kernel to assign.
    #[default]
    Qboot,
    /// QEMU's default BIOS, which finds and assigns everything.
    Seabios,
}

/// Who executes the guest's instructions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Accelerator {
    /// QEMU's own translator: everywhere available, the same everywhere.
    #[default]
    Tcg,
    /// The host's CPU, through `/dev/kvm`.
    Kvm,
}

impl Machine {
    /// Its name in QEMU's `-M` and in the environment's `MACHINE`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Q35 => "q35",
            Self::Pc => "pc",
            Self::Microvm => "microvm",
        }
    }

    /// QEMU's options that make the bare machine, without memory and network cards.
    pub(crate) fn options(self, firmware: Firmware) -> Vec<&'static str> {
        let mut options = match self {
            Self::Q35 => vec!["-M", "q35"],
            Self::Pc => vec!["-M", "pc"],
            // The legacy devices are off, save the clock the kernel reads the date from. virtio-mmio speaks its modern
            // form only when asked, and its devices are told to the kernel on the command line.
            Self::Microvm => vec![
                "-M",
                "microvm,x-option-roms=off,pit=off,pic=off,rtc=on,acpi=off,isa-serial=on,auto-kernel-cmdline=on",
                "-global",
                "virtio-mmio.force-legacy=false",
            ],
        };
        // qboot serves q35 alone: on pc it finds the wrong chipset.
        if self == Self::Q35 && firmware == Firmware::Qboot {
            options.extend(["-bios", "qboot.rom"]);
        }
        options
    }

    /// The `-device` for a network card on the backend `netdev`.
    pub(crate) fn network_card(self, netdev: &str, mac: &str) -> String {
        match self {
            // No option ROM: nothing boots from the network, and loading it costs milliseconds.
            Self::Q35 | Self::Pc => format!("virtio-net-pci,netdev={netdev},mac={mac},disable-legacy=on,romfile="),
            Self::Microvm => format!("virtio-net-device,netdev={netdev},mac={mac}"),
        }
    }
}

impl Accelerator {
    pub(crate) fn options(self) -> &'static [&'static str] {
        match self {
            // Every CPU feature there is: the default CPU is too old to have a source of random numbers.
            Self::Tcg => &["-accel", "tcg", "-cpu", "max"],
            // Some nested hosts offer this feature and then abort when it is used.
            Self::Kvm => &["-accel", "kvm", "-cpu", "host,-arch-capabilities"],
        }
    }

    /// Whether KVM answers here: the device opens, and speaks the interface's version that has been stable since 2007.
    #[must_use]
    pub fn kvm_answers() -> bool {
        nix::ioctl_none_bad!(kvm_get_api_version, 0xae00);
        let Ok(device) = std::fs::File::options().read(true).write(true).open("/dev/kvm") else { return false };
        // SAFETY: KVM_GET_API_VERSION takes no argument and only returns a number.
        let version = unsafe { kvm_get_api_version(std::os::fd::AsRawFd::as_raw_fd(&device)) };
        version == Ok(12)
    }
}

/// A word that names none of the choices there are.
#[derive(Debug, PartialEq, Eq)]
pub struct UnknownChoice(String, &'static str);

impl fmt::Display for UnknownChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is none of {}", self.0, self.1)
    }
}

impl FromStr for Machine {
    type Err = UnknownChoice;

    fn from_str(name: &str) -> Result<Self, UnknownChoice> {
        let known = [Self::Q35, Self::Pc, Self::Microvm].into_iter().find(|machine| machine.name() == name);
        known.ok_or_else(|| UnknownChoice(name.to_owned(), "q35, pc, microvm"))
    }
}

impl FromStr for Accelerator {
    type Err = UnknownChoice;

    fn from_str(name: &str) -> Result<Self, UnknownChoice> {
        match name {
            "tcg" => Ok(Self::Tcg),
            "kvm" => Ok(Self::Kvm),
            _ => Err(UnknownChoice(name.to_owned(), "tcg, kvm")),
        }
    }
}

impl FromStr for Firmware {
    type Err = UnknownChoice;

    fn from_str(name: &str) -> Result<Self, UnknownChoice> {
        match name {
            "qboot" => Ok(Self::Qboot),
            "seabios" => Ok(Self::Seabios),
            _ => Err(UnknownChoice(name.to_owned(), "qboot, seabios")),
        }
    }
}
