//! The program the guest tests boot. Its first word says what it does; what the test then asserts is an exit status, a
//! line it prints, or what its sockets answer.
//!
//! Not an example of a program: see `apps/web` for one.

#![no_std]
#![no_main]

extern crate alloc;

mod bytes;
mod cpu;
mod ends;
mod formats;
mod log_lines;
mod memory;
mod memory_steps;
mod network;
mod objects;
mod reports;
mod samples;
mod serve;
mod settings;
mod threads;
mod time;
mod tree;

use alloc::string::String;

periscope::main!(main);

fn main() -> Result<(), String> {
    let mut words = periscope::args();
    let what = words.next().unwrap_or("return");
    let mut number = |default: u32| words.next().and_then(|word| word.parse().ok()).unwrap_or(default);
    match what {
        "return" => Ok(()),
        "return-error" => Err("as it was told to".into()),
        "panic" => ends::panic_in(number(3)),
        "read-null" => ends::read_null(),
        "write-code" => ends::write_code(),
        "run-data" => ends::run_data(),
        "stack-overflow" => ends::overflow_stack(),
        "triple-fault" => ends::triple_fault(),
        "hang" => ends::hang(),
        "serve" => serve::for_ever(),
        "spin" => threads::spin(number(64)),
        "cpu" => cpu::work(number(4)),
        "threads" => threads::exercise(number(8)),
        "heap" => memory::churn(number(10_000)),
        "exhaust" => memory::exhaust(),
        "memory" => memory_steps::take(),
        "bytes" => bytes::check(),
        "network" => network::hold(words.next().unwrap_or_default()),
        "clock" => time::tell(),
        "samples" => samples::misbehave(),
        "objects" => objects::drop_when_asked(number(256)),
        "churn" => objects::churn(number(10_000)),
        "formats" => formats::fill(number(1000)),
        "settings" => settings::tell(),
        "log" => log_lines::fill(number(500), number(3000)),
        "reports" => reports::tell(words.next().unwrap_or_default(), 20),
        "tree" => tree::check(),
        other => Err(alloc::format!("no such test: {other}")),
    }
}
