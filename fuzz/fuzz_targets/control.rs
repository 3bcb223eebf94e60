//! What a target holds: one connection to the control port. An input is one byte, which says where what is sent is cut in
//! two, and then what is sent.
//!
//! There is one reply of one of three sorts, wherever the cut is; after an error everything is as it was.
#![no_main]

use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr};

use exporter::control::{LevelsRefused, LogLevels, MAX_COMMAND, Session};
use fuzz::Fuzzed;
use libfuzzer_sys::fuzz_target;
use ukstore::{Writer, sources};

/// A machine that takes every text without a `!` as levels.
struct Levels(RefCell<String>);

impl LogLevels for Levels {
    fn knows(&self, source: &str) -> bool {
        !source.is_empty()
    }

    fn default_level(&self) -> &'static str {
        "info"
    }

    fn level(&self, _: &str) -> &'static str {
        "debug"
    }

    fn each_set(&self, tell: &mut dyn FnMut(&str)) {
        tell("web");
    }

    fn each(&self, tell: &mut dyn FnMut(&str)) {
        ["app", "net", "web"].into_iter().for_each(tell);
    }

    fn adjust<'w>(&self, words: &'w str, _: Writer) -> Result<(), LevelsRefused<'w>> {
        if words.contains('!') {
            return Err(LevelsRefused::UnknownSource(words));
        }
        words.clone_into(&mut self.0.borrow_mut());
        Ok(())
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((&cut, sent)) = input.split_first() else { return };
    // The tree is there.
    let _ = Fuzzed::new(0);
    // What is sent at once is one command; behind a line end it depends on the cut whether more of it is seen.
    let sent = sent.get(..MAX_COMMAND - 1).unwrap_or(sent);
    let end = sent.iter().position(|&byte| byte == b'\n').map_or(sent.len(), |at| at + 1);
    let (whole, set, off) = talk(sent, sent.len());
    assert!(whole.is_empty() == sent.is_empty() && !whole.ends_with('\n'), "{whole:?}");
    assert!(
        whole.is_empty() || whole == "ok" || whole.starts_with("ok: ") || whole.starts_with("error: "),
        "{whole:?}"
    );
    assert!(whole == "ok" || (set.is_empty() && off == 0), "{whole:?}, and yet something was done");
    let cut = usize::from(cut) % (end + 1);
    if cut < end {
        let command = &sent[..end];
        assert_eq!(talk(command, cut), talk(command, end), "cut at {cut}");
    }
});

/// The reply to what is sent in two pieces, with which levels were set and how many sources are off then.
fn talk(sent: &[u8], cut: usize) -> (String, String, usize) {
    sources().for_each(|source| source.switch(true, Writer::Program));
    let levels = Levels(RefCell::default());
    let mut session = Session::new();
    session.open(0, IpAddr::V4(Ipv4Addr::LOCALHOST));
    let (first, rest) = sent.split_at(cut);
    for piece in [first, rest] {
        let _ = session.receive(0, piece, &levels);
    }
    session.receive_end(&levels);
    let (mut heard, mut space) = (Vec::new(), [0; 100]);
    while session.wants_to_write() {
        let count = session.transmit(&mut space);
        heard.extend_from_slice(&space[..count]);
    }
    let off = sources().filter(|source| !source.is_on()).count();
    (String::from_utf8(heard).expect("a reply is text"), levels.0.take(), off)
}
