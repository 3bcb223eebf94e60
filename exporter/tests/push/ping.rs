//! Pings: which are sent when, and what is in them.

use crate::harness::{SECOND, accounts, open, told};
use exporter::push::http::{HttpTarget, Post};
use exporter::push::ping::{ExitStatus, Ping, Pings};
use exporter::push::{Ended, Ending, Origin, Sink, Stream, Wish};
use exporter::{Level, LogRecord, Site};
use std::cell::{Cell, RefCell};

/// A machine with a log, whose first record is number 1.
#[derive(Default)]
struct Logged {
    log: RefCell<Vec<(Level, &'static str, String)>>,
    /// How many records were asked for.
    asked: Cell<usize>,
}

impl Logged {
    fn log(&self, level: Level, message: &str) {
        self.log_by(level, "app", message);
    }

    fn log_by(&self, level: Level, source: &'static str, message: &str) {
        self.log.borrow_mut().push((level, source, message.to_owned()));
    }
}

impl Site for Logged {
    fn node(&self) -> &str {
        "vm1"
    }

    fn program(&self) -> &str {
        "web 0.1.0"
    }

    fn origin(&self) -> Origin<'_> {
        Origin {
            name: "vm1",
            job: "periscope",
            tags: &[("cluster", "021"), ("zone", "b")],
            program: "web",
            version: "0.1.0",
            boot_id: "0d338dcc-a054-41ec-b909-0242ac120002",
        }
    }

    fn now_ns(&self) -> u64 {
        0
    }

    fn log_newest(&self) -> Option<u64> {
        Some(self.log.borrow().len() as u64).filter(|&newest| newest > 0)
    }

