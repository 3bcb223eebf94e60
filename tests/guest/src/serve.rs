//! The small services of old, on the service NIC: echo (port 7, RFC 862) over TCP and UDP, discard (9, RFC 863) and a
//! stream of known bytes (19, after RFC 864).

use alloc::string::String;
use periscope::net::{Error, TcpListener, TcpStream, UdpSocket};
use periscope::{log, println, thread};

/// Serves until the machine ends.
pub(crate) fn for_ever() -> Result<(), String> {
    let text = |error: Error| alloc::format!("{error}");
    let start = |name: &'static str, port: u16, serve: fn(TcpStream) -> Result<(), Error>| {
        let listener = TcpListener::bind(port)?;
        thread::spawn(move || accept(&listener, name, serve));
        Ok(())
    };
    start("echo", 7, echo).map_err(text)?;
    start("discard", 9, discard).map_err(text)?;
    start("source", 19, source).map_err(text)?;
    let socket = UdpSocket::bind(7).map_err(text)?;
    println!("serving echo, discard and source");
    let mut buffer = [0; 2048];
    loop {
        let (len, peer) = socket.recv_from(&mut buffer).map_err(text)?;
        // A datagram that does not fit into the queue is lost, as datagrams are.
        let _ = socket.send_to(&buffer[..len], peer);
    }
}

/// Where a test knocks, to say that the time has come.
pub(crate) fn door() -> Result<TcpListener, String> {
    TcpListener::bind(80).map_err(|error| alloc::format!("{error}"))
}

/// Waits until somebody knocks.
pub(crate) fn knock(door: &TcpListener) -> Result<(), String> {
    door.accept().map(|_| ()).map_err(|error| alloc::format!("{error}"))
}

fn accept(listener: &TcpListener, name: &'static str, serve: fn(TcpStream) -> Result<(), Error>) {
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                let spawned = thread::Builder::new().name(name).spawn(move || serve(stream));
                if let Err(error) = spawned {
                    log::warn!("{name}: {error}");
                }
            }
            Err(error) => log::warn!("{name}: {error}"),
        }
    }
}

fn echo(stream: TcpStream) -> Result<(), Error> {
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            len => stream.write_all(&buffer[..len])?,
        }
    }
}

fn discard(stream: TcpStream) -> Result<(), Error> {
    let mut buffer = [0; 16 * 1024];
    while stream.read(&mut buffer)? > 0 {}
    Ok(())
}

/// Sends 0, 1, 2 .. 250, 0, .. : a period that no power of two divides, so that a lost or doubled piece shows.
fn source(stream: TcpStream) -> Result<(), Error> {
    const PERIOD: usize = 251;
    let mut bytes = [0; PERIOD * 32];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = (index % PERIOD) as u8;
    }
    loop {
        stream.write_all(&bytes)?;
    }
}
