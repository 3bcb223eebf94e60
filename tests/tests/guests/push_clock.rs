//! When and where a guest begins to send: nothing with a time leaves before the clock can be believed; receivers are
//! found by their names; one that nobody listens for costs nothing; and all of it works over the program's card.
//! Not for what is sent: that is told by the tests of each road.

use std::collections::BTreeSet;
use std::net::{SocketAddrV4, UdpSocket};
use std::process::Command;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tests::chrony::{Chrony, DEAD_RTC};
use tests::dnsmasq::{ALIAS, Dnsmasq, HOST};
use tests::load::{Style, requests};
use tests::moody::{Moody, Received, WELL};
use tests::observed::{Observed, value};
use tests::sinks::{SinkCounts, dropped, failed};
use tests::{
    Guest, Machine, Network, Outcome, PATIENCE, Side, eventually, needs_root, on_every_machine, remote_write, skip,
};

/// Often, so that a test need not wait.
const PARAMETERS: &str = "--name=web-1 --monitor-interval=500ms --remote-write-interval=500ms";

/// A receiver of datagrams that can go away, and come back to its port.
struct Mailbox<'a> {
    network: &'a Network,
    port: u16,
    socket: Option<UdpSocket>,
    messages: Vec<String>,
}

impl<'a> Mailbox<'a> {
    fn open(network: &'a Network) -> Self {
        let mut mailbox = Self { network, port: 0, socket: None, messages: Vec::new() };
        mailbox.reopen();
        mailbox
    }

    fn reopen(&mut self) {
        let socket = self.network.run(|| UdpSocket::bind((self.network.server_ip(), self.port))).expect("a port");
        socket.set_nonblocking(true).expect("a socket");
        self.port = socket.local_addr().expect("it is bound").port();
        self.socket = Some(socket);
    }

    /// From now on the host answers that there is nobody.
    fn close(&mut self) {
        self.socket = None;
    }

    fn address(&self) -> SocketAddrV4 {
        self.network.server(self.port)
    }

    /// All messages so far.
    fn messages(&mut self) -> &[String] {
        let mut datagram = [0; 2048];
        while let Some(Ok(len)) = self.socket.as_ref().map(|socket| socket.recv(&mut datagram)) {
            self.messages.push(String::from_utf8(datagram[..len].to_vec()).expect("messages are UTF-8"));
        }
        &self.messages
    }

    /// Waits until so many of them have `text` in them.
    fn wait_for(&mut self, count: usize, text: &str) {
        let has = || (self.messages().iter().filter(|message| message.contains(text)).count() == count).then_some(());
        assert!(eventually(PATIENCE, has).is_some(), "not {count} of `{text}` in {:#?}", self.messages);
    }
}

/// The TIMESTAMP of a message of RFC 5424: what follows `<30>1 `.
fn stamp_of(message: &String) -> &str {
    message.split(' ').nth(1).unwrap_or_else(|| panic!("not syslog: {message}"))
}

/// The sequence numbers of messages, in the order in which they stand in `text`.
fn sequence_of(text: &str) -> Vec<u64> {
    let number = |rest: &str| rest.split_once('"').and_then(|(number, _)| number.parse().ok());
    text.split(" seq=\"").skip(1).map(|rest| number(rest).unwrap_or_else(|| panic!("no number: {rest}"))).collect()
}

/// The whole lines that a server of bytes has.
fn lines_of(server: &Moody<'_>) -> Vec<String> {
    let text = String::from_utf8(server.streams().concat()).expect("lines are UTF-8");
    text.rsplit_once('\n').map_or("", |(whole, _)| whole).lines().map(str::to_owned).collect()
}

/// The times of lines, seconds of Unix time.
fn times_of_lines(server: &Moody<'_>) -> Vec<f64> {
    let time = |line: &String| line.rsplit_once(' ').and_then(|(_, time)| time.parse::<u64>().ok());
    lines_of(server).iter().map(|line| time(line).unwrap_or_else(|| panic!("no time: {line}")) as f64 / 1e9).collect()
}

/// The times of all samples that a receiver of remote write has.
fn times_of_samples(server: &Moody<'_>) -> Vec<f64> {
    let series = |body: &[u8]| remote_write::version_1(body).expect("a WriteRequest");
    let samples = server.requests().into_iter().flat_map(|request| series(&request.body)).flat_map(|one| one.samples);
    samples.map(|(_, milliseconds)| milliseconds as f64 / 1e3).collect()
}

