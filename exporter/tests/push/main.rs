//! Sinks over simulated receivers.

mod flow;
mod harness;
mod post;
mod server;
