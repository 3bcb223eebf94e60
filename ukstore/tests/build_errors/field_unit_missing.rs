//~ a_c_bytes: unit is missing: the name ends in one, so declare it
ukstore::class! {
    /// It.
    static A: Class<struct B> = "/a/b", label worker, series 8 {
        /// It.
        gauge c = "c_bytes", "a_c_bytes";
    }
}

fn main() {}
