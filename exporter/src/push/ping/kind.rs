//! The kinds of pings, and how a frame says which it is.

/// What a ping says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The job has begun.
    Start,
    /// It is alive.
    Alive,
    /// It has ended well.
    Success,
    /// It has ended with an error.
    Fail,
    /// Something worth reading, which changes nothing.
    Log,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Start, Self::Alive, Self::Success, Self::Fail, Self::Log];

    /// What a frame of this kind begins with.
    pub(super) fn prelude(self) -> [u8; 1] {
        match self {
            Self::Start => *b"s",
            Self::Alive => *b"a",
            Self::Success => *b"+",
            Self::Fail => *b"-",
            Self::Log => *b"l",
        }
    }

    /// The kind of a frame that begins so.
    pub(super) fn of(prelude: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.prelude() == prelude)
    }

    /// What is added to the URL's path.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Start => "/start",
            Self::Alive => "",
            // The exit status, as programs have it: to a server the same as nothing added, but told apart in its list.
            Self::Success => "/0",
            Self::Fail => "/fail",
            Self::Log => "/log",
        }
    }
}
