//! Expositions of measurements: golden texts, one a kind of metric, and what must hold for the whole in every format.

mod encode;
mod formats;
mod openmetrics;
mod protobuf;
mod schema;
mod text;
mod tree;
mod windows;
