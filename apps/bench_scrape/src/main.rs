//! What scrapes are measured on: greets over HTTP/1.1 on port 80, and has as many series as its word `--series=N` says.
//!
//! The series are made when the first client connects. By then somebody may have scraped it, so that what only a scrape
//! brings is counted with the others. Not an example of a program: see `web`.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

extern crate alloc;

mod series;

use alloc::string::String;

use periscope::net::{Error, TcpListener, TcpStream};
use periscope::{args, println, thread};

periscope::main!(main);

const REPLY: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world\n";
const END_OF_HEAD: [u8; 4] = *b"\r\n\r\n";

fn main() -> Result<(), String> {
    let wanted = match args().find_map(|word| word.strip_prefix("--series=")) {
        Some(number) => number.parse().map_err(|_| alloc::format!("--series={number} is no number"))?,
        None => 0,
    };
    let failed = |error| alloc::format!("port 80: {error}");
    let listener = TcpListener::bind(80).map_err(failed)?;
    println!("serving on port 80");
    let mut stream = listener.accept().map_err(failed)?.0;
    let added = series::fill_up(wanted);
    println!("{} objects added", added.len());
    loop {
        // A client that is gone, or one there is no thread for, is no error of the program's.
        let _ = thread::Builder::new().name("connection").spawn(move || greet(&stream));
        stream = listener.accept().map_err(failed)?.0;
    }
}

/// Answers each head, whatever is in it, until the client closes.
fn greet(stream: &TcpStream) -> Result<(), Error> {
    let mut bytes = [0; 2048];
    let mut last = [0; 4];
    loop {
        let read = stream.read(&mut bytes)?;
        if read == 0 {
            return Ok(());
        }
        for &byte in bytes.iter().take(read) {
            last = [last[1], last[2], last[3], byte];
            if last == END_OF_HEAD {
                stream.write_all(REPLY)?;
            }
        }
    }
}
