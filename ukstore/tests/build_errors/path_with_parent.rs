//~ /a/../b: no name in a path is . or ..: no link could lead to it
ukstore::gauge! {
    /// It.
    static A = "/a/../b", "a_height";
}

fn main() {}
