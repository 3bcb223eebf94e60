//! What a request asks for: the paths of the management port, in one place.
//!
//! The order of judgement is RFC 9110's (section 15): a method nobody knows, a path nobody has, a method the path does not
//! have, a body that does not belong, a query not understood.

use super::head::{Method, Request};
use super::query::LogQuery;
use super::refusal::Refusal;

/// What is asked for, read whole from the request, so that nothing of its text is needed later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Route {
    /// `/`: what this machine is, and where to go on.
    Landing,
    /// `/metrics`.
    Metrics,
    /// `/-/healthy`: the management thread answers.
    Healthy,
    /// `/-/ready`: the program is ready for work.
    Ready,
    /// `/log`.
    Log(LogQuery),
    /// `OPTIONS` of anything.
    Options,
}

impl Route {
    /// What `request` asks for.
    ///
    /// # Errors
    /// The reason it is refused; [`Refusal::keeps_connection`] says whether another request may follow, unless a body was
    /// announced.
    pub(in crate::http) fn of(request: &Request<'_>) -> Result<Self, Refusal> {
        if request.method == Method::Unknown {
            return Err(Refusal::UnknownMethod);
        }
        let whole_server = request.method == Method::Options && request.path == "*";
        let page = Page::at(request.path);
        if page.is_none() && !whole_server {
            return Err(Refusal::NotFound);
        }
        if request.method == Method::Other {
            return Err(Refusal::Method);
        }
        if let Some(refusal) = request.body {
            return Err(refusal);
        }
        if request.bad_expectation {
            return Err(Refusal::Expectation);
        }
        Ok(match page {
            Some(page) if request.method != Method::Options => match page {
                Page::Landing => Self::Landing,
                Page::Metrics => Self::Metrics,
                Page::Healthy => Self::Healthy,
                Page::Ready => Self::Ready,
                Page::Log => Self::Log(LogQuery::parse(request.query)?),
            },
            _ => Self::Options,
        })
    }

    /// Index into the request counters, whose labels are in the same order.
    pub(in crate::http) fn index(self) -> usize {
        match self {
            Self::Landing => 0,
            Self::Metrics => 1,
            Self::Healthy => 2,
            Self::Ready => 3,
            Self::Log(_) => 4,
            Self::Options => 5,
        }
    }
}

/// A path there is, before its query is read.
#[derive(Clone, Copy)]
enum Page {
    Landing,
    Metrics,
    Healthy,
    Ready,
    Log,
}

impl Page {
    fn at(path: &str) -> Option<Self> {
        Some(match path {
            "/" => Self::Landing,
            "/metrics" => Self::Metrics,
            "/-/healthy" => Self::Healthy,
            "/-/ready" => Self::Ready,
            "/log" => Self::Log,
            _ => return None,
        })
    }
}
