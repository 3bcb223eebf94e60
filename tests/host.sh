#!/bin/sh
# The first process of a host of a test's own: makes the folders that an operator's commands write to private copies, and
# then stays, so that the namespaces do. Started by tests/src/host.rs in new mount, process and network namespaces.
#
#   tests/host.sh FOLDER     an empty one for the copies, which can be seen from outside
set -eu

folder=$1

# Nothing done here is seen outside, or undone there.
mount --make-rprivate /

# A copy of the machine's configuration, for commands that write theirs beside it and look up users in it.
mkdir "$folder/etc"
cp -a /etc/. "$folder/etc"
mount --bind "$folder/etc" /etc
for name in run var usr/local; do
    mkdir -p "$folder/$name"
    mount --bind "$folder/$name" "/$name"
done
mkdir -p /var/lib /var/log /var/cache /var/tmp
ln -s /run /var/run

# What /sys shows of networks is those of the namespace it was mounted in. Control groups are not mounted anew, so
# nothing that runs here changes the machine's.
mount -t sysfs sysfs /sys

echo ready
# As the first process it is who takes in orphans, and they are not gone before it has waited for them.
sleep infinity &
wait
