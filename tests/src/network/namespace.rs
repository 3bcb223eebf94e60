//! Linux network namespaces without names: one lives as long as somebody holds it, so a test that dies leaves nothing.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::panic::resume_unwind;
use std::thread;

use nix::sched::{CloneFlags, setns, unshare};

/// A network of its own, empty but for a loopback interface. Making one needs root.
///
/// To look into a running test's: `nsenter --net=/proc/PID/ns/net ip addr`, with the id of the test's Prometheus.
#[derive(Debug)]
pub struct Namespace(File);

impl Namespace {
    /// Makes a namespace.
    pub fn new() -> io::Result<Self> {
        // A thread belongs to one namespace, so a thread made for it makes the namespace and leaves it behind.
        let made = thread::spawn(|| -> io::Result<File> {
            unshare(CloneFlags::CLONE_NEWNET)?;
            File::open("/proc/thread-self/ns/net")
        });
        let namespace = Self(made.join().unwrap_or_else(|panic| resume_unwind(panic))?);
        namespace.run(|| {
            // IPv6's own chatter would disturb tests that count packets. Where there is no IPv6 there is no such file.
            let _ = std::fs::write("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1");
            let _ = std::fs::write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
            super::tap::bring_up("lo")
        })?;
        Ok(namespace)
    }

    /// Runs `work` inside, on a thread of its own, and returns what it returns. Sockets it makes stay inside for good,
    /// wherever they are then used.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        thread::scope(|scope| {
            let inside = scope.spawn(|| {
                self.enter().expect("the holder of a namespace may enter it");
                work()
            });
            inside.join().unwrap_or_else(|panic| resume_unwind(panic))
        })
    }

    /// Moves the calling thread inside, for the rest of its life. One system call: safe between fork and exec.
    pub(crate) fn enter(&self) -> nix::Result<()> {
        setns(self.0.as_fd(), CloneFlags::CLONE_NEWNET)
    }

    /// A second handle to the same namespace.
    pub(crate) fn try_clone(&self) -> io::Result<Self> {
        Ok(Self(self.0.try_clone()?))
    }
}
