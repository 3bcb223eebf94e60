//! What the log tells of itself, against what a reader finds in it.

use tests::{Guest, Machine, Network, PATIENCE, Side, eventually, exposition, on_every_machine};

/// How often the program writes a setting, as fast as it can, and how many lines it prints.
const CHANGES: u32 = 500;
const LINES: u32 = 3000;

fn boot(machine: Machine) -> Guest {
    let words = format!("log {CHANGES} {LINES}");
    Guest::boot(machine, "guest").network(Network::best()).words(&words).start()
}

/// The lines that the log still has.
fn kept(guest: &Guest) -> Vec<String> {
    guest.get(Side::Management, "/log?since=0").text().lines().map(str::to_owned).collect()
}

on_every_machine! {
    fn what_is_told_and_what_is_not_are_all_changes(machine: Machine) {
        let guest = boot(machine);
        let before = guest.scrape();
        assert_eq!(exposition::value(&before, "uk_log_changes_untold_total"), Some(0.0));
        let _door = guest.knock();
        let _ = guest.line("log: changed");
        let told = || kept(&guest).iter().filter(|line| line.contains("setting /guest/log/turns set")).count() as f64;
        // Whoever tells them does so when the program lets it.
        let untold = || exposition::value(&guest.scrape(), "uk_log_changes_untold_total");
        let all = eventually(PATIENCE, || untold().filter(|untold| untold + told() == f64::from(CHANGES)));
        assert!(all.is_some_and(|untold| untold > 0.0), "{:?} untold, {} told of {CHANGES}", untold(), told());
    }

    fn what_is_overwritten_and_what_is_kept_are_all_lines(machine: Machine) {
        let guest = boot(machine);
        drop(guest.knock());
        let _ = guest.line("log: changed");
        let before = guest.scrape();
        let _door = guest.knock();
        let _ = guest.line("log: full");
        let after = guest.scrape();
        let app = "uk_log_lines_total{level=\"app\"}";
        let of = |text: &str, series: &str| exposition::value(text, series).expect("it is told");
        assert_eq!(of(&after, app) - of(&before, app), f64::from(LINES) + 1.0);
        let overwritten = of(&after, "uk_log_overwritten_total");
        assert!(overwritten > 0.0, "{LINES} lines do not fit");
        assert_eq!(exposition::sum(&after, "uk_log_lines_total") - overwritten, kept(&guest).len() as f64);
    }
}
