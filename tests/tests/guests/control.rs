//! The control port: the words of its model over real TCP, what they change, that boot parameters and `PUT` change the
//! same, and that nobody there disturbs anybody else.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use tests::observed::value;
use tests::{Guest, Machine, Network, PATIENCE, Side, eventually, exposition, needs_root, on_every_machine, skip};

const PORT: u16 = 2323;
const LEVELS: &str = "/ukstore/log/levels";

fn boot(machine: Machine, parameters: &str) -> Guest {
    boot_on(machine, Network::taps(), parameters)
}

fn boot_on(machine: Machine, network: Network, parameters: &str) -> Guest {
    let guest = Guest::boot(machine, "guest").network(network).parameters(parameters).words("settings").start();
    let _ = guest.line("settings: limit 64");
    let _ = guest.scrape(); // from here on it answers
    guest
}

fn connect(guest: &Guest, port: u16) -> TcpStream {
    guest.network().connect(Side::Management, port, PATIENCE).expect("the control port is open")
}

/// What a client hears that says this and waits for the end.
fn say(guest: &Guest, words: &str) -> String {
    say_to(connect(guest, PORT), words)
}

fn say_to(mut stream: TcpStream, words: &str) -> String {
    stream.write_all(words.as_bytes()).expect("it is open");
    let mut heard = String::new();
    stream.read_to_string(&mut heard).expect("a reply, and then the end");
    heard
}

fn put(guest: &Guest, path: &str, text: &str) -> u16 {
    guest.management().put(path, text).expect("an answer").status
}

fn text(guest: &Guest, path: &str) -> String {
    guest.management().get(path).expect("an answer").text().trim().to_owned()
}

/// Who wrote a setting last, as its JSON has it.
fn written_by(guest: &Guest, path: &str) -> String {
    let mut connection = guest.management();
    let request = format!("GET {path} HTTP/1.1\r\nHost: guest\r\nAccept: application/json\r\n\r\n");
    connection.send(request.as_bytes()).expect("it is open");
    let told = connection.receive(false).expect("an answer").text();
    let rest = told.split_once("\"written_by\":\"").map_or("", |(_, rest)| rest);
    rest.split('"').next().unwrap_or_default().to_owned()
}

fn has(guest: &Guest, series: &str) -> bool {
    exposition::value(&guest.scrape(), series).is_some()
}

fn is_closed(guest: &Guest, port: u16) -> bool {
    let refused = guest.network().connect(Side::Management, port, PATIENCE);
    refused.is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
}

