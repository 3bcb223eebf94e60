#!/bin/sh
# Installs Debian or Ubuntu packages, after saying which and why. Not a package list: the callers know theirs.
#
#   tests/install.sh "what they are for" PACKAGE...
#
# What is installed already is left alone. Without root and without sudo it prints the command to type and fails.
# No service is started or enabled by what is installed here.
set -eu

why=$1
shift

missing=
for package in "$@"; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

# Nothing that is there may go: a package in conflict with one of this machine's own is for its owner to decide about.
options="-y --no-install-recommends --no-remove"
install="apt-get install $options$missing"
if ! command -v apt-get >/dev/null; then
    echo "error: needs$missing ($why), and there is no apt-get here: install them your system's way" >&2
    exit 1
fi
if [ "$(id -u)" = 0 ]; then
    root=
elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
    root=sudo
else
    echo "error: needs$missing ($why). As root: apt-get update && $install" >&2
    exit 1
fi
echo "Installing$missing: $why."

# A policy of "no service starts" for as long as this runs, unless the machine already has a policy.
policy=/usr/sbin/policy-rc.d
log=$(mktemp)
cleanup() {
    rm -f "$log"
    [ -z "${policy_is_ours:-}" ] || $root rm -f "$policy"
}
trap cleanup EXIT
trap 'exit 130' INT TERM
if [ ! -e "$policy" ]; then
    policy_is_ours=yes
    printf '#!/bin/sh\nexit 101\n' | $root tee "$policy" >/dev/null
    $root chmod 755 "$policy"
fi

apt() {
    $root env DEBIAN_FRONTEND=noninteractive apt-get "$@" >>"$log" 2>&1
}
# shellcheck disable=SC2086 # lists of options and package names
if ! { apt update && apt install $options $missing; }; then
    tail -n 20 "$log" >&2
    echo "error: could not install$missing. To see why: ${root:+sudo }apt-get update && ${root:+sudo }$install" >&2
    exit 1
fi

# Packages that bring a service enable it for the next boot, too: these tests start their own.
if command -v systemctl >/dev/null; then
    for package in $missing; do
        $root systemctl disable "$package.service" >/dev/null 2>&1 || true
    done
fi
