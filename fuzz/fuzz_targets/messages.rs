//! What a log server is told of a line. An input is a number, which says in what format and how severe, and then words,
//! with the byte FF between them: the program's name, the thread's, the source's, a tag's value, and the line itself.
//!
//! Whatever the words are, there is one message, and a reader that takes nothing that the RFC does not allow finds them in
//! it again.
#![no_main]

use exporter::push::syslog::{Format, Framing, LogLines};
use exporter::push::{Datagrams, Flow, Origin, Sink, Stream, Unacknowledged};
use exporter::{Level, LogRecord, Site};
use libfuzzer_sys::fuzz_target;

struct Machine<'a> {
    program: &'a str,
    tags: [(&'a str, &'a str); 1],
    line: LogRecord<'a>,
}

impl Site for Machine<'_> {
    fn node(&self) -> &str {
        "vm-1"
    }

    fn program(&self) -> &str {
        self.program
    }

    fn origin(&self) -> Origin<'_> {
        let (program, tags) = (self.program, &self.tags);
        Origin { name: "vm-1", job: "periscope", tags, program, version: "1.0", boot_id: "b" }
    }

    fn now_ns(&self) -> u64 {
        0
    }

    fn unix_ns(&self) -> Option<u64> {
        self.line.unix_ns
    }

    fn log_newest(&self) -> Option<u64> {
        Some(1)
    }

    fn log_next(&self, from: u64, _: Level, show: &mut dyn FnMut(&LogRecord<'_>)) -> Option<u64> {
        (from <= 1).then(|| {
            show(&self.line);
            1
        })
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((&number, words)) = input.split_first() else { return };
    let mut words = words.split(|&byte| byte == 0xff).map(std::str::from_utf8);
    let mut word = || words.next()?.ok();
    let (Some(program), Some(thread), Some(source), Some(tag), Some(message)) =
        (word(), word(), word(), word(), word())
    else {
        return;
    };
    let (level, _) = LEVELS[usize::from(number >> 4) % LEVELS.len()];
    let unix_ns = (number & 1 != 0).then_some(1_790_000_000_000_000_000);
    let line =
        LogRecord { seq: 1, since_boot_ns: 1_500, unix_ns, level, source, thread, message, truncated: number & 2 != 0 };
    let machine = Machine { program, tags: [("tag", tag)], line };
    let format = if number & 4 != 0 { Format::Rfc5424 } else { Format::Rfc3164 };
    let Some(text) = (if number & 8 != 0 { datagram(&machine, format) } else { framed(&machine, format) }) else {
        assert!(input.len() > 150, "nothing was made of a short line");
        return;
    };
    assert!(!text.chars().any(char::is_control), "it can be taken for two");
    match format {
        Format::Rfc5424 => check_5424(&text, &machine),
        _ => check_3164(&text, &machine),
    }
});

/// Levels, and their priorities.
const LEVELS: [(Level, u8); 6] = [
    (Level::App, 14),
    (Level::Error, 27),
    (Level::Warning, 28),
    (Level::Info, 30),
    (Level::Debug, 31),
    (Level::Trace, 31),
];

fn datagram(machine: &Machine<'_>, format: Format) -> Option<String> {
    let lines = LogLines::new(format, Framing::Datagrams);
    let mut sink = Sink::new("fuzz", lines, Unacknowledged, 20_000, 1);
    while sink.tick(0, machine) {}
    sink.wants_to_send(0).then(|| {
        let mut room = [0; 1_400];
        let len = sink.datagram(&mut room);
        String::from_utf8(room[..len].to_vec()).expect("whole characters")
    })
}

fn framed(machine: &Machine<'_>, format: Format) -> Option<String> {
    let mut sink = Sink::new("fuzz", LogLines::new(format, Framing::OctetCounting), Flow::new(), 20_000, 1);
    while sink.tick(0, machine) {}
    sink.opening(0);
    sink.opened(0);
    sink.wants_to_write(0).then(|| {
        let mut room = [0; 8_200];
        let len = sink.transmit(0, &mut room, machine);
        let text = std::str::from_utf8(&room[..len]).expect("whole characters");
        let (length, text) = text.split_once(' ').expect("a length");
        assert_eq!(length, text.len().to_string());
        text.to_owned()
    })
}

