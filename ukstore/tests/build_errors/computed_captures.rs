//~ mismatched types
ukstore::computed! { #[doc = "It."] gauge "/a/b", "a_x" => || 1; }

fn main() {}
