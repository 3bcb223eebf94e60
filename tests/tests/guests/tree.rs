//! The tables as the linker left them, checked from inside, in an image that was optimized as a whole and in one that was
//! linked from separate crates; and the tree as programs read it.

use tests::{Guest, Machine, Network, Outcome, on_every_machine};

fn checks_itself(machine: Machine, image: &str) -> String {
    let mut guest = Guest::boot(machine, image).network(Network::best()).words("tree").start();
    guest.expect_outcome(Outcome::Success);
    let line = guest.line("tree: ");
    // Behind the semicolon is what differs with the threads and locks of the moment.
    let found = line.split_once("tree: ").and_then(|(_, found)| found.split_once(';'));
    found.map(|(declared, _)| declared.to_owned()).unwrap_or_else(|| panic!("not a count: {line}"))
}

on_every_machine! {
    fn with_and_without_link_time_optimization(machine: Machine) {
        let whole = checks_itself(machine, "guest");
        let separate = checks_itself(machine, "guest-separate");
        assert_eq!(whole, separate, "both have the same tree");
    }
}
