//! When there is something to ping about.

use super::body::{append_last_lines, append_who, begin};
use super::kind::Kind;
use super::troubles::Troubles;
use crate::Site;
use crate::push::{Ending, Outbox, Producer};

/// Lines of the log go out no more often: servers take five pings a minute.
const LOG_INTERVAL_NS: u64 = 15_000_000_000;

/// What QEMU's exit status is, by how the program ends.
#[derive(Clone, Copy, Debug)]
pub struct ExitStatus {
    /// If it ends well.
    pub success: u8,
    /// If it ends with an error.
    pub failure: u8,
}

/// The producer. An item is a ping.
#[derive(Debug)]
pub struct Pings {
    interval_ns: Option<u64>,
    exit_status: ExitStatus,
    stage: Stage,
    /// When the next sign of life is due.
    alive_ns: Option<u64>,
    /// The first record that was not looked at, and when there may be a ping about records.
    log_from: u64,
    log_due_ns: u64,
    /// The walk over records that is under way.
    troubles: Option<Troubles>,
    /// Whether there are records that were not looked at.
    log_waits: bool,
    /// Whether what is due waits for an earlier ping to arrive.
    is_held: bool,
}

/// How far the life has come.
#[derive(Clone, Copy, Debug)]
enum Stage {
    /// Nothing was said yet; if the program has ended meanwhile, how.
    Unborn(Option<Ending>),
    Alive,
    /// The program has ended, and that was not said yet.
    Ending(Ending),
    /// Everything was said.
    Over,
}

impl Pings {
    /// Pings about a life's beginning, end and troubles, and each `interval_ns`, if any, that it goes on.
    #[must_use]
    pub fn new(interval_ns: Option<u64>, exit_status: ExitStatus) -> Self {
        Self {
            interval_ns,
            exit_status,
            stage: Stage::Unborn(None),
            alive_ns: None,
            log_from: 0,
            log_due_ns: 0,
            troubles: None,
            log_waits: false,
            is_held: false,
        }
    }

    fn start(&mut self, now_ns: u64, ending: Option<Ending>, site: &dyn Site, out: &mut Outbox<'_>) {
        begin(Kind::Start, out.backlog);
        append_who(out.backlog, site, format_args!("has started"), now_ns);
        commit(site, out);
        self.stage = ending.map_or(Stage::Alive, Stage::Ending);
        self.alive_ns = self.interval_ns.map(|interval_ns| now_ns.saturating_add(interval_ns));
        self.log_due_ns = now_ns.saturating_add(LOG_INTERVAL_NS);
    }

    fn end(&mut self, now_ns: u64, ending: Ending, site: &dyn Site, out: &mut Outbox<'_>) {
        let ExitStatus { success, failure } = self.exit_status;
        match ending {
            Ending::Success => {
                begin(Kind::Success, out.backlog);
                append_who(out.backlog, site, format_args!("has ended; QEMU's exit status: {success}"), now_ns);
            }
            Ending::Failure => {
                begin(Kind::Fail, out.backlog);
                append_who(
                    out.backlog,
                    site,
                    format_args!("has ended with an error; QEMU's exit status: {failure}"),
                    now_ns,
                );
                append_last_lines(out.backlog, site);
            }
        }
        commit(site, out);
        self.stage = Stage::Over;
        (self.alive_ns, self.log_waits) = (None, false);
    }

    /// Tells of warnings and errors that were not told yet, after looking at some records of the log. Whether there are more
    /// to be looked at.
    fn log(&mut self, now_ns: u64, site: &dyn Site, out: &mut Outbox<'_>) -> bool {
        let news = || site.log_newest().filter(|&newest| newest >= self.log_from);
        let walk = self.troubles.take().or_else(|| Some(Troubles::new(self.log_from, news()?)));
        let Some(mut troubles) = walk else { return false };
        if troubles.gather(site, out) {
            self.troubles = Some(troubles);
            return true;
        }
        if troubles.are_any() {
            commit(site, out);
            self.log_due_ns = now_ns.saturating_add(LOG_INTERVAL_NS);
        }
        if troubles.is_cut() {
            out.stats.truncated.inc();
        }
        self.log_from = troubles.newest().saturating_add(1);
        self.log_waits = false;
        false
    }

    /// Makes the next ping of a life that goes on, if one is due and no other waits: signs of life that come late, all at
    /// once, tell nobody anything, and the log keeps its lines by itself.
    fn live(&mut self, now_ns: u64, site: &dyn Site, out: &mut Outbox<'_>) -> bool {
        self.is_held = !out.backlog.is_empty();
        if self.is_held {
            return false;
        }
        // Of a walk that is under way the frame may be begun.
        let is_due = self.troubles.is_none() && self.alive_ns.is_some_and(|at| now_ns >= at);
        if let Some(interval_ns) = self.interval_ns.filter(|_| is_due) {
            begin(Kind::Alive, out.backlog);
            append_who(out.backlog, site, format_args!("is alive"), now_ns);
            commit(site, out);
            self.alive_ns = Some(now_ns.saturating_add(interval_ns));
            return true;
        }
        if self.troubles.is_some() || now_ns >= self.log_due_ns {
            let are_more = self.log(now_ns, site, out);
            self.is_held = !out.backlog.is_empty();
            return are_more;
        }
        self.log_waits = site.log_newest().is_some_and(|newest| newest >= self.log_from);
        false
    }
}

fn commit(site: &dyn Site, out: &mut Outbox<'_>) {
    out.commit(1, site.unix_ns().unwrap_or(0));
}

impl Producer for Pings {
    fn produce(&mut self, now_ns: u64, site: &dyn Site, out: &mut Outbox<'_>) -> bool {
        match self.stage {
            Stage::Unborn(ending) => {
                self.start(now_ns, ending, site, out);
                true
            }
            Stage::Alive => self.live(now_ns, site, out),
            Stage::Ending(ending) => {
                // After a failure the last lines of the log have them.
                if matches!(ending, Ending::Success) && self.log(now_ns, site, out) {
                    return true;
                }
                self.end(now_ns, ending, site, out);
                false
            }
            Stage::Over => false,
        }
    }

    fn deadline_ns(&self) -> Option<u64> {
        let log_ns = self.log_waits.then_some(self.log_due_ns);
        [self.alive_ns, log_ns].into_iter().flatten().min().filter(|_| !self.is_held)
    }

    fn finish(&mut self, _: u64, ending: Ending) {
        match &mut self.stage {
            Stage::Unborn(unsaid) => *unsaid = Some(ending),
            stage @ Stage::Alive => {
                *stage = Stage::Ending(ending);
                // Looked at again, up to the end.
                self.troubles = None;
            }
            Stage::Ending(_) | Stage::Over => {}
        }
    }

    fn is_finished(&self) -> bool {
        matches!(self.stage, Stage::Over)
    }
}
