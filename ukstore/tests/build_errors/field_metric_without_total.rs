//~ a_c: a counter's name ends in _total
ukstore::class! {
    /// It.
    static A: Class<struct B> = "/a/b", label worker, series 8 {
        /// It.
        counter c = "c_total", "a_c";
    }
}

fn main() {}
