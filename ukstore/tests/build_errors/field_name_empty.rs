//~ : a name in a path is not empty
ukstore::group! {
    /// It.
    static A: struct B = "/a/b" {
        /// It.
        counter c = "";
    }
}

fn main() {}
