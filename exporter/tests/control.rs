//! The control port's dialogues: what the model's clients say, what they hear, and what has changed then.
#![forbid(unsafe_code)]

use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

use exporter::control::{LevelsRefused, LogLevels, MAX_COMMAND, Session};
use exporter::http::Closing;
use proptest::prelude::*;
use ukstore::{LastWrite, Value, Writer, read, source, sources};

ukstore::counters! {
    /// By device.
    static FRAMES = "/disk/frames_total", "disk_frames_total", device = ["a", "b"];
    /// By device, of another source.
    static PACKETS = "/wire/packets_total", "wire_packets_total", device = ["a", "b"];
}
ukstore::gauge! {
    /// Of no device.
    static HELD = "/memory/held", "memory_held";
}

const SECOND: u64 = 1_000_000_000;
const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 1, 7));

/// Levels of three sources, in a grammar that the kernel's is the test of: `SOURCE:LEVEL` or `LEVEL`, one item.
struct Levels {
    default: RefCell<&'static str>,
    /// Of `app`, `net` and `web`.
    set: RefCell<[Option<&'static str>; 3]>,
    by: RefCell<Option<Writer>>,
    /// How many there are besides, with long names.
    others: usize,
}

const SOURCES: [&str; 3] = ["app", "net", "web"];
const LEVELS: [&str; 6] = ["quiet", "app", "error", "warning", "info", "debug"];

impl Levels {
    fn new() -> Self {
        Self { default: RefCell::new("info"), set: RefCell::new([None; 3]), by: RefCell::new(None), others: 0 }
    }
}

impl LogLevels for Levels {
    fn knows(&self, source: &str) -> bool {
        SOURCES.contains(&source)
    }

    fn default_level(&self) -> &'static str {
        *self.default.borrow()
    }

    fn level(&self, source: &str) -> &'static str {
        let at = SOURCES.iter().position(|known| *known == source);
        at.and_then(|at| self.set.borrow()[at]).unwrap_or(self.default_level())
    }

    fn each_set(&self, tell: &mut dyn FnMut(&str)) {
        let set = *self.set.borrow();
        SOURCES.iter().zip(set).filter(|(_, level)| level.is_some()).for_each(|(source, _)| tell(source));
    }

    fn each(&self, tell: &mut dyn FnMut(&str)) {
        SOURCES.iter().for_each(|source| tell(source));
        (0..self.others).for_each(|other| tell(&format!("{other:0>45}")));
    }

    fn adjust<'w>(&self, words: &'w str, by: Writer) -> Result<(), LevelsRefused<'w>> {
        let (source, level) = words.rsplit_once(':').unwrap_or(("*", words));
        let level = LEVELS.iter().find(|known| **known == level).ok_or(LevelsRefused::Because("unknown level"))?;
        match SOURCES.iter().position(|known| *known == source) {
            Some(at) => self.set.borrow_mut()[at] = Some(level),
            None if source == "*" => {
                *self.default.borrow_mut() = level;
                *self.set.borrow_mut() = [None; 3];
            }
            None => return Err(LevelsRefused::UnknownSource(source)),
        }
        *self.by.borrow_mut() = Some(by);
        Ok(())
    }
}

static ALONE: Mutex<()> = Mutex::new(());

/// One test at a time, all sources on.
fn alone() -> MutexGuard<'static, ()> {
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    sources().for_each(|source| source.switch(true, Writer::Boot));
    alone
}

/// The names of the sources that are off.
fn off() -> Vec<&'static str> {
    sources().filter(|source| !source.is_on()).map(|source| source.name()).collect()
}

/// What a client hears that sends this and waits.
fn say(levels: &Levels, sent: &[u8]) -> String {
    let mut session = Session::new();
    session.open(SECOND, PEER);
    assert_eq!(session.receive(SECOND, sent, levels), sent.len().min(MAX_COMMAND));
    if let Some(deadline_ns) = session.deadline_ns().filter(|_| session.wants_to_read()) {
        session.tick(deadline_ns, levels);
    }
    hear(&mut session)
}

/// The rest of the reply, in small pieces.
fn hear(session: &mut Session) -> String {
    let mut heard = Vec::new();
    let mut space = [0; 7];
    while session.wants_to_write() {
        let count = session.transmit(&mut space);
        heard.extend_from_slice(&space[..count]);
    }
    assert_eq!(session.closing(), Closing::Finish);
    String::from_utf8(heard).expect("replies are text")
}

