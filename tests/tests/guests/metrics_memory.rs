//! What memory, stacks, the process and the boot tell, against uses of known size: the guest takes a step when it is told
//! to, and the figures have to differ by just that.

use std::time::Duration;

use tests::http::Connection;
use tests::observed::{Moved, value};
use tests::{Guest, Machine, Network, PATIENCE, eventually, exposition, let_pass, on_every_machine};

const MIB: f64 = 1024.0 * 1024.0;

/// A guest that takes steps, and its figures before and after the last.
struct Steps {
    guest: Guest,
    management: Connection,
    last: Moved,
}

impl Steps {
    fn boot(machine: Machine) -> Self {
        let boot = Guest::boot(machine, "guest").network(Network::best()).memory_mib(64);
        let guest = boot.parameters("--monitor-adjust").words("memory").start();
        let _ = guest.line("memory: ready");
        let _ = guest.scrape(); // from here on it answers
        let mut management = guest.management();
        let after = management.get("/metrics").expect("an answer").text();
        Self { guest, management, last: Moved { before: String::new(), after } }
    }

    /// Lets the guest take a step.
    fn take(&mut self, number: u32) {
        let set = self.management.put("/ukstore/guest/memory/wanted", &number.to_string()).expect("an answer");
        assert_eq!(set.status, 204, "{}", set.text());
        let mut told = String::new();
        let taken = eventually(PATIENCE, || {
            told = self.management.get("/metrics").ok()?.text();
            (exposition::value(&told, "guest_memory_step") == Some(f64::from(number))).then_some(())
        });
        assert!(taken.is_some(), "step {number} is not taken:\n{}", self.guest.log());
        self.last.before = std::mem::replace(&mut self.last.after, told);
    }

    fn now(&self, series: &str) -> f64 {
        value(&self.last.after, series)
    }

    /// By how much a series has moved in the last step.
    fn moved(&self, series: &str) -> f64 {
        self.last.by(series)
    }

    /// What each of these has moved by.
    fn all_moved(&self, expected: &[(&str, f64)]) {
        for &(series, by) in expected {
            assert_eq!(self.moved(series), by, "{series}");
        }
    }
}

/// The memory that is in no named part: the image, and what the boot keeps.
fn unnamed(text: &str) -> f64 {
    let parts = ["MemFree", "Slab", "KernelStack", "PageTables", "AnonPages"];
    let named: f64 = parts.iter().map(|part| value(text, &format!("node_memory_{part}_bytes"))).sum();
    value(text, "node_memory_MemTotal_bytes") - named
}

fn blocks(steps: &mut Steps) {
    let parts = unnamed(&steps.last.after);
    assert!(parts > 0.0 && parts < 4.0 * MIB, "{parts} bytes are neither free nor in a named use");
    let peak_before = steps.now("uk_heap_peak_bytes");

    steps.take(1);
    // A hundred bytes, in a block of 112.
    steps.all_moved(&[
        ("uk_heap_used_bytes", 112.0),
        ("uk_heap_allocations_total", 1.0),
        ("uk_heap_frees_total", 0.0),
        ("uk_heap_class_allocations_total{size=\"128\"}", 1.0),
        ("uk_heap_class_allocations_total{size=\"64\"}", 0.0),
        ("uk_heap_class_allocations_total{size=\"large\"}", 0.0),
        ("uk_thread_allocations_total{thread=\"main\"}", 1.0),
        ("uk_thread_allocated_bytes_total{thread=\"main\"}", 100.0),
    ]);
    // Cut from what its class had, or from a new chunk.
    let class_moved = steps.moved("uk_heap_class_free_bytes{size=\"128\"}") - steps.moved("uk_heap_chunk_bytes");
    assert_eq!(class_moved, -112.0);

    steps.take(2);
    steps.all_moved(&[
        ("uk_heap_used_bytes", 100_000.0),
        ("uk_heap_allocations_total", 1.0),
        ("uk_heap_class_allocations_total{size=\"large\"}", 1.0),
        ("uk_heap_class_allocations_total{size=\"128\"}", 0.0),
        ("uk_heap_chunk_bytes", 0.0),
        ("uk_heap_free_bytes", -100_000.0),
        ("node_memory_MemFree_bytes", -100_000.0),
        ("node_memory_MemAvailable_bytes", -100_000.0),
        ("node_memory_AnonPages_bytes", 100_000.0),
        ("process_resident_memory_bytes", 100_000.0),
        ("node_memory_MemTotal_bytes", 0.0),
        ("process_virtual_memory_bytes", 0.0),
    ]);
    let used = steps.now("uk_heap_used_bytes");
    assert!(steps.now("uk_heap_peak_bytes") >= used.max(peak_before));
    let peak = steps.now("uk_heap_peak_bytes");

    steps.take(3);
    steps.all_moved(&[
        ("uk_heap_used_bytes", -100_112.0),
        ("uk_heap_frees_total", 2.0),
        ("uk_heap_allocations_total", 0.0),
        ("uk_heap_class_free_bytes{size=\"128\"}", 112.0),
        ("node_memory_MemAvailable_bytes", 100_112.0),
        ("node_memory_MemFree_bytes", 100_000.0),
    ]);
    assert_eq!(steps.now("uk_heap_peak_bytes"), peak, "what was in use at most stays");

    assert_eq!((steps.now("uk_heap_failures_total"), steps.now("uk_heap_largest_failed_bytes")), (0.0, 0.0));
    steps.take(4);
    steps.all_moved(&[
        ("uk_heap_failures_total", 1.0),
        ("uk_heap_largest_failed_bytes", f64::from(1 << 30)),
        ("uk_heap_used_bytes", 0.0),
        ("uk_heap_allocations_total", 0.0),
    ]);
    assert_eq!(unnamed(&steps.last.after), parts, "memory has gone where nobody tells");
}

