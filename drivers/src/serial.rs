//! COM1: where the console and the last words go.
//!
//! For: writing bytes, polled, at 115200 8N1. Not for: input (nothing is read, no interrupt is enabled) nor for line
//! endings: bytes go out as they are; QEMU's terminals translate.
#![expect(unsafe_code, reason = "making the UART driver: the proof is on `Serial::com1`")]

use core::fmt;

use uart_16550::backend::PioBackend;
use uart_16550::{BaudRate, Config, Uart16550};

/// I/O port of the first serial port on every PC.
const COM1: u16 = 0x3f8;

/// Polls of the line status register before a byte is given up. A byte takes 87 µs at 115200 baud and a poll at least
/// 0.1 µs, so a working UART never needs this many; a wedged one must not keep a panic from ending the machine.
const SPINS_PER_CHUNK: u32 = 1_000_000;

/// No UART answers at the port, so whatever is written is lost. The caller goes on without a console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Absent;

/// The first serial port. Writable before [`Serial::init`] too: under QEMU its settings out of reset serve.
#[derive(Debug)]
pub struct Serial {
    uart: Uart16550<PioBackend>,
    absent: bool,
}

impl Serial {
    /// The port, untouched so far; `const`, so that it can sit in a `static` before anything runs.
    ///
    /// # Safety
    /// The code must run in ring 0. A second instance (a panic's own) endangers no memory; their bytes may interleave.
    pub const unsafe fn com1() -> Self {
        // SAFETY: the ports 0x3f8..0x400 are COM1's or nobody's on a PC, and the UART does no DMA.
        let uart = unsafe { Uart16550::new_port(COM1) };
        match uart {
            Ok(uart) => Self { uart, absent: false },
            Err(_) => panic!("COM1's eight ports fit below 0x10000"),
        }
    }

    /// Sets 115200 8N1 with the FIFO on and interrupts off.
    ///
    /// # Errors
    /// [`Absent`] if no UART answers; writes are then dropped without touching the port.
    pub fn init(&mut self) -> Result<(), Absent> {
        let config = Config { baud_rate: BaudRate::Baud115200, ..Config::DEFAULT };
        self.absent = self.uart.init(config).is_err();
        if self.absent { Err(Absent) } else { Ok(()) }
    }

    /// Writes as many bytes as the FIFO takes now (none to 16) and says how many. Never waits.
    pub fn try_write(&mut self, bytes: &[u8]) -> usize {
        if self.absent { bytes.len() } else { self.uart.send_bytes(bytes) }
    }

    /// Writes all bytes, waiting for the FIFO. Bytes that a wedged UART refuses for very long are dropped: this always
    /// returns, so that a panic can.
    pub fn write(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        let mut spins = 0;
        while !rest.is_empty() {
            let written = self.try_write(rest);
            rest = &rest[written..];
            spins = if written > 0 { 0 } else { spins + 1 };
            if spins == SPINS_PER_CHUNK {
                return;
            }
            core::hint::spin_loop();
        }
    }
}

impl fmt::Write for Serial {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.write(text.as_bytes());
        Ok(())
    }
}
