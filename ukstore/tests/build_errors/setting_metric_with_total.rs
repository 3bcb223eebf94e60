//~ a_x_total: only a counter's name ends in _total
ukstore::setting! {
    /// It.
    static A: u64 = 1, "/a/b", "a_x_total";
}

fn main() {}
