//~ no rules expected `]`
ukstore::histogram! { #[doc = "It."] static A = "/a/wait_seconds", "a_wait_seconds", Seconds, []; }

fn main() {}
