//! Compressed scrapes of hundreds of kilobytes, of every length: none is ever short.
//!
//! A program of its own, so that no other scrape is as long.

use std::io::Read as _;
use std::net::Ipv4Addr;

use exporter::Site;
use exporter::gzip::Compressor;
use exporter::http::{Closing, Connection, Timeouts};
use flate2::read::GzDecoder;

ukstore::class! {
    /// Many objects.
    static BLOCKS: Class<struct Block> = "/large/blocks", label block, series 8192 {
        /// A number of every length.
        counter written = "written_bytes_total", "large_block_written_bytes_total", Bytes;
    }
}

/// A machine that compresses.
struct Machine(Compressor);

impl Site for Machine {
    fn node(&self) -> &str {
        "node"
    }
    fn program(&self) -> &str {
        "program"
    }
    fn compressor(&self) -> Option<&Compressor> {
        Some(&self.0)
    }
    fn now_ns(&self) -> u64 {
        0
    }
}

/// The body of a scrape of the objects alone, as it was sent. HTTP/1.0, so that no chunks need to be put together.
fn body(machine: &Machine, fields: &str) -> Vec<u8> {
    let mut connection = Connection::new(Timeouts::DEFAULT);
    connection.open(0, Ipv4Addr::LOCALHOST.into());
    let request = format!("GET /metrics?collect[]=large HTTP/1.0\r\n{fields}\r\n");
    assert_eq!(connection.receive(0, request.as_bytes(), machine), request.len());
    let (mut output, mut window) = (Vec::new(), [0; 16_384]);
    while connection.wants_to_write() {
        let len = connection.transmit(0, &mut window, machine);
        output.extend_from_slice(&window[..len]);
    }
    assert_eq!(connection.closing(), Closing::Finish);
    let head_len = output.windows(4).position(|end| end == b"\r\n\r\n").expect("a head") + 4;
    assert_eq!(output[..head_len].windows(5).any(|word| word == b" gzip"), !fields.is_empty());
    output.split_off(head_len)
}

#[test]
fn no_length_is_cut_short() {
    let machine = Machine(Compressor::new());
    let (mut blocks, mut number) = (Vec::new(), 88_172_645_463_325_252_u64);
    // The compressor ends a block after some hundred kilobytes, and in the last of its buffers this must not be the end
    // of all. So lengths grow from
    // nothing to more than 400,000 bytes by less than a buffer.
    for index in 0..8_192_u64 {
        let block = BLOCKS.add(&format!("worker-{index}"), Block::new());
        number ^= number << 13;
        number ^= number >> 7;
        number ^= number << 17;
        block.written.add(number >> (number % 50));
        blocks.push(block);
        if index % 61 != 0 && index != 8_191 {
            continue;
        }
        let plain = body(&machine, "");
        assert!(index < 8_191 || plain.len() > 400_000, "{} bytes", plain.len());
        let stream = body(&machine, "Accept-Encoding: gzip\r\n");
        let (mut decoder, mut text) = (GzDecoder::new(stream.as_slice()), Vec::new());
        let result = decoder.read_to_end(&mut text);
        assert!(result.is_ok() && text == plain, "{result:?}: {} bytes of {}", text.len(), plain.len());
    }
}
