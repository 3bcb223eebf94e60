//! What the macros are made of: rules for names, constant text, and the placing of records in sections.

mod class;
mod computed;
mod histogram;
mod info;
mod labelled;
mod listed;
pub mod names;
mod place;
mod setting;
mod single;
#[doc(hidden)]
pub mod text;
mod zero;
