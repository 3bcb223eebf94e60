//! The line protocol: golden lines, what another parser reads in them, and that they say what a scrape says.

mod frames;
mod golden;
mod harness;
mod read_back;
mod scraped;
mod write;