fn count(path: &str) -> u64 {
    match read(path) {
        Ok(Value::U64(count)) => count,
        other => panic!("{path}: {other:?}"),
    }
}

fn errors(reason: &str) -> u64 {
    count(&format!("/management/control/errors_total/{reason}"))
}

#[test]
fn levels() {
    let _alone = alone();
    let levels = Levels::new();
    for (command, reply) in [
        ("l", "ok: *:info"),
        ("l*", "ok: *:info,app:info,net:info,web:info"),
        ("Lweb:debug", "ok"),
        ("l", "ok: *:info,web:debug"),
        ("lweb,net", "ok: web:debug,net:info"),
        ("lweb,bew", "error: unknown source: bew"),
        ("l,web", "error: unknown source: "),
        ("Lbew:debug", "error: unknown source: bew"),
        ("Lloud", "error: unknown level"),
        ("L", "error: unknown level"),
        ("l", "ok: *:info,web:debug"),
        ("L*:warning", "ok"),
        ("l", "ok: *:warning"),
        ("Lquiet", "ok"),
        ("l*", "ok: *:quiet,app:quiet,net:quiet,web:quiet"),
    ] {
        assert_eq!(say(&levels, command.as_bytes()), reply, "{command}");
    }
    assert_eq!(*levels.by.borrow(), Some(Writer::Network(PEER)));
}

#[test]
fn metric_sources() {
    let _alone = alone();
    let levels = Levels::new();
    let (_, _, _) = (&FRAMES, &PACKETS, &HELD);
    for (command, reply) in [
        ("m", "ok: *:enabled"),
        ("Mmemory:disable", "ok"),
        ("m", "ok: *:enabled,memory:disabled"),
        ("MDISABLE,memory:Enable", "ok"),
        ("m", "ok: *:disabled,memory:enabled"),
        ("Mon,tag:device:off,src:wire:on", "ok"),
        ("m", "ok: *:enabled,disk:disabled"),
        ("mtag:device", "ok: disk:disabled,wire:enabled"),
        ("mdisk,src:memory", "ok: disk:disabled,memory:enabled"),
        ("Mmemory:off", "ok"),
        ("Mtag:device:off", "ok"),
        ("m", "ok: *:enabled,disk:disabled,memory:disabled,wire:disabled"),
        ("M*:on", "ok"),
        ("Mdisable,nobody:on", "error: unknown source: nobody"),
        ("Mdisable,tag:nothing:on", "error: unknown tag: nothing"),
        ("Mdisable,memory:perhaps", "error: neither enable (on) nor disable (off): perhaps"),
        ("M", "error: an item is empty (VALUE, SOURCE:VALUE or tag:TAG:VALUE)"),
        ("m", "ok: *:enabled"),
        ("mnobody", "error: unknown source: nobody"),
        ("mtag:nothing", "error: unknown tag: nothing"),
    ] {
        assert_eq!(say(&levels, command.as_bytes()), reply, "{command}");
    }
    let all = say(&levels, b"m*");
    assert!(all.starts_with("ok: *:enabled,disk:enabled,") && all.ends_with(",wire:enabled"), "{all}");
    assert_eq!(all.matches(":enabled").count(), sources().count() + 1);
    let last = source("memory").and_then(|source| source.last_write());
    assert!(matches!(last, Some(LastWrite { by: Writer::Network(PEER), .. })), "{last:?}");
}

#[test]
fn a_line_end_is_no_part_of_a_command_and_a_second_command_is_none() {
    let _alone = alone();
    let levels = Levels::new();
    for command in ["m\n", "m\r\n", "m\n\n", "m\r\n \n", "m "] {
        assert_eq!(say(&levels, command.as_bytes()), "ok: *:enabled", "{command:?}");
    }
    let before = errors("several");
    assert_eq!(say(&levels, b"Moff\nm\n"), "error: one command a connection, and nothing was done");
    assert_eq!((off(), errors("several") - before), (vec![], 1));
}

