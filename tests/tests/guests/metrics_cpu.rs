//! What the machine tells of its CPU: work of a known amount moves the right metrics, and by that amount.

use std::time::Duration;

use tests::observed::{Moved, value};
use tests::{Guest, Machine, Network, Side, eventually, exposition, needs_root, on_every_machine};

/// What the guest's `cpu` does: see `tests/guest/src/cpu.rs`.
const SPIN: f64 = 0.6;
const SLEEPS: f64 = 50.0;
const YIELDS: f64 = 2000.0;
const HOLD: f64 = 0.2;
const CONTENDERS: f64 = 3.0;
const SPINNERS: f64 = 4.0;

const MODES: [&str; 8] = ["idle", "iowait", "irq", "nice", "softirq", "steal", "system", "user"];

fn mode(scrape: &str, mode: &str) -> f64 {
    value(scrape, &format!("node_cpu_seconds_total{{cpu=\"0\",mode=\"{mode}\"}}"))
}

fn all_modes(scrape: &str) -> f64 {
    exposition::sum(scrape, "node_cpu_seconds_total")
}

/// What only these families say. It fits into one reply, so that nothing halts or switches between one and the next.
fn only(guest: &Guest, names: &[&str]) -> String {
    let selected: Vec<_> = names.iter().map(|name| format!("name[]={name}")).collect();
    guest.get(Side::Management, &format!("/metrics?{}", selected.join("&"))).text()
}

/// What moves while the guest, which waits for a knock, does its next piece of work.
fn moved_by_work(guest: &Guest, done: &str) -> Moved {
    let before = guest.scrape();
    let _knock = guest.knock();
    let _ = guest.line(&format!("cpu: {done}"));
    Moved { before, after: guest.scrape() }
}

/// What the CPU's account says of two scrapes.
trait OfModes {
    fn mode(&self, name: &str) -> f64;

    /// The time between the two, as the modes have it.
    fn elapsed(&self) -> f64;
}

impl OfModes for Moved {
    fn mode(&self, name: &str) -> f64 {
        mode(&self.after, name) - mode(&self.before, name)
    }

    fn elapsed(&self) -> f64 {
        self.sum("node_cpu_seconds_total")
    }
}

/// `found` is `expected`, or up to `more` more.
fn assert_from(what: &str, found: f64, expected: f64, more: f64) {
    assert!(found >= expected && found <= expected + more, "{what}: {found}, not {expected} or up to {more} more");
}

/// The time in handlers is that of the mode, but for what the hypervisor stole of it.
fn handling_interrupts_is_a_mode(guest: &Guest) {
    let mut closest = f64::MAX;
    for _ in 0..5 {
        let scrape = only(guest, &["node_cpu_seconds_total", "uk_interrupt_seconds_total"]);
        let more = exposition::sum(&scrape, "uk_interrupt_seconds_total") - mode(&scrape, "irq");
        let beyond = (more - more.clamp(0.0, mode(&scrape, "steal"))).abs();
        // A NIC may interrupt between the two families.
        assert!(beyond < 0.01, "{beyond} s in handlers and not in the mode, or the other way round:\n{scrape}");
        closest = closest.min(beyond);
    }
    assert!(closest < 1e-6, "{closest} s in handlers and not in the mode, or the other way round");
}

/// Every moment is in one mode, and the modes that cannot be are not.
fn the_modes_are_all_the_time(guest: &Guest) {
    let mut closest = f64::MAX;
    for _ in 0..5 {
        let scrape = only(guest, &["node_cpu_seconds_total", "uk_uptime_seconds"]);
        for never in ["iowait", "nice"] {
            assert_eq!(mode(&scrape, never), 0.0);
        }
        for mode in MODES {
            assert!(value(&scrape, &format!("node_cpu_seconds_total{{cpu=\"0\",mode=\"{mode}\"}}")) >= 0.0);
        }
        // The uptime is read last, and the host may take the CPU away in between.
        let later = value(&scrape, "uk_uptime_seconds") - all_modes(&scrape);
        assert!((-1e-6..0.5).contains(&later), "the modes add up to {later} s less than the uptime");
        closest = closest.min(later);
    }
    assert!(closest < 0.001, "the modes add up to {closest} s less than the uptime");
}

