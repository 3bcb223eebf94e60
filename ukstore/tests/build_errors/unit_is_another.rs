//~ a_x_bytes: a metric name ends in its unit: _seconds, _bytes or _ratio
ukstore::gauge! {
    /// It.
    static A = "/a/b", "a_x_bytes", Seconds;
}

fn main() {}
