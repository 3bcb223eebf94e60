//! The HTTP server from outside, through `exporter`'s public interface alone: what a client sees.

mod cuts;
mod harness;
mod requests;
mod time;