    fn log_next(&self, from: u64, level: Level, show: &mut dyn FnMut(&LogRecord<'_>)) -> Option<u64> {
        self.asked.set(self.asked.get() + 1);
        let log = self.log.borrow();
        let first = from.max(1) as usize - 1;
        let at = first + log.get(first..)?.iter().position(|(its, ..)| *its <= level)?;
        let (level, source, message) = &log[at];
        let seq = at as u64 + 1;
        let record = LogRecord {
            seq,
            since_boot_ns: seq * SECOND,
            unix_ns: None,
            level: *level,
            source,
            thread: "main",
            message,
            truncated: false,
        };
        show(&record);
        Some(seq)
    }
}

type Pinging = Sink<Pings, Post<Ping>>;

fn pinging(name: &str, path: &'static str, interval_ns: Option<u64>) -> Pinging {
    let target = HttpTarget::new("hc.example", 8000, path, None).expect("a target");
    let pings = Pings::new(interval_ns, ExitStatus { success: 33, failure: 35 });
    Sink::new(name, pings, Post::new(target, Ping, 5), 100_000, 7)
}

/// The requests that `sink` makes now, each answered by `reply`.
fn answered(sink: &mut Pinging, now: u64, site: &Logged, reply: &str) -> Vec<String> {
    let mut requests = Vec::new();
    while sink.tick(now, site) {}
    while sink.wish(now) == Wish::Open && Stream::wants_to_write(sink, now) {
        let mut room = vec![0; 20_000];
        let len = sink.transmit(now, &mut room, site);
        requests.push(String::from_utf8(room[..len].to_vec()).expect("text"));
        sink.receive(now, reply.as_bytes());
        while sink.tick(now, site) {}
    }
    requests
}

fn requests(sink: &mut Pinging, now: u64, site: &Logged) -> Vec<String> {
    answered(sink, now, site, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")
}

/// What they ask for, and their bodies.
fn short(requests: &[String]) -> Vec<(&str, &str)> {
    let parts = requests.iter().map(|request| {
        let target = request.split(' ').nth(1).expect("a target");
        (target, request.split_once("\r\n\r\n").expect("a head").1)
    });
    parts.collect()
}

/// A sink that has said that it has begun.
fn begun(name: &str, interval_ns: Option<u64>, site: &Logged) -> Pinging {
    let mut sink = pinging(name, "/u", interval_ns);
    sink.tick(0, site);
    open(&mut sink, 0);
    assert_eq!(requests(&mut sink, 0, site).len(), 1);
    sink
}

const RID: &str = "rid=0d338dcc-a054-41ec-b909-0242ac120002";
const WHO: &str = "job=periscope cluster=021 zone=b boot=0d338dcc-a054-41ec-b909-0242ac120002";

#[test]
fn a_whole_request() {
    let site = Logged::default();
    let mut sink = pinging("ping-whole", "/ping/93c5", None);
    sink.tick(2 * SECOND, &site);
    open(&mut sink, 2 * SECOND);
    let body = format!("vm1: web 0.1.0 has started\n{WHO} uptime=2\n");
    assert_eq!(
        requests(&mut sink, 2 * SECOND, &site),
        [format!(
            "POST /ping/93c5/start?{RID} HTTP/1.1\r\nHost: hc.example:8000\r\nUser-Agent: periscope/0.1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )]
    );
    accounts("ping-whole");
}

#[test]
fn a_url_may_have_a_query_and_a_slash_at_its_end() {
    for (name, path, start, end) in [
        ("ping-query", "/key/slug?create=1", "/key/slug/start?create=1&", "/key/slug/0?create=1&"),
        ("ping-slash", "/u/", "/u/start?", "/u/0?"),
        ("ping-root", "/", "/start?", "/0?"),
        ("ping-empty", "/u?", "/u/start?", "/u/0?"),
    ] {
        let site = Logged::default();
        let mut sink = pinging(name, path, None);
        sink.tick(0, &site);
        open(&mut sink, 0);
        sink.finish(0, Ending::Success);
        let requests = requests(&mut sink, 0, &site);
        let targets: Vec<&str> = short(&requests).iter().map(|(target, _)| *target).collect();
        assert_eq!(targets, [format!("{start}{RID}"), format!("{end}{RID}")]);
    }
}

#[test]
fn a_life_that_ends_well() {
    let site = Logged::default();
    let mut sink = begun("ping-well", None, &site);
    assert!(!sink.is_finished() && sink.deadline_ns() == Some(30 * SECOND), "the connection's idle time alone");
    sink.finish(9 * SECOND, Ending::Success);
    assert!(!sink.is_finished());
    let requests = requests(&mut sink, 9 * SECOND, &site);
    let body = format!("vm1: web 0.1.0 has ended; QEMU's exit status: 33\n{WHO} uptime=9\n");
    assert_eq!(short(&requests), [(format!("/u/0?{RID}").as_str(), body.as_str())]);
    assert!(sink.is_finished());
    sink.finish(10 * SECOND, Ending::Failure);
    assert!(!sink.tick(10 * SECOND, &site) && sink.is_finished(), "a life ends once");
    accounts("ping-well");
}

#[test]
fn a_life_that_ends_with_an_error() {
    let site = Logged::default();
    let mut sink = begun("ping-fail", Some(5 * SECOND), &site);
    site.log(Level::Info, "listening");
    site.log(Level::Debug, "a detail");
    site.log(Level::App, "hello");
    site.log(Level::Error, "no\ndisk");
    sink.finish(SECOND, Ending::Failure);
    let requests = requests(&mut sink, SECOND, &site);
    let body = format!(
        "vm1: web 0.1.0 has ended with an error; QEMU's exit status: 35\n{WHO} uptime=1\n\
         1 1 - info app main: listening\n3 3 - app app main: hello\n4 4 - error app main: no\\ndisk\n"
    );
    assert_eq!(short(&requests), [(format!("/u/fail?{RID}").as_str(), body.as_str())]);
    assert_eq!((sink.is_finished(), told("ping-fail", "sent_total")), (true, 2));
}

#[test]
fn the_last_lines_are_those_that_fit() {
    let site = Logged::default();
    let mut sink = begun("ping-last", None, &site);
    (0..500).for_each(|index| site.log(Level::Info, &format!("{index} {}", "x".repeat(200))));
    site.log(Level::Error, &"y".repeat(9_000));
    sink.finish(SECOND, Ending::Failure);
    let requests = requests(&mut sink, SECOND, &site);
    let body = short(&requests)[0].1;
    let lines: Vec<&str> = body.lines().skip(2).collect();
    let len: usize = lines.iter().map(|line| line.len() + 1).sum();
    assert!(len <= 8_192 && len > 7_800, "{len}");
    assert!(lines.last().is_some_and(|line| line.starts_with("501 ") && !line.contains('\n')));
    let numbers: Vec<usize> =
        lines.iter().map(|line| line.split(' ').next().unwrap_or_default().parse().expect("it")).collect();
    assert!(numbers.is_sorted() && numbers.first() == Some(&(502 - numbers.len())), "{numbers:?}");
}

#[test]
fn troubles_are_told_in_batches() {
    let site = Logged::default();
    site.log(Level::Warning, "at boot");
    let mut sink = begun("ping-log", None, &site);
    assert_eq!(sink.deadline_ns(), Some(15 * SECOND), "when they are told");
    assert!(requests(&mut sink, 15 * SECOND - 1, &site).is_empty());
    site.log(Level::Info, "nothing");
    site.log(Level::App, "what the program prints");
    site.log(Level::Error, "at work");
    let log = requests(&mut sink, 15 * SECOND, &site);
    let body = "1 1 - warning app main: at boot\n4 4 - error app main: at work\n";
    assert_eq!(short(&log), [(format!("/u/log?{RID}").as_str(), body)]);
    // Nothing that is worth a ping.
    site.log(Level::Info, "nothing");
    site.log(Level::App, "what the program prints");
    assert!(requests(&mut sink, 35 * SECOND, &site).is_empty());
    // At once, as it has been quiet for long enough; then not.
    site.log(Level::Error, "again");
    assert_eq!(requests(&mut sink, 36 * SECOND, &site).len(), 1);
    site.log(Level::Error, "and again");
    assert!(requests(&mut sink, 37 * SECOND, &site).is_empty());
    // Before the end they are told nevertheless.
    sink.finish(38 * SECOND, Ending::Success);
    let end = requests(&mut sink, 38 * SECOND, &site);
    let targets: Vec<&str> = short(&end).iter().map(|(target, _)| *target).collect();
    assert_eq!(targets, [format!("/u/log?{RID}"), format!("/u/0?{RID}")]);
    accounts("ping-log");
}

#[test]
fn a_flood_of_troubles_is_cut_and_says_so() {
    let site = Logged::default();
    let mut sink = begun("ping-flood", None, &site);
    (0..1_000).for_each(|_| site.log(Level::Warning, "again and again"));
    let log = requests(&mut sink, 15 * SECOND, &site);
    let body = short(&log)[0].1;
    assert!(body.len() < 8_300 && body.len() > 8_100 && body.starts_with("1 1 - warning"), "{}", body.len());
    assert!(body.ends_with("There are more: /log has them.\n"));
    assert_eq!(told("ping-flood", "truncated_total"), 1);
    assert!(requests(&mut sink, 60 * SECOND, &site).is_empty(), "the next ping is about what comes next");
}

/// However much a program prints, and whatever is due meanwhile.
#[test]
fn the_log_is_looked_at_a_little_at_a_time() {
    let site = Logged::default();
    let mut sink = begun("ping-prints", Some(20 * SECOND), &site);
    let print = || {
        (0..1_000).for_each(|_| site.log(Level::App, "printed"));
        site.log(Level::Warning, "odd");
        (0..500).for_each(|_| site.log(Level::Debug, "a detail"));
    };
    let most_asked = |sink: &mut Pinging, now| {
        let mut most = 0;
        loop {
            site.asked.set(0);
            let are_more = sink.tick(now, &site);
            most = most.max(site.asked.get());
            if !are_more {
                return most;
            }
        }
    };
    print();
    assert!(sink.tick(15 * SECOND, &site), "there is more to look at");
    assert!((1..=32).contains(&most_asked(&mut sink, 20 * SECOND)));
    let sent = requests(&mut sink, 20 * SECOND, &site);
    let targets: Vec<&str> = short(&sent).iter().map(|(target, _)| *target).collect();
    assert_eq!(targets, [format!("/u/log?{RID}"), format!("/u?{RID}")], "the walk first, then what was due meanwhile");
    // The end comes while the log is looked at.
    print();
    assert!(sink.tick(35 * SECOND, &site) && sink.tick(35 * SECOND, &site));
    site.log(Level::Error, "at last");
    sink.finish(35 * SECOND, Ending::Success);
    assert!((1..=32).contains(&most_asked(&mut sink, 35 * SECOND)));
    let end = requests(&mut sink, 35 * SECOND, &site);
    let bodies = short(&end);
    assert_eq!(bodies.len(), 2);
    assert!(bodies[0].1.contains(": odd\n") && bodies[0].1.ends_with(": at last\n"), "{}", bodies[0].1);
    accounts("ping-prints");
}

/// What a sink says of its own server would be news for that server without end.
#[test]
fn a_ping_is_not_about_pings() {
    let site = Logged::default();
    let mut sink = begun("ping-own", None, &site);
    let by = "exporter::push::http::trouble";
    site.log_by(Level::Warning, by, "ping-own: the server answers 429; trying again");
    assert!(requests(&mut sink, 15 * SECOND, &site).is_empty());
    site.log_by(Level::Warning, by, "ping-own-2: the server answers 429; trying again");
    site.log_by(Level::Warning, "app", "ping-own: said the program");
    let log = requests(&mut sink, 16 * SECOND, &site);
    let body = "2 2 - warning exporter::push::http::trouble main: ping-own-2: the server answers 429; trying again\n\
                3 3 - warning app main: ping-own: said the program\n";
    assert_eq!(short(&log), [(format!("/u/log?{RID}").as_str(), body)]);
}

#[test]
fn signs_of_life() {
    let site = Logged::default();
    let mut sink = begun("ping-alive", Some(10 * SECOND), &site);
    assert_eq!(sink.deadline_ns(), Some(10 * SECOND));
    let alive = requests(&mut sink, 10 * SECOND, &site);
    let body = format!("vm1: web 0.1.0 is alive\n{WHO} uptime=10\n");
    assert_eq!(short(&alive), [(format!("/u?{RID}").as_str(), body.as_str())]);
    assert!(requests(&mut sink, 20 * SECOND - 1, &site).is_empty());
    assert_eq!(requests(&mut sink, 20 * SECOND, &site).len(), 1);
    sink.finish(20 * SECOND, Ending::Success);
    assert_eq!(requests(&mut sink, 20 * SECOND, &site).len(), 1);
    assert!(requests(&mut sink, 40 * SECOND, &site).is_empty(), "none after the end");
}

/// What was due meanwhile comes once, and in order, when the server is back.
#[test]
fn pings_do_not_pile_up() {
    let site = Logged::default();
    let mut sink = pinging("ping-away", "/u", Some(10 * SECOND));
    for now in (0..600).map(|second| second * SECOND) {
        site.log(Level::Warning, "away");
        while sink.tick(now, &site) {}
        if sink.wish(now) == Wish::Open {
            sink.opening(now);
            sink.closed(now, Ended::Refused);
        }
        assert!(sink.deadline_ns().is_none_or(|at| at > now), "it would spin");
    }
    assert_eq!(told("ping-away", "items_total"), 1);
    let now = 700 * SECOND;
    open(&mut sink, now);
    let all = requests(&mut sink, now, &site);
    let targets: Vec<&str> = short(&all).iter().map(|(target, _)| *target).collect();
    assert_eq!(targets, [format!("/u/start?{RID}"), format!("/u?{RID}"), format!("/u/log?{RID}")]);
    accounts("ping-away");
}

/// An end that comes before the server does is told with the start.
#[test]
fn a_short_life_is_told_whole() {
    let site = Logged::default();
    let mut sink = pinging("ping-short", "/u", None);
    sink.finish(SECOND, Ending::Failure);
    while sink.tick(SECOND, &site) {}
    assert!(!sink.is_finished(), "nobody has heard of it");
    open(&mut sink, SECOND);
    let all = requests(&mut sink, SECOND, &site);
    let targets: Vec<&str> = short(&all).iter().map(|(target, _)| *target).collect();
    assert_eq!(targets, [format!("/u/start?{RID}"), format!("/u/fail?{RID}")]);
    assert!(sink.is_finished());
}

#[test]
fn what_servers_answer() {
    for (name, status, body, reason, wait) in [
        ("ping-ok", "200 OK", "OK", "sent_total", None),
        ("ping-created", "201 Created", "Created", "sent_total", None),
        ("ping-unknown", "200 OK", "OK (not found)", "dropped_total/rejected", None),
        ("ping-unknown-new", "404 Not Found", "not found", "dropped_total/rejected", None),
        ("ping-ambiguous", "409 Conflict", "ambiguous slug", "dropped_total/rejected", None),
        ("ping-limited", "200 OK", "OK (rate limited)", "backlog", Some(60 * SECOND)),
        ("ping-limited-new", "429 Too Many Requests", "rate limit exceeded", "backlog", Some(5 * SECOND / 4)),
        ("ping-slow", "408 Request Timeout", "", "backlog", Some(5 * SECOND / 4)),
        ("ping-down", "502 Bad Gateway", "<html>nginx</html>", "backlog", Some(5 * SECOND / 4)),
    ] {
        let site = Logged::default();
        let mut sink = pinging(name, "/u", None);
        sink.tick(0, &site);
        open(&mut sink, 0);
        let reply = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        assert_eq!(answered(&mut sink, 0, &site, &reply).len(), 1);
        assert_eq!(told(name, reason), 1, "{name}");
        if let Some(wait) = wait {
            assert_eq!(sink.wish(0), Wish::Close);
            sink.closed(0, Ended::Closed);
            assert!(sink.deadline_ns().is_some_and(|at| at <= wait && at > 0), "{name}");
        }
        accounts(name);
    }
}
