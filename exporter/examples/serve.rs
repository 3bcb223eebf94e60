//! The exporter over std's TCP: the same state machine the kernel drives, reachable for HTTP suites, parsers and fuzzers
//! without a guest.
//!
//! ```sh
//! cargo run -p exporter --example serve -- 127.0.0.1:9100 --gzip --auth=prometheus:secret --large
//! ```
//!
//! With `--gzip` scrapes are compressed for who asks; with `--auth=USER:PASSWORD` everything but the probes needs it; with
//! `--large` there is a family of half a megabyte. Without them it is a small machine that is open to all.
//!
//! It serves the fixed tree of `tree/`, whose settings may be written, and a fixed log: but for `uk_*` and
//! `node_scrape_collector_*`, what the exporter tells about itself, nothing moves by itself, so replies can be compared. One thread a connection, blocking reads with
//! the connection's deadline as their timeout: what a driver of [`Connection`] must do, and no more.

mod tree;

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use exporter::gzip::Compressor;
use exporter::http::{Closing, Connection, Credentials, Timeouts};
use exporter::{Level, LogRecord, Site};
use sha2::{Digest, Sha256};
use socket2::SockRef;

fn main() -> io::Result<()> {
    ukstore::attach(ukstore::Machine { now_ns, wake: || (), samples: false });
    let mut machine = Machine { compressor: None, user: None };
    let (mut address, mut is_large) = ("127.0.0.1:9100".to_owned(), false);
    for word in std::env::args().skip(1) {
        match word.split_once('=') {
            None if word == "--gzip" => machine.compressor = Some(Compressor::new()),
            None if word == "--large" => is_large = true,
            None if !word.starts_with('-') => address = word,
            Some(("--auth", pair)) if pair.contains(':') => {
                machine.user =
                    pair.split_once(':').map(|(user, password)| (user.into(), Sha256::digest(password).into()));
            }
            _ => return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{word}: see the top of serve.rs"))),
        }
    }
    let _objects = tree::fill(is_large);
    let machine = Arc::new(machine);
    let listener = TcpListener::bind(address)?;
    println!("listening on http://{}/", listener.local_addr()?);
    for stream in listener.incoming() {
        let (stream, machine) = (stream?, Arc::clone(&machine));
        thread::spawn(move || {
            if let Err(error) = serve(stream, &machine) {
                eprintln!("connection ended: {error}");
            }
        });
    }
    Ok(())
}

/// Serves one connection to its end.
fn serve(mut stream: TcpStream, machine: &Machine) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut connection = Connection::new(Timeouts::DEFAULT);
    connection.open(now_ns(), stream.peer_addr()?.ip());
    let result = drive(&mut stream, &mut connection, machine);
    if result.is_err() || connection.closing() == Closing::Reset {
        // Closed so, the stream ends in a reset: nobody takes what was sent for all there is.
        SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
    }
    connection.disconnect();
    result
}

/// Moves bytes between the two until one has had enough. It never calls [`Connection::sent`]: std does not tell.
fn drive(stream: &mut TcpStream, connection: &mut Connection, machine: &Machine) -> io::Result<()> {
    // What was read and not taken yet: the next, pipelined requests.
    let mut input = Vec::new();
    let mut buffer = [0; 16_384];
    let mut finished = false;
    loop {
        if connection.wants_to_write() {
            let len = connection.transmit(now_ns(), &mut buffer, machine);
            let left_ns = connection.deadline_ns().unwrap_or(0).saturating_sub(now_ns());
            stream.set_write_timeout(Some(Duration::from_nanos(left_ns.max(1_000_000))))?;
            stream.write_all(&buffer[..len])?;
            continue;
        }
        if connection.wants_to_read() && !input.is_empty() {
            let taken = connection.receive(now_ns(), &input, machine);
            input.drain(..taken);
            continue;
        }
        match connection.closing() {
            Closing::Open if connection.is_answering() => {
                // It waits for samples. Nothing wakes this thread when they are there, so it looks again.
                thread::sleep(Duration::from_millis(1));
                connection.tick(now_ns(), machine);
                continue;
            }
            Closing::Open => {}
            Closing::Finish if !finished => {
                stream.shutdown(Shutdown::Write)?;
                finished = true;
            }
            Closing::Finish if connection.wants_to_read() => {}
            Closing::Finish | Closing::Reset => return Ok(()),
        }
        let left_ns = connection.deadline_ns().unwrap_or(0).saturating_sub(now_ns());
        stream.set_read_timeout(Some(Duration::from_nanos(left_ns.max(1_000_000))))?;
        match stream.read(&mut buffer) {
            Ok(0) => connection.receive_end(now_ns()),
            Ok(len) => input.extend_from_slice(&buffer[..len]),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                connection.tick(now_ns(), machine);
            }
            Err(error) => return Err(error),
        }
    }
}

fn now_ns() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(START.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// A machine that has just booted and has little to say.
struct Machine {
    compressor: Option<Compressor>,
    /// Who may ask, and the SHA-256 of the password.
    user: Option<(String, [u8; 32])>,
}

const LOG: [(Level, &str, &str); 3] =
    [(Level::Info, "boot", "booted"), (Level::Warning, "net", "two\nlines"), (Level::App, "main", "hello")];

impl Site for Machine {
    fn node(&self) -> &str {
        "example"
    }
    fn program(&self) -> &str {
        "serve"
    }
    fn credentials(&self) -> Option<Credentials<'_>> {
        self.user.as_ref().map(|(user, digest)| Credentials::Basic { user, digest: *digest })
    }
    fn compressor(&self) -> Option<&Compressor> {
        self.compressor.as_ref()
    }
    fn adjustable(&self) -> bool {
        true
    }
    fn now_ns(&self) -> u64 {
        now_ns()
    }
    fn unix_ns(&self) -> Option<u64> {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
        u64::try_from(since.as_nanos()).ok()
    }
    fn log_newest(&self) -> Option<u64> {
        Some(LOG.len() as u64 - 1)
    }
    fn log_next(&self, from: u64, level: Level, show: &mut dyn FnMut(&LogRecord<'_>)) -> Option<u64> {
        let (seq, (level, source, message)) =
            (0..).zip(LOG).find(|(seq, (its_level, ..))| *seq >= from && *its_level <= level)?;
        let since_boot_ns = (seq + 1) * 1_000_000;
        show(&LogRecord {
            seq,
            since_boot_ns,
            unix_ns: None,
            level,
            source,
            thread: "main",
            message,
            truncated: false,
        });
        Some(seq)
    }
}
