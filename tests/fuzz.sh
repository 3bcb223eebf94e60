#!/bin/sh
# Fuzzes the exporter and the stack for a bounded time, with the targets in fuzz/. `make fuzz` calls it, with the host's
# toolchain and what lets a stable compiler instrument.
#
#   tests/fuzz.sh SECONDS          all targets, in so many seconds together
#   tests/fuzz.sh FILE             one input again; FILE as this script has printed it, in a folder named as its target
#
# Each target begins with the inputs in fuzz/corpus/TARGET, which are kept, and with what earlier runs found on this
# machine, in build/fuzz/TARGET.
set -eu
cd "$(dirname "$0")/.."

tools=build/tools
target_dir=build/target-fuzz
crashes=build/fuzz/crashes
host=$(rustc -vV | sed -n 's/^host: //p')

# ---- What it needs ---------------------------------------------------------------------------------------------------

libraries=$(rustc --print sysroot)/lib/rustlib/$host/lib
if ! ls "$libraries"/librustc*_rt.asan.a >/dev/null 2>&1; then
    echo "error: $libraries has not the runtime of AddressSanitizer, which fuzzing needs. Rustup's toolchains bring it:" >&2
    echo "  rustup toolchain install stable && rustup default stable" >&2
    exit 1
fi
command -v c++ >/dev/null || tests/install.sh "a C++ compiler for libFuzzer, which the fuzz targets are linked with" g++
if [ ! -x $tools/bin/cargo-fuzz ]; then
    echo "Installing cargo-fuzz into $tools (once; takes a minute)."
    if ! cargo install --quiet --locked --root $tools cargo-fuzz --version '^0.13'; then
        echo "error: cargo-fuzz could not be installed. By hand: cargo install --locked --root $tools cargo-fuzz" >&2
        exit 1
    fi
fi

echo "Building the fuzz targets."
mkdir -p build/fuzz
$tools/bin/cargo-fuzz build --fuzz-dir fuzz --target-dir $target_dir 2>build/fuzz/build.log || {
    tail -n 40 build/fuzz/build.log >&2
    exit 1
}
programs=$target_dir/$host/release

# ---- One input again -------------------------------------------------------------------------------------------------

case $1 in
*/*)
    target=$(basename "$(dirname "$1")")
    exec "$programs/$target" "$1"
    ;;
esac

# ---- All targets -----------------------------------------------------------------------------------------------------

targets=$(ls fuzz/corpus)
seconds=$(($1 / $(echo "$targets" | wc -l)))
# To libFuzzer, 0 is without end.
[ $seconds -gt 0 ] || seconds=1
verdict=0
for target in $targets; do
    found=build/fuzz/$target
    log=$found.log
    mkdir -p "$found" "$crashes/$target"
    echo "$target: $seconds s, from $(ls "fuzz/corpus/$target" | wc -l) inputs kept and $(ls "$found" | wc -l) found before"
    if "$programs/$target" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
        -artifact_prefix="$crashes/$target/" -print_final_stats=1 "$found" "fuzz/corpus/$target" >"$log" 2>&1; then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
        echo "$target: nothing found in $runs runs; $(ls "$found" | wc -l) inputs lead to different places"
    else
        verdict=1
        sed -n '/panicked at/,/^note:/p; /^SUMMARY/p' "$log" | head -n 20 >&2
        input=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
        echo "error: $target failed; its output is in $log. The input again: make fuzz INPUT=$input" >&2
    fi
done
[ $verdict != 0 ] || echo "Nothing found."
exit $verdict
