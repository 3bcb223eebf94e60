//! Events: what is told, to whom, in which order, and what happens to those who are too slow.
#![forbid(unsafe_code)]

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use ukstore::{Change, EVENTS, Event, Machine, Object, Subscriber, Value, Writer, read, source, write};

ukstore::setting! {
    /// A number.
    static NUMBER: u64 = 0, in 0..=1_000_000, "/e/number";
    /// Words.
    static WORDS: text(8) = "", "/e/words";
}
ukstore::class! {
    /// Jobs.
    static JOBS: Class<struct Job> = "/e/jobs", label job, series 1 {
        /// Done.
        counter done = "done_total", "event_job_done_total";
    }
    /// Peers.
    static PEERS: Class<struct Peer> = "/e/peers" {
        /// Lost.
        counter lost = "lost_total";
    }
}

static CLOCK: AtomicU64 = AtomicU64::new(0);
static WAKES: AtomicUsize = AtomicUsize::new(0);
static ALONE: Mutex<()> = Mutex::new(());

fn count_wake() {
    WAKES.fetch_add(1, Relaxed);
}

/// One test at a time, with a clock that begins at 1000 and a count of wake-ups.
fn alone() -> MutexGuard<'static, ()> {
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    CLOCK.store(1_000, Relaxed);
    WAKES.store(0, Relaxed);
    ukstore::attach(Machine { now_ns: || CLOCK.load(Relaxed), wake: count_wake, samples: false });
    alone
}

/// An event as one line: `1000 created /e/jobs w`.
fn line(event: Event) -> String {
    let Event { at_ns, change, path, name } = event;
    let change = match change {
        Change::Created => "created".to_owned(),
        Change::Released => "released".to_owned(),
        Change::Set(by) => format!("set by {by}"),
    };
    let name = name.map_or(String::new(), |name| format!(" {}", name.as_str()));
    format!("{at_ns} {change} {path}{name}")
}

