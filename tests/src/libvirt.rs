//! A libvirt of a test's own, in a [`Host`]: its daemon, set up as a distribution's package would. `virsh` is run there.

use std::process::Command;
use std::time::Duration;

use crate::host::Host;
use crate::wait::eventually;

/// The first time it asks QEMU for all it can do: eight seconds of two idle CPUs.
const PATIENCE: Duration = Duration::from_secs(120);

/// The user guests run as by Debian's default has to exist; its package would make it. What the namespaces lack is off:
/// control groups, guests' own /dev, and virtlogd, which would write the serial logs. libvirt asks every emulator it finds
/// for all it can do, for seconds, so it finds one.
const SETUP: &str = r#"
getent passwd libvirt-qemu >/dev/null || {
    echo "libvirt-qemu:x:64055:64055::/var/lib/libvirt:/usr/sbin/nologin" >> /etc/passwd
    echo "libvirt-qemu:x:64055:" >> /etc/group
}
[ ! -e /usr/bin/qemu-system-i386 ] || mount --bind /dev/null /usr/bin/qemu-system-i386
mkdir -p /etc/libvirt /var/log/libvirt/qemu
cat > /etc/libvirt/qemu.conf <<END
user = "root"
group = "root"
security_driver = "none"
namespaces = []
cgroup_controllers = []
stdio_handler = "file"
END
"#;

/// Why this machine cannot run it, if it cannot.
#[must_use]
pub fn missing() -> Option<&'static str> {
    let runs = |program: &str| Command::new(program).arg("--version").output().is_ok();
    (!runs("libvirtd") || !runs("virsh")).then_some("libvirtd and virsh are not installed: tests/setup.sh libvirt")
}

/// Prepares `host` for it.
pub fn install(host: &Host) {
    host.run(SETUP);
}

/// Starts the daemon and waits until it answers.
pub fn start(host: &Host) {
    host.start("libvirtd", "/var/log/libvirtd.log");
    let answers = || host.try_run("virsh --connect qemu:///system version", "").status.success().then_some(());
    assert!(eventually(PATIENCE, answers).is_some(), "libvirtd does not answer");
}

/// Ends the daemon and waits until it has. Guests live on, as on any host.
pub fn stop(host: &Host) {
    host.run("pid=$(cat /run/libvirtd.pid); kill $pid; timeout 30 tail --pid=$pid -f /dev/null");
}
