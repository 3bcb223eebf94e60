#!/bin/sh
# Runs the tests of crates, documentation's examples included, under AddressSanitizer, which also finds leaks.
# `make sanitize` calls it, with the host's toolchain and what lets a stable compiler sanitize.
#
#   tests/sanitize.sh CRATE...
#
# It also shows that the tables of ukstore lie as the code reads them: a sanitizer pads what it watches, but must not pad
# the records in a section whose ends the linker names.
set -eu
cd "$(dirname "$0")/.."

host=$(rustc -vV | sed -n 's/^host: //p')
libraries=$(rustc --print sysroot)/lib/rustlib/$host/lib
# Rustup's toolchains bring the sanitizers' runtimes, the distribution's do not.
if ! ls "$libraries"/librustc*_rt.asan.a >/dev/null 2>&1; then
    echo "skipped: AddressSanitizer, because $libraries has not its runtime; rustup's toolchains do"
    exit 0
fi
for crate in "$@"; do
    set -- "$@" -p "$crate"
    shift
done
# Optimized a little, sanitized code is about as fast as tests usually are.
RUSTFLAGS=-Zsanitizer=address RUSTDOCFLAGS=-Zsanitizer=address CARGO_PROFILE_DEV_OPT_LEVEL=1 \
    CARGO_TARGET_DIR=${SANITIZE_TARGET_DIR:-build/target-sanitize} \
    cargo test --quiet --no-fail-fast --target "$host" "$@"
