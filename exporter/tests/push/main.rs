//! Sinks over simulated receivers.

mod flow;
mod harness;
