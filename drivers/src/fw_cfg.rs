//! QEMU's firmware configuration device: files the host gave with `-fw_cfg name=…,file=…`.
//!
//! For: boot parameters that must not show in the host's process list. Not for: writing, nor the DMA interface, which
//! not every machine has; port I/O is enough for the few hundred bytes read once. Interface: QEMU's `docs/specs/fw_cfg`.
#![expect(unsafe_code, reason = "naming the device's ports, once, in `Ports::new`")]

use core::fmt;

use crate::port::IoPort;

/// Item that reads `QEMU`, the proof that the device is there.
const SIGNATURE: u16 = 0x0000;
/// Item that lists the files.
const DIRECTORY: u16 = 0x0019;
/// One directory entry: size (4 bytes, big endian), selector (2, big endian), reserved (2), name (56, zero padded).
const ENTRY_BYTES: usize = 64;
/// Entries looked at before the directory is taken for garbage. QEMU's own limit is below it.
const MAX_ENTRIES: u32 = 4096;

/// Why a file could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The machine has no such device (not QEMU): do without.
    NoDevice,
    /// The host gave no file of that name: do without.
    NotFound,
    /// The file is larger than the caller's buffer: tell the operator the limit.
    TooLarge {
        /// Size of the file in bytes.
        size_bytes: u32,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDevice => write!(f, "no fw_cfg device"),
            Self::NotFound => write!(f, "no such fw_cfg file"),
            Self::TooLarge { size_bytes } => write!(f, "the fw_cfg file has {size_bytes} bytes, which is too many"),
        }
    }
}

impl core::error::Error for Error {}

/// The device's two registers; tests put a fake here.
pub trait Registers {
    /// Selects an item and puts its read position at the start.
    fn select(&mut self, item: u16);
    /// Reads the next bytes of the selected item; past its end they are zero.
    fn read(&mut self, buffer: &mut [u8]);
}

/// The device at ports 0x510 (selector, 16 bits) and 0x511 (data, 8 bits).
#[derive(Debug)]
pub struct Ports {
    selector: IoPort<u16>,
    data: IoPort<u8>,
}

impl Ports {
    /// The ports of every x86 machine of QEMU.
    ///
    /// # Safety
    /// The code must run in ring 0, and nothing else may use the device meanwhile.
    pub const unsafe fn new() -> Self {
        // SAFETY: selecting an item moves no memory.
        let selector = unsafe { IoPort::new(0x510) };
        // SAFETY: reading an item by port moves no memory but the reader's own.
        let data = unsafe { IoPort::new(0x511) };
        Self { selector, data }
    }
}

impl Registers for Ports {
    fn select(&mut self, item: u16) {
        self.selector.write(item);
    }

    fn read(&mut self, buffer: &mut [u8]) {
        self.data.read_into(buffer);
    }
}

/// Reads the file `name` (such as `opt/periscope/params`) into `buffer` and returns the part that was filled.
///
/// # Errors
/// See [`Error`]; on any error nothing of `buffer` is of use.
pub fn read_file<'a>(device: &mut impl Registers, name: &str, buffer: &'a mut [u8]) -> Result<&'a [u8], Error> {
    if !present(device) {
        return Err(Error::NoDevice);
    }
    let file = find(device, name).ok_or(Error::NotFound)?;
    let size = usize::try_from(file.size_bytes).unwrap_or(usize::MAX);
    let filled = buffer.get_mut(..size).ok_or(Error::TooLarge { size_bytes: file.size_bytes })?;
    device.select(file.item);
    device.read(filled);
    Ok(filled)
}

/// Whether the device is there. Without it the ports read all ones (or whatever floats), never the signature.
pub fn present(device: &mut impl Registers) -> bool {
    let mut signature = [0; 4];
    device.select(SIGNATURE);
    device.read(&mut signature);
    signature == *b"QEMU"
}

struct File {
    size_bytes: u32,
    item: u16,
}

