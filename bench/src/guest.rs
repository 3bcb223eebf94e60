//! One counted guest: QEMU with virtual time that advances by one nanosecond an instruction, and the figures the guest
//! prints. Not for judging them.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::Duration;

use ::tests::{Process, SerialLog, image};

/// What `isa-debug-exit` makes of a program that returned (`kernel/src/ends.rs`).
const SUCCESS: i32 = 33;
/// Counting makes QEMU slow, but not this slow.
const PATIENCE: Duration = Duration::from_secs(120);

/// Figures by name.
#[derive(Debug)]
pub(crate) struct Figures(BTreeMap<String, u64>);

impl Figures {
    /// Boots `build/NAME.elf` and collects its lines `figure NAME NUMBER`.
    pub(crate) fn of(name: &str) -> Result<Self, String> {
        let image = image(name);
        if !image.exists() {
            return Err(format!("there is no {}: `make` builds it for its benchmark", image.display()));
        }
        let mut command = Command::new("qemu-system-x86_64");
        command.args(["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-m", "128", "-cpu", "max"]);
        // The least machine there is: fewer devices, fewer interrupts. Halts take no time.
        command.args(["-M", "microvm,x-option-roms=off,pit=off,pic=off,rtc=on,acpi=off,isa-serial=on"]);
        command.args(["-accel", "tcg", "-icount", "shift=0,sleep=off"]);
        command.args(["-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"]);
        command.args(["-chardev", "stdio,id=serial,signal=off", "-serial", "chardev:serial"]);
        // A kernel needs a card; nothing is sent on it.
        command.args(["-global", "virtio-mmio.force-legacy=false", "-netdev", "hubport,id=service,hubid=0"]);
        command.args(["-device", "virtio-net-device,netdev=service", "-append", "--ipv4=10.0.0.2/24 --management=off"]);
        command.arg("-kernel").arg(&image);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let failed = |what: &str, log: &SerialLog| format!("{name} {what}:\n{}", log.text());
        let mut process = Process::start(&mut command, None).map_err(|error| format!("qemu-system-x86_64: {error}"))?;
        let stdout = process.child().stdout.take().ok_or("QEMU has no standard output")?;
        let log = SerialLog::collect(stdout, |_| ());
        let status = process.wait(PATIENCE).map_err(|error| error.to_string())?;
        let status = status.ok_or_else(|| failed("did not end", &log))?;
        // The stream has ended with its process: this waits until all of it was read.
        let _ = log.wait_for("\0", PATIENCE);
        if status.code() != Some(SUCCESS) {
            return Err(failed(&format!("ended with {status}"), &log));
        }
        let figures = log.lines().iter().filter_map(|line| parse(line)).collect();
        Ok(Self(figures))
    }

    /// A counter that does not count would make every figure a good one.
    pub(crate) fn can_count(&self) -> Result<(), String> {
        match self.get("loop_of_2000")? {
            2000 => Ok(()),
            counted => Err(format!("a loop of 2,000 instructions was counted as {counted}: this QEMU cannot count")),
        }
    }

    /// One of them.
    pub(crate) fn get(&self, name: &str) -> Result<u64, String> {
        self.0.get(name).copied().ok_or_else(|| format!("the guest told no `{name}`"))
    }
}

/// `… figure NAME NUMBER`: a line of the serial log begins with its time.
fn parse(line: &str) -> Option<(String, u64)> {
    let (_, figure) = line.split_once("figure ")?;
    let (name, number) = figure.split_once(' ')?;
    Some((name.to_owned(), number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn figures_are_found_in_a_log() {
        assert_eq!(parse("[    0.5] main: figure lookup_worst 398"), Some(("lookup_worst".into(), 398)));
        assert_eq!(parse("figure increment 1"), Some(("increment".into(), 1)));
        for line in ["", "[    0.5] the program has ended", "figure increment", "figure increment one"] {
            assert_eq!(parse(line), None, "{line}");
        }
    }
}
