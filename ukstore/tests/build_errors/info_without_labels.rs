//~ no rules expected `}`
ukstore::info! { #[doc = "It."] "/a/build", "a_build_info", { }; }

fn main() {}
