//! How a guest ended, as one value out of a closed list. Not what it printed meanwhile: see [`crate::SerialLog`].

use std::fmt;
use std::process::ExitStatus;

/// The one verdict on a guest's life. A kernel ends QEMU through its `isa-debug-exit` device, where writing `v` makes
/// the status `2v + 1`: odd always, so nothing else QEMU exits with (0, or 1 for its own errors) can pass for a success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The program's `main` returned, and well.
    Success,
    /// The program's `main` returned an error.
    ProgramError,
    /// Rust code panicked.
    Panic,
    /// The CPU raised an exception that nothing could mend.
    Fault,
    /// A boot parameter was unknown or malformed.
    BadParameter,
    /// The machine lacks what the kernel needs, so it never reached the program.
    BootFailure,
    /// The machine reset or switched itself off without a word: a triple fault, under `-no-reboot`.
    Reset,
    /// The deadline passed and the guest was still there.
    Hang,
    /// Anything else QEMU may exit with: its own errors, or a signal.
    Other(Option<i32>),
}

impl Outcome {
    pub(crate) fn of(status: ExitStatus) -> Self {
        match status.code() {
            Some(33) => Self::Success,
            Some(35) => Self::ProgramError,
            Some(37) => Self::Panic,
            Some(39) => Self::Fault,
            Some(41) => Self::BadParameter,
            Some(43) => Self::BootFailure,
            Some(0) => Self::Reset,
            other => Self::Other(other),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Success => "the program ended well",
            Self::ProgramError => "the program returned an error",
            Self::Panic => "a panic",
            Self::Fault => "a CPU fault",
            Self::BadParameter => "a bad boot parameter",
            Self::BootFailure => "the machine lacks something the kernel needs",
            Self::Reset => "the machine reset (a triple fault)",
            Self::Hang => "a hang",
            Self::Other(Some(code)) => return write!(f, "QEMU's exit status {code}"),
            Self::Other(None) => "a signal ended QEMU",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Outcome;
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    #[test]
    fn only_one_status_is_success() {
        let successes: Vec<i32> =
            (0..256).filter(|code| Outcome::of(ExitStatus::from_raw(code << 8)) == Outcome::Success).collect();
        assert_eq!(successes, [33]);
        let killed = ExitStatus::from_raw(9);
        assert_eq!(Outcome::of(killed), Outcome::Other(None));
    }
}
