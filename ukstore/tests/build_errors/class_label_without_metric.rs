//~ /a/b: a class has either a label and metric names, or neither
ukstore::class! {
    /// It.
    static A: Class<struct B> = "/a/b", label thing, series 4 {
        /// It.
        counter c = "c_total";
    }
}

fn main() {}