fn a_spinning_thread_is_user_time(guest: &Guest) {
    let moved = moved_by_work(guest, "spun");
    // The guest's clock runs on while a busy host does not run the guest, so it may have been more than it was to be. All
    // of it was user time, but for packets and interrupts, and for other threads' turns.
    let spun = guest.line("cpu: the loop took ");
    let nanoseconds = spun.split(' ').rev().nth(1).and_then(|word| word.parse::<f64>().ok());
    let spun = nanoseconds.unwrap_or_else(|| panic!("no number in: {spun}")) / 1e9;
    assert!(spun >= SPIN, "{spun} s");
    let others: f64 = ["irq", "softirq", "steal", "system"].map(|mode| moved.mode(mode)).iter().sum();
    assert_from("user", moved.mode("user"), spun - others, others + 0.05);
    let threads =
        ["main", "sampler"].map(|name| moved.by(&format!("uk_thread_cpu_seconds_total{{thread=\"{name}\"}}")));
    let more = threads.iter().sum::<f64>() - moved.mode("user");
    assert!((-0.01..=moved.mode("softirq") + moved.mode("irq") + 0.01).contains(&more), "{more} s more than user");
    assert!(moved.mode("softirq") > 0.0 && moved.mode("irq") > 0.0 && moved.mode("system") > 0.0);
    let running = moved.by("node_schedstat_running_seconds_total{cpu=\"0\"}");
    let busy: f64 = ["irq", "softirq", "system", "user"].map(|mode| moved.mode(mode)).iter().sum();
    assert!((running - busy).abs() < 0.05, "running for {running} s, and busy for {busy} s");
    // Threads had this time, but for the management NIC's interrupts and those that ended a halt.
    let threads = moved.sum("uk_thread_cpu_seconds_total");
    assert!((threads - busy).abs() < 0.1 * busy, "threads had {threads} s of {busy} s");
}

fn a_sleep_is_a_timer_interrupt_and_idle_time(guest: &Guest) {
    let moved = moved_by_work(guest, "slept");
    // Other timers may go off meanwhile, the stacks' among them; and another interrupt may end a halt at the same moment.
    assert_from(
        "timer interrupts",
        moved.by("node_interrupts_total{cpu=\"0\",devices=\"\",info=\"Local timer interrupts\",type=\"LOC\"}"),
        SLEEPS,
        100.0,
    );
    assert_from("woken by the timer", moved.by("uk_wakeups_total{reason=\"timer\"}"), 0.8 * SLEEPS, 100.0);
    assert_from("timers that were late", moved.by("uk_timer_lateness_seconds_count"), SLEEPS, 100.0);
    // Each sleep takes as long as its timer is late, and no less than it was to be. Timers of the two stacks may be late
    // at the same moments.
    assert!(
        moved.by("uk_timer_lateness_seconds_sum") < 3.0 * (moved.elapsed() - 0.5),
        "{} s",
        moved.by("uk_timer_lateness_seconds_sum")
    );
    assert_from("sleepers woken", moved.by("uk_wakeup_latency_seconds_count"), SLEEPS, 300.0);
    let timer = moved.by("uk_interrupt_seconds_total{type=\"LOC\"}");
    let all = moved.mode("irq") + moved.mode("steal");
    assert!(timer > 0.0 && timer < all + 0.001, "{timer} s for the timer, {all} s for all");
    handling_interrupts_is_a_mode(guest);
    assert_from("times main got the CPU", moved.by("uk_thread_switches_total{thread=\"main\"}"), SLEEPS, 20.0);
    assert!(moved.mode("idle") > 0.2, "idle for {} s", moved.mode("idle"));
    let halts = only(guest, &["uk_halts_total", "uk_wakeups_total"]);
    assert_eq!(value(&halts, "uk_halts_total"), exposition::sum(&halts, "uk_wakeups_total"));
    assert_eq!(moved.by("uk_wakeups_total{reason=\"other\"}"), 0.0);
}