/// Dates as seconds of Unix time, read by a parser that is not ours.
fn times_of_dates(dates: &[&str]) -> Vec<f64> {
    let mut date = Command::new("date");
    let told =
        tests::filter(date.args(["--utc", "--file=-", "+%s.%N"]), dates.join("\n").as_bytes()).expect("date runs");
    assert!(told.status.success(), "{dates:?}: {}", String::from_utf8_lossy(&told.stderr));
    let told = String::from_utf8(told.stdout).expect("numbers");
    told.lines().map(|number| number.parse().expect("a number")).collect()
}

fn host_time() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than 1970").as_secs_f64()
}

/// Waits for a scrape that is as `wanted` says, and returns it.
fn until(guest: &mut Observed, what: &str, wanted: impl Fn(&str) -> bool) -> String {
    let mut last = String::new();
    let came = eventually(PATIENCE, || {
        last = guest.scrape();
        wanted(&last).then_some(())
    });
    let sinks: Vec<_> = last.lines().filter(|line| line.starts_with("uk_sink_")).collect();
    assert!(came.is_some(), "{what}:\n{}", sinks.join("\n"));
    last
}

/// Everything that these sinks were given is accounted for.
fn adds_up(guest: &mut Observed, sinks: &[&str]) -> String {
    until(guest, "it does not add up", |scrape| sinks.iter().all(|sink| SinkCounts::of(scrape, sink).adds_up()))
}

/// Waits until these sinks have lost captures for want of a clock, one after the other.
fn captures_are_lost(guest: &mut Observed, sinks: &[&str]) {
    let lost = |scrape: &str, sink: &str| dropped(scrape, sink, "no_clock");
    let first = until(guest, "nothing is lost", |scrape| sinks.iter().all(|sink| lost(scrape, sink) > 0.0));
    until(guest, "no more is lost", |scrape| sinks.iter().all(|sink| lost(scrape, sink) > lost(&first, sink)));
    let scrape = adds_up(guest, sinks);
    for sink in sinks {
        let counts = SinkCounts::of(&scrape, sink);
        assert_eq!((counts.sent, counts.backlog, counts.failed), (0.0, 0.0, 0.0), "{sink}: {counts:?}");
        assert_eq!(counts.dropped, lost(&scrape, sink), "{sink}: {counts:?}");
    }
}

/// Waits until the newest of these times is the host's to the second. None may be before `from`, or after now.
fn are_right(what: &str, from: f64, times: impl Fn() -> Vec<f64>) {
    let mut newest = 0.0;
    let right = eventually(PATIENCE, || {
        let times = times();
        let now = host_time();
        let wrong = times.iter().find(|time| !(from - 1.0..now + 1.0).contains(*time));
        assert_eq!(wrong, None, "{what}: between {from} and {now}");
        newest = times.into_iter().fold(newest, f64::max);
        (now - newest < 1.0).then_some(())
    });
    assert!(right.is_some(), "{what}: the newest is of {newest}, and it is {}", host_time());
}

/// What the log has of [`say_something`].
const SOMETHING: &str = "setting /web/greeting set by";

/// Makes a line of the log.
fn say_something(guest: &Guest) {
    let answer = guest.management().put("/ukstore/web/greeting", "hello\n").expect("management answers");
    assert_eq!(answer.status, 204, "{}", answer.text());
}

/// How long the program takes for some requests.
fn service_time(network: &Network) -> Duration {
    let began = Instant::now();
    requests(network, (Side::Service, 80), "/", 300, 2, Style::KeepAlive).expect("the program serves");
    began.elapsed()
}

