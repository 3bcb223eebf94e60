//! A guest whose monotonic clock has a wrong rate, a server that knows the time, and a network between them that takes its
//! time. What is tested is what matters: how far the wall clock is from the time, and that it does not go backwards.

use super::*;
use crate::clock::Course;
use crate::sntp::{Client, Discipline, Ended, Judgement};

struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11
    }
}

struct World {
    client: Client,
    discipline: Discipline,
    course: Option<Course>,
    /// How much faster the time goes than the guest's monotonic clock, in billionths.
    error_ppb: i64,
    /// What the time has jumped since the beginning, as the guest sees it, ns.
    jumped_ns: u64,
    delay_ns: u64,
    jitter_ns: u64,
    loss_percent: u64,
    dice: Dice,
    now: u64,
    judgements: Vec<Judgement>,
}

impl World {
    fn new(course: Option<Course>) -> Self {
        Self {
            client: Client::new(0),
            discipline: Discipline::new(),
            course,
            error_ppb: 0,
            jumped_ns: 0,
            delay_ns: MILLISECOND,
            jitter_ns: MILLISECOND / 10,
            loss_percent: 0,
            dice: Dice(7),
            now: 0,
            judgements: Vec::new(),
        }
    }

    /// The time when the monotonic clock shows `now`.
    fn truth(&self, now: u64) -> u64 {
        let gained = i128::from(now) * i128::from(self.error_ppb) / i128::from(SECOND);
        (i128::from(UNIX + self.jumped_ns) + i128::from(now) + gained) as u64
    }

    /// How far the wall clock is behind, ns.
    fn behind(&self) -> i64 {
        self.truth(self.now) as i64 - self.course.unwrap().unix_ns(self.now) as i64
    }

    fn step(&mut self) {
        self.now = self.now.max(self.client.deadline_ns().unwrap());
        let ended = self.client.ended(self.now);
        self.take(ended);
        let random = self.dice.roll();
        let Some(request) = self.client.request(self.now, random) else { return };
        if self.dice.roll() % 100 < self.loss_percent {
            return;
        }
        // Some packets wait in a queue, on either way.
        let way = |dice: &mut Dice| {
            let queue = if dice.roll().is_multiple_of(4) { 20 * self.jitter_ns } else { self.jitter_ns };
            self.delay_ns / 2 + dice.roll() % (queue + 1)
        };
        let there = way(&mut self.dice);
        let back = way(&mut self.dice);
        let at = self.truth(self.now + there);
        self.now += there + back;
        let sample = self.client.receive(&Packet::answer(&request, at, at).bytes(), self.now).unwrap();
        if self.course.is_none() {
            let judgement = self.discipline.judge(&sample, None, self.now);
            self.course = judgement.course;
            self.judgements.push(judgement);
        }
        let ended = self.client.ended(self.now);
        self.take(ended);
    }

    fn take(&mut self, ended: Option<Ended>) {
        let Some(Ended::Sample(best)) = ended else { return };
        let judgement = self.discipline.judge(&best, self.course.as_ref(), self.now);
        if let Some(course) = judgement.course {
            if !judgement.stepped {
                let before = self.course.unwrap();
                assert_eq!(course.unix_ns(self.now), before.unix_ns(self.now), "a slew is no jump");
            }
            self.course = Some(course);
        }
        self.client.judge(judgement.right, self.now);
        self.judgements.push(judgement);
    }

    fn run(&mut self, time: u64) {
        let end = self.now + time;
        while self.now < end {
            self.step();
        }
    }
}

#[test]
fn a_clock_that_was_never_set_is_right_with_the_first_answer() {
    let mut world = World::new(None);
    assert!(!world.discipline.is_synchronized(0));
    world.step();
    assert!(world.now < 10 * MILLISECOND);
    assert!(world.behind().unsigned_abs() < 3 * MILLISECOND, "{}", world.behind());
    assert!(world.discipline.is_synchronized(world.now));
    world.run(600 * SECOND);
    assert_eq!(world.judgements.iter().filter(|judgement| judgement.stepped).count(), 1);
}

#[test]
fn an_rtc_that_is_seconds_off_is_stepped_once() {
    for off in [-3_000_000_000i64, 900_000_000, 3_600_000_000_000] {
        let mut world = World::new(Some(Course::new(0, UNIX.wrapping_add_signed(-off), 0)));
        world.run(600 * SECOND);
        let stepped: Vec<usize> =
            world.judgements.iter().enumerate().filter(|(_, judgement)| judgement.stepped).map(|(at, _)| at).collect();
        assert_eq!(stepped, [0], "{off}");
        assert!((world.judgements[0].offset_ns - off).abs() < 3_000_000);
        assert!(world.behind().unsigned_abs() < 3 * MILLISECOND, "{}", world.behind());
    }
}

