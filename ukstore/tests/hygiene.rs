//! Declarations expand anywhere: without a prelude, beside `Unit::None`, and where `core` is something else.
#![no_implicit_prelude]
#![allow(dead_code, unused_imports, clippy::enum_glob_use, reason = "what the macros might meet")]

use ::ukstore::Unit::*;

/// What paths that begin with `core::` would find.
mod core {}

::ukstore::labels! {
    /// What it does.
    pub enum Role { Idle = "idle", Busy = "busy" }
}
::ukstore::buckets! {
    /// Waits.
    pub struct Waits = Seconds, [1, 2];
}
::ukstore::counter! {
    /// It.
    static COUNTER = "/hygiene/hits_total", "hygiene_hits_total";
}
::ukstore::gauge! {
    /// It.
    static GAUGE = "/hygiene/level", "hygiene_level";
    /// It.
    static SHARE: f64 = "/hygiene/share_ratio", "hygiene_share_ratio", Ratio;
    /// It.
    static UP: bool = "/hygiene/up", "hygiene_up";
}
::ukstore::counters! {
    /// It.
    static COUNTERS = "/hygiene/roles_total", "hygiene_roles_total", role: Role;
}
::ukstore::gauges! {
    /// It.
    static GAUGES = "/hygiene/sides_bytes", "hygiene_sides_bytes", Bytes, side = ["left", "right"];
}
::ukstore::states! {
    /// It.
    static STATE: Role = "/hygiene/state", "hygiene_state";
}
::ukstore::histogram! {
    /// It.
    static WRITTEN = "/hygiene/written_seconds", "hygiene_written_seconds", Seconds, [1, 2];
    /// It.
    static EXPONENTIAL = "/hygiene/size_bytes", "hygiene_size_bytes", Bytes, exponential 4 from 1 to 524288;
}
::ukstore::info! {
    /// It.
    "/hygiene/build", "hygiene_build_info", { version = "1", arch => prompt || "x86_64" };
}
::ukstore::computed! {
    /// It.
    gauge "/hygiene/sampled", "hygiene_sampled" => || ::ukstore::Value::U64(1);
    /// It.
    counter "/hygiene/prompt_total", "hygiene_prompt_total" => prompt || ::ukstore::Value::U64(1);
}
::ukstore::text! {
    /// It.
    static TEXT = "/hygiene/text";
    /// It.
    "/hygiene/words" => prompt |out: &mut dyn ::core::fmt::Write| out.write_str("words");
}
::ukstore::class! {
    /// They.
    static CLASS: Class<struct Object> = "/hygiene/class", label object, series 4 {
        /// It.
        counter done = "done_total", "hygiene_done_total" { role: Role };
        /// It.
        gauge open = "open", "hygiene_open";
        /// It.
        histogram waits: Waits = "wait_seconds", "hygiene_wait_seconds", Seconds;
    }
    /// They, of a struct that is there.
    static PLAIN: Class<Object> = "/hygiene/plain" {
        /// It.
        counter "done_total" { side = ["left", "right"] } => .done;
        /// It.
        gauge "doubled" => prompt |object| ::ukstore::Value::I64(object.open.get() * 2);
        /// It.
        gauge "indexed" { side = ["left", "right"] } => prompt |object, index| ::ukstore::Value::U64(index as u64);
    }
}
::ukstore::group! {
    /// It.
    static GROUP: struct Cells = "/hygiene/group" {
        /// It.
        counter hits = "hits_total", "hygiene_group_hits_total";
        /// It.
        gauge held = "held_bytes", Bytes;
    }
}
::ukstore::setting! {
    /// It.
    static LIMIT: u64 = 64, in 1..=1000, "/hygiene/limit", "hygiene_limit" => prompt || COUNTER.inc();
    /// It.
    static IDLE: ::core::time::Duration = ::core::time::Duration::from_secs(60), "/hygiene/idle_seconds", Seconds;
    /// It.
    static ROLE: Role = Role::Idle, "/hygiene/role";
    /// It.
    static GREETING: text(64) = "hello", "/hygiene/greeting";
}
::ukstore::fault! {
    /// It.
    static DROP: u64 = 0, in 0..=100, "/hygiene/drop";
}

#[test]
fn what_is_declared_without_a_prelude_is_read() {
    use ::core::result::Result::Ok;
    use ::ukstore::{Value, read};

    CLASS.add("first", Object::new()).done[1].inc();
    let plain = PLAIN.add("second", Object::new());
    plain.open.set(21);
    ::core::assert_eq!(read("/hygiene/plain/second/doubled"), Ok(Value::I64(42)));
    ::core::assert_eq!(read("/hygiene/limit"), Ok(Value::U64(64)));
    ::core::assert_eq!(LIMIT.set(65), Ok(()));
    ::core::assert_eq!(read("/hygiene/hits_total"), Ok(Value::U64(1)), "what is done after a write");
}
