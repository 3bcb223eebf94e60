//! Counts the instructions that ukstore's operations take and prints a line `figure NAME NUMBER` for each. What they
//! mean, and which number would be good, is known to the host's side (`bench/src`).

#![no_std]
#![no_main]
#![deny(unsafe_code)]

extern crate alloc;

mod entries;
mod objects;
mod operations;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::hint::black_box;
use core::time::Duration;

use bench_count::{instructions, two_each};
use periscope::{println, thread, ukstore};

periscope::main!(main);

fn main() -> Result<(), String> {
    // Until the housekeeper has written the boot's log, its interrupts would fall into the runs.
    thread::sleep(Duration::from_millis(500));
    let rounds = |count| instructions(two_each, count);
    figure("loop_of_2000", rounds(2000) - rounds(1000));
    writing();
    looking_up();
    walking("single", "bench_single_", 2 * 1000); // each with its header
    walking("labelled", "bench_labelled_", 10 + 1000);
    switched_off()?;
    objects()
}

fn figure(name: &str, number: u64) {
    println!("figure {name} {number}");
}

fn writing() {
    figure("increment", instructions(operations::increment, ()));
    for (place, observation) in [("first", 1), ("middle", 900_000), ("last", 2_000_000_000), ("above", u64::MAX)] {
        figure(&format!("observe_{place}"), instructions(operations::observe, observation));
        figure(&format!("observe_exponential_{place}"), instructions(operations::observe_exponential, observation));
    }
    figure("observe_f64", instructions(operations::observe_f64, 0.000_9));
}

fn looking_up() {
    let entries = ukstore::entries().iter().map(|entry| entry.path());
    let paths: Vec<String> = entries.filter(|path| path.starts_with("/bench/group_")).map(String::from).collect();
    figure("entries", ukstore::entries().len() as u64);
    tell("lookup", paths.iter().map(String::as_str));
    let missing: Vec<String> = paths.iter().map(|path| format!("{path}s")).collect();
    tell("lookup_missing", missing.iter().map(String::as_str));
}

/// Average and worst of looking up `paths`.
fn tell<'a>(name: &str, paths: impl Iterator<Item = &'a str>) {
    let (mut count, mut sum, mut worst) = (0, 0, 0);
    for path in paths {
        let taken = instructions(operations::look_up, path);
        (count, sum, worst) = (count + 1, sum + taken, worst.max(taken));
    }
    figure(&format!("{name}_average"), u64::div_ceil(sum, count.max(1)));
    figure(&format!("{name}_worst"), worst);
}

/// An entry's share of a walk over 1,000 of them that are `items` items. What the first item takes, and what comes
/// before it, is left out.
fn walking(name: &str, prefix: &str, items: u32) {
    let walk = operations::walk_to(prefix);
    let taken = |items| instructions(operations::go_on, (&walk, items));
    figure(&format!("walk_{name}"), u64::div_ceil(taken(items) - taken(1), 1000));
}

/// What it costs others that a source is off, and what it costs itself.
fn switched_off() -> Result<(), String> {
    let by = ukstore::Writer::Program;
    let [log, bench] = ["log", "bench"].map(|name| ukstore::source(name).ok_or("it is not there"));
    let (log, bench) = (log?, bench?);
    log.switch(false, by);
    walking("beside_off", "bench_single_", 2 * 1000);
    log.switch(true, by);
    let walk = operations::walk_to("bench_single_");
    bench.switch(false, by);
    // It ends with the item behind the last of the families.
    figure("walk_off", instructions(operations::go_on, (&walk, 1)).div_ceil(1000));
    bench.switch(true, by);
    Ok(())
}

fn objects() -> Result<(), String> {
    let before = objects::heap()?;
    let widgets = black_box(objects::add());
    let held = objects::heap()? - before - size_of_val(&*widgets) as u64;
    let values = u64::from(objects::COUNT) * size_of::<objects::Widget>() as u64;
    figure("object_bytes", (held - values).div_ceil(objects::COUNT.into()));
    let paths: Vec<String> = (0..objects::COUNT).step_by(101).map(objects::path).collect();
    tell("lookup_object", paths.iter().map(String::as_str));
    Ok(())
}