#[test]
fn less_is_slewed_and_never_backwards() {
    for off in [-400_000_000i64, 400_000_000, 3_000_000] {
        let mut world = World::new(Some(Course::new(0, UNIX.wrapping_add_signed(-off), 0)));
        let mut shown = 0;
        while world.now < 1_500 * SECOND {
            world.step();
            let now = world.course.unwrap().unix_ns(world.now);
            assert!(now >= shown);
            shown = now;
        }
        assert!(world.judgements.iter().all(|judgement| !judgement.stepped));
        assert!(world.behind().unsigned_abs() < 2 * MILLISECOND, "{off}: {}", world.behind());
    }
}

/// Where every answer is slow, a round has all its requests, and the quickest may be the first: it is six seconds old when it
/// is judged, and meanwhile the clock is slewed.
#[test]
fn what_a_slew_has_gained_since_the_sample_is_not_gained_again() {
    for off in [-400_000_000i64, 400_000_000] {
        let mut world = World::new(Some(Course::new(0, UNIX.wrapping_add_signed(-off), 0)));
        world.jitter_ns = MILLISECOND / 100;
        world.run(60 * SECOND);
        world.delay_ns = 40 * MILLISECOND;
        while world.now < 180 * SECOND {
            let judged = world.judgements.len();
            world.step();
            if world.judgements.len() > judged {
                let course = world.course.unwrap();
                let (behind, pending) = (world.behind(), course.pending_ns(world.now));
                assert!((behind - pending).abs() < 300_000, "{off}: {behind} behind, {pending} to be gained");
                assert!(course.rate_ppb().abs() < 5_000, "{off}: there is no error to learn, and it is {course:?}");
            }
        }
    }
}

#[test]
fn a_wrong_rate_is_learned() {
    for error_ppb in [-200_000, 30_000, 200_000] {
        let mut world = World::new(None);
        world.error_ppb = error_ppb;
        world.run(3_600 * SECOND);
        let learned = world.course.unwrap().rate_ppb();
        assert!((learned - error_ppb).abs() < 10_000, "{error_ppb}: {learned}");
        let before = world.judgements.len();
        world.run(2 * 3_600 * SECOND);
        assert!(world.behind().unsigned_abs() < 3 * MILLISECOND, "{error_ppb}: {}", world.behind());
        assert!(world.judgements.len() - before < 120, "asked ever less often: {}", world.judgements.len() - before);
        assert!(world.discipline.max_error_ns(world.now) < 600 * MILLISECOND);
    }
}

#[test]
fn a_bad_network_does_not_pull_the_clock() {
    let mut world = World::new(None);
    world.delay_ns = 80 * MILLISECOND;
    world.jitter_ns = 5 * MILLISECOND;
    world.loss_percent = 30;
    world.run(4 * 3_600 * SECOND);
    let mut worst = 0;
    for _ in 0..500 {
        world.step();
        worst = worst.max(world.behind().unsigned_abs());
    }
    assert!(worst < 60 * MILLISECOND, "{worst}");
    assert!(world.judgements.iter().skip(1).all(|judgement| !judgement.stepped));
}

#[test]
fn a_guest_that_was_paused_is_stepped_when_that_is_sure() {
    let mut world = World::new(None);
    world.run(3_600 * SECOND);
    let before = world.judgements.len();
    world.jumped_ns = 7_200 * SECOND;
    let since = world.now;
    while world.behind() > 1_000_000_000 {
        world.step();
        assert!(world.now < since + 1_200 * SECOND);
    }
    let after: Vec<bool> = world.judgements[before..].iter().map(|judgement| judgement.stepped).collect();
    assert_eq!(after, [false, false, true]);
}

#[test]
fn one_absurd_answer_moves_nothing() {
    let mut world = World::new(None);
    world.run(600 * SECOND);
    let course = world.course;
    world.jumped_ns = 60 * SECOND;
    let judged = world.judgements.len();
    while world.judgements.len() == judged {
        world.step();
    }
    assert_eq!(world.course, course);
    world.jumped_ns = 0;
    world.run(600 * SECOND);
    assert!(world.judgements[judged..].iter().all(|judgement| !judgement.stepped));
    assert!(world.behind().unsigned_abs() < 2 * MILLISECOND);
}

#[test]
fn a_clock_that_is_not_looked_after_is_trusted_less() {
    let mut world = World::new(None);
    world.run(600 * SECOND);
    let last = *world.discipline.last().unwrap();
    assert_eq!((last.stratum, last.distance_ns > 0), (2, true));
    let grown = world.discipline.max_error_ns(last.at_ns + 1_000 * SECOND) - world.discipline.max_error_ns(last.at_ns);
    assert_eq!(grown, 500 * MILLISECOND, "500 millionths of 1,000 s");
    assert!(!world.discipline.is_synchronized(last.at_ns + 40_000 * SECOND));
}
