#!/bin/sh
# A systemd of a test's own, on a host of a test's own (tests/host.sh), as a container's: with devices, processes and
# control groups of its own, and the kernel's settings out of its reach. `systemctl exit` ends it, and then this ends.
#
#   tests/systemd.sh
set -eu

if [ "${1:-}" != inside ]; then
    # The machine's hierarchy, for a group of our own in it: it becomes the root of what systemd sees.
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
    # One that was killed could not remove its own, and nothing runs in it any more. A new one is another's, about to begin.
    find /sys/fs/cgroup -maxdepth 1 -name 'periscope.*' -mmin +1 | while read -r old; do
        ! grep -qx 'populated 0' "$old/cgroup.events" || find "$old" -depth -type d -exec rmdir {} \; || true
    done
    group=$(mktemp -d /sys/fs/cgroup/periscope.XXXXXX)
    (
        echo 0 >"$group/cgroup.procs"
        exec unshare --mount --pid --fork --kill-child --mount-proc --cgroup --ipc --uts -- "$0" inside
    ) || true
    find "$group" -depth -type d -exec rmdir {} \;
    exit
fi

umount /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup

# Nodes of its own: what it sets of theirs is not set on the machine's.
mount -t tmpfs -o mode=755 tmpfs /dev
while read -r name major minor; do
    mkdir -p "$(dirname "/dev/$name")"
    mknod -m 666 "/dev/$name" c "$major" "$minor"
done <<END
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
net/tun 10 200
END
mkdir /dev/pts /dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm

# Where these cannot be written, systemd leaves the kernel's settings and devices alone.
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
mount -o remount,bind,ro /sys

# Of the machine's services only systemd's own are wanted: nothing is mounted, and no timer runs.
: >/etc/fstab
for unit in systemd-tmpfiles-setup.service systemd-tmpfiles-setup-dev.service networking.service timers.target; do
    ln -sf /dev/null "/etc/systemd/system/$unit"
done

export container=periscope
exec /lib/systemd/systemd --system --log-target=console --unit=basic.target
