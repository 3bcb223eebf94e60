//! Sockets in the states that the network's metrics tell of, for a test to open and count.
//!
//! Port 81 is listened on and nobody ever accepts. What connects to port 82 is closed at once. A byte on port 80 has the
//! machine connect to the host: `a` to its port 8000, `b` to 8001. UDP's port 7 sends back what comes, and
//! nobody reads what comes to port 8.

use alloc::string::String;
use core::net::{Ipv4Addr, SocketAddrV4};
use periscope::net::{Error, TcpListener, TcpStream, UdpSocket};
use periscope::{println, thread};

use crate::serve;

/// Goes on until the machine ends.
pub(crate) fn hold(host: &str) -> Result<(), String> {
    let host: Ipv4Addr = host.parse().map_err(|_| String::from("the host's address is no address"))?;
    let text = |error: Error| alloc::format!("{error}");
    let _never_accepted = TcpListener::bind(81).map_err(text)?;
    let closing = TcpListener::bind(82).map_err(text)?;
    thread::spawn(move || while closing.accept().is_ok() {});
    let datagrams = UdpSocket::bind(7).map_err(text)?;
    thread::spawn(move || echo(&datagrams));
    let _never_read = UdpSocket::bind(8).map_err(text)?;
    let door = serve::door()?;
    println!("network: ready");
    loop {
        let (knocking, _) = door.accept().map_err(text)?;
        let mut word = [0; 1];
        knocking.read_exact(&mut word).map_err(text)?;
        let port = if word == *b"a" { 8000 } else { 8001 };
        thread::spawn(move || connect(SocketAddrV4::new(host, port), knocking));
    }
}

fn echo(socket: &UdpSocket) {
    let mut buffer = [0; 2048];
    while let Ok((len, peer)) = socket.recv_from(&mut buffer) {
        // One that does not fit into the queue is lost, as datagrams are.
        let _ = socket.send_to(&buffer[..len], peer);
    }
}

/// Both connections live until the peer of the one that asked for the other closes it.
fn connect(peer: SocketAddrV4, knocking: TcpStream) {
    let connected = TcpStream::connect(peer);
    println!("network: connected {}", connected.is_ok());
    let _ = knocking.read(&mut [0; 1]);
}
