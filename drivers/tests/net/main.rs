//! virtio-net against a device in memory that punishes misuse.

mod counters;
mod device;
mod faults;
mod hal;
mod interrupts;
mod model;
mod offloads;
mod queue;
mod startup;
mod traffic;

use smoltcp::phy::{Device as _, RxToken as _, TxToken as _};
use smoltcp::time::Instant;

use device::Nic;

/// Reads the next frame, as the stack does.
fn poll(nic: &mut Nic) -> Option<Vec<u8>> {
    let (token, _) = nic.receive(Instant::ZERO)?;
    Some(token.consume(|frame| frame.to_vec()))
}

/// Sends a frame, as the stack does; false if there is no room.
fn send(nic: &mut Nic, frame: &[u8]) -> bool {
    let Some(token) = nic.transmit(Instant::ZERO) else { return false };
    token.consume(frame.len(), |buffer| buffer.copy_from_slice(frame));
    true
}

/// Bytes without a short period, from which frames are cut.
static PATTERN: [u8; 4096] = {
    let mut bytes = [0; 4096];
    let mut i = 0;
    while i < bytes.len() {
        bytes[i] = (i * i / 7 + i) as u8;
        i += 1;
    }
    bytes
};

/// A frame that tells its number and has a length and a content of its own.
fn frame(number: u64) -> Vec<u8> {
    let random = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let len = 14 + (random >> 40) as usize % 1501;
    let mut bytes = PATTERN[(random >> 20) as usize % 2048..][..len].to_vec();
    bytes[0..8].copy_from_slice(&number.to_le_bytes());
    bytes
}
