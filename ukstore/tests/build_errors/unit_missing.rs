//~ a_x_bytes: unit is missing: the name ends in one, so declare it
ukstore::gauge! {
    /// It.
    static A = "/a/b", "a_x_bytes";
}

fn main() {}
