//~ /a/b: the default is outside of the range
ukstore::setting! {
    /// It.
    static A: i64 = 5, in -9..=-1, "/a/b";
}

fn main() {}
