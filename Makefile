# Everything a person or CI types. `make` alone lists it.
#
# The kernel and its programs are built for a bare-metal target, with a toolchain that kernel/toolchain.sh finds or
# installs; everything else is plain `cargo` on the host. RUSTC_BOOTSTRAP, which lets a stable compiler build Rust's core
# library for that target, is set here and nowhere else.

APP ?= web
APPS := $(notdir $(wildcard apps/*))

# What is compiled for the host and tested there, and what only exists inside a guest.
HOST_CRATES := bench bench_series drivers exporter kernel_core kernel_image tests ukstore ukstore_inspect ukstore_model
GUEST_CRATES := periscope bench_boot bench_count bench_exporter bench_ukstore guest $(APPS)
# What every kernel must tell of: the linker drops a crate that nothing refers to, with all its entries.
TELLING_CRATES := ukstore,exporter,drivers,kernel_core,periscope

TARGET := x86_64-unikernel
BUILD_STD := -Zbuild-std=core,alloc,compiler_builtins -Zbuild-std-features=compiler-builtins-mem \
	-Zjson-target-spec --target $(CURDIR)/$(TARGET).json
# What uk_build_info calls this build's source; none in a tree without its history.
REVISION := $(shell git describe --always --dirty 2>/dev/null || echo unknown)
LINKED := build/target-kernel/$(TARGET)/release

# The crates linked with a program that can log, which are those that depend on `log` in whatever way: `--logs` and the
# control port take their names (kernel/src/kernel_log/levels.rs).
LOG_SOURCES = $(KERNEL) RUSTC_BOOTSTRAP=1 cargo tree --quiet --package $(1) --invert log --edges normal,no-proc-macro \
	-Zjson-target-spec --target $(CURDIR)/$(TARGET).json --no-dedupe --prefix none --format '{lib}' | sort -u | grep -vx -e log -e '' | tr '\n' ' '

# The features a program is built with, if any; a variable of the environment must not become one.
FEATURES :=

# A toolchain's cargo, found by its sysroot, so that rustup's shims and the distribution's Rust never mix.
KERNEL := . build/toolchain.env && PATH="$$KERNEL_SYSROOT/bin:$$PATH" CARGO_TARGET_X86_64_UNIKERNEL_LINKER="$$KERNEL_LINKER"
HOST := . build/toolchain.env && PATH="$$HOST_SYSROOT/bin:$$PATH"

.PHONY: help run demo build images check format lint direction rules metrics covered docs docs-are-true test host-tests guest-tests sanitize fuzz bench bench-ukstore bench-exporter bench-scrape bench-counting clean toolchain

help: ## this list
	@echo "Periscope: a unikernel whose first feature is being seen."
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20
	@echo
	@echo "make run takes    APP=$(APP)  MACHINE=q35|pc|microvm  ACCEL=tcg|kvm  NET=user|tap  MEM=MEGABYTES"
	@echo "                  FIRMWARE=qboot|seabios  ARGS='--name=... -- words for the program'"
	@echo "make demo takes   NET=user|tap  DEMO_SECONDS=SECONDS"
	@echo "programs          $(APPS)"

# ---- Build -----------------------------------------------------------------------------------------------------------

toolchain:
	@RUSTC_BOOTSTRAP=1 kernel/toolchain.sh $(BUILD_STD)

build: toolchain ## the program APP, as the stripped kernel build/APP.elf that qemu -kernel takes
	@$(MAKE) --no-print-directory build/$(APP).elf

# Cargo knows what is out of date, so this is asked each time.
build/%.elf: FORCE
	@$(KERNEL) RUSTC_BOOTSTRAP=1 PERISCOPE_REVISION=$(REVISION) CARGO_TARGET_DIR=build/target-kernel \
		PERISCOPE_LOG_SOURCES="$$($(call LOG_SOURCES,$*))" cargo build --release $(BUILD_STD) -p $* $(FEATURES)
	@$(HOST) cargo run --quiet -p ukstore_inspect -- check $(LINKED)/$* --crates $(TELLING_CRATES)
	@$(HOST) cargo run --quiet -p kernel_image -- $(LINKED)/$* $@

# The same program linked from separate crates: what the linker makes of the tables must not depend on its optimizing.
build/guest-separate.elf: FORCE
	@$(KERNEL) RUSTC_BOOTSTRAP=1 PERISCOPE_REVISION=$(REVISION) CARGO_TARGET_DIR=build/target-kernel \
		PERISCOPE_LOG_SOURCES="$$($(call LOG_SOURCES,guest))" cargo build --profile separate $(BUILD_STD) -p guest
	@$(HOST) cargo run --quiet -p ukstore_inspect -- check build/target-kernel/$(TARGET)/separate/guest --crates $(TELLING_CRATES)
	@$(HOST) cargo run --quiet -p kernel_image -- build/target-kernel/$(TARGET)/separate/guest $@

FORCE:

# ---- Run -------------------------------------------------------------------------------------------------------------

run: build ## boot APP under QEMU and scrape it; Ctrl-C ends it
	@tests/setup.sh qemu
	@$(HOST) cargo run --quiet -p tests --bin run -- build/$(APP).elf

demo: toolchain build/web.elf ## three guests, a Prometheus and an Alertmanager to look at; ends with Ctrl-C, or after DEMO_SECONDS
	@tests/setup.sh qemu prometheus
	@$(HOST) cargo run --quiet -p tests --bin demo -- build/web.elf

# ---- Check -----------------------------------------------------------------------------------------------------------

check: format lint direction rules metrics covered ## format, lints, dependency direction, house rules, rules for metrics
	@echo "Nothing found: format, lints, dependency direction, house rules and those for metrics hold."

format: toolchain
	@$(HOST) cargo fmt --all -- --check
	@$(HOST) cargo fmt --manifest-path fuzz/Cargo.toml -- --check

# The kernel's toolchain lints everything, so that one version of Clippy has its say.
lint: toolchain
	@$(KERNEL) CARGO_TARGET_DIR=build/target-check cargo clippy --quiet --all-targets $(HOST_CRATES:%=-p %) -- -D warnings
	@$(KERNEL) RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=build/target-check cargo clippy --quiet --release $(BUILD_STD) $(GUEST_CRATES:%=-p %) -- -D warnings

direction: toolchain
	@$(HOST) tests/direction.sh

rules:
	@tests/rules.sh

# That they have names, help and units is what each build checks. Here: that each is moved by something, named in a test
# (`covered`), and documented.
metrics: docs-are-true
	@$(HOST) cargo run --quiet -p ukstore_inspect -- moved $(LINKED)/web

covered: docs-are-true
	@tests/covered.sh

# ---- Documents -------------------------------------------------------------------------------------------------------

# The reference is that of the default program: the kernel's part is the same in every one.
DOCUMENT := cargo run --quiet -p ukstore_inspect -- document $(LINKED)/web --crates $(TELLING_CRATES)

# What is not there no table can tell: docs/absent.md is written by hand, and compared with a real node_exporter by a test.
build/metrics.md: toolchain build/web.elf FORCE
	@$(HOST) $(DOCUMENT) > $@.part
	@cat docs/absent.md >> $@.part
	@mv $@.part $@

docs: build/metrics.md ## writes docs/metrics.md from the tables of the linked kernel, and docs/absent.md
	@cp build/metrics.md docs/metrics.md

docs-are-true: build/metrics.md
	@cmp -s build/metrics.md docs/metrics.md || { echo "error: docs/metrics.md is stale: run make docs" >&2; exit 1; }

# ---- Test ------------------------------------------------------------------------------------------------------------

test: toolchain ## every test, on the host and in guests; MACHINE=... narrows the guests
	@tests/setup.sh qemu prometheus others receivers ntp python libvirt
	@tests/summary.sh $(MAKE) --no-print-directory host-tests guest-tests

host-tests: toolchain
	@$(HOST) cargo test --quiet $(patsubst %,-p %,$(filter-out tests,$(HOST_CRATES)))

sanitize: toolchain ## the tests of ukstore and the exporter under AddressSanitizer
	@$(HOST) RUSTC_BOOTSTRAP=1 tests/sanitize.sh ukstore exporter

# INPUT is a file that a run has written: it alone is tried again.
FUZZ_SECONDS ?= 60
fuzz: toolchain ## looks for requests that upset the exporter, for FUZZ_SECONDS=60
	@$(HOST) RUSTC_BOOTSTRAP=1 tests/fuzz.sh $(or $(INPUT),$(FUZZ_SECONDS))

guest-tests: toolchain build/guest.elf build/guest-separate.elf build/web.elf docs-are-true
	@$(HOST) cargo test -p tests --no-fail-fast -- --test-threads=2

bench: toolchain build/web.elf ## what an idle guest costs its host
	@tests/setup.sh qemu
	@$(HOST) cargo run --quiet --release -p tests --bin idle

bench-ukstore: toolchain build/bench_ukstore.elf build/bench_boot.elf build/bench_boot_many.elf ## what ukstore costs, in instructions and bytes, beside its goals
	@tests/setup.sh qemu
	@$(HOST) cargo run --quiet --release -p bench ukstore

bench-exporter: toolchain build/bench_exporter.elf ## what an exposition costs: instructions a series, and time beside the crate prometheus-client
	@tests/setup.sh qemu
	@$(HOST) cargo run --quiet --release -p bench --features many exporter

build/bench_exporter.elf: FEATURES := --features many

bench-counting: toolchain build/web.elf build/web_silent.elf ## what counting costs the program, beside a build that counts nothing; needs root, for taps
	@tests/setup.sh qemu
	@command -v ip >/dev/null || tests/install.sh "ip, which makes the taps of the guests" iproute2
	@$(HOST) cargo run --quiet --release -p bench counting

bench-scrape: toolchain build/bench_scrape.elf ## what a scrape takes, in time and in the guest's instructions; needs root, for taps
	@tests/setup.sh qemu
	@command -v ip >/dev/null || tests/install.sh "ip, which makes the taps of the guests" iproute2
	@$(HOST) cargo run --quiet --release -p bench scrape

# In a folder of its own: it has the other's name, from which the documents are made.
build/web_silent.elf: FORCE
	@$(KERNEL) RUSTC_BOOTSTRAP=1 PERISCOPE_REVISION=$(REVISION) CARGO_TARGET_DIR=build/target-kernel/silent \
		cargo build --release $(BUILD_STD) -p web --features periscope/silent
	@$(HOST) cargo run --quiet -p kernel_image -- build/target-kernel/silent/$(TARGET)/release/web $@

# Not beside the build it shares its file's name with. Compiling 10,000 declarations takes minutes, the first time.
build/bench_boot_many.elf: build/bench_boot.elf FORCE
	@$(KERNEL) RUSTC_BOOTSTRAP=1 PERISCOPE_REVISION=$(REVISION) CARGO_TARGET_DIR=build/target-kernel \
		cargo build --release $(BUILD_STD) -p bench_boot --features many
	@$(HOST) cargo run --quiet -p ukstore_inspect -- check $(LINKED)/bench_boot --crates $(TELLING_CRATES)
	@$(HOST) cargo run --quiet -p kernel_image -- $(LINKED)/bench_boot $@

clean: ## remove what was built
	rm -rf build target
