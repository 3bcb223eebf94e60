//~ a_x: a counter's name ends in _total
ukstore::counter! {
    /// It.
    static A = "/a/b", "a_x";
}

fn main() {}
