//~ /a/b: a class has either a label and metric names, or neither
ukstore::class! {
    /// It.
    static A: Class<struct B> = "/a/b" {
        /// It.
        counter c = "c_total", "a_c_total";
    }
}

fn main() {}
