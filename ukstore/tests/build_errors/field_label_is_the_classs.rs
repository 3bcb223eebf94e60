//~ ukstore: a field's own label cannot be that of its class
ukstore::class! {
    /// It.
    static A: Class<struct B> = "/a/b", label worker, series 8 {
        /// It.
        counter c = "c_total" { worker = ["x", "y"] };
    }
}

fn main() {}
