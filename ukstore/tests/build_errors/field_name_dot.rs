//~ .: no name in a path is . or ..: no link could lead to it
ukstore::group! {
    /// It.
    static A: struct B = "/a/b" {
        /// It.
        gauge c = ".";
    }
}

fn main() {}
