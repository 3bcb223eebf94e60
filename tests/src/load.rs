//! Counted load: so many requests, each checked, neither more nor less.

use std::io;
use std::thread;

use crate::http;
use crate::network::{Network, Side};
use crate::wait::PATIENCE;

/// How a client treats its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// One connection for all requests of a client.
    KeepAlive,
    /// A new one for each request, closed by the server.
    Short,
}

/// Requests `path` `count` times in all, from `clients` at once. `Ok` says that exactly `count` requests were sent and each
/// was answered with 200; otherwise a client says which one was not.
pub fn requests(
    network: &Network,
    (side, port): (Side, u16),
    path: &str,
    count: u32,
    clients: u32,
    style: Style,
) -> Result<(), String> {
    let results: Vec<Result<(), String>> = thread::scope(|scope| {
        let client = |index| {
            let share = count / clients + u32::from(index < count % clients);
            scope.spawn(move || {
                // Inside the network once, rather than for each connection.
                network.run(|| requests_of_one(network, (side, port), path, share, style))
            })
        };
        let handles: Vec<_> = (0..clients).map(client).collect();
        handles.into_iter().map(|handle| handle.join().expect("a client reports its errors")).collect()
    });
    results.into_iter().collect()
}

fn requests_of_one(
    network: &Network,
    (side, port): (Side, u16),
    path: &str,
    count: u32,
    style: Style,
) -> Result<(), String> {
    let connect = || -> io::Result<http::Connection> {
        let stream = std::net::TcpStream::connect_timeout(&network.address(side, port).into(), PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        http::Connection::new(stream)
    };
    let close = if style == Style::Short { "Connection: close\r\n" } else { "" };
    let request = format!("GET {path} HTTP/1.1\r\nHost: guest\r\n{close}\r\n");
    let mut kept = None;
    for index in 0..count {
        let answer = (|| {
            let mut connection = match kept.take() {
                Some(connection) => connection,
                None => connect()?,
            };
            connection.send(request.as_bytes())?;
            let response = connection.receive(false)?;
            match style {
                Style::KeepAlive => kept = (!response.closes()).then_some(connection),
                Style::Short => connection.closed_by_server()?,
            }
            Ok::<_, io::Error>(response.status)
        })();
        match answer {
            Ok(200) => {}
            Ok(status) => return Err(format!("request {index} of {count} was answered with {status}")),
            Err(error) => return Err(format!("request {index} of {count}: {error}")),
        }
    }
    Ok(())
}
