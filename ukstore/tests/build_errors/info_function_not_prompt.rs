//~ no rules expected `||`
ukstore::info! { #[doc = "It."] "/a/build", "a_build_info", { a => || "1" }; }

fn main() {}