/// How the parts are the whole.
fn sums(steps: &Steps) {
    let text = &steps.last.after;
    let sum = |name| exposition::sum(text, name);
    assert_eq!(sum("uk_heap_class_allocations_total"), steps.now("uk_heap_allocations_total"));
    assert_eq!(sum("uk_heap_class_free_bytes"), steps.now("node_memory_MemAvailable_bytes"));
    let free = steps.now("uk_heap_free_bytes");
    assert_eq!(steps.now("uk_heap_class_free_bytes{size=\"large\"}"), free);
    assert_eq!(steps.now("node_memory_MemFree_bytes"), free);
    let free_of_classes = steps.now("node_memory_MemAvailable_bytes") - free;
    assert!(free_of_classes > 0.0);
    assert_eq!(steps.now("node_memory_Slab_bytes"), steps.now("uk_heap_chunk_bytes"));
    assert_eq!(steps.now("node_memory_SUnreclaim_bytes"), steps.now("node_memory_Slab_bytes"));
    let large = steps.now("uk_heap_size_bytes") - free - steps.now("uk_heap_chunk_bytes");
    assert_eq!(steps.now("uk_heap_used_bytes"), steps.now("uk_heap_chunk_bytes") - free_of_classes + large);
    let total = steps.now("node_memory_MemTotal_bytes");
    assert!(total > 63.0 * MIB && total <= 64.0 * MIB, "{total} bytes of 64 MiB");
    assert_eq!(steps.now("process_resident_memory_bytes"), total - steps.now("node_memory_MemFree_bytes"));
}

