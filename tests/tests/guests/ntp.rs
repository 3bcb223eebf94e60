//! The time from a real NTP server, and its address from a real name server: a guest whose RTC is wrong is as right as its
//! host, says how well it knows that, and says once when nobody tells it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tests::chrony::{self, Chrony, DEAD_RTC};
use tests::dnsmasq::{ALIAS, Dnsmasq};
use tests::ntp::{Manner, NtpServer};
use tests::observed::value;
use tests::{Guest, Machine, Network, PATIENCE, eventually, needs_root, on_every_machine, skip};

/// A sample may come with the first answer; a server that comes late is asked again after 16 s at the most.
const LATE: Duration = Duration::from_secs(40);

/// The host's wall clock.
fn host_seconds() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than 1970").as_secs_f64()
}

/// How far the guest's wall clock is from the host's, at most: a scrape takes time, and the clock is read during it.
fn error_seconds(guest: &Guest) -> f64 {
    let before = host_seconds();
    let told = value(&guest.scrape(), "node_time_seconds");
    let after = host_seconds();
    (before - told).max(told - after).max(0.0)
}

/// Waits until `series` is told to be what `is` accepts, and returns the scrape that says so.
fn until(guest: &Guest, deadline: Duration, series: &str, is: impl Fn(f64) -> bool) -> String {
    let ask = || Some(guest.scrape()).filter(|scrape| is(value(scrape, series)));
    eventually(deadline, ask).unwrap_or_else(|| panic!("{series} does not become what it should"))
}

on_every_machine! {
    fn a_wrong_rtc_is_put_right(machine: Machine) {
        needs_root!("a_wrong_rtc_is_put_right");
        let network = Network::taps();
        let server = Chrony::start(&network).expect("tests/setup.sh unpacks it");
        let guest = Guest::boot(machine, "web").network(network).parameters("--ntp=10.0.1.1").options(&DEAD_RTC).start();
        let _ = guest.line("no clock tells the time of day: the RTC says 2001-01-01T00:00:0");
        let _ = guest.line("ntp: it is 20");
        let scrape = until(&guest, PATIENCE, "node_timex_sync_status", |synchronized| synchronized == 1.0);
        // A scrape takes time, on a busy host more.
        let right = || Some(error_seconds(&guest)).filter(|error| *error < 0.05);
        assert!(eventually(PATIENCE, right).is_some(), "{} s off; {}", error_seconds(&guest), server.said());
        assert_eq!(value(&scrape, "uk_ntp_stratum"), chrony::STRATUM);
        assert_eq!(value(&scrape, "uk_ntp_steps_total"), 1.0);
        assert_eq!(value(&scrape, "node_timex_status"), 0.0);
        assert!(value(&scrape, "node_timex_maxerror_seconds") < 1.0);

        // The first round has four requests.
        let scrape = until(&guest, LATE, "uk_ntp_replies_total", |replies| replies >= 4.0);
        assert!(value(&scrape, "uk_ntp_requests_total") >= 4.0);
        assert_eq!(value(&scrape, "uk_ntp_rejected_total{reason=\"malformed\"}"), 0.0);
        assert_eq!(value(&scrape, "node_timex_loop_time_constant"), 4.0);
        for (series, most) in [
            ("uk_ntp_offset_seconds", 0.05),
            ("node_timex_offset_seconds", 0.05),
            ("node_timex_estimated_error_seconds", 0.05),
            ("uk_ntp_last_sync_age_seconds", 20.0),
        ] {
            assert!(value(&scrape, series).abs() < most, "{series}");
        }
        assert!((value(&scrape, "node_timex_frequency_adjustment_ratio") - 1.0).abs() < 0.0006);
        let booted = value(&scrape, "node_boot_time_seconds");
        assert!(booted > 1.7e9 && booted == value(&scrape, "process_start_time_seconds"));
        assert!(eventually(PATIENCE, right).is_some(), "{} s off", error_seconds(&guest));
    }
}

#[test]
fn a_server_that_comes_late_is_found_by_its_name() {
    skip::on(Machine::Q35, "a_server_that_comes_late_is_found_by_its_name", |machine| {
        needs_root!("a_server_that_comes_late_is_found_by_its_name");
        let network = Network::taps();
        let names = Dnsmasq::start(&network).expect("tests/setup.sh installs it");
        let parameters = format!("--ntp={ALIAS} --management-dns=10.0.1.1");
        let guest = Guest::boot(machine, "web").network(network).parameters(&parameters).options(&DEAD_RTC).start();
        let _ = guest.line("ntp: no time from time.example: it does not answer");
        let scrape = guest.scrape();
        assert_eq!(value(&scrape, "node_time_seconds"), 0.0);
        assert_eq!(value(&scrape, "node_timex_sync_status"), 0.0);
        assert_eq!(value(&scrape, "node_timex_status"), 64.0);
        assert_eq!(value(&scrape, "node_timex_maxerror_seconds"), 16.0);
        assert_eq!(value(&scrape, "node_timex_estimated_error_seconds"), 16.0);
        assert!(!scrape.contains("\nuk_ntp_last_sync_age_seconds "), "it has no age");
        assert_eq!(value(&scrape, "uk_stack_dns_queries_total{device=\"management\"}"), 1.0, "{}", names.said());

        let _server = Chrony::start(guest.network()).expect("tests/setup.sh unpacks it");
        let scrape = until(&guest, LATE, "node_timex_sync_status", |synchronized| synchronized == 1.0);
        let right = || Some(()).filter(|()| error_seconds(&guest) < 0.05);
        assert!(eventually(PATIENCE, right).is_some(), "{} s off", error_seconds(&guest));
        assert!(value(&scrape, "uk_ntp_requests_total") > 4.0);
        let of_failures = "uk_stack_dns_failures_total{device=\"management\",reason=\"no_name\"}";
        assert_eq!(value(&scrape, of_failures), 0.0);
        let complaints = guest.serial.text().matches("no time from").count();
        assert_eq!(complaints, 1, "it is said once");
    });
}

