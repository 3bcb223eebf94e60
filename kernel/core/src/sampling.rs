//! Rounds of sampling: who asks for one, which thread does it, and what happens when that thread does not come back from a
//! function of the program.
//!
//! Whoever shows values asks for a round and gets its number; the round is over once a thread has called every function
//! since. A round that takes longer than [`PATIENCE_NS`] is another thread's from then on; the one before is *lost*, until
//! its function returns after all. At most [`MAX_LOST`] threads are given up this way: beyond that nobody samples, and
//! nobody waits for it, until one of them comes back.
//!
//! Not here: threads, and the functions.

/// How long a round may take before another thread takes over. A function may take its time; until this has passed, what
/// comes behind it in the round is late.
pub const PATIENCE_NS: u64 = 1_000_000_000;

/// After a round no other begins for so many times as long as it took, so that who asks without end cannot have the program
/// spend more than a tenth of the CPU on it,
const REST: u64 = 10;

/// but for no longer than this, half of what a value may be old when it is told.
const MAX_REST_NS: u64 = 500_000_000;

/// The most threads that are lost before nobody samples any more.
pub const MAX_LOST: u32 = 8;

/// A look that is due when somebody asks again.
const NOT_BEFORE_ASKED: u64 = u64::MAX;

/// The state of sampling. `T` tells threads apart.
#[derive(Clone, Copy, Debug)]
pub struct Rounds<T> {
    /// The last round that was asked for, that began, that is over.
    asked: u64,
    begun: u64,
    over: u64,
    /// When a round was first awaited, or last found to take long; [`NOT_BEFORE_ASKED`] when there was no help.
    looked_ns: u64,
    /// When the last round began, and until when none follows it.
    begun_ns: u64,
    rest_until_ns: u64,
    /// Another thread should take over.
    overdue: bool,
    sampler: Sampler<T>,
    lost: u32,
}

/// Whose work it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sampler<T> {
    /// A thread's that has not run yet: who asks before is served as soon as it does. It follows this one.
    Expected(Option<T>),
    /// This thread's.
    Thread(T),
    /// Nobody's: too many are lost.
    Nobody,
}

/// What a sampling thread is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    /// Call every function, and then say that this round is over.
    Sample(u64),
    /// Sleep until somebody asks.
    Sleep,
    /// End: another thread has taken over.
    Leave,
}

/// What is to be done about a round that takes long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relief {
    /// Nothing.
    None,
    /// Start another thread.
    Start,
    /// Nothing: too many are lost, and nobody samples from now on.
    GiveUp,
}

impl<T: Copy + Eq> Rounds<T> {
    /// Nobody has asked, and the first thread is expected.
    pub const fn new() -> Self {
        Self {
            asked: 0,
            begun: 0,
            over: 0,
            looked_ns: 0,
            begun_ns: 0,
            rest_until_ns: 0,
            overdue: false,
            sampler: Sampler::Expected(None),
            lost: 0,
        }
    }

    /// Asks for a round that begins after now: its number, and the thread to wake if there is one already. `None` when
    /// there is nothing to wait for: the last round was a moment ago, or nobody samples any more.
    pub fn ask(&mut self, now_ns: u64) -> Option<(u64, Option<T>)> {
        let sampler = match self.sampler {
            Sampler::Expected(_) => None,
            Sampler::Thread(thread) => Some(thread),
            Sampler::Nobody => return None,
        };
        if self.asked == self.over && now_ns < self.rest_until_ns {
            return None;
        }
        if self.asked == self.over || self.looked_ns == NOT_BEFORE_ASKED {
            self.looked_ns = now_ns;
        }
        self.asked = self.begun + 1;
        Some((self.asked, sampler))
    }

    /// Whether there is nothing to wait for any more.
    pub fn is_over(&self, round: u64) -> bool {
        round <= self.over || self.sampler == Sampler::Nobody
    }

    /// When to look again whether a round takes long; `None` while none is awaited.
    pub fn next_look_ns(&self) -> Option<u64> {
        let is_awaited = self.asked > self.over && self.sampler != Sampler::Nobody;
        (is_awaited && self.looked_ns != NOT_BEFORE_ASKED).then(|| self.looked_ns.saturating_add(PATIENCE_NS))
    }

    /// Whether a round is found to take too long now, so that [`relieve`](Self::relieve) should be called.
    pub fn look(&mut self, now_ns: u64) -> bool {
        if self.next_look_ns().is_none_or(|due| now_ns < due) {
            return false;
        }
        self.looked_ns = now_ns;
        // A round that has not begun, or a thread, waits for the CPU as any other would.
        self.overdue = self.begun > self.over && matches!(self.sampler, Sampler::Thread(_));
        self.overdue
    }

