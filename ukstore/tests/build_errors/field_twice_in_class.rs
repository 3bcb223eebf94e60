//~ c_total: two fields have this name
ukstore::class! {
    /// It.
    static A: Class<struct B> = "/a/b", label worker, series 8 {
        /// It.
        counter c = "c_total";
        /// It.
        counter d = "c_total";
    }
}

fn main() {}
