//! What Alertmanager is told to call: each alert it sends becomes a line on the terminal.
//!
//! A receiver for one sender on loopback, with as much HTTP as that one speaks.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// Longer than any message of three guests' alerts.
const MAX_BYTES: usize = 1 << 20;

/// Listens from now on, until this process ends, and returns where.
pub(crate) fn listen() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            match receive(stream) {
                Ok(message) => lines(&message).iter().for_each(|line| println!("{line}")),
                Err(error) => eprintln!("  a message of Alertmanager's could not be read: {error}"),
            }
        }
    });
    Ok(address)
}

/// Reads one message and answers that it has come.
fn receive(stream: TcpStream) -> io::Result<Value> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut stream = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.by_ref().take(MAX_BYTES as u64).read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
            None if line.trim_end().is_empty() => break,
            _ => {}
        }
    }
    if length > MAX_BYTES {
        return Err(io::Error::other(format!("{length} bytes")));
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
    Ok(serde_json::from_slice(&body)?)
}

/// A line for each alert of a message (Alertmanager's webhook format, version 4).
fn lines(message: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    let line = |alert: &Value| {
        let (labels, summary) = (&alert["labels"], &alert["annotations"]["summary"]);
        let who = if labels["vm"].is_string() { &labels["vm"] } else { &labels["instance"] };
        format!("  alert {}: {} {}: {}", text(&alert["status"]), text(&labels["alertname"]), text(who), text(summary))
    };
    message["alerts"].as_array().map(|alerts| alerts.iter().map(line).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{lines, listen};
    use std::io::{Read, Write};
    use std::net::TcpStream;

    #[test]
    fn an_alert_is_a_line() {
        let message = serde_json::json!({"version": "4", "alerts": [
            {"status": "firing", "labels": {"alertname": "GuestGone", "vm": "demo-2"},
                "annotations": {"summary": "It does not answer."}},
            {"status": "resolved", "labels": {"alertname": "GuestGone", "instance": "a:9100"}, "annotations": {}},
        ]});
        let expected =
            ["  alert firing: GuestGone demo-2: It does not answer.", "  alert resolved: GuestGone a:9100: ?"];
        assert_eq!(lines(&message), expected);
        assert_eq!(lines(&serde_json::json!({"alerts": 1})), Vec::<String>::new());
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
