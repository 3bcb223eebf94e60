//~ a_x_bytes: unit is missing: the name ends in one, so declare it
ukstore::setting! {
    /// It.
    static A: u64 = 1, "/a/b", "a_x_bytes";
}

fn main() {}