    /// Decides about a round that was found to take too long.
    pub fn relieve(&mut self) -> Relief {
        let Sampler::Thread(lost) = self.sampler else { return Relief::None };
        if !core::mem::take(&mut self.overdue) || self.begun == self.over {
            return Relief::None;
        }
        self.lost += 1;
        if self.lost < MAX_LOST {
            self.sampler = Sampler::Expected(Some(lost));
            Relief::Start
        } else {
            self.sampler = Sampler::Nobody;
            Relief::GiveUp
        }
    }

    /// The thread that [`relieve`](Self::relieve) wanted could not be started: to be tried when somebody asks again.
    pub fn not_started(&mut self) {
        if let Sampler::Expected(Some(before)) = self.sampler {
            self.sampler = Sampler::Thread(before);
            self.lost -= 1;
            self.looked_ns = NOT_BEFORE_ASKED;
        }
    }

    /// The thread `me`, which has just begun, takes over. From a thread that came back meanwhile, if one is given: it is
    /// to be woken, so that it leaves.
    pub fn take_over(&mut self, me: T) -> Option<T> {
        match core::mem::replace(&mut self.sampler, Sampler::Thread(me)) {
            Sampler::Thread(other) => {
                self.lost += 1;
                Some(other)
            }
            Sampler::Expected(_) | Sampler::Nobody => None,
        }
    }

    /// What the thread `me` is to do next.
    pub fn duty(&mut self, me: T, now_ns: u64) -> Duty {
        match self.sampler {
            Sampler::Thread(sampler) if sampler == me => {}
            Sampler::Thread(_) => {
                self.lost -= 1;
                return Duty::Leave;
            }
            // A lost one that returns before the next has begun, or the first to return where too many were lost.
            Sampler::Expected(_) | Sampler::Nobody => {
                self.lost = self.lost.saturating_sub(1);
                self.sampler = Sampler::Thread(me);
            }
        }
        // A round that a lost thread began is this one's too.
        if self.asked <= self.over {
            return Duty::Sleep;
        }
        self.begun += 1;
        self.begun_ns = now_ns;
        self.asked = self.asked.max(self.begun);
        Duty::Sample(self.begun)
    }

    /// The round is over, at `now_ns`.
    pub fn end(&mut self, round: u64, now_ns: u64) {
        self.over = self.over.max(round);
        self.looked_ns = now_ns;
        let took_ns = now_ns.saturating_sub(self.begun_ns);
        self.rest_until_ns = now_ns.saturating_add(took_ns.saturating_mul(REST).min(MAX_REST_NS));
    }

    /// Threads that are in functions which have not returned in time.
    pub fn lost(&self) -> u32 {
        self.lost
    }
}

