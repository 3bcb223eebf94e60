//! Threads, locks and condition variables under preemption.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::hint::spin_loop;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use periscope::sync::{Condvar, Mutex};
use periscope::time::{Duration, Instant};
use periscope::{println, thread};

/// Starts `count` threads that never stop and never wait, and returns never: the worst neighbour there is.
pub(crate) fn spin(count: u32) -> Result<(), String> {
    for _ in 1..count {
        let spinner = thread::Builder::new().name("spinner").spawn(|| {
            loop {
                spin_loop();
            }
        });
        spinner.map_err(|error| alloc::format!("{error}"))?;
    }
    println!("spinning in {count} threads");
    loop {
        spin_loop();
    }
}

/// Runs every exercise with `count` threads.
pub(crate) fn exercise(count: u32) -> Result<(), String> {
    // Each is named when it is over: one that hangs is the one after the last.
    join_gives_results(count)?;
    println!("threads: join gives results");
    a_mutex_excludes(count)?;
    println!("threads: a mutex excludes");
    a_condvar_loses_no_wakeup(count)?;
    println!("threads: a condvar loses no wakeup");
    spinners_share_the_cpu(count)?;
    println!("threads: spinners share the CPU");
    println!("threads: all exercises passed with {count} threads");
    Ok(())
}

fn join_gives_results(count: u32) -> Result<(), String> {
    // Many more than live at once, so that ended ones must have given back what they held.
    for round in 0..20 {
        let handles: Vec<_> = (0..count).map(|index| thread::spawn(move || u64::from(index + round))).collect();
        let sum: u64 = handles.into_iter().map(thread::JoinHandle::join).sum();
        let expected: u64 = (0..count).map(|index| u64::from(index + round)).sum();
        if sum != expected {
            return Err(alloc::format!("threads returned {sum} in all, not {expected}"));
        }
    }
    Ok(())
}

/// Each thread adds to a number in two steps that preemption can fall between.
fn a_mutex_excludes(count: u32) -> Result<(), String> {
    const ROUNDS: u64 = 2000;
    let number = Arc::new(Mutex::named("exercise", 0_u64));
    let handles: Vec<_> = (0..count)
        .map(|index| {
            let number = number.clone();
            thread::spawn(move || {
                for round in 0..ROUNDS {
                    let mut guard = number.lock();
                    let seen = *guard;
                    // Now and then held across a switch, so that the others have to wait.
                    if round % 100 == u64::from(index) {
                        thread::yield_now();
                    }
                    *guard = seen + 1;
                }
            })
        })
        .collect();
    handles.into_iter().for_each(thread::JoinHandle::join);
    let sum = *number.lock();
    let expected = u64::from(count) * ROUNDS;
    if sum == expected { Ok(()) } else { Err(alloc::format!("{sum} additions were kept of {expected}")) }
}

/// Threads hand a token round a ring; a wakeup lost stops it for ever, which the harness sees as a hang.
fn a_condvar_loses_no_wakeup(count: u32) -> Result<(), String> {
    const LAPS: u32 = 200;
    let ring = Arc::new((Mutex::new(0_u32), Condvar::new()));
    let handles: Vec<_> = (0..count)
        .map(|index| {
            let ring = ring.clone();
            thread::spawn(move || {
                for lap in 0..LAPS {
                    let (token, turned) = &*ring;
                    let mut guard = turned.wait_while(token.lock(), |token| *token != lap * count + index);
                    *guard += 1;
                    drop(guard);
                    turned.notify_all();
                }
            })
        })
        .collect();
    handles.into_iter().for_each(thread::JoinHandle::join);
    let (token, turned) = &*ring;
    let began = Instant::now();
    let (guard, timed_out) = turned.wait_timeout(token.lock(), Duration::from_millis(20));
    if *guard != LAPS * count {
        return Err(alloc::format!("the token went round {} times, not {}", *guard, LAPS * count));
    }
    if !timed_out || began.elapsed() < Duration::from_millis(20) {
        return Err("a wait that nobody ends must time out, and not early".into());
    }
    Ok(())
}

/// None of several threads that never wait may starve.
fn spinners_share_the_cpu(count: u32) -> Result<(), String> {
    let turns: Arc<Vec<AtomicU64>> = Arc::new((0..count).map(|_| AtomicU64::new(0)).collect());
    let end = Instant::now() + Duration::from_millis(500);
    let handles: Vec<_> = (0..count as usize)
        .map(|index| {
            let turns = turns.clone();
            thread::spawn(move || {
                while Instant::now() < end {
                    turns[index].fetch_add(1, Relaxed);
                }
            })
        })
        .collect();
    handles.into_iter().for_each(thread::JoinHandle::join);
    let turns: Vec<u64> = turns.iter().map(|turns| turns.load(Relaxed)).collect();
    let (least, most) = (turns.iter().min().copied().unwrap_or(0), turns.iter().max().copied().unwrap_or(0));
    // Fair shares are equal; a slice is some percent of this time, and the host's own interruptions hit single threads.
    if least * 4 < most {
        return Err(alloc::format!("unfair shares: {turns:?}"));
    }
    Ok(())
}