#[test]
fn what_is_no_command() {
    let _alone = alone();
    let levels = Levels::new();
    for (command, reply, reason) in [
        (&b"x"[..], "error: unknown command", "command"),
        (b"\n", "error: unknown command", "command"),
        (b" m", "error: unknown command", "command"),
        (b"GET / HTTP/1.1\r\n\r\n", "error: unknown command", "command"),
        (b"m\xff", "error: not UTF-8 text", "text"),
        (b"Mnobody:on", "error: unknown source: nobody", "source"),
        (b"Mmemory:x", "error: neither enable (on) nor disable (off): x", "value"),
    ] {
        let before = errors(reason);
        assert_eq!(say(&levels, command), reply);
        assert_eq!(errors(reason) - before, 1, "{reply}");
    }
}

#[test]
fn commands_are_counted_by_what_they_do() {
    let _alone = alone();
    let levels = Levels::new();
    for (command, kind) in
        [("Lwarning", "set_levels"), ("Mon", "set_sources"), ("l", "list_levels"), ("mx", "list_sources")]
    {
        let path = format!("/management/control/commands_total/{kind}");
        let before = count(&path);
        let _ = say(&levels, command.as_bytes());
        assert_eq!(count(&path) - before, 1, "{command}");
    }
}

#[test]
fn a_command_that_never_ends_is_too_long() {
    let _alone = alone();
    let levels = Levels::new();
    let before = errors("length");
    assert_eq!(say(&levels, &[b'M'; MAX_COMMAND + 10]), "error: longer than 4096 bytes");
    assert_eq!(errors("length") - before, 1);
    // One that fits, with a name too long to repeat.
    let name = format!("M{}:on\n", "x".repeat(MAX_COMMAND - 5));
    assert_eq!(say(&levels, name.as_bytes()), "error: what is wrong with it is too long to repeat");
    assert_eq!(errors("length") - before, 1);
}

#[test]
fn a_list_that_is_too_long_is_an_error() {
    let _alone = alone();
    let levels = Levels::new();
    let before = errors("reply");
    let many = |others| Levels { others, ..Levels::new() };
    assert_eq!(say(&many(80), b"l*"), "error: the list is longer than 4096 bytes: name some sources");
    assert_eq!(errors("reply") - before, 1);
    assert_eq!(say(&many(79), b"l*").len(), "ok: *:info".len() + 3 * ",app:info".len() + 79 * (45 + ",:info".len()));
    assert!(say(&levels, format!("l{}", ["web"; 64].join(",")).as_bytes()).starts_with("ok: web:info,web:info"));
    assert_eq!(say(&levels, format!("l{}", ["web"; 65].join(",")).as_bytes()), "error: more than 64 names");
    assert_eq!(say(&levels, format!("m{}", ["disk"; 65].join(",")).as_bytes()), "error: more than 64 names");
    assert_eq!(say(&levels, format!("M{}", ["on"; 65].join(",")).as_bytes()), "error: more than 64 items");
}

#[test]
fn a_command_is_complete_at_its_end_of_any_sort() {
    let _alone = alone();
    let levels = Levels::new();
    let mut session = Session::new();
    // At the client's end.
    session.open(0, PEER);
    assert_eq!(session.receive(0, b"m", &levels), 1);
    assert!(session.wants_to_read() && !session.wants_to_write());
    session.receive_end(&levels);
    assert_eq!(hear(&mut session), "ok: *:enabled");
    // When nothing has followed for a tenth of a second, and not before.
    session.open(0, PEER);
    assert_eq!(session.deadline_ns(), Some(5 * SECOND));
    let mut now = 0;
    for piece in ["M", "on", ",mem", "ory:off"] {
        now += SECOND / 11;
        session.tick(now, &levels);
        assert_eq!(session.receive(now, piece.as_bytes(), &levels), piece.len());
        assert!(session.wants_to_read(), "{piece}");
        assert_eq!(session.deadline_ns(), Some(now + SECOND / 10));
    }
    session.tick(now + SECOND / 10 - 1, &levels);
    assert!(session.wants_to_read());
    session.tick(now + SECOND / 10, &levels);
    assert_eq!((hear(&mut session).as_str(), off()), ("ok", vec!["memory"]));
    // What comes then is thrown away, and counted once.
    let before = errors("several");
    assert!(session.wants_to_read());
    assert_eq!((session.receive(4 * SECOND, b"\r\n", &levels), errors("several") - before), (2, 0));
    assert_eq!((session.receive(4 * SECOND, b"M*:off\n", &levels), off()), (7, vec!["memory"]));
    assert_eq!((session.receive(4 * SECOND, b"m\n", &levels), errors("several") - before), (2, 1));
    session.receive_end(&levels);
    assert!(!session.wants_to_read() && session.deadline_ns().is_none());
    assert_eq!(session.closing(), Closing::Finish);
}

