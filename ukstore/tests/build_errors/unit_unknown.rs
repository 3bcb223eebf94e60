//~ named `Parsecs` found for enum `Unit`
ukstore::gauge! { #[doc = "It."] static A = "/a/x", "a_x", Parsecs; }

fn main() {}
