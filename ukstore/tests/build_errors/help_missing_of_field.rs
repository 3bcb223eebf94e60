//~ c_total: help is missing: write a doc comment
ukstore::group! {
    /// It.
    static A: struct B = "/a/b" {
        counter c = "c_total";
    }
}

fn main() {}
