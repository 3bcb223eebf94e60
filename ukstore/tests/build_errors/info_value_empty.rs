//~ a: a label value must not be empty
ukstore::info! {
    /// It.
    "/a/build", "a_build_info", { a = "" };
}

fn main() {}