fn stacks(steps: &mut Steps) {
    const GUARD: f64 = 4096.0;
    let parts = unnamed(&steps.last.after);
    let deep = "uk_thread_stack_high_water_bytes{thread=\"deep\"}";
    steps.take(5);
    steps.all_moved(&[
        ("node_memory_KernelStack_bytes", 8.0 * MIB + GUARD),
        ("process_virtual_memory_bytes", -GUARD),
        ("node_memory_AnonPages_bytes", 0.0),
    ]);
    assert_eq!(steps.now("uk_thread_stack_bytes{thread=\"deep\"}"), 8.0 * MIB);
    assert!(steps.now(deep) < 8192.0, "{} bytes deep at once", steps.now(deep));

    // The next one's guard page is the first small page in its stretch of memory, and needs a table.
    steps.take(6);
    steps.all_moved(&[
        ("node_memory_KernelStack_bytes", 8.0 * MIB + GUARD),
        ("process_virtual_memory_bytes", -GUARD),
        ("node_memory_PageTables_bytes", 4096.0),
        ("node_memory_AnonPages_bytes", 0.0),
    ]);
    // The table is a block of a size class, and among the slabs as well.
    let parts = parts - 4096.0;

    steps.take(7);
    let line = steps.guest.line(" bytes deep");
    let reached = line.split("memory: ").nth(1).and_then(|rest| rest.split(' ').next()?.parse::<f64>().ok());
    let reached = reached.unwrap_or_else(|| panic!("no depth in: {line}"));
    // What is above it in the stack counts, too, an interrupt may have come at the bottom, and so deep marks are 32 KiB apart.
    let told = steps.now(deep);
    assert!(told >= reached && told < reached + 32768.0 + 8192.0, "{told} bytes deep after {reached}");

    steps.take(8);
    let alone = |text: &str| !["deep", "beside"].iter().any(|name| text.contains(&format!("thread=\"{name}\"")));
    let gone = || steps.management.get("/metrics").ok().map(|told| told.text()).filter(|text| alone(text));
    let told = eventually(PATIENCE, gone).expect("the threads go");
    let moved = |series: &str| value(&told, series) - value(&steps.last.before, series);
    assert_eq!(moved("node_memory_KernelStack_bytes"), -2.0 * (8.0 * MIB + GUARD));
    assert_eq!(moved("process_virtual_memory_bytes"), 2.0 * GUARD);
    assert_eq!(moved("node_memory_PageTables_bytes"), 0.0, "tables stay");

    // A thread has used a stack of the usual size behind a gap, and the next one has that stack.
    steps.take(9);
    steps.take(10);
    let rested = steps.now("uk_thread_stack_high_water_bytes{thread=\"rested\"}");
    assert!((7000.0..12000.0).contains(&rested), "{rested} bytes deep, or somebody else was");
    assert_eq!(unnamed(&steps.last.after), parts, "memory has gone where nobody tells");
    for (series, used) in exposition::samples(&steps.last.after) {
        let Some(labels) = series.strip_prefix("uk_thread_stack_high_water_bytes") else { continue };
        let size = steps.now(&format!("uk_thread_stack_bytes{labels}"));
        assert!(used > 0.0 && used < size, "{labels}: {used} of {size}");
    }
    assert!(steps.now("uk_thread_stack_high_water_bytes{thread=\"housekeeper\"}") > 512.0);
}

fn cpu_time(steps: &mut Steps) {
    steps.take(11);
    let (used, passed) = (steps.moved("process_cpu_seconds_total"), steps.moved("uk_uptime_seconds"));
    assert!(used >= 0.3 && used <= passed, "{used} s of CPU in {passed} s, for 0.3 s of work");
    let before = steps.management.get("/metrics").expect("it answers").text();
    let_pass(Duration::from_secs(1));
    let after = steps.management.get("/metrics").expect("it answers").text();
    let moved = |series: &str| value(&after, series) - value(&before, series);
    let used = moved("process_cpu_seconds_total") / moved("uk_uptime_seconds");
    assert!(used > 0.0 && used < 0.5, "{used} of the CPU for nothing");
}

/// The phases' ends, in order, and what the process says of its beginning.
fn beginning(steps: &Steps) {
    let phases = ["memory", "clock", "parameters", "devices", "network", "program"];
    let ends = phases.map(|phase| steps.now(&format!("uk_boot_phase_seconds{{phase=\"{phase}\"}}")));
    assert!(ends[0] > 0.0 && ends.is_sorted(), "{ends:?}");
    assert!(ends[5] < steps.now("uk_uptime_seconds"), "{ends:?}");
    let began = steps.now("process_start_time_seconds");
    assert_eq!(began, steps.now("node_boot_time_seconds"));
    let age = steps.now("node_time_seconds") - began;
    assert!((age - steps.now("uk_uptime_seconds")).abs() < 0.1, "{age} s old");
}

on_every_machine! {
    fn the_figures_of_memory_move_with_its_uses(machine: Machine) {
        let mut steps = Steps::boot(machine);
        blocks(&mut steps);
        sums(&steps);
        stacks(&mut steps);
        sums(&steps);
        cpu_time(&mut steps);
        beginning(&steps);
        assert_eq!(steps.now("uk_management_allocations_total"), 0.0);
    }
}
