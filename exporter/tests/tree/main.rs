//! The tree over HTTP: what clients read at `/ukstore/…`, in each of its forms.

mod changes;
mod client;
mod crawl;
mod declared;
mod golden;
mod golden_pages;
#[path = "../http/harness.rs"]
mod harness;
mod hostile;
mod json;
mod pieces;
mod settings;
mod switched_off;
