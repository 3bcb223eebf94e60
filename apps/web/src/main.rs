//! Placeholder until its first commit.
#![no_std]
#![no_main]
