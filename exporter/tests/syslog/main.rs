//! The log told to log servers, in every format: what a message looks like, and which lines are sent when.

mod formats;
mod lines;
mod log;
mod read_back;
