//! KVM's own paths, where `/dev/kvm` answers: paravirtual clock, real timers and interrupts. Times are not judged: such
//! a device may itself be emulated.

use std::time::{Duration, SystemTime};

use tests::{Accelerator, Guest, Machine, Network, Outcome, Side, exposition, skip};

#[test]
fn boots_is_scraped_and_knows_the_time() {
    if !Accelerator::kvm_answers() {
        return skip::skip("boots_is_scraped_and_knows_the_time", "/dev/kvm does not answer");
    }
    let boot = |image| Guest::boot(Machine::Microvm, image).accelerator(Accelerator::Kvm).network(Network::best());
    let guest = boot("web").start();
    assert_eq!(guest.get(Side::Service, "/").status, 200);
    let scrape = guest.scrape();
    let told = exposition::value(&scrape, "node_time_seconds").expect("a wall clock");
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    assert!((now.as_secs_f64() - told).abs() < 5.0, "{told} is not {now:?}");

    // Its seconds are as long as the host's.
    let before = exposition::value(&guest.scrape(), "uk_uptime_seconds").expect("an uptime");
    let began = std::time::Instant::now();
    tests::let_pass(Duration::from_secs(2));
    let after = exposition::value(&guest.scrape(), "uk_uptime_seconds").expect("an uptime");
    let (counted, passed) = (after - before, began.elapsed().as_secs_f64());
    assert!((counted - passed).abs() < 0.5, "it counted {counted} s while {passed} s passed");

    // What KVM has stolen is told, and was taken from another mode: together they are still all the time there was.
    let text = guest.get(Side::Management, "/metrics?name[]=node_cpu_seconds_total&name[]=uk_uptime_seconds").text();
    let stolen = exposition::value(&text, "node_cpu_seconds_total{cpu=\"0\",mode=\"steal\"}").expect("a mode");
    let later = exposition::value(&text, "uk_uptime_seconds").expect("an uptime");
    let later = later - exposition::sum(&text, "node_cpu_seconds_total");
    assert!(stolen >= 0.0 && (-0.001..0.5).contains(&later), "{later} s are missing, with {stolen} s stolen");
    drop(guest);

    let mut guest = boot("guest").words("clock").start();
    guest.expect_outcome(Outcome::Success);
}
