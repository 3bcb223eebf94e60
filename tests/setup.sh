#!/bin/sh
# Sees to it that what `make run` and `make test` use is here, installing what is missing with a word on why.
#
#   tests/setup.sh [qemu] [prometheus] [others] [receivers] [ntp] [python] [libvirt]
set -eu

here=$(cd "$(dirname "$0")" && pwd)
venv=$here/.venv
chrony=$here/.chrony

# A compiler's linker is what a Rust toolchain lacks on a machine that never built anything.
command -v cc >/dev/null || "$here/install.sh" "the linker for what runs on the host" gcc libc6-dev

# Installed, it would take the place of the host's own NTP client and set its clock. So only its files are taken, and what
# libraries it needs.
unpack_chrony() (
    echo "Unpacking into tests/.chrony: chronyd, whom guests ask for the time."
    new=$(mktemp -d)
    trap 'rm -rf "$new"' EXIT
    cd "$new"
    apt-get download -q chrony >/dev/null 2>&1 || { apt-get update -q >/dev/null && apt-get download -q chrony >/dev/null; }
    libraries=$(dpkg-deb -f chrony_*.deb Depends | tr ',' '\n' | sed -nE 's/^ *(lib[^ ]*).*/\1/p')
    # shellcheck disable=SC2086 # a list of packages
    "$here/install.sh" "libraries that chronyd needs" $libraries
    rm -rf "$chrony"
    dpkg-deb -x chrony_*.deb "$chrony"
)

for need in "$@"; do
    case $need in
    qemu)
        command -v qemu-system-x86_64 >/dev/null ||
            "$here/install.sh" "QEMU, the machine Periscope boots on" qemu-system-x86 seabios
        ;;
    prometheus)
        command -v prometheus >/dev/null && command -v promtool >/dev/null ||
            "$here/install.sh" "Prometheus and promtool, which scrape guests and check what they answer" prometheus
        command -v prometheus-alertmanager >/dev/null ||
            "$here/install.sh" "Alertmanager, which is told of what is wrong with guests" prometheus-alertmanager
        ;;
    others)
        command -v victoria-metrics >/dev/null ||
            "$here/install.sh" "VictoriaMetrics, which scrapes guests with a parser of its own" victoria-metrics
        command -v prometheus-node-exporter >/dev/null ||
            "$here/install.sh" "node_exporter, whose metrics a guest's are compared with" prometheus-node-exporter
        ;;
    receivers)
        command -v influxd >/dev/null ||
            "$here/install.sh" "InfluxDB, which takes what guests send and refuses what is not exactly right" influxdb
        # Debian keeps it outside an ordinary user's path.
        [ -x /usr/sbin/rsyslogd ] ||
            "$here/install.sh" "rsyslogd, which takes the lines of guests' logs apart" rsyslog
        command -v victoria-metrics >/dev/null ||
            "$here/install.sh" "VictoriaMetrics, which takes what guests send with parsers of its own" victoria-metrics
        ;;
    ntp)
        # Who is not root cannot give a guest a server at a port below 1024, and those tests say that they are skipped.
        [ "$(id -u)" = 0 ] || continue
        [ -x /usr/sbin/dnsmasq ] ||
            "$here/install.sh" "dnsmasq, whom guests ask for the addresses of names" dnsmasq-base
        [ -x "$chrony/usr/sbin/chronyd" ] || unpack_chrony || {
            echo "error: chrony could not be unpacked. To see why: apt-get update && apt-get download chrony" >&2
            exit 1
        }
        ;;
    python)
        schema=/usr/share/gocode/src/github.com/prometheus/client_model/io/prometheus/client/metrics.proto
        [ -e "$schema" ] && command -v protoc >/dev/null && [ -e /usr/include/google/protobuf/timestamp.proto ] ||
            "$here/install.sh" "the published schema of Prometheus' protobuf format, and its compiler" \
                golang-github-prometheus-client-model-dev protobuf-compiler libprotobuf-dev
        if ! "$venv/bin/python" -c 'import google.protobuf, prometheus_client' 2>/dev/null; then
            # Debian's own interpreter if it is there: its venv package belongs to it and to no other.
            python=/usr/bin/python3
            [ -x "$python" ] && "$python" -c 'import ensurepip' 2>/dev/null ||
                "$here/install.sh" "a Python environment for others' parsers" python3 python3-venv
            echo "Installing into tests/.venv: prometheus_client, whose OpenMetrics parser is the strictest there is," \
                "and protobuf, which decodes what the published schema describes."
            rm -rf "$venv"
            "$python" -m venv "$venv"
            "$venv/bin/pip" install --quiet 'prometheus_client>=0.26,<1' 'protobuf>=4.21,<8' || {
                echo "error: pip could not install them. To see why: $venv/bin/pip install prometheus_client protobuf" >&2
                exit 1
            }
        fi
        # Nothing of the schema is kept in this repository: what the decoder reads is generated from the package's file.
        [ "$venv/metrics.desc" -nt "$schema" ] ||
            protoc --proto_path="${schema%/io/*}" --include_imports --descriptor_set_out="$venv/metrics.desc" "$schema"
        ;;
    libvirt)
        # Who is not root cannot run what needs it, and those tests say that they are skipped.
        [ "$(id -u)" = 0 ] || continue
        # The daemon, its QEMU driver and virsh; not the package that would run it as this machine's own.
        command -v libvirtd >/dev/null && command -v virsh >/dev/null && command -v ip >/dev/null &&
            command -v nft >/dev/null &&
            ls /usr/lib/*/libvirt/connection-driver/libvirt_driver_qemu.so >/dev/null 2>&1 ||
            "$here/install.sh" "libvirt, under which tests start guests as deploy/ says, on bridges and behind a filter" \
                libvirt-daemon libvirt-daemon-driver-qemu libvirt-clients iproute2 nftables
        ;;
    *)
        echo "usage: $0 [qemu] [prometheus] [others] [receivers] [ntp] [python] [libvirt]" >&2
        exit 2
        ;;
    esac
done
