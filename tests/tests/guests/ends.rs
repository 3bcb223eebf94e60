//! Each way a guest can end is the one outcome expected of it, and none passes for a success.

use tests::{Guest, Machine, Network, Outcome, on_every_machine};

/// Boots the test program with `words`, and returns what it said if it ended as `expected`.
fn end_of(machine: Machine, words: &str, expected: Outcome) -> String {
    let mut guest = Guest::boot(machine, "guest").network(Network::best()).words(words).start();
    if expected == Outcome::Hang {
        // The deadline for a hang begins when there is one.
        let _ = guest.line("hanging");
    }
    guest.expect_outcome(expected);
    guest.serial.text()
}

/// The one report of a life, from its first line on.
fn report<'a>(log: &'a str, first_line: &str) -> &'a str {
    let begin = log.find(first_line).unwrap_or_else(|| panic!("no `{first_line}` in:\n{log}"));
    &log[begin..]
}

on_every_machine! {
    fn a_program_that_returns(machine: Machine) {
        let log = end_of(machine, "return", Outcome::Success);
        assert!(!log.contains("PANIC") && !log.contains("FAULT"), "{log}");
    }

    fn a_program_that_fails(machine: Machine) {
        let log = end_of(machine, "return-error", Outcome::ProgramError);
        assert!(log.contains("as it was told to"), "{log}");
    }

    fn a_panic(machine: Machine) {
        let log = end_of(machine, "panic", Outcome::Panic);
        let report = report(&log, "PANIC: as it was told to (");
        assert!(report.contains("ends.rs:"), "{report}");
        assert!(report.contains("thread `main`"), "{report}");
        // The function calls itself three times before it panics; each call is a frame.
        assert!(report.matches("panic_in").count() >= 4, "{report}");
    }

    fn a_read_from_page_zero(machine: Machine) {
        let log = end_of(machine, "read-null", Outcome::Fault);
        let report = report(&log, "FAULT: page fault: read of unmapped memory at 0x0000000000000000");
        for detail in ["rip ", "rsp ", "rax ", "r15 ", "cr2 0000000000000000", "thread `main`", "read_null"] {
            assert!(report.contains(detail), "no `{detail}` in:\n{report}");
        }
    }

    fn a_write_to_code(machine: Machine) {
        let log = end_of(machine, "write-code", Outcome::Fault);
        assert!(report(&log, "FAULT: page fault: write to read-only memory at").contains("write_code"), "{log}");
    }

    fn running_data(machine: Machine) {
        let log = end_of(machine, "run-data", Outcome::Fault);
        let report = report(&log, "FAULT: page fault: execution of memory that is not code");
        assert!(report.contains("run_data"), "{report}");
    }

    fn a_stack_overflow(machine: Machine) {
        let log = end_of(machine, "stack-overflow", Outcome::Fault);
        let report = report(&log, "FAULT: ");
        assert!(report.contains("guard page"), "{report}");
        assert!(report.matches("deeper").count() > 3, "{report}");
    }

    fn a_triple_fault(machine: Machine) {
        let _ = end_of(machine, "triple-fault", Outcome::Reset);
    }

    fn a_hang(machine: Machine) {
        let _ = end_of(machine, "hang", Outcome::Hang);
    }
}
