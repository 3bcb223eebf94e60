//~ a: the same label twice
ukstore::info! {
    /// It.
    "/a/build", "a_build_info", { a = "1", a = "2" };
}

fn main() {}
