//! Sinks over simulated receivers.

mod flow;
mod harness;
mod ping;
mod post;
mod server;
mod trouble;