fn a_yield_is_a_switch(guest: &Guest) {
    let moved = moved_by_work(guest, "yielded");
    assert_from("switches", moved.by("node_context_switches_total"), YIELDS - 200.0, 600.0);
    assert_from("times a thread got the CPU", moved.by("node_schedstat_timeslices_total{cpu=\"0\"}"), YIELDS, 400.0);
    assert_eq!(moved.by("node_forks_total"), 2.0);
    let slices = only(guest, &["node_schedstat_timeslices_total", "uk_run_queue_wait_seconds"]);
    let waits = value(&slices, "uk_run_queue_wait_seconds_count");
    assert_eq!(waits, value(&slices, "node_schedstat_timeslices_total"), "each has waited before, if only for 0 s");
    assert!(moved.by("uk_wakeup_latency_seconds_count") < YIELDS / 2.0, "who gives way has not slept");
}

fn a_lock_tells_who_waited_for_it(guest: &Guest) {
    let moved = moved_by_work(guest, "held");
    let after = |name: &str| value(&moved.after, &format!("{name}{{lock=\"held\"}}"));
    assert_eq!(after("uk_lock_acquisitions_total"), CONTENDERS + 2.0);
    assert_eq!(after("uk_lock_contentions_total"), CONTENDERS);
    // Neither took longer than all of it, and each contender waited while the lock was held.
    let held = after("uk_lock_longest_hold_seconds");
    assert!(held >= HOLD && held <= moved.elapsed(), "held for {held} s");
    let waits = after("uk_lock_wait_seconds_total") / CONTENDERS;
    assert!(waits >= 0.7 * HOLD && waits <= moved.elapsed(), "each waited {waits} s");
}

