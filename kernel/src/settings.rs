//! The kernel's own settings: boot parameters that can be changed while the machine runs. The parameters write them at
//! boot, so that it can be read from where each has its value.

use crate::{kernel_log, thread};
use kernel_core::log_filter::{FilterError, LogFilter};
use kernel_core::params::{Params, Share};
use ukstore::{Value, Writer};

const LOG_LEVELS: &str = "/log/levels";

ukstore::setting! {
    /// Which log lines are kept, in the words of --logs.
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

const _: () = assert!(kernel_core::log_filter::MAX_SPEC_BYTES == 255, "what --logs takes, the setting takes");

fn check_levels(text: &str) -> Result<(), &'static str> {
    LogFilter::parse(text).map(|_| ()).map_err(FilterError::reason)
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
    let levels = params.logs.map_or(Ok(()), |levels| ukstore::write(LOG_LEVELS, levels.as_str(), Writer::Boot));
    let share = params.management_cpu.map_or(Ok(()), |share| CPU_SHARE.set_by(share.percent().into(), Writer::Boot));
    if let Err(refused) = levels.and(share) {
        log::error!("a boot parameter passed and its setting did not: {refused}");
    }
}
