//! The program: how its `main` is found, what it may return, and the words it was given.
#![expect(unsafe_code, reason = "the one symbol a program defines")]

use crate::boot_phases::{self, Phase};
use crate::ends;
use alloc::boxed::Box;
use core::fmt::Debug;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use spin::Once;

/// What a program's main function may return.
pub trait Termination {
    /// Whether the program succeeded; if not, it says why in the log.
    fn report(self) -> bool;
}

impl Termination for () {
    fn report(self) -> bool {
        true
    }
}

impl<T: Termination, E: Debug> Termination for Result<T, E> {
    fn report(self) -> bool {
        match self {
            Ok(value) => value.report(),
            Err(error) => {
                log::error!("the program failed: {error:?}");
                false
            }
        }
    }
}

/// Runs the program in the thread `main` and ends this life with its result. Called by [`main!`](crate::main).
#[doc(hidden)]
pub fn entry<T: Termination>(main: fn() -> T) -> ! {
    RUNS.store(true, Relaxed);
    let success = main().report();
    ENDED[if success { Outcome::Success } else { Outcome::Failure }].set(1);
    RUNS.store(false, Relaxed);
    ends::program_ended(success)
}

ukstore::labels! {
    /// What came of the program.
    enum Outcome {
        /// It returned.
        Success = "success",
        /// It returned an error.
        Failure = "failure",
    }
}

ukstore::gauges! {
    /// Whether the program has ended so: 1 in what is told last, and in nothing before. It tells a guest that was done from
    /// one that is gone.
    static ENDED = "/program/ended", "uk_program_ended", outcome: Outcome;
}

static RUNS: AtomicBool = AtomicBool::new(false);

/// Whether the program has begun and not ended.
pub(crate) fn runs() -> bool {
    RUNS.load(Relaxed)
}

static WORDS: Once<&'static [&'static str]> = Once::new();

/// Keeps the words for the program. Once, at boot.
pub(crate) fn set_args<'a>(words: impl Iterator<Item = &'a str>) {
    WORDS.call_once(|| Box::leak(words.map(|word| &*Box::leak(Box::<str>::from(word))).collect()));
}

/// The program's words: what follows a bare `--` in the boot parameters.
pub fn args() -> impl Iterator<Item = &'static str> + Clone {
    WORDS.get().copied().unwrap_or_default().iter().copied()
}

unsafe extern "Rust" {
    /// Defined by [`main!`](crate::main) in the program.
    safe fn __periscope_main() -> !;
    /// Likewise.
    safe static __PERISCOPE_PROGRAM: Program;
}

/// What a program is called.
#[doc(hidden)]
pub struct Program {
    /// Its package's name.
    pub name: &'static str,
    /// Its package's version.
    pub version: &'static str,
    /// Both.
    pub title: &'static str,
    /// Its crate, as the compiler names it.
    pub crate_name: &'static str,
    /// The crates linked with it that can log, separated by spaces, if who built it said so (see the Makefile).
    pub log_sources: Option<&'static str>,
}

/// The program's name and version, such as `web 0.1.0`.
pub(crate) fn title() -> &'static str {
    __PERISCOPE_PROGRAM.title
}

/// The name of the program's package.
pub(crate) fn name() -> &'static str {
    __PERISCOPE_PROGRAM.name
}

/// The version of the program's package.
pub(crate) fn version() -> &'static str {
    __PERISCOPE_PROGRAM.version
}

/// The crates that can log, the program's own among them; `None` in an image whose build did not tell.
pub(crate) fn log_sources() -> Option<impl Iterator<Item = &'static str>> {
    // The kernel is always among them: an empty list tells nothing.
    let linked =
        __PERISCOPE_PROGRAM.log_sources.filter(|names| !names.trim_ascii().is_empty())?.split_ascii_whitespace();
    Some(core::iter::once(__PERISCOPE_PROGRAM.crate_name).chain(linked))
}

/// The program's first function, in its own thread.
pub(crate) fn main() -> ! {
    boot_phases::ended(Phase::Program);
    __periscope_main()
}

/// Names the program's main function. Once in every program.
#[macro_export]
macro_rules! main {
    ($main:path) => {
        // The two names the kernel looks for; second ones do not link.
        #[unsafe(no_mangle)]
        static __PERISCOPE_PROGRAM: $crate::__Program = $crate::__Program {
            name: ::core::env!("CARGO_PKG_NAME"),
            version: ::core::env!("CARGO_PKG_VERSION"),
            title: ::core::concat!(::core::env!("CARGO_PKG_NAME"), " ", ::core::env!("CARGO_PKG_VERSION")),
            crate_name: ::core::env!("CARGO_CRATE_NAME"),
            log_sources: ::core::option_env!("PERISCOPE_LOG_SOURCES"),
        };
        #[unsafe(no_mangle)]
        fn __periscope_main() -> ! {
            $crate::__entry($main)
        }
    };
}
