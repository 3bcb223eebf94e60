//~ a: a label value has no quotes, backslashes or control characters
ukstore::info! {
    /// It.
    "/a/build", "a_build_info", { a = "\"" };
}

fn main() {}
