//! The HTTP server from outside, through `exporter`'s public interface alone: what a client sees.

mod auth;
mod conformance;
mod cuts;
mod gzip;
mod harness;
mod put;
mod requests;
mod samples;
mod scrape;
mod time;
mod tree;
