//! Tests of the whole stack: two of them over a wire with faults ([`network`]), or one against a peer played by hand ([`peer`]).

mod admission;
mod bounds;
mod connections;
mod counting;
mod datagrams;
mod dhcp;
mod dns;
mod hostile;
mod network;
mod offload;
mod orphans;
mod peer;
mod time_wait;
