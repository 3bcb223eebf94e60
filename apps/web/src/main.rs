//! The default program: greets over HTTP/1.1 on port 80 of the service NIC, a thread a connection.
//!
//! `http.rs` is the protocol, `metrics.rs` what this program tells about itself and the greeting that can be set.

#![no_std]
#![no_main]

mod http;
mod metrics;

use http::{Reader, Request};
use metrics::Status;
use periscope::net::{Error, TcpListener, TcpStream};
use periscope::ukstore::COUNTS;
use periscope::{log, println, thread, time};

periscope::main!(main);

const PORT: u16 = 80;
/// A connection without a request for so long is closed.
const IDLE: time::Duration = time::Duration::from_secs(60);

fn main() -> Result<(), Error> {
    let listener = TcpListener::bind(PORT)?;
    println!("serving on port {PORT}");
    loop {
        let (stream, peer) = listener.accept()?;
        let served = thread::Builder::new().name("connection").spawn(move || serve(&stream));
        if let Err(error) = served {
            // The stream went with the closure: the client sees its connection closed.
            log::warn!("{peer} turned away: {error}");
            metrics::TURNED_AWAY.inc();
        }
    }
}

/// Answers requests until the client or a limit ends the connection.
fn serve(stream: &TcpStream) {
    metrics::CONNECTIONS.inc();
    metrics::OPEN.add(1);
    // A client that is gone is no error of ours.
    let _ = converse(stream);
    metrics::OPEN.sub(1);
}

fn converse(stream: &TcpStream) -> Result<(), Error> {
    stream.set_read_timeout(Some(IDLE));
    let mut reader = Reader::new(stream);
    loop {
        let request = reader.next()?;
        // The histogram alone wants the time.
        let began = COUNTS.then(time::Instant::now);
        let keep_open = match request {
            Request::Closed => return Ok(()),
            Request::Malformed => http::reply(stream, Status::BadRequest, false, false).map(|()| false)?,
            Request::Complete { greeting: true, allowed: true, head_only, keep_open } => {
                http::reply(stream, Status::Ok, head_only, keep_open).map(|()| keep_open)?
            }
            Request::Complete { allowed: false, head_only, keep_open, .. } => {
                http::reply(stream, Status::MethodNotAllowed, head_only, keep_open).map(|()| keep_open)?
            }
            Request::Complete { head_only, keep_open, .. } => {
                http::reply(stream, Status::NotFound, head_only, keep_open).map(|()| keep_open)?
            }
        };
        if let Some(began) = began {
            metrics::LATENCY.observe(began.elapsed().as_nanos() as u64);
        }
        if !keep_open {
            return Ok(());
        }
    }
}