/// From here on the guest never rests again.
fn spinning_threads_are_the_load(guest: &Guest) {
    // At rest only the thread that tells runs, and perhaps the sampler, which it has asked for this.
    let idle = eventually(tests::PATIENCE, || {
        let runs = |thread: &str, scrape: &str| value(scrape, &format!("uk_thread_runnable{{thread=\"{thread}\"}}"));
        Some(guest.scrape()).filter(|scrape| {
            value(scrape, "node_procs_running") - runs("sampler", scrape) == runs("management", scrape)
        })
    });
    let idle = idle.expect("the guest comes to rest");
    assert_eq!(value(&idle, "uk_thread_runnable{thread=\"main\"}"), 0.0);
    assert_eq!(value(&idle, "uk_thread_runnable{thread=\"management\"}"), 1.0);
    let _knock = guest.knock();
    let _ = guest.line("cpu: spinning");
    // Short ones: management has its share only, and a whole scrape takes some turns.
    let scrape = || {
        only(
            guest,
            &[
                "node_cpu_seconds_total",
                "node_load1",
                "node_load5",
                "node_load15",
                "node_pressure_cpu_waiting_seconds_total",
                "node_procs_blocked",
                "node_procs_running",
                "node_schedstat_timeslices_total",
                "node_schedstat_waiting_seconds_total",
                "uk_run_queue_wait_seconds",
                "uk_thread_cpu_seconds_total",
                "uk_thread_run_queue_seconds_total",
                "uk_thread_runnable",
                "uk_thread_switches_total",
            ],
        )
    };
    let before = scrape();
    tests::let_pass(Duration::from_secs(2));
    let moved = Moved { before, after: scrape() };
    let elapsed = moved.elapsed();
    // The thread that tells, and perhaps one that a packet has woken and that waits for its turn.
    assert_from("runnable threads", value(&moved.after, "node_procs_running"), SPINNERS + 1.0, 1.0);
    assert_eq!(value(&moved.after, "node_procs_blocked"), 0.0);
    assert_eq!(value(&moved.after, "uk_thread_runnable{thread=\"main\"}"), 1.0);
    assert_eq!(moved.mode("idle"), 0.0);
    assert!(moved.mode("user") > 0.8 * elapsed, "user for {} of {elapsed} s", moved.mode("user"));
    // One of them runs, and the others wait.
    let waiting = moved.by("node_schedstat_waiting_seconds_total{cpu=\"0\"}") / elapsed;
    assert!((waiting - (SPINNERS - 1.0)).abs() < 0.3, "{waiting} threads waited");
    // Whoever has the CPU while a busy host does not run the guest is charged for that, and waits for longer afterwards.
    let queued = moved.by("uk_thread_run_queue_seconds_total{thread=\"main\"}") / elapsed;
    assert!((queued - (SPINNERS - 1.0) / SPINNERS).abs() < 0.24, "main waited for {queued} of the time");
    let pressed = moved.by("node_pressure_cpu_waiting_seconds_total");
    assert!((pressed - elapsed).abs() < 0.1, "pressed for {pressed} of {elapsed} s");
    let waits = moved.by("uk_run_queue_wait_seconds_sum") / elapsed;
    assert!((waits - (SPINNERS - 1.0)).abs() < 0.5, "waits of {waits} threads have ended");
    let queued = moved.sum("uk_thread_run_queue_seconds_total") / elapsed;
    assert!((queued - (SPINNERS - 1.0)).abs() < 0.5, "{queued} threads were queued, one by one");
    // The load tends to what is there, by e every so many minutes.
    for (name, minutes) in [("node_load1", 1.0), ("node_load5", 5.0), ("node_load15", 15.0)] {
        let kept = (-elapsed / (60.0 * minutes)).exp();
        let expected = value(&moved.before, name) * kept + SPINNERS * (1.0 - kept);
        let found = value(&moved.after, name);
        assert!((found - expected).abs() < 0.1 * expected, "{name} is {found}, not {expected}");
    }
    // Nobody has come or gone, so the threads' times are the whole.
    let threads = moved.sum("uk_thread_cpu_seconds_total");
    assert!((threads - elapsed).abs() < 0.02 * elapsed, "threads had {threads} s of {elapsed} s");
    let turns = moved.by("node_schedstat_timeslices_total{cpu=\"0\"}");
    // Telling takes turns itself.
    assert_from("threads' turns", moved.sum("uk_thread_switches_total"), 0.95 * turns, 0.1 * turns);
}

/// What does not move here, because there is nothing that could move it, or is what was configured.
fn the_rest_is_as_it_must_be(guest: &Guest) {
    let scrape = &guest.scrape();
    for series in [
        "node_pressure_memory_waiting_seconds_total",
        "node_pressure_memory_stalled_seconds_total",
        "node_time_zone_offset_seconds{time_zone=\"UTC\"}",
        "node_interrupts_total{cpu=\"0\",devices=\"\",info=\"Spurious interrupts\",type=\"SPU\"}",
        "uk_interrupt_seconds_total{type=\"SPU\"}",
    ] {
        assert_eq!(value(scrape, series), 0.0, "{series}");
    }
    // The guest has interrupted itself once.
    let unexpected = "node_interrupts_total{cpu=\"0\",devices=\"\",info=\"Unexpected interrupts\",type=\"ERR\"}";
    assert_eq!(value(scrape, unexpected), 1.0);
    for name in ["node_time_clocksource_available_info", "node_time_clocksource_current_info"] {
        assert_eq!(value(scrape, &format!("{name}{{device=\"0\",clocksource=\"tsc\"}}")), 1.0);
    }
    assert_eq!(value(scrape, "uk_management_cpu_share_ratio"), 0.07);
    // Unless a NIC interrupts between the two.
    let is_the_sum = eventually(tests::PATIENCE, || {
        let interrupts = only(guest, &["node_intr_total", "node_interrupts_total"]);
        (exposition::sum(&interrupts, "node_interrupts_total") == value(&interrupts, "node_intr_total")).then_some(())
    });
    assert!(is_the_sum.is_some(), "the interrupts by vector are not all:\n{}", guest.scrape());
}

