//! Ctrl-C as a request, not a signal: a signal would end `make`, too, with an error, whatever we made of it.
//! For `make run` and `make demo`; tests have no terminal.

use std::io::{self, IsTerminal, Read};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use nix::sys::signal::{SigSet, Signal};
use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};
use nix::unistd::{getpgrp, tcgetpgrp};

/// A terminal that hands on Ctrl-C as a byte. Dropping it makes the terminal what it was.
#[derive(Debug)]
pub struct QuietTerminal(Termios);

const CTRL_C: u8 = 0x03;
const CTRL_BACKSLASH: u8 = 0x1c;

/// A channel that gets one message for each request to end: Ctrl-C, SIGINT, SIGTERM or SIGHUP. The terminal, if there is
/// one, is changed for as long as the second value lives.
///
/// To be called before any other thread is started: they must inherit the blocked signals.
pub fn stop_requests() -> io::Result<(Receiver<()>, Option<QuietTerminal>)> {
    let (request, requests) = mpsc::channel();
    let mut signals = SigSet::empty();
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        signals.add(signal);
    }
    signals.thread_block()?;
    let by_signal = request.clone();
    thread::spawn(move || while signals.wait().is_ok() && by_signal.send(()).is_ok() {});

    let terminal = QuietTerminal::take()?;
    if terminal.is_some() {
        thread::spawn(move || {
            let keys = io::stdin().lock().bytes().map_while(Result::ok);
            for _ in keys.filter(|key| matches!(*key, CTRL_C | CTRL_BACKSLASH)) {
                if request.send(()).is_err() {
                    break;
                }
            }
        });
    }
    Ok((requests, terminal))
}

impl QuietTerminal {
    /// Takes over the terminal on standard input, if there is one and it is ours: a background job must not touch it.
    fn take() -> io::Result<Option<Self>> {
        let stdin = io::stdin();
        if !stdin.is_terminal() || tcgetpgrp(&stdin)? != getpgrp() {
            return Ok(None);
        }
        let before = tcgetattr(&stdin)?;
        let mut quiet = before.clone();
        quiet.local_flags &= !(LocalFlags::ISIG | LocalFlags::ICANON | LocalFlags::ECHO);
        tcsetattr(&stdin, SetArg::TCSANOW, &quiet)?;
        Ok(Some(Self(before)))
    }
}

impl Drop for QuietTerminal {
    fn drop(&mut self) {
        // A terminal that has gone needs no mending.
        let _ = tcsetattr(io::stdin(), SetArg::TCSANOW, &self.0);
    }
}
