//~ a_x: a metric name ends in its unit: _seconds, _bytes or _ratio
ukstore::gauge! {
    /// It.
    static A = "/a/b", "a_x", Bytes;
}

fn main() {}