/// The interrupts of a NIC, whatever its vector and however they come.
fn interrupts(scrape: &str, side: Side) -> f64 {
    let device = format!("devices=\"{}\"", side.name());
    let of_device =
        |(series, _): &(&str, f64)| series.starts_with("node_interrupts_total{") && series.contains(&device);
    let found: Vec<_> = exposition::samples(scrape).filter(of_device).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].1
}

/// Of the service's NIC, which has told of nothing else since.
fn each_packet_that_comes_alone_interrupts(guest: &Guest) {
    const PINGS: u32 = 20;
    let told = eventually(tests::PATIENCE, || {
        let before = guest.scrape();
        for _ in 0..PINGS {
            assert_eq!(guest.network().ping(Side::Service, 1, 1, 56).expect("root may ping"), 1);
            tests::let_pass(Duration::from_millis(5));
        }
        let moved = Moved { before, after: guest.scrape() };
        let packets = moved.by("node_network_receive_packets_total{device=\"service\"}");
        let taken = moved.by("uk_virtqueue_interrupts_total{device=\"service\"}");
        let of_vector = interrupts(&moved.after, Side::Service) - interrupts(&moved.before, Side::Service);
        assert!(taken <= packets && taken <= of_vector, "{taken} of {of_vector} interrupts, for {packets} packets");
        // Otherwise a word of ARP came as well, or a busy host gave the guest two packets at once.
        (packets == f64::from(PINGS) && taken == packets).then_some(())
    });
    assert!(told.is_some(), "{PINGS} pings, one by one, are never {PINGS} interrupts");
}

on_every_machine! {
    fn work_moves_its_metrics(machine: Machine) {
        let guest = Guest::boot(machine, "guest")
            .network(Network::best())
            .parameters("--management-cpu=7%")
            .words(&format!("cpu {SPINNERS}"))
            .start();
        let _ = guest.line("cpu: ready");
        let _ = guest.scrape();
        the_modes_are_all_the_time(&guest);
        a_spinning_thread_is_user_time(&guest);
        a_sleep_is_a_timer_interrupt_and_idle_time(&guest);
        a_yield_is_a_switch(&guest);
        a_lock_tells_who_waited_for_it(&guest);
        the_rest_is_as_it_must_be(&guest);
        spinning_threads_are_the_load(&guest);
        the_modes_are_all_the_time(&guest);
    }

    fn pings_wake_an_idle_guest(machine: Machine) {
        const PINGS: u32 = 200;
        needs_root!("pings_wake_an_idle_guest");
        let guest = Guest::boot(machine, "guest").network(Network::taps()).words("cpu 1").start();
        let _ = guest.line("cpu: ready");
        let _ = guest.scrape();
        for (side, reason) in [(Side::Service, "service"), (Side::Management, "management")] {
            // The scrapes' own packets are on the management side; what they take differs with their timing.
            let own = if side == Side::Management { 60.0 } else { 4.0 };
            let wakeups = format!("uk_wakeups_total{{reason=\"{reason}\"}}");
            let told = eventually(tests::PATIENCE, || {
                let before = guest.scrape();
                // One at a time: each finds the guest halted, or about to be.
                assert_eq!(guest.network().ping(side, PINGS, 1, 56).unwrap(), PINGS);
                let moved = Moved { before, after: guest.scrape() };
                let taken = interrupts(&moved.after, side) - interrupts(&moved.before, side);
                let pings = f64::from(PINGS);
                // Never more; fewer if a ping came before the guest had halted again, on a host that is busy.
                assert!(taken <= pings + own && moved.by(&wakeups) <= pings + own, "{taken} and {}", moved.by(&wakeups));
                (taken >= 0.9 * pings && moved.by(&wakeups) >= 0.9 * pings).then_some(())
            });
            assert!(told.is_some(), "fewer than {PINGS} wake-ups by {reason}, again and again");
        }
        each_packet_that_comes_alone_interrupts(&guest);
    }
}
