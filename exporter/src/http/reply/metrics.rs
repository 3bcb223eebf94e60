//! The body of `/metrics`: what is written, how long that takes by source, and what is recorded at its end.

use crate::exposition::{ContentType, Encoder, Meter};
use crate::http::request::Scrape;
use crate::http::scrapes;
use crate::{Site, Step, Window};

/// A scrape under way.
#[derive(Debug)]
pub(super) struct Metrics {
    content_type: ContentType,
    encoder: Encoder,
    meter: Meter,
}

impl Metrics {
    /// What `scrape` asks for, from its beginning.
    pub(super) fn new(scrape: &Scrape, site: &dyn Site) -> Self {
        let content_type = scrape.content_type;
        let encoder = Encoder::new(content_type.format, scrape.selection, site.created_unix_ns());
        Self { content_type, encoder, meter: Meter::new() }
    }

    /// What to say it is.
    pub(super) fn content_type(&self) -> ContentType {
        self.content_type
    }

    /// Writes up to `limit` items.
    pub(super) fn write(&mut self, site: &dyn Site, window: &mut Window<'_>, limit: usize) -> Step {
        let Self { encoder, meter, .. } = self;
        meter.resume(site.now_ns());
        let step = encoder.write_telling(window, limit, |family| meter.enter(family, || site.now_ns()));
        meter.pause(site.now_ns());
        step
    }

    /// Passes over the next item, because no window is large enough for it.
    pub(super) fn skip(&mut self) {
        self.encoder.skip();
    }

    /// Records that everything was written, so long after the request and as so many bytes.
    pub(super) fn record(&self, duration_ns: u64, bytes: u64) {
        let (format, series) = (self.encoder.format(), self.encoder.series());
        scrapes::Done { format, duration_ns, bytes, series }.record();
        self.meter.publish(self.encoder.late());
    }
}
