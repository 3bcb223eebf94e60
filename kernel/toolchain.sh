#!/bin/sh
# Finds a Rust toolchain that can build the kernel, and one for the host's crates; installs the distribution's if it must.
# `make` runs it, with RUSTC_BOOTSTRAP in the environment and with the very flags the kernel is built with.
#
#   kernel/toolchain.sh CARGO-FLAG...
#
# A bare-metal target of one's own needs the source of Rust's library, which rustup does not install by itself and
# Debian packages do. A toolchain is taken if it is new enough, has that source, and builds and links an empty program
# for the target: the active one first, then the distribution's. The verdict is kept in build/toolchain.env:
#
#   KERNEL_SYSROOT  its bin/ has the cargo, rustc and cargo-clippy for the kernel
#   KERNEL_LINKER   the linker to name to cargo
#   HOST_SYSROOT    its bin/ has the cargo and rustc for everything else
set -eu

oldest=95 # Rust 1.95: what the root Cargo.toml asks for
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build
env_file=$build/toolchain.env

# ---- What a sysroot has ----------------------------------------------------------------------------------------------

active_sysroot() { (cd "$root" && rustc --print sysroot 2>/dev/null) || true; }

# The x of Rust 1.x, or 0 where there is no Rust.
minor() {
    version=$("$1/bin/rustc" --version 2>/dev/null || true)
    case $version in
    "rustc 1."*) version=${version#rustc 1.} && echo "${version%%.*}" ;;
    *) echo 0 ;;
    esac
}

new_enough() { [ -x "$1/bin/cargo" ] && [ "$(minor "$1")" -ge $oldest ]; }

# rustup's toolchains carry a linker of their own, the distribution's do not.
linker_of() {
    for linker in "$1"/lib/rustlib/*/bin/gcc-ld/ld.lld; do
        [ ! -x "$linker" ] || { echo "$linker" && return; }
    done
    command -v ld.lld || true
}

# Builds and links an empty program for the kernel's target, with the kernel's profile: SYSROOT LINKER CARGO-FLAG...
builds_an_empty_program() {
    sysroot=$1 linker=$2 probe=$build/probe
    shift 2
    mkdir -p "$probe/src"
    {
        printf '[package]\nname = "probe"\nedition = "2024"\n[workspace]\n'
        sed -n '/^\[profile\.release\]/,/^$/p' "$root/Cargo.toml"
    } >"$probe/Cargo.toml"
    cat >"$probe/src/main.rs" <<'RUST'
#![no_std]
#![no_main]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
RUST
    # The target names the kernel's linker script; this one stands in for it.
    echo 'SECTIONS { .text : { *(.text*) } }' >"$probe/periscope.ld"
    (
        cd "$probe"
        PATH="$sysroot/bin:$PATH" CARGO_TARGET_DIR="$build/target-kernel" \
            CARGO_TARGET_X86_64_UNIKERNEL_LINKER="$linker" cargo build --release "$@"
    ) >"$build/probe.log" 2>&1
}

# Whether SYSROOT will do: usable SYSROOT CARGO-FLAG... Sets `linker`; says in `reason` why not.
usable() {
    sysroot=$1
    shift
    if ! new_enough "$sysroot"; then
        reason="$sysroot has no Rust 1.$oldest"
    elif [ ! -d "$sysroot/lib/rustlib/src/rust/library" ]; then
        reason="$sysroot has not the library's source"
    else
        linker=$(linker_of "$sysroot")
        [ -n "$linker" ] || "$root/tests/install.sh" "the linker for the kernel" lld || return 1
        linker=$(linker_of "$sysroot")
        echo "Probing $("$sysroot/bin/rustc" --version) (once; the first time builds Rust's core library)"
        if builds_an_empty_program "$sysroot" "$linker" "$@"; then return 0; fi
        reason="$sysroot cannot build an empty program for the kernel's target: see build/probe.log"
    fi
    return 1
}

# ---- What the distribution has ---------------------------------------------------------------------------------------

# Every place Debian (/usr) and Ubuntu (/usr/lib/rust-1.x beside it) put a toolchain, newest first.
distribution_sysroots() {
    for place in /usr /usr/lib/rust-1.*; do
        [ ! -x "$place/bin/rustc" ] || echo "$(minor "$place") $place"
    done | sort -rn | cut -d' ' -f2
}

# The packages of the first name whose candidate version is new enough. Debian stable keeps a current Rust under
# `rustc-web`, for browsers; Ubuntu has versioned packages.
distribution_packages() {
    versioned=$(apt-cache search --names-only '^rustc-1\.[0-9]+$' | sed -n 's/^rustc-1\.\([0-9]*\) .*/\1/p' | sort -rn | head -n 1)
    for name in rustc rustc-web ${versioned:+rustc-1.$versioned}; do
        candidate=$(LC_ALL=C apt-cache policy "$name" | sed -n 's/^ *Candidate: 1\.\([0-9]*\).*/\1/p')
        [ "${candidate:-0}" -ge $oldest ] || continue
        case $name in
        rustc) echo rustc cargo rust-src rust-clippy rustfmt lld ;;
        rustc-web) echo rustc-web cargo-web rust-web-src rust-web-clippy rustfmt-web lld ;;
        *) echo "$name cargo-1.$versioned rust-1.$versioned-src rust-1.$versioned-clippy rustfmt-1.$versioned lld" ;;
        esac
        return
    done
}

