//! Locks: [`Mutex`] and [`Condvar`] as in std, for threads that may wait; and the kernel's own for
//! sections that never do.

mod condvar;
mod mutex;
pub(crate) mod preempt;
mod wait_queue;

pub use condvar::Condvar;
pub use mutex::{Mutex, MutexGuard};
pub(crate) use preempt::PreemptLock;
pub(crate) use wait_queue::{Link, WaitQueue};