fn missed_by_all() -> u64 {
    match read("/ukstore/events_missed_total") {
        Ok(Value::U64(count)) => count,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_changes_is_told_in_order() {
    let _alone = alone();
    let mut subscriber = Subscriber::new();
    let first = JOBS.add("w", Job::new());
    CLOCK.store(2_000, Relaxed);
    let second = JOBS.add("w", Job::new());
    let peer = PEERS.add("10.0.0.7:443", Peer::new());
    first.done.inc();
    assert_eq!((NUMBER.set(5), write("/e/number", "6", Writer::Boot)), (Ok(()), Ok(())));
    assert!(NUMBER.set(2_000_000).is_err() && write("/e/words", "too many words", Writer::Boot).is_err());
    assert_eq!((NUMBER.set(6), WORDS.set("words")), (Ok(()), Ok(())), "also if the value is as it was");
    CLOCK.store(3_000, Relaxed);
    drop(first);
    let again = JOBS.add("w", Job::new());
    drop((second, peer, again));
    let source = source("e").expect("it has entries above");
    source.switch(false, Writer::Network([10, 0, 0, 7].into()));
    source.switch(true, Writer::Program);
    let lines: Vec<_> = subscriber.by_ref().map(line).collect();
    let expected = [
        "1000 created /e/jobs w",
        "2000 created /e/jobs w_2",
        "2000 created /e/peers 10.0.0.7:443",
        "2000 set by program /e/number",
        "2000 set by boot /e/number",
        "2000 set by program /e/number",
        "2000 set by program /e/words",
        "3000 released /e/jobs w",
        "3000 created /e/jobs w",
        "3000 released /e/jobs w_2",
        "3000 released /e/peers 10.0.0.7:443",
        "3000 released /e/jobs w",
        "3000 set by 10.0.0.7 /ukstore/sources e",
        "3000 set by program /ukstore/sources e",
    ];
    assert_eq!(lines, expected);
    assert_eq!((subscriber.next().is_none(), subscriber.missed()), (true, 0));
    assert_eq!(WAKES.load(Relaxed), expected.len(), "whoever waits is woken for each");
}

#[test]
fn nothing_is_recorded_while_nobody_subscribes() {
    let _alone = alone();
    drop(JOBS.add("unseen", Job::new()));
    assert_eq!(WAKES.load(Relaxed), 0);
    let mut one = Subscriber::new();
    assert!(one.next().is_none(), "what was before is not told");
    assert_eq!(NUMBER.set(1), Ok(()));
    let mut other = Subscriber::default();
    assert_eq!(NUMBER.set(2), Ok(()));
    assert_eq!((one.by_ref().count(), other.by_ref().count()), (2, 1));
    drop(one);
    assert_eq!(NUMBER.set(3), Ok(()));
    assert_eq!(other.by_ref().count(), 1, "the other still subscribes");
    drop(other);
    assert_eq!((NUMBER.set(4), WAKES.load(Relaxed)), (Ok(()), 3));
    assert!(Subscriber::new().next().is_none());
}

#[test]
fn who_is_too_slow_is_told_how_many_it_missed() {
    let _alone = alone();
    let before = missed_by_all();
    let (mut quick, mut slow, mut idle) = (Subscriber::new(), Subscriber::new(), Subscriber::new());
    let ring = EVENTS as u64;
    for number in 0..ring {
        CLOCK.store(number, Relaxed);
        assert_eq!(NUMBER.set(number), Ok(()));
        assert_eq!(quick.next().map(|event| event.at_ns), Some(number));
    }
    // The ring is full and nothing is lost; one more, and the oldest is.
    assert_eq!(slow.next().map(|event| event.at_ns), Some(0));
    assert_eq!(NUMBER.set(0), Ok(()));
    assert_eq!((slow.next().map(|event| event.at_ns), slow.missed()), (Some(1), 0));
    assert_eq!((idle.next().map(|event| event.at_ns), idle.missed()), (Some(1), 1));
    for number in 0..10 * ring {
        CLOCK.store(100 + number, Relaxed);
        assert_eq!(NUMBER.set(number), Ok(()));
    }
    let told: Vec<_> = slow.by_ref().map(|event| event.at_ns).collect();
    let newest: Vec<_> = (100 + 9 * ring..100 + 10 * ring).collect();
    assert_eq!(told, newest);
    // Eleven rings and one were raised, of which one ring and two were taken.
    assert_eq!(slow.missed(), 11 * ring + 1 - (ring + 2));
    assert_eq!(idle.by_ref().count() as u64, ring);
    assert_eq!(idle.missed(), 11 * ring + 1 - (ring + 1));
    assert_eq!(quick.by_ref().count() as u64, ring);
    assert_eq!(quick.missed(), 9 * ring + 1);
    assert_eq!(missed_by_all() - before, slow.missed() + idle.missed() + quick.missed());
}

/// A subscriber that never reads is in nobody's way.
#[test]
fn a_producer_never_waits() {
    let _alone = alone();
    let stalled = Subscriber::new();
    for number in 0..10_000 {
        assert_eq!(NUMBER.set(number), Ok(()));
    }
    assert_eq!((WAKES.load(Relaxed), stalled.missed()), (10_000, 0), "nothing is counted before it is looked for");
    assert_eq!(stalled.count(), EVENTS);
}

/// Threads that add and drop under one name: of what a subscriber was told, each name is created and released in turn.
#[test]
fn of_many_producers_each_event_is_told_once_and_in_order() {
    const EACH: usize = 2_000;
    let _alone = alone();
    let mut subscriber = Subscriber::new();
    let (mut told, mut alive, mut missed) = (0, Vec::<String>::new(), 0);
    thread::scope(|scope| {
        let producers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    for _ in 0..EACH {
                        drop(JOBS.add("job", Job::new()));
                    }
                })
            })
            .collect();
        loop {
            let are_done = producers.iter().all(|producer| producer.is_finished());
            while let Some(event) = subscriber.next() {
                if subscriber.missed() > missed {
                    // What became of these is not known.
                    missed = subscriber.missed();
                    alive.clear();
                }
                told += 1;
                let name = event.name.expect("it is of an object").as_str().to_owned();
                match event.change {
                    Change::Created => {
                        assert!(!alive.contains(&name), "{name} was created twice");
                        alive.push(name);
                    }
                    Change::Released => alive.retain(|other| *other != name),
                    Change::Set(_) => panic!("{event:?}"),
                }
            }
            if are_done {
                break;
            }
        }
    });
    assert_eq!(told + subscriber.missed() as usize, 2 * 3 * EACH);
    assert_eq!(alive, Vec::<String>::new());
}

/// Objects keep their names for events even if those are cut.
#[test]
fn an_event_names_the_object_as_the_tree_does() {
    let _alone = alone();
    let mut subscriber = Subscriber::new();
    let names = ["a/b", "", "other", &"long".repeat(20)];
    let objects: Vec<Object<Job>> = names.iter().map(|name| JOBS.add(name, Job::new())).collect();
    for object in &objects {
        let event = subscriber.next().expect("it was created");
        assert_eq!(event.name.as_ref().map(|name| name.as_str()), Some(object.name()));
        assert!(ukstore::lookup(&format!("{}/{}", event.path, object.name())).is_ok());
    }
}
