//~ a_x_total: only a counter's name ends in _total
ukstore::gauge! {
    /// It.
    static A = "/a/b", "a_x_total";
}

fn main() {}