#[test]
fn a_clock_that_is_a_little_off_is_slewed() {
    skip::on(Machine::Q35, "a_clock_that_is_a_little_off_is_slewed", |machine| {
        needs_root!("a_clock_that_is_a_little_off_is_slewed");
        const BEHIND: f64 = 0.3;
        let network = Network::taps();
        let server = NtpServer::start(&network, Manner::Silent).expect("nobody else is there");
        let guest = Guest::boot(machine, "web").network(network).parameters("--ntp=10.0.1.1").start();
        // An RTC is read to the second, so what is a little off for this guest is found out first: by the quickest of some
        // scrapes, since the clock is read somewhere in it.
        let look = |_| {
            let before = host_seconds();
            let told = value(&guest.scrape(), "node_time_seconds");
            let after = host_seconds();
            (after - before, told - (before + after) / 2.0)
        };
        let looks = (0..10).map(look).min_by(|one, other| one.0.total_cmp(&other.0));
        let (_, ahead) = looks.expect("there are ten");
        server.behave(Manner::Tell(ahead + BEHIND));

        let scrape = until(&guest, LATE, "node_timex_sync_status", |synchronized| synchronized == 1.0);
        let first = value(&scrape, "uk_ntp_offset_seconds");
        assert!((0.2..0.4).contains(&first), "{first}");
        // Half a millisecond each second, and a round every 16.
        let mut shown = 0.0;
        let less = || {
            let scrape = guest.scrape();
            let now = value(&scrape, "node_time_seconds");
            assert!(now >= shown, "the clock went backwards, from {shown} to {now}");
            shown = now;
            Some(scrape).filter(|scrape| value(scrape, "uk_ntp_offset_seconds") < first - 0.004)
        };
        let scrape = eventually(2 * LATE, less).expect("the clock gains");
        assert!(value(&scrape, "uk_ntp_offset_seconds") > first - 0.1, "it does not jump");
        assert_eq!(value(&scrape, "uk_ntp_steps_total"), 0.0);
    });
}

#[test]
fn a_name_leads_to_another_server_than_one_that_refuses() {
    skip::on(Machine::Q35, "a_name_leads_to_another_server_than_one_that_refuses", |machine| {
        needs_root!("a_name_leads_to_another_server_than_one_that_refuses");
        let network = Network::taps();
        let names = Dnsmasq::start(&network).expect("tests/setup.sh installs it");
        let server = NtpServer::start(&network, Manner::Deny).expect("nobody else is there");
        let parameters = format!("--ntp={ALIAS} --management-dns=10.0.1.1");
        let guest = Guest::boot(machine, "web").network(network).parameters(&parameters).options(&DEAD_RTC).start();
        let _ = guest.line("ntp: no time from time.example: it refuses to be asked");
        assert_eq!(value(&guest.scrape(), "uk_ntp_rejected_total{reason=\"refused\"}"), 1.0);
        // Of a pool that is another one now.
        server.behave(Manner::Tell(0.0));
        let scrape = until(&guest, LATE, "node_timex_sync_status", |synchronized| synchronized == 1.0);
        let asked = value(&scrape, "uk_stack_dns_queries_total{device=\"management\"}");
        assert_eq!(asked, 2.0, "the name is asked for again: {}", names.said());
    });
}

#[test]
fn who_has_no_server_tells_nothing_of_one() {
    skip::on(Machine::Q35, "who_has_no_server_tells_nothing_of_one", |machine| {
        let guest = Guest::boot(machine, "web").network(Network::best()).start();
        let scrape = guest.scrape();
        // Nobody expects it to be synchronized, so no alert is to say that it is not.
        assert!(!scrape.contains("\nnode_timex_sync_status ") && !scrape.contains("\nnode_timex_maxerror_seconds "));
        assert_eq!(value(&scrape, "uk_ntp_requests_total"), 0.0);
        assert!(error_seconds(&guest) < 1.5, "what the RTC says, to the second");
    });
}

#[test]
fn a_name_that_nobody_knows_is_said_and_counted() {
    skip::on(Machine::Q35, "a_name_that_nobody_knows_is_said_and_counted", |machine| {
        needs_root!("a_name_that_nobody_knows_is_said_and_counted");
        let network = Network::taps();
        let _names = Dnsmasq::start(&network).expect("tests/setup.sh installs it");
        let parameters = "--ntp=nobody.example --management-dns=10.0.1.1";
        let guest = Guest::boot(machine, "web").network(network).parameters(parameters).start();
        let _ = guest.line("ntp: no time from nobody.example: its address is not known: no address of that name");
        let scrape = guest.scrape();
        assert_eq!(value(&scrape, "uk_stack_dns_failures_total{device=\"management\",reason=\"no_name\"}"), 1.0);
        assert_eq!(value(&scrape, "uk_ntp_requests_total"), 0.0);
        // The RTC can be believed here.
        assert!(error_seconds(&guest) < 1.5);
    });
}
