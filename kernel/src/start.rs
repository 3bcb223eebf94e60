//! The boot, on one screen.

use crate::boot_info::BootInfo;
use crate::boot_phases::{self, Phase};
use crate::ends::{self, End};
use crate::net::devices::Nics;
use crate::thread::SpawnError;
use crate::{
    arch, boot_id, changes, console, cpu_time, housekeeper, identity, kernel_log, management, memory, net, program,
    random, sampler, settings, thread, time,
};
use drivers::fw_cfg;
use kernel_core::params::{ManagementMode, Params};
use spin::Once;
use ukstore::Machine;

/// The first Rust function: on the boot stack, interrupts off, the first gibibyte mapped.
pub(crate) extern "C" fn start(start_info: u32) -> ! {
    arch::init_traps(); // first, so that whatever fails below is told
    memory::stack::mark_boot_stack();
    console::init();
    kernel_log::init();
    let Some(boot) = BootInfo::new(start_info) else { fail("not started through PVH: use qemu -kernel") };
    if let Err(why) = memory::init(&boot) {
        fail(why);
    }
    boot_phases::ended(Phase::Memory);
    arch::apic::init(); // its registers are mapped now
    let clock = arch::tsc::init();
    ukstore::attach(Machine { now_ns: time::now_ns, wake: changes::made, samples: true }); // it tells when, from now on
    time::init_wall();
    boot_phases::ended(Phase::Clock);
    let params = parameters(&boot); // after memory: they may come from fw_cfg, and are kept in the heap
    settings::written_at_boot(params); // before the first line of the log, so that --logs holds for all
    identity::log_banner(clock);
    boot_id::settle();
    program::set_args(params.program.words());
    boot_phases::ended(Phase::Parameters);

    // From here on there are threads and interrupts.
    cpu_time::init();
    if thread::init("housekeeper").is_err() {
        fail("no memory for the first thread");
    }
    arch::cpu::enable_interrupts();
    let nics = match net::devices::find(params) {
        Ok(nics) => nics,
        Err(why) => fail_with(format_args!("{why}")),
    };
    boot_phases::ended(Phase::Devices);
    if let Err(error) = start_networks(nics, params) {
        fail_with(format_args!("{error}"));
    }
    boot_phases::ended(Phase::Network);
    if thread::Builder::new().name("main").stack_bytes(MAIN_STACK_BYTES).spawn(|| program::main()).is_err() {
        fail("no memory for the program's thread");
    }
    housekeeper::run()
}

/// Starts the stacks of the NICs there are, and management where it was asked to be, with who samples for it.
fn start_networks(nics: Nics, params: &'static Params<'_>) -> Result<(), SpawnError> {
    let seed = random::seed();
    if let Some(service) = nics.service {
        net::service::start(service, params, seed)?;
    }
    match (params.management_mode, nics.management) {
        (ManagementMode::Off, _) => Ok(()),
        (ManagementMode::Shared, _) => management::start_shared(params).and_then(|()| sampler::start()),
        (ManagementMode::Separate, Some(nic)) => {
            management::start(nic, params, seed.rotate_left(32))?;
            sampler::start()
        }
        (ManagementMode::Separate, None) => {
            log::warn!(
                "there is one NIC, so no management: add a second NIC, or share this one with --management=shared"
            );
            Ok(())
        }
    }
}

const MAIN_STACK_BYTES: usize = 256 * 1024;
/// The longest `opt/periscope/params` that is read.
const PARAMETER_FILE_BYTES: usize = 8192;

/// The boot parameters of the command line and of fw_cfg. One that cannot be ends this life.
fn parameters(boot: &BootInfo) -> &'static Params<'static> {
    static PARAMS: Once<Params<'static>> = Once::new();
    let command_line: &'static [u8] = alloc::vec::Vec::from(boot.command_line()).leak();
    let file = alloc::vec![0; PARAMETER_FILE_BYTES].leak();
    let file: &'static [u8] = match parameter_file(file) {
        Ok(file) => file,
        Err(error) => bad_parameter(format_args!("opt/periscope/params: {error}")),
    };
    match Params::parse(command_line, file) {
        Ok(params) => PARAMS.call_once(|| params),
        Err(error) => bad_parameter(format_args!("{error}")),
    }
}

fn bad_parameter(why: core::fmt::Arguments<'_>) -> ! {
    log::error!("boot parameter {why}");
    ends::end(End::BadParameter)
}

fn fail(why: &str) -> ! {
    fail_with(format_args!("{why}"))
}

fn fail_with(why: core::fmt::Arguments<'_>) -> ! {
    log::error!("cannot boot: {why}");
    ends::end(End::BootFailure)
}

/// The file `opt/periscope/params` of fw_cfg, empty where there is none.
fn parameter_file(buffer: &mut [u8]) -> Result<&[u8], fw_cfg::Error> {
    // SAFETY: ring 0, at boot: nothing else uses these ports.
    #[expect(unsafe_code, reason = "port I/O")]
    let mut ports = unsafe { fw_cfg::Ports::new() };
    match fw_cfg::read_file(&mut ports, "opt/periscope/params", buffer) {
        Err(fw_cfg::Error::NoDevice | fw_cfg::Error::NotFound) => Ok(&[]),
        read => read,
    }
}
