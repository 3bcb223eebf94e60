//~ Worker: a label begins with a lower-case letter
ukstore::class! {
    /// It.
    static A: Class<struct B> = "/a/b", label Worker, series 8 {
        /// It.
        counter c = "c_total";
    }
}

fn main() {}
