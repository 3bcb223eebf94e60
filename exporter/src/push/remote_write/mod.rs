//! Remote write: what a scrape would tell, told to a receiver of Prometheus' protocol by the machine itself.
//!
//! A *capture* is one walk over all samples, all with one time, and becomes one request or several: each as many series as
//! fit into 64 KiB, compressed by [`snappy`](super::snappy). Series say who tells them (`labels`), `up 1` is one of them, and
//! values are those that a scrape tells. When the program has ended, a last capture is followed by a stale marker for each
//! series that it or the one before had, so that a machine that is gone does not look like one that stands still. Of what
//! goes with the program 64 KiB are known, some 500 series.
//!
//! Of an object that goes between two captures before that no stale marker tells: receivers take its series as gone five
//! minutes after its last sample. Native histograms, exemplars and the times of creation are not told.
//!
//! # Which version
//! 1.0 is what every receiver takes. Where 2.0 is wanted, the first request asks: it is of 2.0, and its one sample is that of
//! `up`, which the capture has as well. Everything is told in 1.0 until the receiver has said in its reply how many samples
//! it wrote, as 2.0 demands; from then on in 2.0. So nothing has to be translated, and nothing is lost, whether the
//! receiver does not know 2.0, knows it and says otherwise, or comes after an hour of captures.

mod batch;
mod dialect;
mod labels;
mod one;
mod series;
#[cfg(test)]
mod tests;
mod two;
mod version;
mod writer;

pub use dialect::Dialect;
pub use version::Version;
pub use writer::{Writer, pair};
