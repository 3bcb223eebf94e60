//! Tests that cannot run everywhere. A skipped test passes for cargo, so it says so on a line of its own, which
//! `make test` tells again at its end.

use std::env;
use std::io::{self, Write};

use crate::machine::Machine;

/// Writes `skipped: WHAT: WHY`, past the test runner, which hides what passing tests print.
pub fn skip(what: &str, why: &str) {
    // Nobody is left to tell if even this fails.
    let _ = writeln!(io::stderr(), "skipped: {what}: {why}");
}

/// Whether this process may make network namespaces and taps.
#[must_use]
pub fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// Whether the guest tests shall use `machine`: all are wanted unless the environment's `MACHINE` names one.
#[must_use]
pub fn wants(machine: Machine) -> bool {
    env::var("MACHINE").map_or(true, |name| name.is_empty() || name == machine.name())
}

/// Defines guest tests that run on each machine the project promises: `fn NAME(machine: Machine) { .. }` becomes
/// `NAME::q35` and `NAME::microvm`.
#[macro_export]
macro_rules! on_every_machine {
    ($($(#[$meta:meta])* fn $name:ident($machine:ident: $type:ty) $body:block)*) => {$(
        $(#[$meta])*
        #[cfg(test)]
        mod $name {
            use super::*;

            fn body($machine: $type) $body

            #[test]
            fn q35() {
                $crate::skip::on($crate::Machine::Q35, concat!(stringify!($name), "::q35"), body);
            }

            #[test]
            fn microvm() {
                $crate::skip::on($crate::Machine::Microvm, concat!(stringify!($name), "::microvm"), body);
            }
        }
    )*};
}

/// Runs `test` on `machine`, unless `MACHINE` asks for another. For [`on_every_machine!`].
#[doc(hidden)]
pub fn on(machine: Machine, name: &str, test: fn(Machine)) {
    if wants(machine) {
        test(machine);
    } else {
        skip(name, "MACHINE names another machine");
    }
}

/// Ends the test with a `skipped:` line unless it runs as root: for tests that need a namespace with taps.
#[macro_export]
macro_rules! needs_root {
    ($what:expr) => {
        if !$crate::skip::is_root() {
            $crate::skip::skip($what, "needs root, for a network namespace with taps");
            return;
        }
    };
}
