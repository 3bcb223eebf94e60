//~ nothing
use core::time::Duration;

ukstore::labels! {
    /// What it does.
    pub enum Role {
        Idle = "idle",
        Busy = "busy",
    }
}
ukstore::buckets! {
    /// Waits.
    pub struct Waits = Seconds, [1, 2];
}
ukstore::counter! {
    /// It.
    pub static COUNTER = "/good/hits_counted_total", "good_hits_counted_total";
}
ukstore::gauge! {
    /// It.
    pub static GAUGE: f64 = "/good/share_ratio", "good_share_ratio", Ratio;
}
ukstore::counters! {
    /// It.
    pub static COUNTERS = "/good/counters_total", "good_roles_total", role: Role;
}
ukstore::gauges! {
    /// It.
    pub static GAUGES = "/good/gauges_bytes", "good_sides_bytes", Bytes, side = ["left", "right"];
}
ukstore::states! {
    /// It.
    pub static STATE: Role = "/good/state", "good_state";
}
ukstore::histogram! {
    /// It.
    pub static WRITTEN = "/good/written_seconds", "good_written_seconds", Seconds, [1, 2];
    /// It.
    pub static EXPONENTIAL = "/good/size_bytes", "good_size_bytes", Bytes, exponential 4 from 1 to 524288;
}
ukstore::info! {
    /// It.
    "/good/build", "good_build_info", { version = "1", arch => prompt || "x86_64" };
}
ukstore::computed! {
    /// It.
    gauge "/good/sampled", "good_sampled" => || ukstore::Value::U64(1);
    /// It.
    counter "/good/prompt_total", "good_prompt_total" => prompt || ukstore::Value::U64(1);
}
ukstore::text! {
    /// It.
    pub static TEXT = "/good/text";
}
ukstore::class! {
    /// They.
    pub static CLASS: Class<struct Object> = "/good/class", label object, series 4 {
        /// It.
        counter done = "done_total", "good_done_total" { role: Role };
        /// It.
        gauge open = "open", "good_open";
    }
}
ukstore::group! {
    /// It.
    pub static GROUP: struct Cells = "/good/group" {
        /// It.
        counter hits = "hits_total", "good_hits_total";
    }
}
ukstore::setting! {
    /// It.
    pub static LIMIT: u64 = 64, in 1..=1000, "/good/limit", "good_limit";
    /// It.
    pub static IDLE: Duration = Duration::from_secs(60), "/good/idle_seconds", Seconds;
    /// It.
    pub static ROLE: Role = Role::Idle, "/good/role";
    /// It.
    pub static GREETING: text(64) = "hello", "/good/greeting";
}
ukstore::fault! {
    /// It.
    pub static DROP: u64 = 0, in 0..=100, "/good/drop";
}

fn main() {}
