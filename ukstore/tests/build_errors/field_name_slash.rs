//~ c/d: a name in a path has letters, digits, _ - and . only
ukstore::group! {
    /// It.
    static A: struct B = "/a/b" {
        /// It.
        counter c = "c/d";
    }
}

fn main() {}
