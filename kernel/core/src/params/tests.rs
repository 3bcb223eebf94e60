//! Tests of the boot parameter parser, by example and by throwing text at it.

use super::*;
use proptest::prelude::*;
use std::{string::String, string::ToString, vec::Vec};

fn parse(command_line: &str) -> Params<'_> {
    Params::parse(command_line.as_bytes(), b"").unwrap_or_else(|error| panic!("{error}"))
}

fn refuse(command_line: &str) -> String {
    match Params::parse(command_line.as_bytes(), b"") {
        Ok(params) => panic!("{command_line} passed as {params:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn nothing_given_means_the_defaults() {
    assert_eq!(parse(" \t\n "), Params::new());
    assert_eq!(parse("").program.words().next(), None);
    assert_eq!((parse("").management_cpu, parse("").logs, parse("").metric_sources), (None, None, None));
    assert!(parse("").monitor_adjust.is_none() && !parse("").debug_faults);
    assert!(parse("").monitors.is_empty() && parse("").tags == Tags::NONE);
    assert!(!parse("").metrics_gzip && !parse("").metrics_created);
    assert_eq!((parse("").allow, parse("").metrics_auth), (None, None));
}

#[test]
fn everything_given_is_taken() {
    let params = parse(
        "--name=web-1 --ipv4=10.0.0.2/24 --ipv4-gateway=10.0.0.1 --service-mac=52:54:00:12:34:56 --management=shared \
         --management-ipv4=192.168.7.9/31 --management-ipv4-gateway=192.168.7.8 --management-mac=52:54:00:AB:cd:ef \
         --management-port=9200 --management-cpu=10% --logs=warning,web:debug --metrics=off,ukstore:on \
         --allow=10.0.0.0/8,192.168.7.8 --metrics-gzip=on --metrics-created=on --monitor-adjust --debug-faults=on",
    );
    assert_eq!(params.name.map(HostName::as_str), Some("web-1"));
    assert_eq!(params.service.ipv4.map(|cidr| cidr.to_string()).as_deref(), Some("10.0.0.2/24"));
    assert_eq!(params.service.gateway, Some(Ipv4Addr::new(10, 0, 0, 1)));
    assert_eq!(params.service.mac.map(Mac::octets), Some([0x52, 0x54, 0, 0x12, 0x34, 0x56]));
    assert_eq!(params.management.ipv4.map(HostCidr::prefix_len), Some(31));
    assert_eq!(params.management.gateway, Some(Ipv4Addr::new(192, 168, 7, 8)));
    assert_eq!(params.management.mac.map(Mac::octets), Some([0x52, 0x54, 0, 0xab, 0xcd, 0xef]));
    assert_eq!(params.management_mode, ManagementMode::Shared);
    assert_eq!(params.management_port, 9200);
    assert_eq!(params.management_cpu.map(Share::percent), Some(10));
    assert_eq!(params.logs.map(LogLevels::as_str), Some("warning,web:debug"));
    assert_eq!(params.metric_sources, Switches::parse("off,ukstore:on").ok());
    assert_eq!(params.allow, AllowList::parse("10.0.0.0/8,192.168.7.8").ok());
    assert!(params.metrics_gzip && params.metrics_created);
    assert!(params.monitor_adjust == Some(2323) && params.debug_faults);
}

#[test]
fn everything_about_pushing_is_taken() {
    let params = parse(
        "--job=edge --tags=cluster=021,datacenter=murika --monitor=10.0.0.1 --monitor=http://a:b@influx:8086/write?db=x \
         --monitor-transport=udp --monitor-interval=1500ms --monitor-timestamps=off --monitor-unsigned=on \
         --monitor-gzip=on --syslog=tcp://10.0.0.2:6514 --syslog-transport=tcp --syslog-format=rfc3164 \
         --netconsole=10.0.0.3 --remote-write=http://10.0.0.4/api/v1/write --remote-write-interval=1m \
         --remote-write-protocol=2 --ping=http://hc.example/uuid --ping-interval=30 --backlog=64K --ntp=10.0.0.5 \
         --management-dns=10.0.0.6 --monitor-adjust=4000",
    );
    assert_eq!((params.job, params.tags.as_slice().len(), params.monitors.len()), ("edge", 2, 2));
    assert_eq!(params.monitors[1].transport, Some(Transport::Http));
    assert_eq!((params.monitor_transport, params.monitor_interval_ns), (Transport::Udp, 1_500_000_000));
    assert!(!params.monitor_timestamps && params.monitor_unsigned && params.monitor_gzip);
    assert_eq!(params.syslogs[0].port, Some(6514));
    assert_eq!((params.syslog_transport, params.syslog_format), (Transport::Tcp, SyslogFormat::Rfc3164));
    assert_eq!((params.netconsoles.len(), params.remote_writes.len(), params.pings.len()), (1, 1, 1));
    assert_eq!(params.remote_write_interval_ns, 60_000_000_000);
    assert_eq!(params.remote_write_protocol, RemoteWriteProtocol::V2);
    assert_eq!((params.ping_interval_ns, params.backlog_bytes), (Some(30_000_000_000), Some(65_536)));
    assert_eq!(params.ntp, Some(Host::Address(Ipv4Addr::new(10, 0, 0, 5))));
    assert_eq!((params.management_dns, params.monitor_adjust), (Some(Ipv4Addr::new(10, 0, 0, 6)), Some(4000)));
}

#[test]
fn both_sources_count() {
    let file = b"# secrets\n--management-cpu=7\n  # --name=no\n--logs=debug # not --name=x\n-- a\nb # c\nd\n";
    let params = Params::parse(b"--name=x virtio_mmio.device=512@0xfeb00e00:12", file);
    let params = params.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(params.name.map(HostName::as_str), Some("x"));
    assert_eq!(params.management_cpu.map(Share::percent), Some(7));
    assert_eq!(params.program.words().collect::<Vec<_>>(), ["a", "b", "d"]);

    let error = Params::parse(b"--name=x", b"--name=y").map_err(|error| error.to_string());
    assert_eq!(error, Err("--name=y: given twice".into()));
    let error = Params::parse(b"-- a", b"-- b").map_err(|error| error.to_string());
    let both = "--: words for the program both on the command line and in the parameter file";
    assert_eq!(error, Err(both.into()));
    let error = Params::parse(b"", b"\xff").map_err(|error| error.to_string());
    assert_eq!(error, Err("opt/periscope/params: not UTF-8 text".into()));
}

#[test]
fn devices_are_found_behind_the_programs_words() {
    let params =
        parse("virtio_mmio.device=4K@0xd0000000:5:1 -- serve -- --name=a virtio_mmio.device=512@0xfeb00e00:12");
    let devices =
        [MmioDevice { base: 0xd000_0000, size: 4096, irq: 5 }, MmioDevice { base: 0xfeb0_0e00, size: 512, irq: 12 }];
    assert_eq!(params.mmio_devices, devices);
    assert_eq!(params.program.words().collect::<Vec<_>>(), ["serve", "--", "--name=a"]);
    assert_eq!(params.name, None);
}

#[test]
fn refusals_name_the_word_and_the_reason() {
    for (line, message) in [
        ("--nmae=x", "--nmae: unknown parameter (words for the program go after --)"),
        ("quiet", "quiet: unknown parameter (words for the program go after --)"),
        ("--name", "--name: has no value (NAME=VALUE)"),
        ("--name=a --name=a", "--name=a: given twice"),
        ("--name=-a", "--name=-a: not a host name (letters, digits, - and ., at most 63)"),
        ("--name=", "--name=: not a host name (letters, digits, - and ., at most 63)"),
        ("--ipv4=10.0.0", "--ipv4=10.0.0: not an address with prefix length (A.B.C.D/N)"),
        ("--ipv4=10.0.0.2/33", "--ipv4=10.0.0.2/33: not an address with prefix length (A.B.C.D/N)"),
        ("--ipv4=10.0.0.2/+8", "--ipv4=10.0.0.2/+8: not an address with prefix length (A.B.C.D/N)"),
        ("--ipv4=10.0.0.0/24", "--ipv4=10.0.0.0/24: not an address a host can have in that network"),
        ("--ipv4=10.0.0.255/24", "--ipv4=10.0.0.255/24: not an address a host can have in that network"),
        ("--ipv4=224.0.0.1/24", "--ipv4=224.0.0.1/24: not an address a host can have in that network"),
        ("--ipv4-gateway=10.0.0.1", "--ipv4-gateway=10.0.0.1: a gateway without the address it belongs to"),
        (
            "--management-ipv4-gateway=10.1.0.1 --management-ipv4=10.0.0.2/24",
            "--management-ipv4-gateway=10.1.0.1: not another host in the network of the address it belongs to",
        ),
        ("--ipv4-gateway=x", "--ipv4-gateway=x: not an address (A.B.C.D)"),
        ("--service-mac=52:54:00:12:34", "--service-mac=52:54:00:12:34: not a MAC address (xx:xx:xx:xx:xx:xx)"),
        ("--service-mac=53:54:00:12:34:56", "--service-mac=53:54:00:12:34:56: not the MAC address of one network card"),
        (
            "--management-mac=52:54:00:00:00:01 --service-mac=52:54:00:00:00:01",
            "--management-mac=52:54:00:00:00:01: the same MAC address as --service-mac",
        ),
        ("--management=on", "--management=on: not a mode (separate, shared, off)"),
        ("--management-cpu=0%", "--management-cpu=0%: not a share of the CPU (1% to 90%)"),
        ("--management-cpu=5%%", "--management-cpu=5%%: not a share of the CPU (1% to 90%)"),
        ("--management-port=0", "--management-port=0: not a port (1 to 65535)"),
        ("--management-port=65536", "--management-port=65536: not a port (1 to 65535)"),
        ("--logs=loud", "--logs=loud: unknown level (quiet, app, error, warning, info, debug)"),
        ("--metrics=perhaps", "--metrics=perhaps: neither on nor off"),
        (
            "--metrics=off,nobody:on",
            "--metrics=off,nobody:on: unknown source (docs/metrics.md has them: the first names of paths)",
        ),
        (
            "--metrics=tag:nothing:on",
            "--metrics=tag:nothing:on: unknown tag (docs/metrics.md has them: the labels of metrics)",
        ),
        ("--monitor-adjust=0", "--monitor-adjust=0: not a port (1 to 65535)"),
        ("--monitor-adjust=", "--monitor-adjust=: has no value (NAME=VALUE)"),
        ("--monitor-adjust=9100", "--monitor-adjust=9100: the same port as --management-port"),
        ("--syslog=10.0.0.1:x", "--syslog=10.0.0.1:x: not a port (1 to 65535)"),
        ("--syslog-transport=http", "--syslog-transport=http: not a transport that is possible here (tcp, udp, http)"),
        ("--syslog-format=5424", "--syslog-format=5424: not a format (rfc5424, rfc3164)"),
        ("--remote-write-protocol=3", "--remote-write-protocol=3: not a protocol (1, 2)"),
        ("--job=", "--job=: not a word of 1 to 64 bytes"),
        ("--monitor-interval=10ms", "--monitor-interval=10ms: not a duration (100ms to 24h, in ms, s, m or h)"),
        ("--monitor-interval=25h", "--monitor-interval=25h: not a duration (100ms to 24h, in ms, s, m or h)"),
        ("--monitor-interval=1d", "--monitor-interval=1d: not a duration (100ms to 24h, in ms, s, m or h)"),
        ("--backlog=1K", "--backlog=1K: not a size (16K to 1G, in K, M or G)"),
        ("--ping=https://hc.example/uuid", "--ping: there is no TLS in this kernel (http://)"),
        (
            "--ping=http://hc.example",
            "--ping: without a path: it is what tells one check from another (http://HOST[:PORT]/PATH)",
        ),
        ("--ntp=10.0.0.1:123", "--ntp=10.0.0.1:123: not a host (A.B.C.D or a name, without a port)"),
        (
            "--monitor=http://token@influx",
            "--monitor: not a receiver ([SCHEME://][USER:PASSWORD@ or :TOKEN@]HOST[:PORT][/PATH], as far as it is taken \
             here)",
        ),
        (
            "--tags=source=x",
            "--tags=source=x: not tags (NAME=VALUE,...: at most 8, of letters, digits and _, no name twice, and none of \
             vm, instance, job, le, quantile, time, boot, seq, thread, source, truncated)",
        ),
        (
            "--netconsole=a --netconsole=b --netconsole=c --netconsole=d --netconsole=e",
            "--netconsole=e: more than 4 of them",
        ),
        ("--monitor-adjust --monitor-adjust", "--monitor-adjust: given twice"),
        ("--debug-faults", "--debug-faults: has no value (NAME=VALUE)"),
        ("--debug-faults=yes", "--debug-faults=yes: neither on nor off"),
        (
            "--allow=10.0.0.1/8",
            "--allow=10.0.0.1/8: not a list of A.B.C.D and A.B.C.D/N (bits after the first N are 0), at most 16",
        ),
        ("--metrics-gzip=yes", "--metrics-gzip=yes: neither on nor off"),
        ("--metrics-created=", "--metrics-created=: neither on nor off"),
        ("virtio_mmio.device=512@0xfeb00e00", "virtio_mmio.device=512@0xfeb00e00: not a device (SIZE@ADDRESS:IRQ)"),
        (
            "virtio_mmio.device=1@0xffffffffffffffff:1",
            "virtio_mmio.device=1@0xffffffffffffffff:1: not a device (SIZE@ADDRESS:IRQ)",
        ),
    ] {
        assert_eq!(refuse(line), message);
    }
}

#[test]
fn what_is_shown_of_a_word_is_short_and_harmless() {
    let long = "x".repeat(500);
    assert_eq!(refuse(&long).split(':').next().map(str::len), Some(83));
    assert!(refuse("a\u{1b}[31m").starts_with("a\\u{1b}[31m: unknown"));
}

#[test]
fn a_secret_is_never_shown() {
    let word = std::format!("--metrics-auth=bearer:{}", "ab".repeat(32));
    let params = parse(&word);
    assert!(matches!(params.metrics_auth, Some(Auth::Bearer { digest }) if *digest.bytes() == [0xab; 32]));
    assert!(!std::format!("{params:?}").to_lowercase().contains("ab, ab"), "{params:?}");

    let why = "--metrics-auth: neither basic:USER:SHA256HEX (USER has at most 64 bytes) nor bearer:SHA256HEX, where \
               SHA256HEX are the 64 digits that printf %s SECRET | sha256sum prints";
    assert_eq!(refuse("--metrics-auth=bearer:password"), why);
    assert_eq!(refuse(&std::format!("{word} {word}")), "--metrics-auth: given twice");
}

#[test]
fn what_management_does_is_refused_where_there_is_none() {
    for word in [
        "--monitor=10.0.0.1",
        "--syslog=10.0.0.1",
        "--netconsole=10.0.0.1",
        "--remote-write=http://me:secret@10.0.0.1",
        "--ping=http://10.0.0.1/uuid",
        "--ntp=10.0.0.1",
        "--monitor-adjust",
        "--allow=10.0.0.1",
        "--management-port=9200",
    ] {
        let name = word.split('=').next().unwrap_or_default();
        let is_secret = PARAMETERS.iter().any(|parameter| parameter.name == name && parameter.secret);
        let shown = if is_secret { name } else { word };
        let why = std::format!("{shown}: without management it does nothing (--management=off)");
        assert_eq!(refuse(&std::format!("{word} --management=off")), why);
        assert_eq!(refuse(&std::format!("--management=off {word}")), why);
        assert!(Params::parse(std::format!("{word} --management=shared").as_bytes(), b"").is_ok(), "{word}");
    }
    // Who it is, and its network cards, are not only management's.
    parse(
        "--management=off --name=a --job=b --tags=c=d --management-mac=52:54:00:00:00:01 --management-ipv4=10.0.0.2/24",
    );
    parse("--management=off --metrics=off --logs=debug --debug-faults=on");
}

#[test]
fn a_secret_is_not_shown_where_its_parameter_is_mistyped() {
    let hash = "ab".repeat(32);
    for (word, shown) in [
        (std::format!("--metrics_auth=bearer:{hash}"), "--metrics_auth"),
        (std::format!("-metrics-auth=basic:me:{hash}"), "-metrics-auth"),
        (std::format!("--metrics-auth:bearer:{hash}"), "--metrics-auth"),
        (std::format!("--metrics-auth:bearer={hash}"), "--metrics-auth"),
        (std::format!("bearer:{hash}"), "bearer"),
        (std::format!("={hash}"), ""),
    ] {
        let why = "unknown parameter (words for the program go after --)";
        assert_eq!(refuse(&word), std::format!("{shown}: {why}"));
    }
}

#[test]
fn there_is_room_for_so_many_devices_and_no_more() {
    let device = "virtio_mmio.device=512@0xfeb00000:5 ";
    assert_eq!(parse(&device.repeat(MAX_MMIO_DEVICES)).mmio_devices.len(), MAX_MMIO_DEVICES);
    assert!(refuse(&device.repeat(MAX_MMIO_DEVICES + 1)).ends_with("more devices than the kernel has room for"));
}

#[test]
fn the_table_is_complete() {
    for parameter in &PARAMETERS {
        assert!(parameter.help.ends_with('.') && !parameter.default.is_empty());
        // Whatever the table lists, the parser knows: a value too few or too many is a different refusal from no such
        // parameter.
        if parameter.optional {
            assert!(parse(parameter.name) != Params::new());
            continue;
        }
        let (word, why) = match parameter.value {
            "" => (std::format!("{}=", parameter.name), "takes no value"),
            _ => (parameter.name.into(), "has no value (NAME=VALUE)"),
        };
        assert_eq!(refuse(&word), std::format!("{word}: {why}"));
    }
}

#[test]
fn rows_of_the_table() {
    let row_of = |name| PARAMETERS.iter().find(|parameter| parameter.name == name).map(Parameter::to_string);
    let mode = row_of("--management");
    let row = "| `--management=separate\\|shared\\|off` | Whether management has a network card of its own, shares the \
               service one, or is off. | separate |";
    assert_eq!(mode.as_deref(), Some(row));
    let bare = row_of("--monitor-adjust").unwrap_or_default();
    assert!(bare.starts_with("| `--monitor-adjust[=PORT]` | ") && bare.ends_with(" | not given |"), "{bare}");
}

proptest! {
    /// No input panics, and every refusal names something that was given.
    #[test]
    fn any_bytes_are_answered(line in prop::collection::vec(any::<u8>(), 0..200), file in "[-#= a-z0-9./:@\n]{0,200}") {
        if let Err(error) = Params::parse(&line, file.as_bytes()) {
            let _shown = error.to_string();
        }
    }

    /// Words that look like parameters reach every value parser.
    #[test]
    fn any_value_is_answered(index in 0..PARAMETERS.len(), value in "[0-9a-fx.:/@%,-]{0,40}") {
        let word = std::format!("{}={value}", PARAMETERS[index].name);
        if let Err(error) = Params::parse(word.as_bytes(), b"") {
            let shown = if PARAMETERS[index].secret { PARAMETERS[index].name } else { &word };
            prop_assert_eq!(error.word, shown);
        }
    }

    /// Every address with its prefix length is read as itself.
    #[test]
    fn addresses_are_read_as_they_are(bits: u32, prefix_len in 1u8..=32) {
        let text = std::format!("{}/{prefix_len}", Ipv4Addr::from_bits(bits));
        match HostCidr::parse(&text) {
            Ok(cidr) => prop_assert_eq!(cidr.to_string(), text),
            Err(why) => prop_assert_eq!(why, Why::NoHost),
        }
    }
}
