//! An NTP server that says what a test wants to be said: a time that is off by so much, a refusal, or nothing. For the truth
//! there is [`crate::chrony`].

use std::io;
use std::net::UdpSocket;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::network::Network;

/// How often the server looks whether it is to end.
const LOOK: Duration = Duration::from_millis(50);
/// Seconds from NTP's epoch to Unix' (RFC 5905, figure 4).
const EPOCH_SECONDS: f64 = 2_208_988_800.0;

/// What it does with a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Manner {
    /// Nothing.
    Silent,
    /// Says that it wants no more of them (RFC 5905, section 7.4).
    Deny,
    /// Says the host's time and so many seconds more.
    Tell(f64),
}

/// The server, at NTP's port. Dropping it ends it. Needs taps, and so root.
#[derive(Debug)]
pub struct NtpServer {
    manner: Arc<Mutex<Manner>>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl NtpServer {
    /// Starts one beside `network`.
    pub fn start(network: &Network, manner: Manner) -> io::Result<Self> {
        let socket = network.run(|| UdpSocket::bind((network.server_ip(), 123)))?;
        socket.set_read_timeout(Some(LOOK))?;
        let (manner, ends) = (Arc::new(Mutex::new(manner)), Arc::new(AtomicBool::new(false)));
        let (how, end) = (Arc::clone(&manner), Arc::clone(&ends));
        let thread = thread::spawn(move || {
            let mut request = [0; 128];
            while !end.load(Relaxed) {
                let Ok((_, from)) = socket.recv_from(&mut request) else { continue };
                let manner = *how.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(answer) = answer(&request, manner) {
                    // A guest that is gone by now needs none.
                    let _ = socket.send_to(&answer, from);
                }
            }
        });
        Ok(Self { manner, ends, thread: Some(thread) })
    }

    /// From now on it behaves so.
    pub fn behave(&self, manner: Manner) {
        *self.manner.lock().unwrap_or_else(PoisonError::into_inner) = manner;
    }
}

impl Drop for NtpServer {
    fn drop(&mut self) {
        self.ends.store(true, Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// The answer to a request (RFC 5905, figure 8).
fn answer(request: &[u8; 128], manner: Manner) -> Option<[u8; 48]> {
    let mut answer = [0; 48];
    // Version 4, a server.
    answer[0] = 4 << 3 | 4;
    // Whose answer it is: what the request had for its time.
    answer[24..32].copy_from_slice(&request[40..48]);
    match manner {
        Manner::Silent => return None,
        Manner::Deny => answer[12..16].copy_from_slice(b"DENY"),
        Manner::Tell(more) => {
            answer[1] = 2;
            let unix = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs_f64();
            let now = ((unix + EPOCH_SECONDS + more) * 2_f64.powi(32)) as u64;
            answer[32..40].copy_from_slice(&now.to_be_bytes());
            answer[40..].copy_from_slice(&now.to_be_bytes());
        }
    }
    Some(answer)
}
