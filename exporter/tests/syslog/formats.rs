//! What messages look like, byte for byte.

use crate::log::{BOOT_ID, Line, Machine, sent, streamed};
use exporter::Level;
use exporter::push::syslog::Format;

fn one(line: Line) -> Machine {
    Machine::new([line])
}

/// The structured data of line 1.
fn data(thread: &str, source: &str) -> String {
    format!(
        "[uk@32473 boot=\"{BOOT_ID}\" seq=\"1\" job=\"periscope\" cluster=\"021\" datacenter=\"murika\" \
         thread=\"{thread}\" source=\"{source}\"]"
    )
}

#[test]
fn rfc5424() {
    let machine = one(Line::new(Level::Warning, "kernel_core::net", "net rx", "link is down → ß"));
    let expected = format!(
        "<28>1 2026-03-01T12:00:01.500000Z uk-1 web net_rx kernel_core::net {} link is down → ß",
        data("net rx", "kernel_core::net")
    );
    assert_eq!(sent(&machine, Format::Rfc5424), [expected.as_str()]);
    let framed = format!("{} {expected}", expected.len());
    assert_eq!(streamed(&machine, Format::Rfc5424), framed.as_bytes());
    machine.booted_unix_ns.set(None);
    assert_eq!(sent(&machine, Format::Rfc5424), [expected.replace("2026-03-01T12:00:01.500000Z", "-")]);
}

#[test]
fn rfc3164() {
    let machine = one(Line::new(Level::Warning, "kernel_core::net", "net rx", "link is down"));
    let expected = "<28>Mar  1 12:00:01 uk-1 web[net_rx]: link is down";
    assert_eq!(sent(&machine, Format::Rfc3164), [expected]);
    assert_eq!(streamed(&machine, Format::Rfc3164), format!("{} {expected}", expected.len()).as_bytes());
    machine.booted_unix_ns.set(None);
    assert_eq!(sent(&machine, Format::Rfc3164), ["<28>uk-1 web[net_rx]: link is down"]);
    assert_eq!(sent(&one(Line::new(Level::App, "app", "", "")), Format::Rfc3164), ["<14>Mar  1 12:00:01 uk-1 web: "]);
}

#[test]
fn netconsole() {
    let line = Line::new(Level::Warning, "kernel_core::net", "net rx", "link is down");
    let machine = Machine::new([line, Line::new(Level::App, "app", "main", "hello")]);
    machine.booted_unix_ns.set(None);
    assert_eq!(
        sent(&machine, Format::Netconsole),
        ["[    1.500000] warning kernel_core: link is down\n", "[    3.000000] hello\n"]
    );
}

#[test]
fn levels_have_facilities_and_severities() {
    for (level, priority) in [
        (Level::App, 14),
        (Level::Error, 27),
        (Level::Warning, 28),
        (Level::Info, 30),
        (Level::Debug, 31),
        (Level::Trace, 31),
    ] {
        for format in [Format::Rfc5424, Format::Rfc3164] {
            let messages = sent(&one(Line::new(level, "a", "b", "c")), format);
            assert!(messages[0].starts_with(&format!("<{priority}>")), "{level:?}: {messages:?}");
        }
    }
}

#[test]
fn nothing_ends_a_field_or_a_line_early() {
    let mut machine = one(Line::new(Level::Info, "", "a\"]\n[b\\", "one\ntwo\r\0\u{1b}[31m\u{85}"));
    machine.program = "my prög=";
    let expected = format!(
        "<30>1 2026-03-01T12:00:01.500000Z uk-1 my_pr_g= a\"]_[b\\ - {} one\\ntwo\\r\\u{{0}}\\u{{1b}}[31m\\u{{85}}",
        data("a\\\"\\]\\\\n[b\\\\", "")
    );
    assert_eq!(sent(&machine, Format::Rfc5424), [expected]);
    assert_eq!(
        sent(&machine, Format::Rfc3164),
        ["<30>Mar  1 12:00:01 uk-1 my_pr_g_[a____b_]: one\\ntwo\\r\\u{0}\\u{1b}[31m\\u{85}"]
    );
    assert_eq!(sent(&machine, Format::Netconsole), ["[    1.500000] info : one\\ntwo\\r\\u{0}\\u{1b}[31m\\u{85}\n"]);
}

#[test]
fn names_are_cut_to_what_a_header_takes() {
    let (source, thread) = ("s".repeat(64), "t".repeat(200));
    let mut machine = one(Line::new(Level::Info, &source, &thread, "x"));
    machine.program = "p123456789p123456789p123456789p123456789p123456789";
    let expected = format!(
        "<30>1 2026-03-01T12:00:01.500000Z uk-1 {} {} {} {} x",
        &machine.program[..48],
        &thread[..128],
        &source[..32],
        data(&thread, &source)
    );
    assert_eq!(sent(&machine, Format::Rfc5424), [expected]);
    let messages = sent(&machine, Format::Rfc3164);
    assert!(messages[0].contains(" p123456789p123456789p123456789p1[ttt"), "{messages:?}");
}

#[test]
fn a_message_that_is_cut_says_so() {
    let machine = one(Line::new(Level::App, "app", "main", &"ä".repeat(700)));
    for (format, limit) in [(Format::Rfc5424, 1_400), (Format::Rfc3164, 1_024), (Format::Netconsole, 1_400)] {
        let messages = sent(&machine, format);
        let message = messages[0].trim_end_matches('\n');
        assert!(messages[0].len() <= limit && messages[0].len() > limit - 4, "{}", messages[0].len());
        assert!(message.ends_with("ä…"), "{message}");
        assert_eq!(message.contains("truncated=\"1\"]"), format == Format::Rfc5424);
        let stream = String::from_utf8(streamed(&machine, Format::Rfc5424)).expect("UTF-8");
        assert!(stream.ends_with("ää") && !stream.contains("truncated"), "a stream takes longer ones");
    }
}

#[test]
fn a_message_that_was_cut_in_the_log_says_so() {
    let mut line = Line::new(Level::App, "app", "main", "kept…");
    line.truncated = true;
    let messages = sent(&one(line), Format::Rfc5424);
    assert!(messages[0].ends_with(" source=\"app\" truncated=\"1\"] kept…"), "{messages:?}");
}
