//~ x: the same label value twice
ukstore::class! {
    /// It.
    static A: Class<struct B> = "/a/b", label worker, series 8 {
        /// It.
        counter c = "c_total" { reason = ["x", "x"] };
    }
}

fn main() {}
