//! Receivers that are late, refuse, stall, answer with errors and break off: the program does not notice, what can arrive
//! arrives, and the counters account for the rest.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use tests::load::{Style, requests};
use tests::moody::{Mood, Moody, Received, WELL};
use tests::observed::{Observed, value};
use tests::sinks::{SinkCounts, dropped, failed};
use tests::{Guest, Machine, Network, Outcome, PATIENCE, Side, eventually, needs_root, remote_write};

/// Longer than any sink waits for a receiver that stalls, and then until its next try.
const STALL: Duration = Duration::from_secs(60);

/// Twice as long as a machine waits for its receivers in the end, since this one is emulated.
const END: Duration = Duration::from_secs(10);

/// One sink and the server that it sends to.
struct Road<'a> {
    sink: &'static str,
    server: Moody<'a>,
}

/// Whether the receiver answers, so that both sides know what has arrived.
fn answers(sink: &str) -> bool {
    !["monitor", "syslog"].contains(&sink)
}

/// What a message of this sink consists of: lines, samples, pings; each as text that no other has.
fn items_of(sink: &str, request: &Received) -> Vec<String> {
    match sink {
        "remote-write" => {
            let series = remote_write::version_1(&request.body).expect("a WriteRequest");
            let samples = series.iter().flat_map(|series| {
                series.samples.iter().map(|(value, time)| format!("{:?} {time} {:x}", series.labels, value.to_bits()))
            });
            samples.collect()
        }
        "ping" => vec![request.path.clone()],
        _ => String::from_utf8_lossy(&request.body).lines().map(str::to_owned).collect(),
    }
}

