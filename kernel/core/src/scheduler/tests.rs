//! The scheduler's rules one by one, on a handful of threads.

use super::*;

const MS: u64 = 1_000_000;

#[test]
fn nothing_runs_until_woken() {
    let mut scheduler: Scheduler<4> = Scheduler::new();
    scheduler.add(2, DEFAULT_WEIGHT, Class::Fair);
    assert_eq!(scheduler.pick(0), None);
    assert!(!scheduler.should_preempt(0));
    assert!(scheduler.wake(2, 0) && !scheduler.wake(2, 0));
    assert!(scheduler.should_preempt(0));
    assert_eq!(scheduler.pick(0), Some(2));
    assert_eq!(scheduler.next_event(0), None, "alone: no timer needed");
    assert_eq!(scheduler.pick(0), None, "not requeued means blocked");
}

#[test]
fn equal_threads_take_turns_in_order() {
    let mut scheduler: Scheduler<4> = Scheduler::new();
    for id in 0..3 {
        scheduler.add(id, DEFAULT_WEIGHT, Class::Fair);
        scheduler.wake(id, 0);
    }
    for turn in 0..9 {
        let now = turn * 4 * MS;
        assert_eq!(scheduler.pick(now), Some(turn as usize % 3));
        assert_eq!(scheduler.next_event(now), Some(now + 4 * MS));
        scheduler.charge(4 * MS, now + 4 * MS);
        assert!(scheduler.should_preempt(now + 4 * MS));
        scheduler.requeue();
    }
}

#[test]
fn yielding_lets_the_others_run_first() {
    let mut scheduler: Scheduler<4> = Scheduler::new();
    for id in 0..3 {
        scheduler.add(id, DEFAULT_WEIGHT, Class::Fair);
        scheduler.wake(id, 0);
    }
    let first = scheduler.pick(0);
    scheduler.requeue_last();
    assert_ne!(scheduler.pick(0), first);
    scheduler.requeue_last();
    assert_ne!(scheduler.pick(0), first);
    scheduler.requeue_last();
    assert_eq!(scheduler.pick(0), first);
}

#[test]
fn a_sleeper_interrupts_a_spinner_and_no_more_than_that() {
    let mut scheduler: Scheduler<4> = Scheduler::new();
    scheduler.add(0, DEFAULT_WEIGHT, Class::Fair);
    scheduler.add(1, DEFAULT_WEIGHT, Class::Fair);
    scheduler.wake(0, 0);
    assert_eq!(scheduler.pick(0), Some(0));
    scheduler.charge(1000 * MS, 1000 * MS);
    scheduler.wake(1, 1000 * MS);
    assert!(scheduler.should_preempt(1000 * MS));
    scheduler.requeue();
    assert_eq!(scheduler.pick(1000 * MS), Some(1));
    scheduler.charge(4 * MS, 1004 * MS);
    scheduler.requeue();
    assert_eq!(scheduler.pick(1004 * MS), Some(0), "a second of sleep earns 2 ms, not a second");
}

#[test]
fn management_goes_first_until_its_tokens_are_spent() {
    let mut scheduler: Scheduler<4> = Scheduler::new();
    scheduler.add(0, DEFAULT_WEIGHT, Class::Fair);
    scheduler.add(1, DEFAULT_WEIGHT, Class::Management);
    scheduler.wake(0, 0);
    assert_eq!(scheduler.pick(0), Some(0));
    scheduler.wake(1, 0);
    assert!(scheduler.should_preempt(0));
    scheduler.requeue();
    assert_eq!(scheduler.pick(0), Some(1));
    let end = scheduler.next_event(0).expect("the budget is limited");
    assert!((MS..MS + MS / 10).contains(&end), "{end}");
    scheduler.charge(end, end);
    assert!(scheduler.should_preempt(end));
    scheduler.requeue();
    assert_eq!(scheduler.pick(end), Some(0));
    let back = scheduler.next_event(end).expect("management waits");
    assert!(!scheduler.should_preempt(back - 1) && scheduler.should_preempt(back));
}

#[test]
fn management_time_is_free_while_nobody_else_wants_it() {
    let mut scheduler: Scheduler<4> = Scheduler::new();
    scheduler.add(0, DEFAULT_WEIGHT, Class::Fair);
    scheduler.add(1, DEFAULT_WEIGHT, Class::Management);
    scheduler.wake(1, 0);
    assert_eq!(scheduler.pick(0), Some(1));
    assert_eq!(scheduler.next_event(0), None);
    scheduler.charge(500 * MS, 500 * MS);
    scheduler.charge_management(500 * MS, 1000 * MS);
    scheduler.wake(0, 1000 * MS);
    assert!(!scheduler.should_preempt(1000 * MS), "the bucket is still full");
    scheduler.charge_management(MS, 1000 * MS);
    assert!(scheduler.should_preempt(1000 * MS), "interrupts spend tokens too");
}

#[test]
fn interrupts_of_a_program_that_runs_alone_are_charged() {
    let mut scheduler: Scheduler<4> = Scheduler::new();
    scheduler.add(0, DEFAULT_WEIGHT, Class::Fair);
    scheduler.add(1, DEFAULT_WEIGHT, Class::Management);
    scheduler.wake(0, 0);
    assert_eq!(scheduler.pick(0), Some(0));
    scheduler.charge_management(MS, 0);
    scheduler.wake(1, 0);
    assert!(!scheduler.should_preempt(0), "the interrupts spent what the thread would have had");
    assert_eq!(scheduler.next_event(0), Some(10 * MS));
}

#[test]
fn removed_threads_are_gone() {
    let mut scheduler: Scheduler<4> = Scheduler::new();
    for id in 0..3 {
        scheduler.add(id, DEFAULT_WEIGHT, Class::Fair);
        scheduler.wake(id, 0);
    }
    assert_eq!(scheduler.pick(0), Some(0));
    scheduler.remove(0);
    scheduler.remove(1);
    assert_eq!((scheduler.current(), scheduler.runnable()), (None, 1));
    assert!(!scheduler.wake(1, 0));
    assert_eq!(scheduler.pick(0), Some(2));
}
