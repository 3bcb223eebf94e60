//! What a reply carries: a short page, or lines that are produced as there is room for them.

use super::head::{MediaType, Status};
use super::metrics::Metrics;
use super::page::Page;
use super::tree;
use crate::exposition::{log, tree as tree_forms};
use crate::gzip::{Compressor, Gzip};
use crate::http::request::{Methods, Refusal, Route, Scrape, TreePath};
use crate::http::scrapes;
use crate::{Site, Step, Window};

/// What is to be sent, as decided when the request was read.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::large_enum_variant, reason = "one is held for each connection, and there is no allocator")]
pub(in crate::http) enum Answer {
    /// What a route gives; of a write, that it was done.
    Route(Route),
    /// Why there is nothing else.
    Refusal(Refusal),
    /// Why a setting does not take what was written.
    NotTaken(ukstore::Refused),
}

impl Answer {
    /// Begins the body, with the state of the machine as it is now.
    pub(super) fn begin(self, site: &dyn Site) -> Body {
        match self {
            Self::Route(Route::Landing) => Body::Page(Page::Landing),
            Self::Route(Route::Healthy) => Body::Page(Page::Healthy),
            Self::Route(Route::Ready) => Body::Page(Page::Ready(site.ready())),
            Self::Route(Route::Options(_) | Route::Write(_)) => Body::Page(Page::Nothing),
            Self::Route(Route::Tree(path, format)) => tree::begin(&path, format),
            Self::Route(Route::Metrics(scrape)) => Body::Lines(Lines::Metrics(Metrics::new(&scrape, site))),
            Self::Route(Route::Log(query)) => {
                Body::Lines(Lines::Log(log::Lines::new(query.from, query.level, site.log_newest())))
            }
            Self::Refusal(refusal) => Body::Page(Page::Refused(refusal)),
            Self::NotTaken(why) => Body::Page(Page::NotTaken(why)),
        }
    }

    /// The refusal it is, if it is one.
    pub(in crate::http) fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Route(_) => None,
            Self::Refusal(refusal) => Some(*refusal),
            Self::NotTaken(_) => Some(Refusal::Value),
        }
    }

    /// The methods the reply must list.
    pub(super) fn allow(&self) -> Option<Methods> {
        match self {
            Self::Route(Route::Options(methods)) => Some(*methods),
            _ => self.refusal().and_then(Refusal::allow),
        }
    }

    /// The fields of the request that had a say in it, for `Vary`.
    pub(super) fn vary(&self, site: &dyn Site) -> Option<&'static str> {
        match self {
            Self::Route(Route::Metrics(_)) if site.compressor().is_some() => Some("Accept, Accept-Encoding"),
            Self::Route(Route::Metrics(_) | Route::Tree(..)) => Some("Accept"),
            _ => None,
        }
    }

    /// What to compress it with, where that is asked for and there is something.
    pub(super) fn compressor<'s>(&self, site: &'s dyn Site) -> Option<&'s Compressor> {
        let Self::Route(Route::Metrics(Scrape { gzip: true, .. })) = self else { return None };
        site.compressor()
    }

    /// The stream to compress it in; none while another has it.
    pub(super) fn begin_gzip(compressor: &Compressor) -> Option<Gzip> {
        let gzip = compressor.begin();
        if gzip.is_none() {
            scrapes::GZIP_BUSY.inc();
        }
        gzip
    }
}

/// A body, once its reply begins.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "without an allocator the largest body is what a reply takes anyway")]
pub(super) enum Body {
    /// Written at once, with the head.
    Page(Page),
    /// Streamed.
    Lines(Lines),
}

impl Body {
    /// The status that goes with it.
    pub(super) fn status(&self) -> Status {
        match self {
            Self::Page(page) => page.status(),
            Self::Lines(_) => Status::Ok,
        }
    }

    /// Its `Content-Type`.
    pub(super) fn content_type(&self) -> MediaType {
        match self {
            Self::Page(page) => MediaType::Fixed(page.content_type()),
            Self::Lines(Lines::Metrics(metrics)) => MediaType::Metrics(metrics.content_type()),
            Self::Lines(Lines::Log(_)) => MediaType::Fixed(log::CONTENT_TYPE),
            Self::Lines(Lines::Tree(_, encoder)) => MediaType::Fixed(encoder.format().content_type()),
        }
    }
}

/// A streamed body: where its producer stands.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "without an allocator the largest producer is what a body takes anyway")]
pub(super) enum Lines {
    /// `/metrics`.
    Metrics(Metrics),
    /// `/log`.
    Log(log::Lines),
    /// What is at a path of `/ukstore`.
    Tree(TreePath, tree_forms::Encoder),
}

impl Lines {
    /// Writes up to `limit` lines.
    pub(super) fn write(&mut self, site: &dyn Site, window: &mut Window<'_>, limit: usize) -> Step {
        match self {
            Self::Metrics(metrics) => metrics.write(site, window, limit),
            Self::Log(lines) => lines.write(site, window, limit),
            Self::Tree(path, encoder) => encoder.write(path.as_str(), window, limit),
        }
    }

    /// Passes over the next line, because no window is large enough for it.
    pub(super) fn skip(&mut self, site: &dyn Site) {
        match self {
            Self::Metrics(metrics) => metrics.skip(),
            Self::Log(lines) => lines.skip(site),
            Self::Tree(_, encoder) => encoder.skip(),
        }
    }
}