/// RFC 5424, section 6.
fn check_5424(text: &str, machine: &Machine<'_>) {
    let line = &machine.line;
    let (header, rest) = text.split_once(" [uk@32473 ").expect("structured data");
    let fields: Vec<&str> = header.split(' ').collect();
    let [version, time, host, program, thread, source] = fields[..] else { panic!("{} fields", fields.len()) };
    assert_eq!(version, format!("<{}>1", priority(line.level)));
    assert_eq!(time, line.unix_ns.map_or("-", |_| "2026-09-21T14:13:20.000000Z"));
    assert_eq!(host, "vm-1");
    for (field, of, most) in [(program, machine.program, 48), (thread, line.thread, 128), (source, line.source, 32)] {
        let printable = |character: char| if character.is_ascii_graphic() { character } else { '_' };
        let expected: String = of.chars().take(most).map(printable).collect();
        assert_eq!(field, if expected.is_empty() { "-" } else { &expected });
    }
    let (params, message) = params(rest);
    let is_cut = check_text(message, line.message) || line.truncated;
    let (thread, source, tag) = (escaped(line.thread), escaped(line.source), escaped(machine.tags[0].1));
    let mut expected = vec![("boot", "b"), ("seq", "1"), ("job", "periscope"), ("tag", &tag), ("thread", &thread)];
    expected.push(("source", &source));
    if is_cut {
        expected.push(("truncated", "1"));
    }
    assert!(params.iter().map(|(name, value)| (*name, value.as_str())).eq(expected), "{params:?}");
}

/// Takes the parameters of structured data apart, section 6.3.3; and what is behind them.
fn params(mut rest: &str) -> (Vec<(&str, String)>, &str) {
    let mut params = Vec::new();
    loop {
        let (name, behind) = rest.split_once("=\"").expect("a parameter");
        assert!(name.bytes().all(|byte| byte.is_ascii_graphic() && !b"=]\"".contains(&byte)), "{name:?}");
        let mut value = String::new();
        let mut chars = behind.chars();
        loop {
            match chars.next().expect("a value's end") {
                '"' => break,
                '\\' => {
                    let next = chars.next().expect("what is escaped");
                    assert!("\"\\]".contains(next), "{next:?} needs no escape");
                    value.push(next);
                }
                ']' => panic!("an end in a value"),
                character => value.push(character),
            }
        }
        params.push((name, value));
        rest = chars.as_str();
        if let Some(message) = rest.strip_prefix("] ") {
            return (params, message);
        }
        rest = rest.strip_prefix(' ').expect("another parameter");
    }
}

/// RFC 3164, section 4.1.
fn check_3164(text: &str, machine: &Machine<'_>) {
    let line = &machine.line;
    assert!(text.len() <= 1_024);
    let rest = text.strip_prefix(&format!("<{}>", priority(line.level))).expect("a priority");
    let rest = match line.unix_ns {
        Some(_) => rest.strip_prefix("Sep 21 14:13:20 ").expect("a time"),
        None => rest,
    };
    let (tag, message) = rest.strip_prefix("vm-1 ").and_then(|rest| rest.split_once(": ")).expect("a tag");
    let (program, thread) = tag.split_once('[').unwrap_or((tag, ""));
    assert!(program.len() <= 32);
    assert_eq!(thread.is_empty(), line.thread.is_empty());
    let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    assert!(is_word(program) && is_word(thread.trim_end_matches(']')), "{tag:?}");
    check_text(message, line.message);
}

/// Whether the text is cut, after seeing to it that it is the line's.
fn check_text(text: &str, line: &str) -> bool {
    let whole = escaped(line);
    if text == whole {
        return false;
    }
    assert!(whole.starts_with(text.strip_suffix('…').expect("marked as cut")));
    true
}

fn priority(level: Level) -> u8 {
    LEVELS.iter().find(|(other, _)| *other == level).map_or(0, |(_, priority)| *priority)
}

/// Control characters as they are written.
fn escaped(text: &str) -> String {
    let mut whole = String::new();
    for character in text.chars() {
        if character.is_control() { whole.extend(character.escape_default()) } else { whole.push(character) }
    }
    whole
}
