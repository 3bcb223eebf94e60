//! The heap under load: blocks keep their content, and all of it comes back.

use alloc::string::String;
use alloc::vec::Vec;
use periscope::println;
use periscope::time::Instant;

/// A generator of small numbers without a pattern (xorshift64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize
    }
}

/// Keeps `count` blocks of mixed sizes alive while replacing them at random, and checks each one's content before it
/// goes. The sizes are those the allocator was measured with: mostly small, some of several pages.
pub(crate) fn churn(count: u32) -> Result<(), String> {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut blocks: Vec<Vec<u8>> = (0..count).map(|index| block(&mut numbers, index)).collect();
    let rounds = count * 10;
    let began = Instant::now();
    for round in 0..rounds {
        let index = numbers.next() % blocks.len();
        check(&blocks[index])?;
        blocks[index] = block(&mut numbers, round);
    }
    let nanos = began.elapsed().as_nanos() / u128::from(rounds);
    for block in &blocks {
        check(block)?;
    }
    println!("heap: {count} blocks held their content over {rounds} replacements, {nanos} ns each");
    Ok(())
}

/// A block whose every byte tells which block it is.
fn block(numbers: &mut Numbers, mark: u32) -> Vec<u8> {
    let size = match numbers.next() % 100 {
        0..70 => 16 + numbers.next() % 112,
        70..98 => 128 + numbers.next() % 1920,
        _ => 4096 + numbers.next() % 8192,
    };
    let mut block = Vec::with_capacity(size);
    block.resize(size, mark as u8);
    block
}

fn check(block: &[u8]) -> Result<(), String> {
    match block.iter().position(|byte| *byte != block[0]) {
        None => Ok(()),
        Some(at) => Err(alloc::format!("byte {at} of a block of {} was overwritten", block.len())),
    }
}

/// Takes memory until there is none, keeps it, and then serves: a watcher must still see the machine.
pub(crate) fn exhaust() -> Result<(), String> {
    let mut taken: Vec<Vec<u8>> = Vec::with_capacity(1 << 16);
    // Large blocks first, then ever smaller ones, until nothing fits any more.
    let mut size = 1 << 20;
    while size >= 16 && taken.len() < taken.capacity() {
        let mut block = Vec::new();
        if block.try_reserve_exact(size).is_ok() {
            taken.push(block);
        } else {
            size /= 2;
        }
    }
    println!("exhausted: {} blocks", taken.len());
    loop {
        periscope::thread::sleep(periscope::time::Duration::from_secs(1));
    }
}
