//! The kernel's own settings: boot parameters that can be changed while the machine runs. The parameters write them at
//! boot, so that it can be read from where each has its value.

use crate::{kernel_log, thread};
use core::fmt::Write;
use kernel_core::log_filter::{FilterError, Level, LogFilter, MAX_SPEC_BYTES, sources_named};
use kernel_core::params::{Params, Share};
use ukstore::{Refused, Value, Writer};

const LOG_LEVELS: &str = "/log/levels";

ukstore::setting! {
    /// Which log lines are kept, in the words of --logs; of sources that this image knows.
    static LEVELS: text(255) = "info", "/log/levels", check prompt check_levels => prompt apply_levels;
    /// Share of the CPU that management is sure of, and confined to while the program wants the CPU.
    static CPU_SHARE: u64 = Share::DEFAULT.percent() as u64,
        in Share::MIN.percent() as u64..=Share::MAX.percent() as u64,
        "/management/cpu_share_percent" => prompt apply_cpu_share;
}

ukstore::computed! {
    /// Share of the CPU that management is sure of, and confined to while the program wants the CPU.
    gauge "/management/cpu_share_ratio", "uk_management_cpu_share_ratio", Ratio => prompt || {
        Value::Nanos(CPU_SHARE.get() * 10_000_000)
    };
}

const _: () = assert!(MAX_SPEC_BYTES == 255, "what --logs takes, the setting takes");

fn check_levels(text: &str) -> Result<(), &'static str> {
    LogFilter::parse(text).map_err(FilterError::reason)?;
    let unknown = sources_named(text).any(|source| !kernel_log::Sources.knows(source));
    if unknown { Err("it names a source that nothing in this image logs as") } else { Ok(()) }
}

/// The levels in force, without what says nothing new.
pub(crate) fn levels() -> LogFilter {
    // It was checked before it was stored.
    LogFilter::parse(LEVELS.get().as_str()).map_or(LogFilter::new(Level::Info), LogFilter::simplified)
}

const MERGED_TOO_LONG: &str = "with the levels that are set already it is longer than 255 bytes";

/// What is wrong with the levels that a text makes together with those in force, in words.
fn merged(text: &str, error: FilterError) -> &'static str {
    match error {
        // Alone it is good.
        FilterError::TooManySources if LogFilter::parse(text).is_ok() => {
            "with those that have a level already these are more than 16 sources"
        }
        _ => error.reason(),
    }
}

/// Changes what the text names, and leaves the other levels as they are.
pub(crate) fn adjust_levels(text: &str, by: Writer) -> Result<(), &'static str> {
    // In one critical section, lest somebody else's change between the look and the write were lost.
    critical_section::with(|_| {
        let filter = levels().adjusted(text).map_err(|error| merged(text, error))?.simplified();
        let mut setting = heapless::String::<MAX_SPEC_BYTES>::new();
        write!(setting, "{filter}").map_err(|_| MERGED_TOO_LONG)?;
        ukstore::write(LOG_LEVELS, &setting, by).map_err(|refused| match refused {
            Refused::Check(reason) => reason,
            _ => MERGED_TOO_LONG,
        })
    })
}

/// In one critical section with the look at the setting, so that of two who write at once the last one's is in force.
fn apply_levels() {
    critical_section::with(|_| {
        // It was checked before it was stored.
        if let Ok(filter) = LogFilter::parse(LEVELS.get().as_str()) {
            kernel_log::set_filter(filter);
        }
    });
}

/// As `apply_levels`.
fn apply_cpu_share() {
    // It is below 100.
    critical_section::with(|_| thread::set_management_share(CPU_SHARE.get() as u8));
}

/// Writes what the boot parameters say.
pub(crate) fn written_at_boot(params: &Params<'_>) {
    let named = || params.logs.iter().flat_map(|levels| sources_named(levels.as_str()));
    let unknown = named().find(|source| !kernel_log::Sources.knows(source));
    for source in named() {
        kernel_log::Sources.learn(source);
    }
    let levels = params.logs.map_or(Ok(()), |levels| ukstore::write(LOG_LEVELS, levels.as_str(), Writer::Boot));
    if let Some(source) = unknown {
        // It is no mistake where a line gives a target of its own, which no build can tell.
        log::warn!(
            "--logs: no crate of this image is called {}: its level holds for lines with that target alone",
            source.escape_debug()
        );
    }
    let share = params.management_cpu.map_or(Ok(()), |share| CPU_SHARE.set_by(share.percent().into(), Writer::Boot));
    if let Some(switches) = params.metric_sources {
        switches.apply(Writer::Boot);
    }
    if let Err(refused) = levels.and(share) {
        log::error!("a boot parameter passed and its setting did not: {refused}");
    }
}
