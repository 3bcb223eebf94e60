//~ c_total: two fields have this name
ukstore::group! {
    /// It.
    static A: struct B = "/a/b" {
        /// It.
        counter c = "c_total";
        /// It.
        counter d = "c_total";
    }
}

fn main() {}
