//! A child process that cannot outlive its owner: killed on drop, and by the kernel if the owner's thread dies.

use std::fs;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::Duration;

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::{SigSet, Signal};

use crate::network::Namespace;
use crate::wait::eventually;

/// A process this one started and will end.
#[derive(Debug)]
pub struct Process {
    child: Child,
}

/// CPU time a process has used, in its own code and in the kernel on its behalf. Exact to one tick (10 ms on Linux).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CpuTime(pub Duration);

impl Process {
    /// Starts `command`, inside `namespace` if one is given. It dies with the thread that started it.
    pub fn start(command: &mut Command, namespace: Option<&Namespace>) -> io::Result<Self> {
        Self::start_with(command, namespace, &[])
    }

    /// The same, for a command that is told numbers of open files: those of `inherited`.
    pub(crate) fn start_with(
        command: &mut Command,
        namespace: Option<&Namespace>,
        inherited: &[BorrowedFd<'_>],
    ) -> io::Result<Self> {
        let namespace = namespace.map(Namespace::try_clone).transpose()?;
        let inherited: Vec<RawFd> = inherited.iter().map(AsRawFd::as_raw_fd).collect();
        let prepare = move || {
            set_pdeathsig(Signal::SIGKILL)?;
            // An owner that waits for its own SIGTERM has blocked it; `kill` is to work on the child all the same.
            SigSet::from(Signal::SIGTERM).thread_unblock()?;
            if let Some(namespace) = &namespace {
                namespace.enter()?;
            }
            for &file in &inherited {
                // SAFETY: the caller of `start_with` holds these open until after the spawn.
                let file = unsafe { BorrowedFd::borrow_raw(file) };
                // Only in the child: elsewhere, another thread's child would inherit them too.
                fcntl(file, FcntlArg::F_SETFD(FdFlag::empty()))?;
            }
            Ok(())
        };
        // SAFETY: between fork and exec only async-signal-safe calls are allowed; `prepare` makes system calls and
        // allocates nothing.
        let command = unsafe { command.pre_exec(prepare) };
        Ok(Self { child: command.spawn()? })
    }

    /// Its process id, for `/proc` and signals.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The process itself, to take its pipes from.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// How it ended, if it did within `deadline`.
    pub fn wait(&mut self, deadline: Duration) -> io::Result<Option<ExitStatus>> {
        eventually(deadline, || self.child.try_wait().transpose()).transpose()
    }

    /// Kills it and waits until it is gone; without effect on one that ended by itself.
    pub fn kill(&mut self) {
        // Both only fail for a process that is gone, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The CPU time it has used so far.
    pub fn cpu_time(&self) -> io::Result<CpuTime> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.id()))?;
        cpu_time_of(&stat).ok_or_else(|| io::Error::other("unreadable /proc/PID/stat"))
    }
}

/// Gives a command its input, and returns what it wrote and how it ended.
pub fn filter(command: &mut Command, input: &[u8]) -> io::Result<Output> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut stdin = child.stdin.take().expect("it was piped");
    // It may write before it has read all.
    let (written, output) = thread::scope(|scope| {
        let writing = scope.spawn(move || stdin.write_all(input));
        let output = child.wait_with_output();
        (writing.join().expect("it reports its errors"), output)
    });
    let output = output?;
    // One that did not want all of it has said why, and that is worth more than the broken pipe.
    if output.stderr.is_empty() {
        written?;
    }
    Ok(output)
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Reads proc(5)'s `stat`: fields 14 and 15 (utime and stime, in ticks), counted after the command name, which stands
/// in parentheses and may itself contain any character.
fn cpu_time_of(stat: &str) -> Option<CpuTime> {
    // USER_HZ is 100 on every architecture QEMU's x86 system emulation is packaged for.
    const TICK: Duration = Duration::from_millis(10);
    let mut fields = stat.get(stat.rfind(')')? + 1..)?.split_ascii_whitespace().skip(11);
    let user: u32 = fields.next()?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some(CpuTime(TICK * (user + system)))
}

#[cfg(test)]
mod tests {
    use super::{CpuTime, Process, cpu_time_of};
    use std::process::Command;
    use std::time::Duration;

    #[test]
    fn cpu_time_survives_a_hostile_process_name() {
        let stat = "42 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0 3 0 100";
        assert_eq!(cpu_time_of(stat), Some(CpuTime(Duration::from_secs(2))));
        assert_eq!(cpu_time_of("nonsense"), None);
    }

    #[test]
    fn a_process_ends_with_its_owner() {
        let process = Process::start(Command::new("sleep").arg("1000"), None).unwrap();
        let proc_entry = format!("/proc/{}", process.id());
        assert!(std::fs::exists(&proc_entry).unwrap());
        drop(process);
        assert!(!std::fs::exists(&proc_entry).unwrap());
    }
}
