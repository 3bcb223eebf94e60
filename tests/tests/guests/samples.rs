//! Functions of the program that do not return keep nobody from being told of everything else.

use std::time::{Duration, Instant};

use tests::observed::value;
use tests::{Guest, Machine, Network, PATIENCE, eventually, exposition, on_every_machine};

/// Longer than any scrape may take, however busy the host is.
const LATE: Duration = Duration::from_secs(5);

/// Whether a source gave all it has at its last scrape.
const SUCCESS: &str = "node_scrape_collector_success";

on_every_machine! {
    fn one_that_spins_and_one_that_sleeps(machine: Machine) {
        let guest = Guest::boot(machine, "guest").network(Network::best()).words("samples").start();
        let _ = guest.line("samples: two do not return");
        // The bad ones are found at the first scrapes, which tell the good one, too, unless the host is busy.
        let found = || (value(&guest.scrape(), "uk_sampler_stuck") == 2.0).then_some(());
        assert!(eventually(PATIENCE, found).is_some(), "two are stuck:\n{}", guest.scrape());
        let before = guest.scrape();
        let first = value(&before, "guest_sample_good_total");
        let mut last = first;
        for _ in 0..20 {
            let began = Instant::now();
            let scrape = guest.scrape();
            assert!(began.elapsed() < LATE, "a scrape took {:?}", began.elapsed());
            for bad in ["guest_sample_spins", "guest_sample_sleeps"] {
                assert_eq!(exposition::value(&scrape, bad), None, "{bad} has never returned");
            }
            let good = value(&scrape, "guest_sample_good_total");
            assert!(good >= last, "sampled {last} times, and then {good}");
            last = good;
        }
        assert!(last >= first + 10.0, "20 scrapes sampled it {} times", last - first);
        let scrape = guest.scrape();
        for (series, success) in exposition::samples(&scrape).filter(|(series, _)| series.starts_with(SUCCESS)) {
            let expected = if series.ends_with("{collector=\"guest\"}") { 0.0 } else { 1.0 };
            assert_eq!(success, expected, "{series}");
        }
        assert!(exposition::sum(&scrape, SUCCESS) > 5.0, "all sources but one are told whole:\n{scrape}");
        assert_eq!(value(&scrape, &format!("{SUCCESS}{{collector=\"guest\"}}")), 0.0);
        // Two, unless a busy host held one up that did return. Each is complained of once.
        let lost = value(&scrape, "uk_sampler_lost_total");
        let complaints = || guest.log().matches("a sampled function of the program has not returned").count();
        assert!(lost >= 2.0, "{lost}");
        assert!(eventually(PATIENCE, || (complaints() as f64 == lost).then_some(())).is_some(), "{lost}: {}", guest.log());
        // Neither of the two in any of the 20 scrapes and in one of those before and after; the good one was in all.
        let late = value(&scrape, "uk_store_samples_late_total") - value(&before, "uk_store_samples_late_total");
        assert_eq!(late, 2.0 * 21.0);
        assert!(value(&scrape, "uk_sampler_rounds_total") >= 20.0);
        assert_eq!(value(&scrape, "uk_management_allocations_total"), 0.0);
        assert!(guest.line("a sampled function of the program has not returned").contains("warning"));

        let _knock = guest.knock();
        let _ = guest.line("samples: one returns");
        let back = || {
            let scrape = guest.scrape();
            let returned = exposition::value(&scrape, "guest_sample_spins") == Some(0.0);
            (returned && value(&scrape, "uk_sampler_stuck") == 1.0).then_some(())
        };
        assert!(eventually(PATIENCE, back).is_some(), "what returns is told again:\n{}", guest.scrape());
    }

    fn nobody_is_lost_where_all_return(machine: Machine) {
        let guest = Guest::boot(machine, "guest").network(Network::best()).words("serve").start();
        let good = "guest_sample_good_total";
        let before = value(&guest.scrape(), good);
        let sampled_again = || (value(&guest.scrape(), good) > before).then_some(());
        assert!(eventually(PATIENCE, sampled_again).is_some(), "a scrape has it sampled, unless that was just done");
        assert_eq!(exposition::value(&guest.scrape(), "guest_sample_spins"), Some(0.0));
        let stuck = || (value(&guest.scrape(), "uk_sampler_stuck") == 0.0).then_some(());
        assert!(eventually(PATIENCE, stuck).is_some(), "a busy host may hold one up, not for ever");
        // Asked on demand only: while nobody reads, nobody samples.
        let rounds = value(&guest.scrape(), "uk_sampler_rounds_total");
        tests::let_pass(Duration::from_secs(1));
        assert_eq!(value(&guest.scrape(), "uk_sampler_rounds_total"), rounds + 1.0);
    }

    fn a_program_without_any_has_no_sampler(machine: Machine) {
        let guest = Guest::boot(machine, "web").network(Network::best()).start();
        let scrape = guest.scrape();
        assert!(scrape.contains("thread=\"housekeeper\"") && !scrape.contains("thread=\"sampler\""), "{scrape}");
    }
}
