#!/bin/sh
# Sees to it that what `make run` and `make test` use is here, installing what is missing with a word on why.
#
#   tests/setup.sh [qemu] [prometheus] [python]
set -eu

here=$(cd "$(dirname "$0")" && pwd)
venv=$here/.venv

# A compiler's linker is what a Rust toolchain lacks on a machine that never built anything.
command -v cc >/dev/null || "$here/install.sh" "the linker for what runs on the host" gcc libc6-dev

for need in "$@"; do
    case $need in
    qemu)
        command -v qemu-system-x86_64 >/dev/null ||
            "$here/install.sh" "QEMU, the machine Periscope boots on" qemu-system-x86 seabios
        ;;
    prometheus)
        command -v prometheus >/dev/null && command -v promtool >/dev/null ||
            "$here/install.sh" "Prometheus and promtool, which scrape guests and check what they answer" prometheus
        ;;
    python)
        [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import prometheus_client' 2>/dev/null || continue
        # Debian's own interpreter if it is there: its venv package belongs to it and to no other.
        python=/usr/bin/python3
        [ -x "$python" ] && "$python" -c 'import ensurepip' 2>/dev/null ||
            "$here/install.sh" "a Python environment for the strict exposition parser" python3 python3-venv
        echo "Installing prometheus_client into tests/.venv: its OpenMetrics parser is the strictest there is."
        rm -rf "$venv"
        "$python" -m venv "$venv"
        "$venv/bin/pip" install --quiet 'prometheus_client>=0.20,<1' || {
            echo "error: pip could not install prometheus_client. To see why: $venv/bin/pip install prometheus_client" >&2
            exit 1
        }
        ;;
    *)
        echo "usage: $0 [qemu] [prometheus] [python]" >&2
        exit 2
        ;;
    esac
done