/// The different lines that connections brought whole. A connection that broke off may end within a line.
fn lines_of(streams: &[Vec<u8>]) -> BTreeSet<String> {
    let whole = |stream: &Vec<u8>| {
        let text = String::from_utf8_lossy(stream).into_owned();
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    streams.iter().flat_map(whole).collect()
}

/// The sequence numbers of the messages that connections brought.
fn sequence_of(streams: &[Vec<u8>]) -> BTreeSet<u64> {
    let numbers = |stream: &Vec<u8>| {
        let text = String::from_utf8_lossy(stream).into_owned();
        let numbers = text.split(" seq=\"").skip(1).filter_map(|rest| rest.split_once('"')?.0.parse().ok());
        numbers.collect::<Vec<_>>()
    };
    streams.iter().flat_map(numbers).collect()
}

/// How many requests the program answers in a second.
fn requests_per_second(network: &Network) -> f64 {
    const REQUESTS: u32 = 500;
    let began = Instant::now();
    requests(network, (Side::Service, 80), "/", REQUESTS, 2, Style::KeepAlive).expect("the program serves");
    f64::from(REQUESTS) / began.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Waits until a scrape is as `wanted` says for each road, and returns that scrape.
fn until(
    guest: &mut Observed,
    deadline: Duration,
    roads: &[Road<'_>],
    what: &str,
    wanted: impl Fn(&str, &str) -> bool,
) -> String {
    let mut last = String::new();
    let all = eventually(deadline, || {
        last = guest.scrape();
        roads.iter().all(|road| wanted(road.sink, &last)).then_some(())
    });
    let missing: Vec<_> = roads.iter().map(|road| road.sink).filter(|sink| !wanted(sink, &last)).collect();
    let counts: Vec<_> = missing.iter().map(|sink| SinkCounts::of(&last, sink)).collect();
    assert!(all.is_some(), "{what}: not {missing:?}, with {counts:?}");
    last
}

/// Everything is accounted for, in one moment of each sink.
fn adds_up(guest: &mut Observed, roads: &[Road<'_>], when: &str) {
    until(guest, PATIENCE, roads, when, |sink, scrape| SinkCounts::of(scrape, sink).adds_up());
}

/// All is well again: everything that waited has gone out, and something new has, too.
fn recovered(guest: &mut Observed, roads: &mut [Road<'_>], when: &str) {
    let before = guest.scrape();
    for road in &mut *roads {
        road.server.set(WELL).expect("its port is its own");
    }
    log_something(&guest.guest, when);
    until(guest, STALL, roads, when, |sink, scrape| {
        let counts = SinkCounts::of(scrape, sink);
        counts.sent > SinkCounts::of(&before, sink).sent && counts.backlog == 0.0
    });
    adds_up(guest, roads, when);
}

/// Has the program log some lines.
fn log_something(guest: &Guest, word: &str) {
    let mut connection = guest.management();
    for number in 0..5 {
        let answer =
            connection.put("/ukstore/web/greeting", &format!("{number} {word}\n")).expect("management answers");
        assert_eq!(answer.status, 204, "{}", answer.text());
    }
}

#[test]
fn whatever_receivers_do_the_program_serves_and_nothing_is_lost_in_silence() {
    needs_root!("whatever_receivers_do_the_program_serves_and_nothing_is_lost_in_silence");
    let network = Network::taps();
    let http = |sink| Road { sink, server: Moody::http(&network, Mood::Absent).unwrap() };
    let bytes = |sink| Road { sink, server: Moody::bytes(&network, Mood::Absent).unwrap() };
    let mut roads = [bytes("monitor"), http("monitor-2"), bytes("syslog"), http("remote-write"), http("ping")];
    let [lines, write, syslog, remote, ping] = roads.each_ref().map(|road| road.server.address());
    let parameters = format!(
        "--name=web-1 --monitor=tcp://{lines} --monitor=http://{write}/write?db=periscope --syslog=tcp://{syslog} \
         --remote-write=http://{remote}/api/v1/write --ping=http://{ping}/uuid --monitor-interval=1s \
         --remote-write-interval=1s --ping-interval=500ms --backlog=4M --monitor-adjust"
    );
    let boot = Guest::boot(Machine::Q35, "web").network(network.clone()).memory_mib(128).parameters(&parameters);
    let mut guest = Observed::new(boot.start());

    // Late: nobody was there at first.
    until(&mut guest, PATIENCE, &roads, "refused", |sink, scrape| failed(scrape, sink, "connect") > 0.0);
    adds_up(&mut guest, &roads, "before anybody was there");
    recovered(&mut guest, &mut roads, "after the start");
    let _ = requests_per_second(&network); // the first requests are slower
    let mut ratios = Vec::new();
    let moods = [
        ("stalled", Mood::Stall),
        ("slow", Mood::Slow(204)),
        ("400", Mood::Answer(400, "")),
        ("429", Mood::Answer(429, "Retry-After: 1\r\n")),
        ("500", Mood::Answer(500, "")),
        ("half a reply", Mood::HalfReply),
        ("reset between messages", Mood::ResetAfter),
        ("reset within a message", Mood::ResetWithin),
        ("stopped", Mood::Absent),
    ];
    for (what, mood) in moods {
        let before = guest.scrape();
        for road in &mut roads {
            road.server.set(mood).unwrap();
        }
        log_something(&guest.guest, what);
        let broken: Vec<_> = (0..3).map(|_| requests_per_second(&network)).collect();
        // Each has met the mood: one more failure, or one more refusal.
        let meets = |sink: &str, scrape: &str| {
            let [then, now] = [&before, scrape].map(|scrape| SinkCounts::of(scrape, sink));
            match mood {
                // Receivers of bytes never answer. Few lines go into a stalled receiver's buffer, where they have arrived.
                Mood::Answer(..) | Mood::HalfReply if !answers(sink) => true,
                Mood::Stall if sink == "syslog" => true,
                Mood::Slow(_) => now.sent > then.sent,
                // A connection that ends when nothing is under way is no failure.
                Mood::ResetAfter => now.failed > then.failed || now.reconnects > then.reconnects,
                _ => now.failed > then.failed || dropped(scrape, sink, "rejected") > dropped(&before, sink, "rejected"),
            }
        };
        until(&mut guest, STALL, &roads, what, meets);
        adds_up(&mut guest, &roads, what);
        recovered(&mut guest, &mut roads, &format!("after {what}"));
        let well: Vec<_> = (0..3).map(|_| requests_per_second(&network)).collect();
        ratios.push(median(broken) / median(well));
        if mood == Mood::Stall {
            // What went into the buffers was read later, and what did not was sent again: nothing is missing.
            let scrape = guest.scrape();
            let counts = SinkCounts::of(&scrape, "monitor");
            assert!(counts.uncertain_bytes > 0.0, "{counts:?}");
            let arrived = || lines_of(&roads[0].server.streams()).len() as f64 >= counts.sent;
            assert!(eventually(PATIENCE, || arrived().then_some(())).is_some(), "{counts:?}");
        }
    }
    assert!(median(ratios.clone()) > 0.7, "the program's rate, broken to well, was {ratios:?}");
    // Of each alone, on a machine that others use too.
    assert!(ratios.iter().all(|&ratio| ratio > 0.4), "the program's rate, broken to well, was {ratios:?}");

    // Answered means arrived, refused means dropped, and nothing else was. What came twice is the same to the last digit.
    for road in roads.iter().filter(|road| answers(road.sink)) {
        let mut last = String::new();
        let exact = eventually(PATIENCE, || {
            let scrape = guest.scrape();
            let counts = SinkCounts::of(&scrape, road.sink);
            let requests = road.server.requests();
            let of = |wanted: &dyn Fn(&&Received) -> bool| {
                requests.iter().filter(wanted).flat_map(|request| items_of(road.sink, request)).collect::<Vec<_>>()
            };
            let rejected = of(&|request| request.answered == Some(400)).len() as f64;
            let accepted = of(&|request| request.accepted());
            let different = accepted.iter().collect::<BTreeSet<_>>().len() as f64;
            // One ping is like the other.
            let arrived =
                if road.sink == "ping" { accepted.len() as f64 >= counts.sent } else { different == counts.sent };
            last = format!("{rejected} refused, {different} of {} arrived, {counts:?}", accepted.len());
            (arrived && rejected == counts.dropped && rejected == dropped(&scrape, road.sink, "rejected")).then_some(())
        });
        assert!(exact.is_some(), "{}: {last}", road.sink);
    }
    // Every line of the log is there, but for those that went down with a receiver that had acknowledged them.
    let counts = SinkCounts::of(&guest.scrape(), "syslog");
    let sequence = sequence_of(&roads[2].server.streams());
    assert!(sequence.len() as f64 >= counts.sent - 15.0, "{} of {counts:?}: {sequence:?}", sequence.len());
    assert!(sequence.contains(&1), "{sequence:?}");
}

#[test]
fn the_newest_is_kept_for_who_comes_late_and_who_never_comes_costs_nothing() {
    needs_root!("the_newest_is_kept_for_who_comes_late_and_who_never_comes_costs_nothing");
    let network = Network::taps();
    let mut roads = [Road { sink: "monitor", server: Moody::bytes(&network, Mood::Absent).unwrap() }];
    let late = roads[0].server.address();
    // On the wire, but nobody's.
    let nobody = Ipv4Addr::from(u32::from(network.host_address(Side::Management)) + 98);
    let parameters = format!(
        "--name=web-1 --monitor=tcp://{late} --monitor=tcp://{nobody} --monitor=udp://{nobody} --syslog=tcp://{nobody} \
         --remote-write=http://{nobody} --ping=http://{nobody}/uuid --monitor-interval=500ms --remote-write-interval=500ms \
         --ping-interval=500ms --backlog=128K"
    );
    let guest = Guest::boot(Machine::Q35, "web").network(network.clone()).parameters(&parameters).start();
    let mut guest = Observed::new(guest);
    let mut last = String::new();
    let full = eventually(PATIENCE, || {
        last = guest.scrape();
        (dropped(&last, "monitor", "backlog") > 1000.0).then_some(())
    });
    assert!(full.is_some(), "{:?}", SinkCounts::of(&last, "monitor"));
    let of = |scrape: &str, name: &str, sink: &str| value(scrape, &format!("{name}{{sink=\"{sink}\"}}"));
    assert_eq!(of(&last, "uk_sink_backlog_limit_bytes", "monitor"), 131_072.0);
    let waits = of(&last, "uk_sink_backlog_bytes", "monitor");
    assert!(waits > 120_000.0 && waits <= 131_072.0, "{waits} bytes wait");
    // They are tried as often as is sensible, and told of.
    for sink in ["monitor-2", "syslog", "remote-write", "ping"] {
        let failed = eventually(PATIENCE, || (failed(&guest.scrape(), sink, "timeout") > 0.0).then_some(()));
        assert!(failed.is_some(), "{sink} found somebody");
        let scrape = guest.scrape();
        assert_eq!(of(&scrape, "uk_sink_up", sink), 0.0);
        // Since boot, and it has waited for a connection for five seconds.
        assert!(of(&scrape, "uk_sink_last_success_age_seconds", sink) > 5.0, "{sink}");
        assert_eq!(SinkCounts::of(&scrape, sink).sent, 0.0, "{sink}");
    }
    for sink in ["monitor", "monitor-2", "monitor-3", "syslog", "remote-write", "ping"] {
        let sums = || SinkCounts::of(&guest.scrape(), sink).adds_up().then_some(());
        assert!(eventually(PATIENCE, sums).is_some(), "{sink}");
    }
    // Who comes late gets the newest, in order and whole, and never what was dropped.
    let scrape = guest.scrape();
    let (counts, now) = (SinkCounts::of(&scrape, "monitor"), value(&scrape, "node_time_seconds"));
    roads[0].server.set(WELL).unwrap();
    let caught_up = eventually(STALL, || {
        let scrape = guest.scrape();
        let now = SinkCounts::of(&scrape, "monitor");
        let streams = roads[0].server.streams();
        let bytes = streams.iter().map(Vec::len).sum::<usize>() as f64;
        let lines = lines_of(&streams).len() as f64;
        let all = now.sent == lines && bytes == of(&scrape, "uk_sink_sent_bytes_total", "monitor");
        // On a busy host it may fall behind again, and give up a line that is on its way.
        let exact = all || (now.uncertain_bytes > 0.0 && now.sent <= lines);
        let is_fresh = of(&scrape, "uk_sink_last_success_age_seconds", "monitor") < 5.0;
        (now.sent > 500.0 && now.backlog == 0.0 && exact && is_fresh).then_some(())
    });
    assert!(caught_up.is_some(), "{:?}", SinkCounts::of(&guest.scrape(), "monitor"));
    let streams = roads[0].server.streams();
    let text = String::from_utf8_lossy(&streams[0]);
    let times: Vec<u64> = text.lines().filter_map(|line| line.rsplit_once(' ')?.1.parse().ok()).collect();
    assert!(times.is_sorted(), "older after newer");
    // So much holds two seconds; the first try at nobody alone took five.
    let first = times[0] as f64 / 1e9;
    assert!(first > now - 4.0, "at {now} the oldest that was kept is of {first}");
    assert!(counts.dropped > 1000.0 && counts.uncertain_bytes == 0.0, "{counts:?}");
    assert_eq!(guest.guest.get(Side::Service, "/").status, 200);
}

#[test]
fn an_end_waits_for_nobody_for_long() {
    needs_root!("an_end_waits_for_nobody_for_long");
    let network = Network::taps();
    let nobody = Ipv4Addr::from(u32::from(network.host_address(Side::Management)) + 98);
    let stalled = Moody::http(&network, Mood::Stall).unwrap();
    let parameters = format!(
        "--monitor=tcp://{nobody} --syslog=tcp://{nobody} --remote-write=http://{nobody} --ping=http://{nobody}/uuid \
         --monitor=http://{} --ping=http://{}/uuid",
        stalled.address(),
        stalled.address()
    );
    let boot = Guest::boot(Machine::Q35, "guest").network(network.clone()).parameters(&parameters).words("reports");
    let mut guest = boot.start();
    let _ = guest.line("reports: ready");
    drop(guest.knock());
    let _ = guest.line("reports: told");
    drop(guest.knock());
    let ends = Instant::now();
    guest.expect_outcome(Outcome::Success);
    assert!(ends.elapsed() < END, "it took {:?}", ends.elapsed());
}
