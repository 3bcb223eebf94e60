//! What a request asks for: the paths of the management port, in one place.
//!
//! The first question is who asks: who may not ask learns nothing else. Then come a method nobody knows, a path nobody
//! has, a method the path does not have, a body that does not belong and a query not understood. Whether settings may
//! be written at all comes before what the path is, so that a machine that is only read tells nothing else.

use super::framing::Body;
use super::head::{Method, Request};
use super::methods::Methods;
use super::negotiated::Negotiated;
use super::path::TreePath;
use super::query::LogQuery;
use super::refusal::Refusal;
use super::{coding, selection};
use crate::Site;
use crate::exposition::{ContentType, Selection};
use crate::http::Credentials;
use crate::http::tree::{self, Format, Place, wanted};

/// The tree's root on this port.
const TREE: &str = "/ukstore";

/// The longest text of a setting that is taken, in bytes, the newline at its end included.
pub(in crate::http) const MAX_TEXT: usize = 1_024;

/// What is asked for, read whole from the request, so that nothing of its text is needed later.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) enum Route {
    /// `/`: what this machine is, and where to go on.
    Landing,
    /// `/metrics`.
    Metrics(Scrape),
    /// `/-/healthy`: the management thread answers.
    Healthy,
    /// `/-/ready`: the program is ready for work.
    Ready,
    /// `/log`.
    Log(LogQuery),
    /// `OPTIONS` of anything: the methods there are.
    Options(Methods),
    /// A path below `/ukstore`, to be shown in this form.
    Tree(TreePath, Format),
    /// `PUT` below `/ukstore`.
    Write(Upload),
}

/// What of all measurements is to be sent, and how written.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct Scrape {
    /// The format, and what to say of it.
    pub(in crate::http) content_type: ContentType,
    /// The families.
    pub(in crate::http) selection: Selection,
    /// Whether the client likes it compressed.
    pub(in crate::http) gzip: bool,
}

/// A setting to be written, and the bytes of text to come for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) struct Upload {
    /// The setting.
    pub(in crate::http) path: TreePath,
    /// Length of the body, at most [`MAX_TEXT`].
    pub(in crate::http) length: usize,
}

impl Route {
    /// What `request` asks for.
    ///
    /// # Errors
    /// The reason it is refused; [`Refusal::keeps_connection`] says whether another request may follow, unless a body
    /// was announced.
    pub(in crate::http) fn of(
        request: &Request<'_>,
        negotiated: &mut Negotiated,
        site: &dyn Site,
    ) -> Result<Self, Refusal> {
        let is_probe = matches!(request.path, "/-/healthy" | "/-/ready");
        if let Some(credentials) = site.credentials().filter(|_| !is_probe) {
            check(credentials, request)?;
        }
        if request.method == Method::Unknown {
            return Err(Refusal::UnknownMethod);
        }
        let page = Page::at(request)?;
        let is_write = request.method == Method::Put && matches!(page, Page::Tree(_));
        if is_write && !site.adjustable() {
            return Err(Refusal::WritesOff);
        }
        let Place { methods, is_fault } = page.place()?;
        if is_write && is_fault && !site.faults() {
            return Err(Refusal::FaultsOff);
        }
        methods.check(request.method)?;
        let length = body_length(request)?;
        if request.bad_expectation {
            return Err(Refusal::Expectation);
        }
        Ok(match page {
            Page::Server => Self::Options(methods),
            _ if request.method == Method::Options => Self::Options(methods),
            Page::Landing => Self::Landing,
            Page::Metrics => Self::Metrics(Scrape {
                content_type: negotiated.with(request.values("accept")),
                selection: selection::parse(request.query)?,
                gzip: coding::asks_for_gzip(request.values("accept-encoding")),
            }),
            Page::Healthy => Self::Healthy,
            Page::Ready => Self::Ready,
            Page::Log => Self::Log(LogQuery::parse(request.query)?),
            Page::Tree(_) if !request.query.is_empty() => return Err(Refusal::Query),
            Page::Tree(path) if request.method == Method::Put => Self::Write(Upload { path, length }),
            Page::Tree(path) => Self::Tree(path, wanted(request.values("accept"))),
        })
    }

    /// Whether `request` wants to write a setting, be it for nothing.
    pub(in crate::http) fn is_write(request: &Request<'_>) -> bool {
        request.method == Method::Put && below_tree(request.path).is_some()
    }

    /// Whether a reply must be preceded by fresh samples: it shows them, or its status says whether there is a value,
    /// which `HEAD` must say as `GET` does.
    pub(in crate::http) fn depends_on_samples(&self, head_only: bool) -> bool {
        matches!((self, head_only), (Self::Metrics(_), false) | (Self::Tree(..), _))
    }

    /// Index into the request counters, whose labels are in the same order.
    pub(in crate::http) fn index(&self) -> usize {
        match self {
            Self::Landing => 0,
            Self::Metrics(_) => 1,
            Self::Healthy => 2,
            Self::Ready => 3,
            Self::Log(_) => 4,
            Self::Options(_) => 5,
            Self::Tree(..) | Self::Write(_) => 6,
        }
    }
}

/// Refuses who does not have the right credentials.
fn check(credentials: Credentials<'_>, request: &Request<'_>) -> Result<(), Refusal> {
    let fields = request.values("authorization");
    if credentials.admits(fields.clone()) {
        Ok(())
    } else if credentials.are_tried(fields) {
        Err(Refusal::WrongCredentials)
    } else {
        Err(Refusal::Unauthorized)
    }
}

/// A path there is, before its query is read.
#[expect(clippy::large_enum_variant, reason = "it lives for one call, and there is no allocator")]
enum Page {
    Landing,
    Metrics,
    Healthy,
    Ready,
    Log,
    Tree(TreePath),
    /// `*`: no page, but the server as a whole.
    Server,
}

impl Page {
    fn at(request: &Request<'_>) -> Result<Self, Refusal> {
        Ok(match request.path {
            "/" => Self::Landing,
            "/metrics" => Self::Metrics,
            "/-/healthy" => Self::Healthy,
            "/-/ready" => Self::Ready,
            "/log" => Self::Log,
            "*" if request.method == Method::Options => Self::Server,
            path => Self::Tree(TreePath::decode(below_tree(path).ok_or(Refusal::NotFound)?)?),
        })
    }

    fn place(&self) -> Result<Place, Refusal> {
        let methods = match self {
            Self::Tree(path) => return tree::find(path),
            Self::Server => Methods::ReadWrite,
            _ => Methods::Read,
        };
        Ok(Place { methods, is_fault: false })
    }
}

/// What follows [`TREE`] in a path of the tree: nothing, or a slash and more. `/ukstore` and `/ukstore/` are the same.
fn below_tree(path: &str) -> Option<&str> {
    path.strip_prefix(TREE).filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Length of the body, which only a `PUT` may have, and must.
fn body_length(request: &Request<'_>) -> Result<usize, Refusal> {
    match (request.method, request.body) {
        (Method::Put, Body::Length(length)) => {
            usize::try_from(length).ok().filter(|&length| length <= MAX_TEXT).ok_or(Refusal::TextTooLong)
        }
        (Method::Put, Body::Absent | Body::Chunked) => Err(Refusal::LengthRequired),
        (_, Body::Absent | Body::Length(0)) => Ok(0),
        (_, Body::Length(_)) => Err(Refusal::Body),
        (_, Body::Chunked) => Err(Refusal::ChunkedBody),
    }
}
