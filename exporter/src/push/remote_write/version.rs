//! Which version of the protocol is spoken with the receiver, and what of it stands in a request's head. Not for messages.

extern crate alloc;

use alloc::sync::Arc;
use core::sync::atomic::{AtomicU8, Ordering};

/// A version of remote write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 1.0: every series with its labels as texts (<https://prometheus.io/docs/specs/prw/remote_write_spec/>).
    One,
    /// 2.0: texts are told once and referred to (<https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/>).
    Two,
}

impl Version {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::One => "1.0",
            Self::Two => "2.0",
        }
    }

    /// The fields of a request's head.
    pub(super) const fn fields(self) -> &'static [u8] {
        match self {
            Self::One => {
                b"Content-Encoding: snappy\r\n\
                Content-Type: application/x-protobuf\r\n\
                X-Prometheus-Remote-Write-Version: 0.1.0\r\n"
            }
            Self::Two => {
                b"Content-Encoding: snappy\r\n\
                Content-Type: application/x-protobuf;proto=io.prometheus.write.v2.Request\r\n\
                X-Prometheus-Remote-Write-Version: 2.0.0\r\n"
            }
        }
    }
}

/// What a frame is: the byte before its body, which is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Samples.
    Samples(Version),
    /// A request of 2.0 with a sample that the capture has as well: what matters is the reply.
    Question,
}

impl Content {
    pub(super) const fn version(self) -> Version {
        match self {
            Self::Samples(version) => version,
            Self::Question => Version::Two,
        }
    }

    pub(super) const fn to_byte(self) -> u8 {
        match self {
            Self::Samples(Version::One) => 1,
            Self::Samples(Version::Two) => 2,
            Self::Question => 3,
        }
    }

    pub(super) fn from_prelude(prelude: &[u8]) -> Self {
        match prelude {
            [2, ..] => Self::Samples(Version::Two),
            [3, ..] => Self::Question,
            _ => Self::Samples(Version::One),
        }
    }
}

/// What is known of the receiver: shared by who makes requests and who reads the replies.
#[derive(Clone, Debug)]
pub(super) struct Agreement(Arc<AtomicU8>);

const ONE: u8 = 1;
const TWO: u8 = 2;
const UNKNOWN: u8 = 3;

impl Agreement {
    /// Before the first reply. With `Version::One` there is nothing to find out.
    pub(super) fn new(wanted: Version) -> Self {
        Self(Arc::new(AtomicU8::new(if wanted == Version::One { ONE } else { UNKNOWN })))
    }

    /// Whether nobody knows yet.
    pub(super) fn is_open(&self) -> bool {
        self.0.load(Ordering::Relaxed) == UNKNOWN
    }

    /// What every receiver is spoken to in: 1.0 until it has shown that it knows better.
    pub(super) fn version(&self) -> Version {
        if self.0.load(Ordering::Relaxed) == TWO { Version::Two } else { Version::One }
    }

    /// The receiver speaks this. Whether that is news.
    pub(super) fn settle(&self, version: Version) -> bool {
        let new = if version == Version::Two { TWO } else { ONE };
        self.0.swap(new, Ordering::Relaxed) != new
    }
}
