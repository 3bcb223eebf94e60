//! Rounds of sampling: who asks for one, which thread does it, and what happens when that thread does not come back from a
//! function of the program.
//!
//! Whoever shows values asks for a round and gets its number; the round is over once a thread has called every function
//! since. A round that takes longer than [`PATIENCE_NS`] is another thread's from then on; the one before is *lost*, until
//! its function returns after all. At most [`MAX_LOST`] threads are given up this way: beyond that nobody samples, and
//! nobody waits for it, until one of them comes back.
//!
//! Not here: threads, and the functions.

/// How long a round may take before another thread takes over: a multiple of it passes before a reply has to go out.
pub const PATIENCE_NS: u64 = 20_000_000;

/// The most threads that are lost before nobody samples any more.
pub const MAX_LOST: u32 = 8;

/// The state of sampling. `T` tells threads apart.
#[derive(Clone, Copy, Debug)]
pub struct Rounds<T> {
    /// The last round that was asked for, that began, that is over.
    asked: u64,
    begun: u64,
    over: u64,
    /// When a round was first awaited, or last found to take long.
    looked_ns: u64,
    /// Another thread should take over.
    overdue: bool,
    sampler: Sampler<T>,
    lost: u32,
}

/// Whose work it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sampler<T> {
    /// A thread's that has not run yet: who asks before is served as soon as it does.
    Expected,
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
        Self { asked: 0, begun: 0, over: 0, looked_ns: 0, overdue: false, sampler: Sampler::Expected, lost: 0 }
    }

    /// Asks for a round that begins after now: its number, and the thread to wake if there is one already. `None` when
    /// nobody samples any more.
    pub fn ask(&mut self, now_ns: u64) -> Option<(u64, Option<T>)> {
        let sampler = match self.sampler {
            Sampler::Expected => None,
            Sampler::Thread(thread) => Some(thread),
            Sampler::Nobody => return None,
        };
        if self.asked == self.over {
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
        is_awaited.then(|| self.looked_ns.saturating_add(PATIENCE_NS))
    }

    /// Whether a round is found to take too long now, so that [`relieve`](Self::relieve) should be called.
    pub fn look(&mut self, now_ns: u64) -> bool {
        if self.next_look_ns().is_none_or(|due| now_ns < due) {
            return false;
        }
        self.looked_ns = now_ns;
        // One that has not begun waits for the CPU, as any other thread would.
        self.overdue = self.begun > self.over;
        self.overdue
    }

    /// Decides about a round that was found to take too long.
    pub fn relieve(&mut self) -> Relief {
        if !core::mem::take(&mut self.overdue) || self.begun == self.over {
            return Relief::None;
        }
        if self.lost + 1 < MAX_LOST {
            return Relief::Start;
        }
        self.lost += 1;
        self.sampler = Sampler::Nobody;
        Relief::GiveUp
    }

    /// The thread `me` takes over; one that sampled before is lost.
    pub fn take_over(&mut self, me: T) {
        if matches!(core::mem::replace(&mut self.sampler, Sampler::Thread(me)), Sampler::Thread(_)) {
            self.lost += 1;
        }
    }

    /// What the thread `me` is to do next.
    pub fn duty(&mut self, me: T) -> Duty {
        match self.sampler {
            Sampler::Thread(sampler) if sampler == me => {}
            Sampler::Thread(_) => {
                self.lost -= 1;
                return Duty::Leave;
            }
            // The first that returns where too many were lost.
            Sampler::Expected | Sampler::Nobody => {
                self.lost = self.lost.saturating_sub(1);
                self.sampler = Sampler::Thread(me);
            }
        }
        // A round that a lost thread began is this one's too.
        if self.asked <= self.over {
            return Duty::Sleep;
        }
        self.begun += 1;
        self.asked = self.asked.max(self.begun);
        Duty::Sample(self.begun)
    }

    /// The round is over, at `now_ns`.
    pub fn end(&mut self, round: u64, now_ns: u64) {
        self.over = self.over.max(round);
        self.looked_ns = now_ns;
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
        rounds.take_over('a');
        assert_eq!(rounds.duty('a'), Duty::Sleep);
        let (ticket, sampler) = rounds.ask(0).unwrap();
        assert_eq!(sampler, Some('a'));
        assert_eq!(rounds.duty('a'), Duty::Sample(ticket));
        (rounds, ticket)
    }

    #[test]
    fn a_round_serves_who_asked_before_it_began() {
        let (mut rounds, first) = begun();
        let (second, _) = rounds.ask(1).unwrap();
        assert_eq!(rounds.ask(2).map(|(ticket, _)| ticket), Some(second), "two who ask together share a round");
        rounds.end(first, 3);
        assert!(rounds.is_over(first) && !rounds.is_over(second));
        assert_eq!(rounds.duty('a'), Duty::Sample(second));
        rounds.end(second, 4);
        assert!(rounds.is_over(second));
        assert_eq!((rounds.duty('a'), rounds.next_look_ns()), (Duty::Sleep, None));
    }

    #[test]
    fn who_asks_before_there_is_a_thread_is_served_by_the_first() {
        let mut rounds = Rounds::new();
        let (ticket, sampler) = rounds.ask(0).unwrap();
        assert_eq!(sampler, None);
        assert!(!rounds.is_over(ticket) && !rounds.look(PATIENCE_NS), "nobody is late who has not begun");
        rounds.take_over('a');
        assert_eq!((rounds.duty('a'), rounds.lost()), (Duty::Sample(ticket), 0));
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
        rounds.take_over('b');
        assert_eq!(rounds.lost(), 1);
        let Duty::Sample(round) = rounds.duty('b') else { panic!("the round is not over") };
        rounds.end(round, 2 * PATIENCE_NS);
        assert!(rounds.is_over(ticket));
        assert_eq!(rounds.duty('b'), Duty::Sleep);
        // And if it comes back after all, it goes, and its round is no news.
        rounds.end(ticket, 3 * PATIENCE_NS);
        assert_eq!((rounds.duty('a'), rounds.lost()), (Duty::Leave, 0));
    }

    #[test]
    fn a_round_that_waits_for_the_cpu_is_nobody_s_fault() {
        let mut rounds = Rounds::new();
        rounds.take_over('a');
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
        rounds.take_over(0);
        let (ticket, _) = rounds.ask(0).unwrap();
        for thread in 0..MAX_LOST {
            assert!(matches!(rounds.duty(thread), Duty::Sample(_)));
            assert!(rounds.look(PATIENCE_NS * u64::from(thread + 1)));
            match rounds.relieve() {
                Relief::Start if thread + 1 < MAX_LOST => rounds.take_over(thread + 1),
                Relief::GiveUp if thread + 1 == MAX_LOST => {}
                other => panic!("{other:?} for thread {thread}"),
            }
        }
        assert_eq!(rounds.lost(), MAX_LOST);
        assert!(rounds.is_over(ticket));
        assert_eq!((rounds.ask(u64::MAX), rounds.next_look_ns()), (None, None));
        rounds.end(3, u64::MAX);
        assert!(matches!(rounds.duty(2), Duty::Sample(_)), "what was asked for is done now");
        assert_eq!(rounds.lost(), MAX_LOST - 1);
        assert_eq!(rounds.duty(5), Duty::Leave);
    }
}