impl<T: Copy + Eq> Default for Rounds<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sampler in its first round, which was asked for at time 0.
    fn begun() -> (Rounds<char>, u64) {
        let mut rounds = Rounds::new();
        assert_eq!(rounds.take_over('a'), None);
        assert_eq!(rounds.duty('a', 0), Duty::Sleep);
        let (ticket, sampler) = rounds.ask(0).unwrap();
        assert_eq!(sampler, Some('a'));
        assert_eq!(rounds.duty('a', 0), Duty::Sample(ticket));
        (rounds, ticket)
    }

    #[test]
    fn a_round_serves_who_asked_before_it_began() {
        let (mut rounds, first) = begun();
        let (second, _) = rounds.ask(1).unwrap();
        assert_eq!(rounds.ask(2).map(|(ticket, _)| ticket), Some(second), "two who ask together share a round");
        rounds.end(first, 3);
        assert!(rounds.is_over(first) && !rounds.is_over(second));
        assert_eq!(rounds.duty('a', 0), Duty::Sample(second));
        rounds.end(second, 4);
        assert!(rounds.is_over(second));
        assert_eq!((rounds.duty('a', 0), rounds.next_look_ns()), (Duty::Sleep, None));
    }

    #[test]
    fn a_round_that_took_long_is_not_soon_followed_by_another() {
        let (mut rounds, first) = begun();
        rounds.end(first, 2_000_000);
        assert_eq!(rounds.ask(21_999_999), None, "the values of a moment ago will do");
        let (second, _) = rounds.ask(22_000_000).unwrap();
        assert_eq!(rounds.duty('a', 22_000_000), Duty::Sample(second));
        rounds.end(second, 922_000_000);
        assert!(rounds.ask(922_000_000 + MAX_REST_NS).is_some());
    }

    #[test]
    fn who_asks_before_there_is_a_thread_is_served_by_the_first() {
        let mut rounds = Rounds::new();
        let (ticket, sampler) = rounds.ask(0).unwrap();
        assert_eq!(sampler, None);
        assert!(!rounds.is_over(ticket) && !rounds.look(PATIENCE_NS), "nobody is late who has not begun");
        assert_eq!(rounds.take_over('a'), None);
        assert_eq!((rounds.duty('a', 0), rounds.lost()), (Duty::Sample(ticket), 0));
    }

    #[test]
    fn a_thread_that_does_not_come_back_is_relieved() {
        let (mut rounds, ticket) = begun();
        assert_eq!(rounds.next_look_ns(), Some(PATIENCE_NS));
        assert!(!rounds.look(PATIENCE_NS - 1));
        assert_eq!(rounds.relieve(), Relief::None);
        assert!(rounds.look(PATIENCE_NS));
        assert_eq!(rounds.relieve(), Relief::Start);
        assert_eq!(rounds.relieve(), Relief::None, "once is enough");
        assert!(!rounds.look(2 * PATIENCE_NS), "the next thread waits for the CPU");
        assert_eq!(rounds.take_over('b'), None);
        assert_eq!(rounds.lost(), 1);
        let Duty::Sample(round) = rounds.duty('b', 0) else { panic!("the round is not over") };
        rounds.end(round, 2 * PATIENCE_NS);
        assert!(rounds.is_over(ticket));
        assert_eq!(rounds.duty('b', 0), Duty::Sleep);
        // And if it comes back after all, it goes, and its round is no news.
        rounds.end(ticket, 3 * PATIENCE_NS);
        assert_eq!((rounds.duty('a', 0), rounds.lost()), (Duty::Leave, 0));
    }

    #[test]
    fn one_that_returns_before_the_next_has_begun_leaves_it_the_work() {
        let (mut rounds, ticket) = begun();
        assert!(rounds.look(PATIENCE_NS));
        assert_eq!(rounds.relieve(), Relief::Start);
        rounds.end(ticket, PATIENCE_NS);
        assert_eq!((rounds.duty('a', 0), rounds.lost()), (Duty::Sleep, 0));
        assert_eq!(rounds.take_over('b'), Some('a'), "it sleeps, and would for ever");
        assert_eq!((rounds.duty('b', 0), rounds.lost()), (Duty::Sleep, 1));
        assert_eq!((rounds.duty('a', 0), rounds.lost()), (Duty::Leave, 0));
    }

    #[test]
    fn a_thread_that_cannot_be_started_is_tried_again_when_somebody_asks() {
        let (mut rounds, ticket) = begun();
        assert!(rounds.look(PATIENCE_NS));
        assert_eq!(rounds.relieve(), Relief::Start);
        rounds.not_started();
        assert_eq!((rounds.lost(), rounds.next_look_ns()), (0, None), "nobody wakes up for it meanwhile");
        let now = 9 * PATIENCE_NS;
        let (again, _) = rounds.ask(now).unwrap();
        assert!(!rounds.is_over(ticket) && !rounds.is_over(again));
        assert!(rounds.look(now + PATIENCE_NS));
        assert_eq!(rounds.relieve(), Relief::Start);
    }

    #[test]
    fn a_round_that_waits_for_the_cpu_is_nobody_s_fault() {
        let mut rounds = Rounds::new();
        assert_eq!(rounds.take_over('a'), None);
        rounds.ask(0).unwrap();
        assert!(!rounds.look(PATIENCE_NS));
        assert_eq!(rounds.next_look_ns(), Some(2 * PATIENCE_NS));
    }

    #[test]
    fn one_that_ends_before_it_is_relieved_stays() {
        let (mut rounds, ticket) = begun();
        assert!(rounds.look(PATIENCE_NS));
        rounds.end(ticket, PATIENCE_NS);
        assert_eq!(rounds.relieve(), Relief::None);
    }

    #[test]
    fn when_too_many_are_lost_nobody_waits_until_one_comes_back() {
        let mut rounds = Rounds::new();
        assert_eq!(rounds.take_over(0), None);
        let (ticket, _) = rounds.ask(0).unwrap();
        for thread in 0..MAX_LOST {
            assert!(matches!(rounds.duty(thread, 0), Duty::Sample(_)));
            assert!(rounds.look(PATIENCE_NS * u64::from(thread + 1)));
            match rounds.relieve() {
                Relief::Start if thread + 1 < MAX_LOST => assert_eq!(rounds.take_over(thread + 1), None),
                Relief::GiveUp if thread + 1 == MAX_LOST => {}
                other => panic!("{other:?} for thread {thread}"),
            }
        }
        assert_eq!(rounds.lost(), MAX_LOST);
        assert!(rounds.is_over(ticket));
        assert_eq!((rounds.ask(u64::MAX), rounds.next_look_ns()), (None, None));
        rounds.end(3, u64::MAX);
        assert!(matches!(rounds.duty(2, 0), Duty::Sample(_)), "what was asked for is done now");
        assert_eq!(rounds.lost(), MAX_LOST - 1);
        assert_eq!(rounds.duty(5, 0), Duty::Leave);
    }
}
