#!/bin/sh
# Asks cargo whether dependencies between our crates point the one way they may:
#
#   apps -> periscope -> { exporter, drivers, kernel_core } -> ukstore -> nothing of ours
#
# One line a crate: what it may reach, directly or not, outside its tests.
set -eu
cd "$(dirname "$0")/.."

verdict=0
may_reach() {
    crate=$1
    shift
    # "name v0.1.0 (/path/in/this/repository)" marks what is ours.
    ours=$(cargo tree -p "$crate" -e normal,build --prefix none --no-dedupe -f '{p}' |
        sed -n "s|^\([^ ]*\) v[^ ]* ($PWD.*|\1|p" | sort -u)
    [ -n "$ours" ] || { echo "error: cargo tree knows no $crate" >&2 && exit 1; }
    for reached in $ours; do
        case " $crate $* " in
        *" $reached "*) ;;
        *)
            echo "error: $crate depends on $reached; it may only reach: ${*:-nothing of ours}" >&2
            verdict=1
            ;;
        esac
    done
}

may_reach ukstore
may_reach exporter ukstore
may_reach drivers ukstore
may_reach kernel_core ukstore
may_reach periscope exporter drivers kernel_core ukstore
for program in guest bench_boot $(ls apps); do
    may_reach "$program" periscope exporter drivers kernel_core ukstore
done
may_reach bench_count
may_reach bench_series exporter ukstore
may_reach bench_ukstore bench_count periscope exporter drivers kernel_core ukstore
may_reach bench_exporter bench_count bench_series periscope exporter drivers kernel_core ukstore
# What runs on the host looks at guests from outside: it shares data formats with them, never the machine.
may_reach ukstore_inspect ukstore
may_reach kernel_image kernel_core ukstore
may_reach tests
may_reach bench tests bench_series exporter ukstore
# The model is ukstore itself, its threads and its critical sections scheduled by a test.
may_reach ukstore_model ukstore_model_section
exit $verdict
