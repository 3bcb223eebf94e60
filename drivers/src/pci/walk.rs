//! Visiting every function of bus 0 and of the buses behind configured bridges.
//!
//! For: finding devices in a fixed order. Not for: giving buses their numbers.

use virtio_drivers::transport::pci::bus::{ConfigurationAccess, DeviceFunction};

use super::NOTHING;

/// Bridges nested deeper than this are passed over: firmware builds trees of two or three.
const MAX_DEPTH: u8 = 8;
const DEVICES_PER_BUS: u8 = 32;
const FUNCTIONS_PER_DEVICE: u8 = 8;

/// Header type register: bit 7 says that there are more functions than the first.
const MULTI_FUNCTION: u8 = 1 << 7;
/// Header type of a PCI-to-PCI bridge.
const BRIDGE: u8 = 1;

/// What a visitor learns of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it is.
    pub function: DeviceFunction,
    /// Vendor, as in configuration space.
    pub vendor: u16,
    /// Device, as in configuration space.
    pub device: u16,
    /// Whether it is a bridge to another bus, whose BARs are two and not six.
    pub bridge: bool,
}

/// Calls `visit` for each function: by bus, device and function number, a bridge before what lies behind it.
///
/// Slots are probed by function 0 alone, as the specification lets them be: 32 reads a bus, not 256.
pub fn for_each_function<C: ConfigurationAccess>(access: &C, visit: &mut impl FnMut(Found)) {
    walk_bus(access, 0, 0, visit);
}

fn walk_bus<C: ConfigurationAccess>(access: &C, bus: u8, depth: u8, visit: &mut impl FnMut(Found)) {
    for device in 0..DEVICES_PER_BUS {
        for function in 0..FUNCTIONS_PER_DEVICE {
            let at = DeviceFunction { bus, device, function };
            let id = access.read_word(at, 0x00);
            if id == NOTHING {
                if function == 0 {
                    break;
                }
                continue;
            }
            let [_, _, header, _] = access.read_word(at, 0x0c).to_le_bytes();
            let bridge = header & !MULTI_FUNCTION == BRIDGE;
            let [vendor_low, vendor_high, device_low, device_high] = id.to_le_bytes();
            visit(Found {
                function: at,
                vendor: u16::from_le_bytes([vendor_low, vendor_high]),
                device: u16::from_le_bytes([device_low, device_high]),
                bridge,
            });
            if bridge {
                walk_behind(access, at, depth, visit);
            }
            if function == 0 && header & MULTI_FUNCTION == 0 {
                break;
            }
        }
    }
}

fn walk_behind<C: ConfigurationAccess>(access: &C, at: DeviceFunction, depth: u8, visit: &mut impl FnMut(Found)) {
    let [_, secondary, _, _] = access.read_word(at, 0x18).to_le_bytes();
    // Firmware numbers buses upwards from a bridge's own; anything else is unconfigured or would lead in circles.
    if secondary <= at.bus || depth >= MAX_DEPTH {
        log::warn!("pci: bridge {at} has no bus number from the firmware; what is behind it stays unseen");
        return;
    }
    walk_bus(access, secondary, depth + 1, visit);
}

#[cfg(test)]
mod tests {
    use super::super::fake::{Config, at};
    use super::*;

    fn visited(config: &Config) -> Vec<DeviceFunction> {
        let mut seen = Vec::new();
        for_each_function(config, &mut |found| seen.push(found.function));
        seen
    }

    #[test]
    fn an_empty_machine_has_none() {
        assert_eq!(visited(&Config::default()), []);
    }

    #[test]
    fn functions_come_in_order_and_only_where_the_header_says_so() {
        let mut config = Config::default();
        config.add(at(0, 3, 0), 0x1af4, 0x1041);
        config.add(at(0, 1, 0), 0x8086, 0x7000).set(0x0e, MULTI_FUNCTION);
        config.add(at(0, 1, 3), 0x8086, 0x7113);
        config.add(at(0, 3, 1), 0x1af4, 0x1041); // an alias of a single-function device: not to be believed
        assert_eq!(visited(&config), [at(0, 1, 0), at(0, 1, 3), at(0, 3, 0)]);
    }

    #[test]
    fn goes_behind_bridges_that_have_bus_numbers() {
        let mut config = Config::default();
        config.add(at(0, 2, 0), 0x1b36, 0x000c).set(0x0e, BRIDGE).set(0x19, 5);
        config.add(at(0, 4, 0), 0x1b36, 0x000c).set(0x0e, BRIDGE); // unconfigured
        config.add(at(5, 0, 0), 0x1af4, 0x1041);
        config.add(at(6, 0, 0), 0x1af4, 0x1041); // nothing leads here
        assert_eq!(visited(&config), [at(0, 2, 0), at(5, 0, 0), at(0, 4, 0)]);
    }

    #[test]
    fn a_loop_of_bridges_ends() {
        let mut config = Config::default();
        config.add(at(0, 2, 0), 0x1b36, 0x000c).set(0x0e, BRIDGE).set(0x19, 1);
        config.add(at(1, 2, 0), 0x1b36, 0x000c).set(0x0e, BRIDGE).set(0x19, 1);
        assert_eq!(visited(&config).len(), 2);
    }
}