on_every_machine! {
    fn metric_sources_are_switched_and_listed(machine: Machine) {
        needs_root!("metric_sources_are_switched_and_listed");
        let guest = boot(machine, "--monitor-adjust");
        assert_eq!(say(&guest, "m"), "ok: *:enabled");
        assert_eq!(say(&guest, "Mmemory:disable\n"), "ok");
        assert!(!has(&guest, "uk_heap_used_bytes") && has(&guest, "uk_uptime_seconds"));
        assert_eq!(say(&guest, "m\r\n"), "ok: *:enabled,memory:disabled");
        assert_eq!(text(&guest, "/ukstore/ukstore/sources/memory"), "false");
        let writer = guest.network().host_address(Side::Management).to_string();
        assert_eq!(written_by(&guest, "/ukstore/ukstore/sources/memory"), writer);
        let _ = guest.line(&format!("setting /ukstore/sources/memory set by {writer}"));
        // All but two, and whatever is told by device.
        assert_eq!(say(&guest, "MDisable,memory:ENABLE,src:management:on"), "ok");
        assert_eq!(say(&guest, "m"), "ok: *:disabled,management:enabled,memory:enabled");
        assert!(has(&guest, "uk_heap_used_bytes") && !has(&guest, "uk_uptime_seconds"));
        assert_eq!(say(&guest, "M*:on,tag:device:off"), "ok");
        let by_device = say(&guest, "mtag:device");
        assert!(by_device.starts_with("ok: ") && by_device.contains("net:disabled"), "{by_device}");
        assert!(!by_device.contains("enabled") && !by_device.contains("memory"), "{by_device}");
        assert!(!has(&guest, "node_network_up{device=\"management\"}") && has(&guest, "uk_heap_used_bytes"));
        // Over HTTP the same: by tag, and by name.
        assert_eq!(text(&guest, "/ukstore/ukstore/tags/device"), "false");
        assert_eq!(put(&guest, "/ukstore/ukstore/tags/device", "on"), 204);
        assert_eq!(put(&guest, "/ukstore/ukstore/sources/log", "off"), 204);
        assert_eq!(say(&guest, "m"), "ok: *:enabled,log:disabled");
        let all = say(&guest, "m*");
        assert!(all.starts_with("ok: *:enabled,") && all.contains(",log:disabled,"), "{all}");
        assert_eq!(say(&guest, "mlog,src:net"), "ok: log:disabled,net:enabled");
        // What is not there is an error, and nothing is done.
        assert_eq!(say(&guest, "Mon,nobody:on"), "error: unknown source: nobody");
        assert_eq!(say(&guest, "Mon,tag:nothing:on\n"), "error: unknown tag: nothing");
        assert_eq!(say(&guest, "x"), "error: unknown command");
        assert_eq!(say(&guest, "m"), "ok: *:enabled,log:disabled");
        let scrape = guest.scrape();
        let commands = |kind: &str| value(&scrape, &format!("uk_management_control_commands_total{{command=\"{kind}\"}}"));
        assert_eq!((commands("set_sources"), commands("list_sources"), commands("set_levels")), (5.0, 8.0, 0.0));
        let errors = |reason: &str| value(&scrape, &format!("uk_management_control_errors_total{{reason=\"{reason}\"}}"));
        assert_eq!((errors("source"), errors("command"), errors("value")), (2.0, 1.0, 0.0));
    }

    fn log_levels_are_set_and_listed(machine: Machine) {
        needs_root!("log_levels_are_set_and_listed");
        let guest = boot(machine, "--monitor-adjust --logs=warning,made_up:error");
        // What the boot parameter named is known from then on.
        assert_eq!(say(&guest, "l"), "ok: *:warning,made_up:error");
        let warned = "--logs: no crate of this image is called made_up: its level holds for lines with that target alone";
        assert!(guest.serial.text().contains(warned), "it is no mistake, and may be one");
        let all = say(&guest, "l*");
        for source in ["app:warning", "guest:warning", "kernel_core:warning", "periscope:warning", "smoltcp:warning"] {
            assert!(all.contains(&format!(",{source}")), "{source} is not in {all}");
        }
        assert_eq!(say(&guest, "Lperiscope:info"), "ok");
        assert_eq!(say(&guest, "l"), "ok: *:warning,made_up:error,periscope:info");
        // Now it is told who has set what.
        assert_eq!(say(&guest, "Lguest::settings:debug,virtio-drivers:quiet"), "ok");
        let writer = guest.network().host_address(Side::Management).to_string();
        let _ = guest.line(&format!("setting /log/levels set by {writer}"));
        assert_eq!(written_by(&guest, LEVELS), writer);
        let in_force = "warning,made_up:error,periscope:info,guest::settings:debug,virtio-drivers:quiet";
        assert_eq!(text(&guest, LEVELS), in_force);
        assert_eq!(
            say(&guest, "lguest::settings::deeper,guest,virtio_drivers\n"),
            "ok: guest::settings::deeper:debug,guest:warning,virtio_drivers:quiet"
        );
        let all = say(&guest, "l*");
        assert!(all.contains(",guest::settings:debug") && all.contains(",virtio_drivers:quiet"), "{all}");
        assert!(!all.contains("virtio-drivers"), "once, by the name that the crate has: {all}");
        for (words, error) in [
            ("Ldebug,nobody:info", "error: unknown source: nobody"),
            ("lnobody", "error: unknown source: nobody"),
            ("Ldebug,guest:loud", "error: unknown level (quiet, app, error, warning, info, debug)"),
        ] {
            assert_eq!(say(&guest, words), error);
        }
        assert_eq!(put(&guest, LEVELS, "debug,nobody:info"), 400);
        assert_eq!(text(&guest, LEVELS), in_force, "nothing of it was done");
        // A default is for all of them. Over HTTP the whole setting is written.
        assert_eq!(say(&guest, "Lguest:info,error"), "ok");
        assert_eq!(say(&guest, "l"), "ok: *:error,guest:info");
        assert_eq!(put(&guest, LEVELS, "info,app:quiet"), 204);
        assert_eq!(say(&guest, "l"), "ok: *:info,app:quiet");
    }

    fn boot_parameters_say_the_same(machine: Machine) {
        needs_root!("boot_parameters_say_the_same");
        let guest = boot(machine, "--monitor-adjust=4000 --metrics=tag:device:off,src:memory:off --logs=info,guest:error");
        assert!(!has(&guest, "uk_heap_used_bytes") && !has(&guest, "node_network_up{device=\"management\"}"));
        assert_eq!(written_by(&guest, "/ukstore/ukstore/sources/memory"), "boot");
        assert!(is_closed(&guest, PORT), "another port was named");
        let off = say_to(connect(&guest, 4000), "m");
        assert!(off.contains(",memory:disabled") && off.contains(",net:disabled"), "{off}");
        assert_eq!(say_to(connect(&guest, 4000), "l"), "ok: *:info,guest:error");
    }

    fn a_command_ends_as_it_likes(machine: Machine) {
        needs_root!("a_command_ends_as_it_likes");
        let guest = boot(machine, "--monitor-adjust");
        // At the client's end, as `nc -N` has it.
        let mut stream = connect(&guest, PORT);
        stream.write_all(b"m").unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        assert_eq!(say_to(stream, ""), "ok: *:enabled");
        // In pieces.
        let mut stream = connect(&guest, PORT);
        stream.write_all(b"mmem").unwrap();
        assert_eq!(say_to(stream, "ory\n"), "ok: memory:enabled");
        // Never.
        let error = say(&guest, &"m".repeat(5000));
        assert_eq!(error, "error: longer than 4096 bytes");
        assert_eq!(say(&guest, "Moff\nm\n"), "error: one command a connection, and nothing was done");
        assert_eq!(say(&guest, "m"), "ok: *:enabled");
    }

    fn one_command_may_switch_every_source(machine: Machine) {
        needs_root!("one_command_may_switch_every_source");
        let guest = boot(machine, "--monitor-adjust");
        let sources = say(&guest, "m*").split(',').count() - 1;
        assert!(sources > 16);
        assert_eq!(say(&guest, "Moff"), "ok");
        let told = || Some(guest.serial.text().matches("setting /ukstore/sources/").count()).filter(|told| *told >= sources);
        assert_eq!(eventually(PATIENCE, told), Some(sources), "each has its line");
        // Again nothing changes, and nothing is told.
        assert_eq!((say(&guest, "Moff,log:on"), say(&guest, "Mon")), ("ok".into(), "ok".into()));
        let told = || Some(guest.serial.text().matches("setting /ukstore/sources/").count()).filter(|told| *told >= 2 * sources);
        assert_eq!(eventually(PATIENCE, told), Some(2 * sources));
        assert_eq!(value(&guest.scrape(), "uk_log_changes_untold_total"), 0.0);
    }

    fn the_port_is_closed_unless_asked_for(machine: Machine) {
        needs_root!("the_port_is_closed_unless_asked_for");
        let guest = boot(machine, "");
        assert!(is_closed(&guest, PORT));
        for path in [LEVELS, "/ukstore/ukstore/sources/net", "/ukstore/ukstore/tags/device"] {
            assert_eq!(put(&guest, path, "off"), 403, "{path}");
        }
        drop(guest);
        // It has no passwords: where one is asked for, it would be a door beside the locked one.
        let secret = format!("--monitor-adjust --metrics-auth=bearer:{}", "0".repeat(64));
        let guest = Guest::boot(machine, "guest").network(Network::taps()).parameters(&secret).words("serve").start();
        let _ = guest.line("no control port");
        let healthy = || guest.network().connect(Side::Management, 9100, PATIENCE).ok();
        assert!(eventually(PATIENCE, healthy).is_some() && is_closed(&guest, PORT));
    }

    fn only_who_is_allowed_is_heard(machine: Machine) {
        needs_root!("only_who_is_allowed_is_heard");
        let network = Network::taps();
        let near = network.host_address(Side::Management);
        let guest = boot_on(machine, network, &format!("--monitor-adjust --allow={near}"));
        assert_eq!(say(&guest, "m"), "ok: *:enabled");
        drop(guest);
        let guest = Guest::boot(machine, "guest")
            .network(Network::taps())
            .parameters("--monitor-adjust --allow=192.0.2.1")
            .words("serve")
            .start();
        let _ = guest.line("management: control on port 2323");
        let unheard = || {
            let mut stream = guest.network().connect(Side::Management, PORT, PATIENCE).ok()?;
            let sent = stream.write_all(b"m\n");
            Some(sent.and_then(|()| stream.read(&mut [0; 9])).map_err(|error| error.kind()))
        };
        assert_eq!(eventually(PATIENCE, unheard), Some(Err(ErrorKind::ConnectionReset)));
    }

    fn shared_management_has_it_too(machine: Machine) {
        needs_root!("shared_management_has_it_too");
        let guest = Guest::boot(machine, "guest")
            .network(Network::taps())
            .parameters("--management=shared --monitor-adjust")
            .words("serve")
            .start();
        let ask = || guest.network().connect(Side::Service, PORT, PATIENCE).ok();
        let stream = eventually(PATIENCE, ask).expect("the control port is open");
        assert_eq!(say_to(stream, "m"), "ok: *:enabled");
    }

    fn who_is_slow_disturbs_nobody(machine: Machine) {
        needs_root!("who_is_slow_disturbs_nobody");
        const SLOW: &str = "uk_management_control_errors_total{reason=\"slow\"}";
        let guest = boot(machine, "--monitor-adjust");
        let best = |guest: &Guest| {
            let took = |_| {
                let began = Instant::now();
                let _ = guest.scrape();
                began.elapsed()
            };
            (0..10).map(took).min().unwrap_or_default()
        };
        let alone = best(&guest);
        let mut slow: Vec<_> = (0..4).map(|_| connect(&guest, PORT)).collect();
        let dribble = |slow: &mut Vec<TcpStream>| slow.iter_mut().for_each(|stream| drop(stream.write_all(b"m")));
        dribble(&mut slow);
        let open = || Some(()).filter(|()| value(&guest.scrape(), "uk_management_control_clients") == 4.0);
        assert!(eventually(PATIENCE, open).is_some(), "all places are taken");
        // Nothing follows: a tenth of a second later the four are answered, and do not go.
        let beside = best(&guest);
        // A client that were waited for would cost what it is patient for, a tenth of a second at the least.
        assert!(beside < alone + Duration::from_millis(90), "{beside:?} beside slow clients, {alone:?} without");
        // A fifth is answered: the oldest makes way.
        assert_eq!(say(&guest, "mmemory"), "ok: memory:enabled");
        assert!(value(&guest.scrape(), "uk_management_control_evicted_total") >= 1.0);
        // One that never ends its command is reset.
        let mut stream = connect(&guest, PORT);
        let began = Instant::now();
        let ended = loop {
            if stream.write_all(b"m").is_err() || began.elapsed() > PATIENCE {
                break began.elapsed();
            }
            thread::sleep(Duration::from_millis(50));
        };
        // It has five seconds, less what the two clocks differ by.
        assert!(ended > Duration::from_secs(4) && ended < PATIENCE, "{ended:?}");
        assert_eq!(value(&guest.scrape(), SLOW), 1.0);
        let gone = || Some(()).filter(|()| value(&guest.scrape(), "uk_management_control_clients") == 0.0);
        assert!(eventually(PATIENCE, gone).is_some(), "every place is free again");
    }
}

/// An operator copies them.
#[test]
fn the_commands_of_the_page_are_carried_out() {
    skip::on(Machine::Q35, "the_commands_of_the_page_are_carried_out", |machine| {
        needs_root!("the_commands_of_the_page_are_carried_out");
        let commands: Vec<_> = include_str!("../../../docs/reporting.md")
            .lines()
            .filter_map(|line| line.strip_prefix("$ echo '")?.split_once("' | nc GUEST 2323"))
            .map(|(words, _)| format!("{words}\n"))
            .collect();
        assert_eq!(commands.len(), 3, "{commands:?}");
        // Nobody is told Influx lines or syslog messages, though somebody is told.
        let guest = Guest::boot(machine, "web")
            .network(Network::taps())
            .parameters("--monitor-adjust --netconsole=10.0.1.1")
            .start();
        let _ = guest.line("no --monitor and no --syslog: no Influx lines are pushed");
        let _ = guest.line("management: control on port 2323");
        for command in commands {
            let reply = say(&guest, &command);
            assert!(reply.starts_with("ok"), "{command}{reply}");
        }
        assert_eq!(text(&guest, LEVELS), "info,periscope::net:debug");
        assert!(!guest.scrape().contains("\nuk_thread_"), "threads are off");
    });
}
