//! The HTTP server from outside, through `exporter`'s public interface alone: what a client sees.

<<<<<<< HEAD
mod auth;
=======
mod conformance;
>>>>>>> b6ce2f6 (wip)
mod cuts;
mod harness;
mod put;
mod requests;
mod samples;
mod scrape;
mod time;
mod tree;
