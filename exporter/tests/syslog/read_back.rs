//! Another's reader reads back what was written, whatever that was.

use crate::log::{BOOT_ID, Line, Machine, sent, streamed};
use exporter::Level;
use exporter::push::syslog::Format;
use proptest::prelude::*;
use syslog_loose::{Message, ProcId, SyslogFacility, SyslogSeverity, Variant, parse_message_with_year_exact};

fn read(message: &str, variant: Variant) -> Message<&str> {
    parse_message_with_year_exact(message, |_| 2026, variant).unwrap_or_else(|error| panic!("{error}: {message:?}"))
}

fn expected_priority(level: Level) -> (Option<SyslogFacility>, Option<SyslogSeverity>) {
    let (facility, severity) = match level {
        Level::App => (SyslogFacility::LOG_USER, SyslogSeverity::SEV_INFO),
        Level::Error => (SyslogFacility::LOG_DAEMON, SyslogSeverity::SEV_ERR),
        Level::Warning => (SyslogFacility::LOG_DAEMON, SyslogSeverity::SEV_WARNING),
        Level::Info => (SyslogFacility::LOG_DAEMON, SyslogSeverity::SEV_INFO),
        Level::Debug | Level::Trace => (SyslogFacility::LOG_DAEMON, SyslogSeverity::SEV_DEBUG),
    };
    (Some(facility), Some(severity))
}

/// Control characters as they are written.
fn escaped(text: &str) -> String {
    text.chars()
        .map(
            |character| {
                if character.is_control() { character.escape_default().collect() } else { String::from(character) }
            },
        )
        .collect()
}

/// Takes the messages out of a stream that comes in pieces of `piece` bytes, as RFC 6587 says.
fn reassembled(stream: &[u8], piece: usize) -> Vec<String> {
    let (mut messages, mut held) = (Vec::new(), Vec::new());
    for bytes in stream.chunks(piece) {
        held.extend_from_slice(bytes);
        while let Some(space) = held.iter().position(|&byte| byte == b' ') {
            let len: usize = std::str::from_utf8(&held[..space]).expect("text").parse().expect("a length");
            let Some(message) = held.get(space + 1..space + 1 + len) else { break };
            messages.push(String::from_utf8(message.to_vec()).expect("UTF-8"));
            held.drain(..space + 1 + len);
        }
    }
    assert!(held.is_empty(), "the rest of a message never came");
    messages
}

fn level() -> impl Strategy<Value = Level> {
    use Level::{App, Debug, Error, Info, Trace, Warning};
    prop::sample::select(vec![App, Error, Warning, Info, Debug, Trace])
}

prop_compose! {
    /// The reader takes a name of a colon alone for the end of a TAG.
    fn line()(level in level(), source in "[a-z][a-z_:]{0,40}", thread in "t\\PC{0,20}|t[ -~]{0,20}", message in "(?s:.{0,120})") -> Line {
        Line::new(level, &source, &thread, &message)
    }
}

proptest! {
    #[test]
    fn rfc5424(line in line(), clock in any::<bool>()) {
        let machine = Machine::new([line.clone()]);
        if !clock {
            machine.booted_unix_ns.set(None);
        }
        let messages = sent(&machine, Format::Rfc5424);
        prop_assert_eq!(messages.len(), 1);
        prop_assert!(!messages[0].chars().any(char::is_control));
        let (read, expected_text) = (read(&messages[0], Variant::RFC5424), escaped(&line.message));
        prop_assert_eq!((read.facility, read.severity), expected_priority(line.level));
        let expected = clock.then_some("2026-03-01T12:00:01.500+00:00".to_owned());
        prop_assert_eq!(read.timestamp.map(|time| time.to_rfc3339()), expected);
        prop_assert_eq!((read.hostname, read.appname), (Some("uk-1"), Some("web")));
        prop_assert_eq!(read.msgid, Some(&line.source[..line.source.len().min(32)]));
        prop_assert_eq!(read.structured_data.len(), 1);
        prop_assert_eq!(read.structured_data[0].id, "uk@32473");
        let params: Vec<(String, String)> =
            read.structured_data[0].params().map(|(name, value)| ((*name).to_owned(), value)).collect();
        let thread = escaped(&line.thread);
        let expected = [
            ("boot", BOOT_ID), ("seq", "1"), ("job", "periscope"), ("cluster", "021"), ("datacenter", "murika"),
            ("thread", thread.as_str()), ("source", &line.source),
        ];
        let expected: Vec<(String, String)> =
            expected.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        prop_assert_eq!(params, expected);
        // That reader leaves out spaces around the message.
        prop_assert_eq!(read.msg.trim(), expected_text.trim());
    }

    #[test]
    fn rfc3164(mut line in line()) {
        // That reader would look for structured data here too.
        line.message.insert(0, 'm');
        let messages = sent(&Machine::new([line.clone()]), Format::Rfc3164);
        prop_assert!(!messages[0].chars().any(char::is_control));
        let (read, expected) = (read(&messages[0], Variant::RFC3164), escaped(&line.message));
        prop_assert_eq!((read.facility, read.severity), expected_priority(line.level));
        // Which zone it is in the message does not say.
        prop_assert_eq!(read.timestamp.map(|time| time.naive_local().to_string()), Some("2026-03-01 12:00:01".to_owned()));
        prop_assert_eq!((read.hostname, read.appname), (Some("uk-1"), Some("web")));
        let word = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
        let thread: String = line.thread.chars().map(|it| if word(it) { it } else { '_' }).collect();
        prop_assert_eq!(read.procid.unwrap_or(ProcId::Name("")).to_string(), thread);
        prop_assert_eq!(read.msg.trim(), expected.trim());
    }

    /// A stream cut anywhere has the same messages as the datagrams.
    #[test]
    fn octet_counting(lines in prop::collection::vec(line(), 1..6), piece in 1usize..2_000) {
        let machine = Machine::new(lines);
        for format in [Format::Rfc5424, Format::Rfc3164] {
            prop_assert_eq!(reassembled(&streamed(&machine, format), piece), sent(&machine, format));
        }
    }
}

#[test]
fn octet_counting_at_every_cut() {
    let machine = Machine::counting(3);
    let stream = streamed(&machine, Format::Rfc5424);
    for piece in 1..=stream.len() {
        assert_eq!(reassembled(&stream, piece), sent(&machine, Format::Rfc5424));
    }
}