install_the_distributions() {
    command -v apt-get >/dev/null || return 1
    packages=$(distribution_packages)
    if [ -z "$packages" ] && [ "$(id -u)" = 0 ]; then # a fresh container knows no packages yet
        apt-get update >/dev/null 2>&1 || true
        packages=$(distribution_packages)
    fi
    [ -n "$packages" ] || return 1
    # shellcheck disable=SC2086 # a list of package names
    "$root/tests/install.sh" "Rust with its library's source, which the kernel is built with" $packages || refused=yes
}

# ---- The verdict -----------------------------------------------------------------------------------------------------

give_up() {
    echo "error: no Rust toolchain here can build the kernel ($reason)." >&2
    [ -z "${refused:-}" ] || { echo "Type the command above, or use rustup:" >&2; }
    if command -v rustup >/dev/null && new_enough "$(active_sysroot)"; then
        echo "  rustup component add rust-src rustfmt clippy" >&2
    elif command -v rustup >/dev/null; then
        echo "  rustup toolchain install stable -c rust-src && rustup default stable" >&2
    else
        echo "  curl -sSf https://sh.rustup.rs | sh -s -- -y -c rust-src && . ~/.cargo/env" >&2
    fi
    exit 1
}

# What the verdict rests on; another one here, and the search begins again.
active=$(active_sysroot)
fingerprint() {
    { [ -z "$active" ] || "$active/bin/rustc" -vV; "$1/bin/rustc" -vV; cat "$0" "$root/x86_64-unikernel.json"; } 2>/dev/null | cksum
}

mkdir -p "$build"
if [ -f "$env_file" ]; then
    known=$(sed -n 's/^KERNEL_SYSROOT=//p' "$env_file")
    [ "$(sed -n 's/^# //p' "$env_file")" != "$(fingerprint "$known")" ] || exit 0
fi

reason="there is none"
found=
for candidate in $active $(distribution_sysroots); do
    if usable "$candidate" "$@"; then
        found=$candidate
        break
    fi
done
if [ -z "$found" ]; then
    install_the_distributions || give_up
    for candidate in $(distribution_sysroots); do
        if usable "$candidate" "$@"; then
            found=$candidate
            break
        fi
    done
fi
[ -n "$found" ] || give_up
[ -n "$active" ] && new_enough "$active" && host=$active || host=$found

cat >"$env_file" <<ENV
# $(fingerprint "$found")
KERNEL_SYSROOT=$found
KERNEL_LINKER=$linker
HOST_SYSROOT=$host
ENV
echo "The kernel is built with $("$found/bin/rustc" --version), the rest with $("$host/bin/rustc" --version)"