on_every_machine! {
    fn without_a_clock_nothing_with_a_time_leaves(machine: Machine) {
        let network = Network::best();
        let lines = Moody::bytes(&network, WELL).unwrap();
        let samples = Moody::http(&network, WELL).unwrap();
        let mut log = Mailbox::open(&network);
        let parameters = format!(
            "{PARAMETERS} --monitor=tcp://{} --remote-write=http://{}/write --syslog=udp://{}",
            lines.address(),
            samples.address(),
            log.address()
        );
        let boot = Guest::boot(machine, "web").network(network.clone()).parameters(&parameters).options(&DEAD_RTC);
        let mut guest = Observed::new(boot.start());
        captures_are_lost(&mut guest, &["monitor", "remote-write"]);
        assert_eq!((lines.streams().concat(), samples.requests()), (vec![], vec![]));
        // Lines of the log are worth more without a date than not at all.
        log.wait_for(1, "no clock tells the time of day");
        let messages = log.messages();
        assert!(messages.iter().all(|message| stamp_of(message) == "-"), "{messages:#?}");
        assert_eq!(sequence_of(&messages[0]), [1]);
        let counts = SinkCounts::of(&adds_up(&mut guest, &["syslog"]), "syslog");
        assert!(counts.sent > 5.0 && counts.dropped == 0.0, "{counts:?}");
    }

    fn lines_without_times_need_no_clock(machine: Machine) {
        let network = Network::best();
        let lines = Moody::bytes(&network, WELL).unwrap();
        let samples = Moody::http(&network, WELL).unwrap();
        let parameters = format!(
            "{PARAMETERS} --monitor-timestamps=off --monitor={} --remote-write=http://{}/write",
            lines.address(),
            samples.address()
        );
        let boot = Guest::boot(machine, "web").network(network.clone()).parameters(&parameters).options(&DEAD_RTC);
        let mut guest = Observed::new(boot.start());
        captures_are_lost(&mut guest, &["remote-write"]);
        assert_eq!(samples.requests(), []);
        let came = || Some(lines_of(&lines)).filter(|lines| lines.len() > 100);
        for line in eventually(PATIENCE, came).expect("lines come") {
            // A space that does not separate is behind a backslash.
            assert_eq!(line.replace("\\ ", "_").split(' ').count(), 2, "more than series and fields: {line}");
        }
        let counts = SinkCounts::of(&adds_up(&mut guest, &["monitor"]), "monitor");
        assert!(counts.sent > 100.0 && counts.dropped == 0.0, "{counts:?}");
    }

    fn what_leaves_once_a_server_tells_the_time_has_the_right_one(machine: Machine) {
        needs_root!("what_leaves_once_a_server_tells_the_time_has_the_right_one");
        let network = Network::taps();
        let lines = Moody::bytes(&network, WELL).unwrap();
        let samples = Moody::http(&network, WELL).unwrap();
        let mut log = Mailbox::open(&network);
        let parameters = format!(
            "{PARAMETERS} --ntp={} --monitor=tcp://{} --remote-write=http://{}/write --syslog=udp://{}",
            network.host_address(Side::Management),
            lines.address(),
            samples.address(),
            log.address()
        );
        let booted = host_time();
        let boot = Guest::boot(machine, "web").network(network.clone()).parameters(&parameters).options(&DEAD_RTC);
        let mut guest = Observed::new(boot.start());
        let is_up = host_time();
        until(&mut guest, "nobody is asked", |scrape| value(scrape, "uk_ntp_requests_total") >= 2.0);
        // What has a date waits for it: nothing has left, and nothing is lost.
        let sinks = ["monitor", "remote-write", "syslog"];
        let scrape = adds_up(&mut guest, &sinks);
        assert_eq!((lines.streams().concat(), samples.requests()), (vec![], vec![]));
        assert_eq!(log.messages(), [""; 0]);
        assert_eq!(sinks.map(|sink| SinkCounts::of(&scrape, sink).sent), [0.0; 3]);

        let from = host_time();
        let _server = Chrony::start(&network).expect("tests/setup.sh unpacks it");
        let _ = guest.guest.line("ntp: it is 20");
        let told = host_time();
        are_right("lines", from, || times_of_lines(&lines));
        are_right("samples", from, || times_of_samples(&samples));
        log.wait_for(1, "ntp: it is 20");
        let messages = log.messages().to_vec();
        let sequence = sequence_of(&messages.concat());
        assert!(sequence.iter().copied().eq(1..=messages.len() as u64), "from the first on: {sequence:?}");
        let dates = times_of_dates(&messages.iter().map(stamp_of).collect::<Vec<_>>());
        assert!(dates.is_sorted() && dates.len() == messages.len(), "{messages:#?}");
        // From before the date was known, and when that was told.
        assert!((booted - 1.0..is_up + 1.0).contains(&dates[0]), "{booted} to {is_up}: {}", messages[0]);
        let synchronized = messages.iter().position(|message| message.contains("ntp: it is 20")).expect("it came");
        assert!((dates[synchronized] - told).abs() < 1.0, "{told}: {}", messages[synchronized]);
        let scrape = adds_up(&mut guest, &sinks);
        for sink in sinks {
            let counts = SinkCounts::of(&scrape, sink);
            assert!(counts.sent > 5.0 && counts.dropped == 0.0, "{sink}: {counts:?}");
        }
    }

    fn receivers_have_names(machine: Machine) {
        needs_root!("receivers_have_names");
        let network = Network::taps();
        let names = Dnsmasq::start(&network).expect("tests/setup.sh installs it");
        let lines = Moody::bytes(&network, WELL).unwrap();
        let mut log = Mailbox::open(&network);
        let (tcp, udp) = (lines.address().port(), log.address().port());
        let parameters = format!(
            "{PARAMETERS} --monitor-adjust --management-dns={} --monitor=tcp://{HOST}:{tcp} \
             --syslog=udp://{ALIAS}:{udp} --monitor=tcp://nobody.example:{tcp} --syslog=udp://nobody.example:{udp}",
            network.host_address(Side::Management)
        );
        let boot = Guest::boot(machine, "web").network(network.clone()).parameters(&parameters);
        let mut guest = Observed::new(boot.start());
        assert!(eventually(PATIENCE, || (lines_of(&lines).len() > 100).then_some(())).is_some(), "{}", names.said());
        say_something(&guest.guest);
        log.wait_for(1, SOMETHING);
        let unknown = ["monitor-2", "syslog-2"];
        until(&mut guest, "nobody is known", |scrape| unknown.iter().all(|sink| failed(scrape, sink, "name") > 0.0));
        let scrape = adds_up(&mut guest, &["monitor", "monitor-2", "syslog", "syslog-2"]);
        for sink in unknown {
            let counts = SinkCounts::of(&scrape, sink);
            assert!(counts.sent == 0.0 && counts.failed == failed(&scrape, sink, "name"), "{sink}: {counts:?}");
        }
        for sink in ["monitor", "syslog"] {
            let counts = SinkCounts::of(&scrape, sink);
            assert_eq!((counts.failed, counts.dropped), (0.0, 0.0), "{sink}: {counts:?}");
        }
        // Who has the address needs no name server.
        drop(names);
        let before = lines_of(&lines).len();
        say_something(&guest.guest);
        log.wait_for(2, SOMETHING);
        assert!(eventually(PATIENCE, || (lines_of(&lines).len() > before + 100).then_some(())).is_some());
    }

    fn datagrams_to_nobody_cost_nothing(machine: Machine) {
        needs_root!("datagrams_to_nobody_cost_nothing");
        const REFUSALS: &str = "node_netstat_Icmp_InMsgs";
        let network = Network::taps();
        let mut log = Mailbox::open(&network);
        let mut lines = Mailbox::open(&network);
        let parameters = format!(
            "{PARAMETERS} --monitor-adjust --monitor=udp://{} --syslog=udp://{}",
            lines.address(),
            log.address()
        );
        let boot = Guest::boot(machine, "web").network(network.clone()).parameters(&parameters);
        let mut guest = Observed::new(boot.start());
        say_something(&guest.guest);
        log.wait_for(1, SOMETHING);
        let came = |lines: &mut Mailbox<'_>, more: usize| {
            eventually(PATIENCE, || (lines.messages().len() >= more).then_some(())).expect("lines come");
        };
        came(&mut lines, 1);
        let alone = (0..3).map(|_| service_time(&network)).min().unwrap_or_default();

        let refused = guest.value(REFUSALS);
        log.close();
        lines.close();
        say_something(&guest.guest);
        until(&mut guest, "no refusal", |scrape| value(scrape, REFUSALS) >= refused + 3.0);
        // Not each time, since others use this host, too.
        let as_before = || Some(service_time(&network)).filter(|beside| *beside < alone * 3 / 2);
        assert!(eventually(PATIENCE, as_before).is_some(), "never again as fast as before: {alone:?}");
        adds_up(&mut guest, &["monitor", "syslog"]);

        let before = (log.messages().len(), lines.messages().len());
        log.reopen();
        lines.reopen();
        say_something(&guest.guest);
        log.wait_for(2, SOMETHING);
        came(&mut lines, before.1 + 1);
        // The one in between went to nobody, and the gap shows.
        let sequence = sequence_of(&log.messages().concat());
        assert!(sequence[before.0] > sequence[before.0 - 1] + 1, "no gap: {sequence:?}");
        let scrape = adds_up(&mut guest, &["monitor", "syslog"]);
        for sink in ["monitor", "syslog"] {
            // That they left is all that is known of datagrams.
            let counts = SinkCounts::of(&scrape, sink);
            assert_eq!((counts.dropped, counts.failed), (0.0, 0.0), "{sink}: {counts:?}");
        }
    }

    fn everything_leaves_over_the_program_s_card(machine: Machine) {
        let network = Network::best();
        let [lines, log] = [0, 1].map(|_| Moody::bytes(&network, WELL).unwrap());
        let pings = Moody::http(&network, WELL).unwrap();
        let at = |server: &Moody<'_>| SocketAddrV4::new(network.host_address(Side::Service), server.address().port());
        // Two captures: one at once, and one in the end.
        let parameters = format!(
            "--management=shared --name=job-1 --monitor-interval=1h --monitor=tcp://{} --syslog=tcp://{} \
             --ping=http://{}/uuid",
            at(&lines),
            at(&log),
            at(&pings)
        );
        let boot = Guest::boot(machine, "guest").cards(network.clone(), &[Side::Service]).parameters(&parameters);
        let mut guest = boot.words("reports").start();
        let _ = guest.line("reports: ready");
        let captures = || times_of_lines(&lines).into_iter().map(f64::to_bits).collect::<BTreeSet<_>>().len();
        assert!(eventually(PATIENCE, || (captures() == 1).then_some(())).is_some(), "{:?}", lines_of(&lines));
        drop(guest.knock());
        let _ = guest.line("reports: told");
        drop(guest.knock());
        guest.expect_outcome(Outcome::Success);

        // It has ended, so it has been told that all of this is there; the receivers' threads may still be at it.
        assert!(eventually(PATIENCE, || (captures() == 2).then_some(())).is_some(), "{}", captures());
        let text = || String::from_utf8(log.streams().concat()).expect("messages are UTF-8");
        let last = eventually(PATIENCE, || text().contains("the program has ended").then_some(()));
        assert!(last.is_some(), "{}", text());
        let sequence = sequence_of(&text());
        assert!(sequence.iter().copied().eq(1..=sequence.len() as u64), "from the first on: {sequence:?}");
        let place = |request: Received| request.path.split('?').next().unwrap_or_default().to_owned();
        let places = || pings.requests().into_iter().map(place).collect::<Vec<_>>();
        let told = eventually(PATIENCE, || (places().last()? == "/uuid/0").then_some(()));
        assert!(told.is_some() && places()[0] == "/uuid/start", "{:?}", places());
    }
}

#[test]
fn who_does_not_tell_the_time_is_not_waited_for_long() {
    skip::on(Machine::Q35, "who_does_not_tell_the_time_is_not_waited_for_long", |machine| {
        let network = Network::best();
        let lines = Moody::bytes(&network, WELL).unwrap();
        let mut log = Mailbox::open(&network);
        let parameters = format!(
            "{PARAMETERS} --ntp={} --monitor={} --syslog={}",
            network.host_address(Side::Management),
            lines.address(),
            log.address()
        );
        let boot = Guest::boot(machine, "web").network(network.clone()).parameters(&parameters).options(&DEAD_RTC);
        let mut guest = Observed::new(boot.start());
        // Lines of the log leave without dates, and measurements are lost.
        log.wait_for(1, "ntp: no time from");
        let messages = log.messages();
        assert!(messages.iter().all(|message| stamp_of(message) == "-"), "{messages:#?}");
        assert_eq!(sequence_of(&messages[0]), [1]);
        captures_are_lost(&mut guest, &["monitor"]);
        assert_eq!(lines.streams().concat(), b"");
    });
}