/// The kernel takes what has come before it looks at the time.
#[test]
fn a_rest_that_was_taken_late_belongs_to_its_command() {
    let _alone = alone();
    let levels = Levels::new();
    let mut session = Session::new();
    session.open(0, PEER);
    assert_eq!(session.receive(0, b"M*:off,mem", &levels), 10);
    assert_eq!(session.receive(SECOND, b"ory:on", &levels), 6);
    session.tick(SECOND, &levels);
    assert_eq!((session.wants_to_read(), off()), (true, vec![]));
    assert_eq!(session.receive(SECOND, b"\n", &levels), 1);
    assert_eq!(hear(&mut session), "ok");
    assert!(!off().contains(&"memory") && off().contains(&"disk"));
}

#[test]
fn a_client_that_takes_too_long_is_reset_and_counted() {
    let _alone = alone();
    let levels = Levels::new();
    let before = errors("slow");
    let mut session = Session::new();
    session.open(0, PEER);
    for tenth in 0..99 {
        let now = tenth * SECOND / 20;
        session.tick(now, &levels);
        assert_eq!(session.receive(now, b"M", &levels), 1, "{tenth}");
    }
    assert_eq!(session.closing(), Closing::Open);
    session.tick(5 * SECOND, &levels);
    assert_eq!((session.closing(), errors("slow") - before), (Closing::Reset, 1));
    // One that does not fetch the reply.
    session.open(0, PEER);
    let _ = session.receive(0, b"m\n", &levels);
    session.tick(5 * SECOND, &levels);
    assert_eq!((session.closing(), errors("slow") - before), (Closing::Reset, 2));
    // One that has it, and does not let go.
    session.open(0, PEER);
    let _ = session.receive(0, b"m\n", &levels);
    let _ = hear(&mut session);
    session.tick(5 * SECOND, &levels);
    assert_eq!((session.closing(), session.wants_to_read(), errors("slow") - before), (Closing::Finish, false, 2));
    // One that says nothing and leaves did nothing wrong.
    session.open(0, PEER);
    session.receive_end(&levels);
    assert_eq!((session.closing(), session.wants_to_read(), errors("slow") - before), (Closing::Finish, false, 2));
}

proptest! {
    /// Wherever a command is cut, it is one command.
    #[test]
    fn every_cut_means_the_same(
        command in "[LMlm](\\*|on|off|info|memory:off|tag:device:on|web:debug|,|:|x){0,6}", cut in 0..60_usize,
    ) {
        let _alone = alone();
        let levels = Levels::new();
        let whole = say(&levels, command.as_bytes());
        let state = (off(), *levels.set.borrow(), *levels.default.borrow());
        sources().for_each(|source| source.switch(true, Writer::Boot));
        let levels = Levels::new();
        let mut session = Session::new();
        session.open(0, PEER);
        let (first, rest) = command.split_at(cut.min(command.len()));
        let _ = session.receive(0, first.as_bytes(), &levels);
        let _ = session.receive(1, rest.as_bytes(), &levels);
        session.receive_end(&levels);
        prop_assert_eq!(hear(&mut session), whole);
        prop_assert_eq!((off(), *levels.set.borrow(), *levels.default.borrow()), state);
    }

    /// Whatever comes: one reply of one of three sorts, and after an error everything is as it was.
    #[test]
    fn no_bytes_upset_it(sent in prop_oneof![
        proptest::collection::vec(any::<u8>(), 1..300),
        "[LMlm][a-z:*,\r\n]{0,40}".prop_map(String::into_bytes),
        "M(on|off|memory:on|disk:off|tag:device:off|nobody:on|,|:|\n){0,9}".prop_map(String::into_bytes),
    ]) {
        let _alone = alone();
        let levels = Levels::new();
        let reply = say(&levels, &sent);
        let is_known = reply == "ok" || reply.starts_with("ok: ") || reply.starts_with("error: ");
        prop_assert!(is_known && !reply.ends_with('\n'), "{}", reply);
        if reply != "ok" {
            prop_assert_eq!((off(), levels.by.borrow().is_none()), (vec![], true));
        }
    }
}
