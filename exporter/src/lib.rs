#![no_std]
//! See Cargo.toml.
