//! What a program is promised: threads, locks, memory and clocks that work under preemption.

use std::time::{Duration, Instant, SystemTime};

use tests::{Guest, Machine, Network, Outcome, Side, exposition, on_every_machine};

fn ends_well(machine: Machine, words: &str) -> Guest {
    let mut guest = Guest::boot(machine, "guest").network(Network::best()).words(words).start();
    guest.expect_outcome(Outcome::Success);
    guest
}

/// What the host's time stamp counter has counted since it showed `before`.
#[cfg(target_arch = "x86_64")]
fn ticks_since(before: u64) -> u64 {
    // SAFETY: every x86_64 CPU has the instruction, and Linux lets its programs use it.
    unsafe { std::arch::x86_64::_rdtsc() }.wrapping_sub(before)
}

on_every_machine! {
    fn threads_and_locks(machine: Machine) {
        let _ = ends_well(machine, "threads 8").line("all exercises passed with 8 threads");
    }

    fn the_heap_keeps_ten_thousand_blocks(machine: Machine) {
        let _ = ends_well(machine, "heap 10000").line("heap: 10000 blocks held their content");
    }

    fn bytes_are_copied_filled_and_compared(machine: Machine) {
        let _ = ends_well(machine, "bytes").line("are copied, filled and compared");
    }

    fn clocks(machine: Machine) {
        let before = SystemTime::now();
        let guest = ends_well(machine, "clock");
        let line = guest.line("clock: unix time ");
        let millis = line.split("unix time ").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok());
        let told = SystemTime::UNIX_EPOCH + Duration::from_millis(millis.unwrap_or_else(|| panic!("no time in: {line}")));
        // The machine's clock chip counts in seconds, and truncates.
        let slack = Duration::from_secs(2);
        assert!(told + slack > before && told < SystemTime::now() + slack, "{told:?} is not now");
    }

    fn time_passes_as_it_does_for_the_host(machine: Machine) {
        let guest = Guest::boot(machine, "web").network(Network::best()).start();
        let line = guest.line("clock: ");
        let value = |text: &str, series: &str| exposition::value(text, series).unwrap_or_else(|| panic!("no {series}"));
        // Somewhere between the two the guest has looked at its clock.
        let look = || {
            let (asked, text) = (Instant::now(), guest.scrape());
            (asked, text, Instant::now())
        };
        #[cfg(target_arch = "x86_64")]
        let began = (Instant::now(), ticks_since(0));
        let before = look();
        tests::let_pass(Duration::from_secs(1));
        let after = look();
        let there = value(&after.1, "uk_uptime_seconds") - value(&before.1, "uk_uptime_seconds");
        let (least, most) = (after.0.duration_since(before.2), after.2.duration_since(before.0));
        let here = 0.99 * least.as_secs_f64()..1.01 * most.as_secs_f64();
        assert!(here.contains(&there), "{there} s in {here:?} s of the host's: {line}");
        // What its clock rests on.
        let megahertz = (value(&after.1, "uk_tsc_hertz") / 1e6).floor();
        assert!(line.contains(&format!("clock: {megahertz} MHz")), "{megahertz} MHz, and: {line}");
        // The guest's counter is the host's, from another beginning: its ticks are as long.
        #[cfg(target_arch = "x86_64")]
        {
            let hertz = ticks_since(began.1) as f64 / began.0.elapsed().as_secs_f64();
            let told = value(&after.1, "uk_tsc_hertz");
            assert!((told / hertz - 1.0).abs() < 0.01, "{told} Hz in the guest, {hertz} Hz here");
        }
    }

    fn an_idle_guest_is_halted(machine: Machine) {
        let guest = Guest::boot(machine, "web").network(Network::best()).start();
        assert_eq!(guest.get(Side::Service, "/").status, 200);
        let before = guest.scrape();
        tests::let_pass(Duration::from_secs(2));
        let after = guest.scrape();
        let moved = |series: &str| {
            let value = |text: &str| exposition::value(text, series).unwrap_or_else(|| panic!("no {series}"));
            value(&after) - value(&before)
        };
        // How little CPU that costs is for `make bench` to say: here the host may be busy.
        assert!(moved("uk_halts_total") > 0.0);
        let idle = moved("node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"}") / moved("uk_uptime_seconds");
        assert!(idle > 0.5, "halted for {idle} of the time, with nothing to do");
        // Tickless: a timer at even 100 Hz would have halted it 200 times.
        assert!(moved("uk_halts_total") < 150.0, "woken {} times in 2 s", moved("uk_halts_total"));
    }
}
