//! Events under every order of producers and a subscriber: each is told once and in order, or counted as missed.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use shuttle::scheduler::DfsScheduler;
use shuttle::{Config, Runner, check_random, thread};
use ukstore_model::{Change, EVENTS, Machine, Subscriber, attach};

ukstore_model::setting! {
    /// A number.
    static NUMBER: u64 = 0, "/m/number";
}
ukstore_model::class! {
    /// Jobs.
    static JOBS: Class<struct Job> = "/m/jobs" {
        /// Done.
        counter done = "done_total";
    }
}

/// How often somebody asked for the time.
static CLOCK: AtomicU64 = AtomicU64::new(0);

/// The number of the write that asks: each asks twice, for the setting's memory and for the event.
fn number_of_write() -> u64 {
    CLOCK.fetch_add(1, Relaxed) / 2
}

static ALONE: Mutex<()> = Mutex::new(());

/// The ring is one for all: one model at a time.
fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

const MOST_ORDERS: usize = 1_000_000;

/// One thread drops an object while another adds one of its name: whoever listens knows at any time who is alive.
fn objects_of_one_name() {
    let first = JOBS.add("job", Job::new());
    let mut subscriber = Subscriber::new();
    let dropping = thread::spawn(move || drop(first));
    let adding = thread::spawn(|| drop(JOBS.add("job", Job::new())));
    dropping.join().expect("no assertion is in there");
    adding.join().expect("no assertion is in there");
    let mut alive = vec!["job".to_owned()];
    for event in subscriber.by_ref() {
        let name = event.name.expect("it is of an object").as_str().to_owned();
        match event.change {
            Change::Created => {
                assert!(!alive.contains(&name), "{name} was created twice");
                alive.push(name);
            }
            Change::Released => {
                assert!(alive.contains(&name), "{name} was released before it was created");
                alive.retain(|other| *other != name);
            }
            Change::Set(_) => panic!("{event:?}"),
        }
    }
    assert_eq!((alive.len(), subscriber.missed()), (0, 0));
}

#[test]
fn what_is_created_and_released_is_told_in_turn() {
    let _alone = alone();
    // The first run brings the memory that a class keeps: from then on all runs take the same steps.
    check_random(objects_of_one_name, 1);
    let orders = Runner::new(DfsScheduler::new(Some(MOST_ORDERS), false), Config::new()).run(objects_of_one_name);
    println!("{orders} orders");
    assert!((2..MOST_ORDERS).contains(&orders));
}

/// Two threads raise more events than the ring holds while a subscriber takes some.
fn more_than_the_ring_holds() {
    const EACH: u64 = EVENTS as u64;
    attach(Machine { now_ns: number_of_write, wake: || {}, samples: false });
    let mut subscriber = Subscriber::new();
    let first = CLOCK.load(Relaxed) / 2;
    let producers = [(); 2].map(|()| {
        thread::spawn(|| {
            for number in 0..EACH {
                NUMBER.set(number).expect("it takes any");
            }
        })
    });
    let (mut next, mut told) = (first, 0);
    let mut take = |subscriber: &mut Subscriber, most: usize| {
        for _ in 0..most {
            let missed = subscriber.missed();
            let Some(event) = subscriber.next() else { break };
            assert_eq!(
                event.at_ns,
                next + subscriber.missed() - missed,
                "between two events are those that were missed"
            );
            next = event.at_ns + 1;
            told += 1;
        }
    };
    for _ in 0..20 {
        take(&mut subscriber, 3);
    }
    producers.into_iter().for_each(|producer| producer.join().expect("no assertion is in there"));
    take(&mut subscriber, usize::MAX);
    assert_eq!(told + subscriber.missed(), 2 * EACH);
}

#[test]
fn each_event_is_told_once_and_in_order_or_counted_as_missed() {
    let _alone = alone();
    check_random(more_than_the_ring_holds, 500);
}
