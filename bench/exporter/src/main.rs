//! Counts the instructions that encoding takes and prints a line `figure NAME NUMBER` for each set of series and each
//! format. What they mean, and which number would be good, is known to the host's side (`bench/src`).

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::string::String;
use core::cell::RefCell;
use core::hint::black_box;
use core::time::Duration;

use bench_count::{instructions, two_each};
use bench_series::{Encoding, Set};
use exporter::exposition::Format;
use periscope::{println, thread};

periscope::main!(main);

fn main() -> Result<(), String> {
    // Until the housekeeper has written the boot's log, its interrupts would fall into the runs.
    thread::sleep(Duration::from_millis(500));
    let rounds = |count| instructions(two_each, count);
    println!("figure loop_of_2000 {}", rounds(2000) - rounds(1000));
    let _filled = bench_series::fill();
    for set in Set::ALL {
        for format in [Format::Text, Format::OpenMetrics, Format::Protobuf] {
            let encoding = RefCell::new(Encoding::new(set, format)?);
            println!("figure {}{} {}", set.prefix(), format.name(), instructions(encode, &encoding));
        }
    }
    Ok(())
}

fn encode(encoding: &RefCell<Encoding>) {
    black_box(encoding.borrow_mut().run());
}
