//~ arguments to this function are incorrect
ukstore::setting! { #[doc = "It."] static A: u64 = 1, in 1.0..=2.0, "/a/x"; }

fn main() {}