/// Looks `name` up in the directory, entry by entry, so that no buffer bounds the number of files.
fn find(device: &mut impl Registers, name: &str) -> Option<File> {
    let mut count = [0; 4];
    device.select(DIRECTORY);
    device.read(&mut count);
    for _ in 0..u32::from_be_bytes(count).min(MAX_ENTRIES) {
        let mut entry = [0; ENTRY_BYTES];
        device.read(&mut entry);
        let [s0, s1, s2, s3, i0, i1, _, _, padded @ ..] = entry;
        let length = padded.iter().position(|&byte| byte == 0).unwrap_or(padded.len());
        if &padded[..length] == name.as_bytes() {
            return Some(File { size_bytes: u32::from_be_bytes([s0, s1, s2, s3]), item: u16::from_be_bytes([i0, i1]) });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A device with items as (number, bytes), one read position, zeros past the end.
    #[derive(Default)]
    struct Fake {
        items: [(u16, &'static [u8]); 4],
        selected: Option<u16>,
        position: usize,
        absent: bool,
    }

    const ENTRIES: &[u8] = &{
        let mut bytes = [0; 4 + 2 * ENTRY_BYTES];
        bytes[3] = 2;
        bytes[7] = 3; // size of the first file
        bytes[9] = 0x21;
        bytes[12] = b'a';
        bytes[4 + ENTRY_BYTES + 3] = 6;
        bytes[4 + ENTRY_BYTES + 5] = 0x22;
        let name = b"opt/periscope/params";
        let mut i = 0;
        while i < name.len() {
            bytes[4 + ENTRY_BYTES + 8 + i] = name[i];
            i += 1;
        }
        bytes
    };

    fn fake() -> Fake {
        let items = [(SIGNATURE, &b"QEMU"[..]), (DIRECTORY, ENTRIES), (0x21, b"abc"), (0x22, b"--name")];
        Fake { items, ..Fake::default() }
    }

    impl Registers for Fake {
        fn select(&mut self, item: u16) {
            self.selected = Some(item);
            self.position = 0;
        }

        fn read(&mut self, buffer: &mut [u8]) {
            let selected = self.selected.expect("an item is selected before it is read");
            let bytes = self.items.iter().find(|(item, _)| *item == selected).map_or(&[][..], |(_, bytes)| bytes);
            for slot in buffer {
                *slot = if self.absent { 0xff } else { bytes.get(self.position).copied().unwrap_or(0) };
                self.position += 1;
            }
        }
    }

    #[test]
    fn reads_a_file_by_name() {
        let mut buffer = [0; 16];
        assert_eq!(read_file(&mut fake(), "opt/periscope/params", &mut buffer), Ok(&b"--name"[..]));
        assert_eq!(read_file(&mut fake(), "a", &mut buffer), Ok(&b"abc"[..]));
    }

    #[test]
    fn a_file_that_just_fits_and_one_that_does_not() {
        let mut buffer = [0; 6];
        assert!(read_file(&mut fake(), "opt/periscope/params", &mut buffer).is_ok());
        let refused = read_file(&mut fake(), "opt/periscope/params", &mut buffer[..5]);
        assert_eq!(refused, Err(Error::TooLarge { size_bytes: 6 }));
    }

    #[test]
    fn names_match_whole() {
        for name in ["opt/periscope/param", "opt/periscope/params2", "", "b"] {
            assert_eq!(read_file(&mut fake(), name, &mut [0; 16]), Err(Error::NotFound), "{name:?}");
        }
    }

    #[test]
    fn an_absent_device_is_told_from_an_absent_file() {
        let mut device = Fake { absent: true, ..fake() };
        assert_eq!(read_file(&mut device, "a", &mut [0; 16]), Err(Error::NoDevice));
    }

    #[test]
    fn a_directory_of_garbage_ends() {
        let mut device = fake();
        device.items[1].1 = &[0xff; 4];
        assert_eq!(read_file(&mut device, "a", &mut [0; 16]), Err(Error::NotFound));
    }
}
