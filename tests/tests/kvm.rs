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
    drop(guest);

    let mut guest = boot("guest").words("clock").start();
    guest.expect_outcome(Outcome::Success);
}
