//! What Alertmanager is told to call in the place of Alerta and ntfy: each alert they would hear of becomes a line on the
//! terminal.
//!
//! A receiver for one sender on loopback, with as much HTTP as that one speaks.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// The paths that stand for the two.
pub(crate) const ALERTA: &str = "/alerta";
pub(crate) const NTFY: &str = "/ntfy";
/// Longer than any message of three guests' alerts.
const MAX_BYTES: usize = 1 << 20;

/// Listens from now on, until this process ends, and returns where.
pub(crate) fn listen() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            match receive(stream) {
                Ok((path, message)) => lines(&path, &message).iter().for_each(|line| println!("{line}")),
                Err(error) => eprintln!("  a message of Alertmanager's could not be read: {error}"),
            }
        }
    });
    Ok(address)
}

/// Reads one message and the path it is for, and answers that it has come.
fn receive(stream: TcpStream) -> io::Result<(String, Value)> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut stream = BufReader::new(stream);
    let path = line(&mut stream)?.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut length = 0;
    loop {
        let field = line(&mut stream)?;
        if field.is_empty() {
            break;
        }
        if let Some((name, value)) = field.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
    }
    if length > MAX_BYTES {
        return Err(io::Error::other(format!("{length} bytes")));
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
    Ok((path, serde_json::from_slice(&body)?))
}

/// A line of a request's head, without its end.
fn line(stream: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    match stream.take(MAX_BYTES as u64).read_line(&mut line)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(line.trim_end().to_owned()),
    }
}

/// A line for each alert of a message (Alertmanager's webhook format, version 4).
fn lines(path: &str, message: &Value) -> Vec<String> {
    let listener = if path.starts_with(ALERTA) { "Alerta" } else { "ntfy" };
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    let line = |alert: &Value| {
        let (labels, summary) = (&alert["labels"], &alert["annotations"]["summary"]);
        format!("  {listener} hears: {} {}: {}", text(&labels["alertname"]), text(&alert["status"]), text(summary))
    };
    message["alerts"].as_array().map(|alerts| alerts.iter().map(line).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{ALERTA, lines, listen};
    use std::io::{Read, Write};
    use std::net::TcpStream;

    #[test]
    fn an_alert_is_a_line() {
        let message = serde_json::json!({"version": "4", "alerts": [
            {"status": "firing", "labels": {"alertname": "GuestGone"}, "annotations": {"summary": "Guest a is gone"}},
            {"status": "resolved", "labels": {"alertname": "GuestGone"}, "annotations": {}},
        ]});
        let expected = ["  Alerta hears: GuestGone firing: Guest a is gone", "  Alerta hears: GuestGone resolved: ?"];
        assert_eq!(lines(ALERTA, &message), expected);
        assert_eq!(lines("/ntfy?priority=urgent", &message)[1], "  ntfy hears: GuestGone resolved: ?");
        assert_eq!(lines(ALERTA, &serde_json::json!({"alerts": 1})), Vec::<String>::new());
    }

    #[test]
    fn a_message_is_answered() {
        let mut stream = TcpStream::connect(listen().unwrap()).unwrap();
        let body = r#"{"alerts": []}"#;
        let head = format!("POST / HTTP/1.1\r\nHost: demo\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all((head + body).as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
}
